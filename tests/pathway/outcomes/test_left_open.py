"""A question on suicide that was left without an answer is asked: unknown is not no."""

from datetime import timedelta
from uuid import UUID

import pytest

from lowtide.data.schedules import thresholds
from lowtide.pathway.course.due import DueItem, due
from lowtide.pathway.course.raised_forms import left_open
from lowtide.pathway.course.state import fold
from lowtide.pathway.outcomes.risk import Risk, risks
from lowtide.record.entries.care import Answers, RiskReviewed
from tests.pathway.course.story import Story, items_for

EIGHT = {str(n): 2 for n in range(1, 9)}


def waiting(story: Story) -> list[Risk]:
    state = fold(story.chart)
    return [r for r in risks(story.chart, state.measure, state.response.outcome) if not r.closed]


def item(story: Story) -> DueItem | None:
    found = due(story.chart, fold(story.chart))
    return next((i for i in found if i.task.name == "risk_asked"), None)


def answered(story: Story, items: dict[str, int], instrument: str = "PHQ9", **more: object) -> UUID:
    body = Answers(instrument=instrument, version="1", items=items, mode="phone", complete=False, **more)  # type: ignore[arg-type]
    return story.say(body).id


@pytest.mark.hazard("H026")
@pytest.mark.parametrize(
    ("instrument", "items", "which"),
    [
        ("PHQ9", EIGHT, "item 9"),
        ("QIDSSR16", {"1": 2, "5": 1}, "item 12"),
        ("MADRS", {str(n): 2 for n in range(1, 10)}, "item 10"),
        ("HAMD17", {"1": 2, "2": 1}, "item 3"),
        ("CSSRS", {"1": 0, "2": 0}, "items 6, 6b"),
    ],
)
def test_every_instrument_that_asks_about_suicide_is_held_to_an_answer(
    instrument: str, items: dict[str, int], which: str
) -> None:
    story = Story()
    form = answered(story, items, instrument)
    (risk,) = waiting(story)
    assert (risk.form, risk.unanswered, risk.is_urgent) == (form, True, False)
    assert risk.text.removesuffix(" not answered").rpartition(" on suicide ")[0] == which
    found = item(story)
    assert found
    assert (found.rule.rule_id, found.task.word, found.subject) == ("RISK-UNANSWERED", "Ask", form)


@pytest.mark.hazard("H026")
def test_a_form_that_was_ended_so_is_asked_about_at_once_and_one_still_open_after_a_while() -> None:
    ended, going_on = Story(), Story()
    answered(ended, EIGHT, left_open=True)
    answered(going_on, {"1": 2})
    wait = timedelta(minutes=thresholds()["unanswered_quiet_min"].value)
    opens = [found.opens_at for story in (ended, going_on) if (found := item(story))]
    assert opens == [ended.now, going_on.now + wait]


@pytest.mark.hazard("H026")
def test_it_is_urgent_for_somebody_who_relapsed_and_after_an_answer_above_zero() -> None:
    relapsed = Story().planned().induced((20, 16, 13, 9, 8, 12, 17))
    answered_before, well = Story(), Story().planned().induced()
    form = answered_before.answered(items_for(9, 1)).id
    answered_before.say(RiskReviewed(answers=form, action="Called", closed=True))
    found = []
    for story in (relapsed, answered_before, well):
        answered(story.after(days=7), EIGHT, left_open=True)
        found.append(item(story))
    rules = [(each.rule.rule_id, each.task.level, bool(each.escalates_at)) for each in found if each]
    urgent = ("RISK-UNANSWERED-URGENT", "stop", True)
    assert rules == [urgent, urgent, ("RISK-UNANSWERED", "hold", False)]


@pytest.mark.hazard("H026")
def test_it_is_over_with_an_answer_or_once_somebody_asked_and_not_before() -> None:
    later, same, asked, tried = Story(), Story(), Story(), Story()
    forms = [answered(story, EIGHT) for story in (later, same, asked, tried)]
    later.after(days=1).phq9(9, 0)
    whole = Answers(instrument="PHQ9", version="1", items={**EIGHT, "9": 0}, mode="phone")
    same.after(minutes=1).say(whole, corrects=forms[1], reason="answered on")
    asked.after(hours=1).say(RiskReviewed(answers=forms[2], action="Asked", closed=True))
    tried.after(hours=1).say(RiskReviewed(answers=forms[3], action="No answer", closed=False))
    assert [len(waiting(story)) for story in (later, same, asked, tried)] == [0, 0, 0, 1]


@pytest.mark.hazard("H026")
def test_another_form_without_the_question_settles_nothing() -> None:
    story = Story()
    answered(story, EIGHT)
    story.after(days=1).say(
        Answers(instrument="GAD7", version="1", items={str(n): 0 for n in range(1, 8)}, mode="phone")
    )
    assert len(waiting(story)) == 1


def test_what_another_answer_makes_needless_is_not_missing() -> None:
    story = Story()
    answered(story, {"1": 0, "2": 0, "6": 0}, "CSSRS")
    assert left_open(story.chart) == ()


@pytest.mark.hazard("H026")
def test_an_answer_that_raises_is_more_than_one_that_is_missing() -> None:
    story = Story()
    answered(story, {"1": 1}, "CSSRS")
    assert left_open(story.chart) == ()
    assert [risk.unanswered for risk in waiting(story)] == [False]
