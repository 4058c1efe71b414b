"""A suicidality answer surfaces at once, half-way forms included, and stays until a person closes it."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.data.instruments import instrument
from lowtide.pathway.course.due import DueItem, due
from lowtide.pathway.course.state import fold
from lowtide.pathway.outcomes.risk import Risk, open_risks, risks
from lowtide.record.chart import Chart
from lowtide.record.entries.care import Answers, RiskReviewed
from lowtide.record.entries.clinic import EnteredInError
from tests.pathway.course.story import Story, items_for

PHQ9 = instrument("PHQ9")


def waiting(story: Story) -> tuple[Risk, ...]:
    return open_risks(story.chart, PHQ9)


def item(story: Story) -> DueItem | None:
    found = due(story.chart, fold(story.chart))
    return next((i for i in found if i.task.name == "risk"), None)


def closed(story: Story, form: UUID, *, closes: bool = True, **more: object) -> Story:
    story.say(RiskReviewed(answers=form, action="Called", closed=closes, **more))  # type: ignore[arg-type]
    return story


@pytest.mark.hazard("H026")
@pytest.mark.parametrize("value", [1, 2, 3])
def test_any_answer_above_zero_is_raised(value: int) -> None:
    assert [r.value for r in waiting(Story().phq9(9, value))] == [value]


def test_zero_is_not_raised() -> None:
    assert waiting(Story().phq9(9, 0)) == ()


@pytest.mark.hazard("H026")
@settings(deadline=None)
@given(others=st.dictionaries(st.sampled_from([str(n) for n in range(1, 9)]), st.integers(0, 3), max_size=7))
def test_a_form_left_half_way_raises_it_just_as_well(others: dict[str, int]) -> None:
    story = Story()
    story.answered({**others, "9": 1})
    assert len(waiting(story)) == 1
    assert "not finished" in (item(story) or pytest.fail("no item")).detail


@pytest.mark.hazard("H026")
@pytest.mark.parametrize("spelling", ["9", "44260-8", "/44260-8", "Q9"])
def test_it_is_raised_however_the_item_is_named(spelling: str) -> None:
    story = Story()
    story.answered({spelling: 2}, mode="import")
    assert len(waiting(story)) == 1


@pytest.mark.hazard("H026")
def test_one_unreadable_answer_does_not_hide_it() -> None:
    story = Story()
    story.answered({"1": 77, "nonsense": 1, "9": 1}, mode="import")
    assert len(waiting(story)) == 1


@pytest.mark.hazard("H026")
def test_an_answer_that_was_changed_back_to_zero_stays_raised() -> None:
    story = Story()
    first = story.answered(items_for(9, 2))
    body = Answers(instrument="PHQ9", version="1", items=items_for(7, 0), mode="tablet")
    story.after(minutes=1).say(body, corrects=first.id, reason="mistyped")
    found = waiting(story)
    assert [(r.value, r.now_value) for r in found] == [(2, 0)]
    assert "changed to 0" in (item(story) or pytest.fail("no item")).detail


@pytest.mark.hazard("H026")
def test_a_withdrawn_form_stays_raised_until_somebody_closes_it() -> None:
    story = Story()
    first = story.answered(items_for(9, 2))
    story.after(minutes=1).say(EnteredInError(), corrects=first.id, reason="wrong patient")
    assert len(waiting(story)) == 1
    assert waiting(closed(story.after(minutes=5), first.id)) == ()


def test_a_step_that_does_not_close_it_leaves_it_open_and_names_an_owner() -> None:
    story = Story()
    form = story.answered(items_for(9, 1)).id
    closed(story.after(minutes=5), form, closes=False, owner="staff:noor")
    (risk,) = waiting(story)
    assert risk.owner == "staff:noor"
    assert [step.action for step in risk.trail] == ["Called"]


def test_closing_the_latest_answer_closes_the_ones_before_it() -> None:
    story = Story()
    story.answered(items_for(9, 1))
    latest = story.after(days=7).answered(items_for(9, 1)).id
    assert len(waiting(story)) == 2
    assert waiting(closed(story.after(hours=1), latest)) == ()
    assert len(risks(story.chart, PHQ9)) == 2


def test_closing_an_earlier_answer_leaves_the_later_one_open() -> None:
    story = Story()
    first = story.answered(items_for(9, 1)).id
    story.after(days=7).answered(items_for(9, 1))
    assert len(waiting(closed(story.after(hours=1), first))) == 1


def test_a_higher_answer_in_the_same_form_opens_it_again() -> None:
    story = Story()
    first = story.answered({"9": 1})
    closed(story.after(minutes=1), first.id)
    body = Answers(instrument="PHQ9", version="1", items={"9": 3}, mode="phone", complete=False)
    story.after(minutes=1).say(body, corrects=first.id, reason="answered on")
    assert [r.value for r in waiting(story)] == [3]


@pytest.mark.parametrize(
    ("earlier", "value", "urgent", "hours"),
    [
        (None, 1, True, 1),
        (0, 1, True, 1),
        (1, 1, False, 24),
        (2, 1, False, 24),
        (1, 2, True, 1),
        (2, 2, True, 1),
        (3, 3, True, 1),
    ],
)
def test_a_first_higher_or_frequent_answer_is_urgent_and_a_standing_one_is_for_the_day(
    earlier: int | None, value: int, urgent: bool, hours: int
) -> None:
    story = Story()
    if earlier is not None:
        closed(story, story.answered(items_for(9, earlier)).id)
        story.after(days=7)
    story.answered(items_for(9, value))
    (risk,) = waiting(story)
    assert risk.is_urgent is urgent
    assert risk.due_at == story.now + timedelta(hours=hours)


def test_a_chart_shows_one_item_and_the_most_pressing_speaks() -> None:
    story = Story()
    urgent = story.answered(items_for(9, 3)).id
    story.after(hours=2).answered(items_for(9, 1))
    found = item(story)
    assert found is not None
    assert found.subject == urgent
    assert found.task.word == "Urgent"


@settings(deadline=None)
@given(order=st.permutations(range(5)))
def test_the_order_of_arrival_does_not_matter(order: list[int]) -> None:
    story = Story()
    first = story.answered({"9": 1}, id=UUID(int=1))
    story.after(minutes=1).say(
        Answers(instrument="PHQ9", version="1", items={"9": 0}, mode="phone", complete=False),
        id=UUID(int=2),
        corrects=first.id,
        reason="answered on",
    )
    closed(story.after(minutes=1), first.id, closes=False)
    story.after(days=1).answered(items_for(9, 2), id=uuid4())
    entries = story.entries
    assert risks(Chart.of(story.stream, [entries[i] for i in order]), PHQ9) == risks(story.chart, PHQ9)


# -- other instruments ---------------------------------------------------------------------------------------------


def screened(items: dict[str, int], story: Story | None = None) -> Story:
    story = story or Story()
    story.say(Answers(instrument="CSSRS", version="1", items=items, mode="phone", complete=False))
    return story


@pytest.mark.hazard("H026")
@pytest.mark.hazard("H027")
@pytest.mark.parametrize(
    ("items", "words"),
    [
        ({"1": 1}, "C-SSRS screener (recent / since last visit): question 1 answered yes, low risk"),
        (
            {"2": 1, "3": 1},
            "C-SSRS screener (recent / since last visit): questions 2, 3 answered yes, moderate risk",
        ),
        (
            {"1": 0, "2": 1, "5": 1},
            "C-SSRS screener (recent / since last visit): questions 2, 5 answered yes, high risk",
        ),
        ({"6": 1}, "C-SSRS screener (recent / since last visit): question 6 answered yes, high risk"),
    ],
)
def test_a_yes_of_the_screener_is_urgent_before_the_next_question_is_answered(
    items: dict[str, int], words: str
) -> None:
    found = item(screened(items))
    assert found
    assert (found.label, found.task.word) == (words, "Urgent")
    assert "not finished" in found.detail


@pytest.mark.hazard("H026")
def test_the_screener_stays_urgent_though_its_answer_has_not_changed() -> None:
    story = screened({"1": 1})
    closed(story, story.drafts[-1].id)
    (risk,) = waiting(screened({"1": 1}, story.after(days=7)))
    assert risk.is_urgent
    assert risk.earlier == (1,)


@pytest.mark.hazard("H027")
def test_an_answer_of_no_raises_nobody() -> None:
    assert waiting(screened(dict.fromkeys(("1", "2", "6"), 0))) == ()


@pytest.mark.hazard("H026")
def test_earlier_answers_are_those_of_the_same_questionnaire() -> None:
    story = Story().phq9(9, 3)
    story.after(hours=1)
    story.say(Answers(instrument="MADRS", version="1", items={"10": 2}, mode="interview", complete=False))
    madrs = next(r for r in waiting(story) if r.instrument == "MADRS")
    assert madrs.earlier == ()
    assert madrs.is_urgent
