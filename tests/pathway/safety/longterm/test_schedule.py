"""When long-term checks fall due, and what an overdue one does to the next session."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.data import longterm, monitoring, own
from lowtide.pathway.course.due import due
from lowtide.pathway.course.exposure import elsewhere
from lowtide.pathway.course.state import fold
from lowtide.pathway.safety.longterm.gate import blocking, holds
from lowtide.pathway.safety.longterm.schedule import Standing, standing
from lowtide.record.entries.base import Answer
from lowtide.record.entries.care import Answers, Total
from lowtide.record.entries.history import HistoryItem, Result
from lowtide.record.entries.identity import Patient, Sex
from lowtide.record.entries.longterm import CheckPostponed, SafetyAsked, TreatedElsewhere
from tests.pathway.course.story import DAY, Story

GOOD = {"pain": "no", "urgency": "no", "often": "no", "blood": "no"}
EVERY_4 = monitoring.items()["M33"].frequency.every_sessions or 0


def treated(count: int, apart: float = 3.5) -> Story:
    """So many sessions held, so many days apart, the bladder asked about before the first."""
    story = Story()
    asked(story)
    story.planned([n * apart for n in range(count + 1)])
    for number in range(1, count + 1):
        story.now = story.first_at + timedelta(days=(number - 1) * apart)
        story.held(number)
    return story


def asked(story: Story, **answers: str) -> Story:
    story.say(SafetyAsked(check="bladder", answers=GOOD | answers))
    return story


def one(story: Story, key: str = "bladder") -> Standing | None:
    chart = story.chart
    return standing(chart, fold(chart), longterm.checks()[key], elsewhere(chart))


def found(story: Story, key: str = "bladder") -> Standing:
    known = one(story, key)
    assert known
    return known


def next_at(story: Story) -> datetime:
    ahead = fold(story.chart).next_session
    assert ahead
    return ahead.planned_at


def blocks(story: Story, key: str = "bladder", policy: str = "default") -> bool:
    """Whether the check blocks the next planned session."""
    with own.laying(own.own((), own.NONE, policy)):
        rule = longterm.checks()[key].rule_id
        return rule in {h.id for h in blocking(story.chart, next_at(story))}


@pytest.mark.hazard("H037")
@pytest.mark.parametrize(("held", "blocked"), [(EVERY_4 - 1, False), (EVERY_4, False), (EVERY_4 + 1, True)])
def test_the_questionnaire_skipped_at_session_five_blocks_session_six(held: int, blocked: bool) -> None:
    assert blocks(treated(held)) is blocked


@pytest.mark.hazard("H037")
def test_it_is_marked_from_the_session_on_that_asks_for_it() -> None:
    marks = [h.id for h in holds(treated(EVERY_4).chart, next_at(treated(EVERY_4))) if not h.blocks]
    assert "M33-BLADDER" in marks


@pytest.mark.hazard("H037")
def test_once_asked_nothing_blocks() -> None:
    assert not blocks(asked(treated(EVERY_4 + 1)))


@pytest.mark.hazard("H037")
@pytest.mark.parametrize("answers", [{"pain": "not_known"}, {"blood": "not_known"}])
def test_a_question_that_was_not_answered_was_not_asked(answers: dict[str, str]) -> None:
    assert blocks(asked(treated(EVERY_4 + 1), **answers))


def test_a_strict_policy_blocks_with_the_first_session_that_asks_for_it() -> None:
    assert [blocks(treated(EVERY_4), policy=p) for p in ("default", "strict", "payer")] == [
        False,
        True,
        False,
    ]


def test_a_questionnaire_left_half_way_does_not_count() -> None:
    story = treated(EVERY_4 + 1)
    story.say(Answers(instrument="ICSI", version="1", items={"1": 0}, mode="paper", complete=False))
    assert blocks(story)


@pytest.mark.parametrize("instrument", ["ICSI", "BPIC-SS", "bpicss"])
def test_a_total_from_elsewhere_counts_as_asked(instrument: str) -> None:
    story = treated(EVERY_4 + 1)
    story.say(Total(instrument=instrument, value=Decimal(2)))
    assert not blocks(story)


@pytest.mark.hazard("H037")
@pytest.mark.parametrize(("days", "blocked"), [(91, False), (91 + 30, False), (91 + 31, True)])
def test_in_maintenance_it_blocks_once_it_is_overdue_by_more_than_thirty_days(
    days: int, blocked: bool
) -> None:
    story = treated(1)
    last = found(story).last
    assert last
    at = last.at + timedelta(days=days, minutes=-1 if days == 91 + 30 else 1)
    assert found(story).blocks(at, "default") is blocked


def test_a_date_known_in_part_counts_as_its_first_day() -> None:
    story = treated(1)
    story.after(days=20).say(Result(label="Urine", test="urinalysis", text="negative", dated="2026-08"))
    last = found(story, "urinalysis").last
    assert last
    assert last.at.date().isoformat() == "2026-08-01"


def test_a_result_without_anything_in_it_is_none() -> None:
    story = treated(1)
    story.say(Result(label="Urinalysis", test="urinalysis"))
    assert found(story, "urinalysis").last is None


def test_a_liver_panel_is_done_with_all_four_and_counts_from_the_oldest() -> None:
    story = treated(1)
    for test in ("alt_u_l", "ast_u_l", "alp_u_l"):
        story.after(days=1).say(Result(label=test, test=test, value=Decimal(20), unit="U/L"))
    assert found(story, "liver").last is None
    first = story.now - 2 * DAY
    story.after(days=1).say(Result(label="GGT", test="ggt_u_l", value=Decimal(20), unit="U/L"))
    last = found(story, "liver").last
    assert last
    assert last.at == first


def test_the_liver_is_looked_at_after_the_induction() -> None:
    story = Story()
    for test in ("alt_u_l", "ast_u_l", "alp_u_l", "ggt_u_l"):
        story.say(Result(label=test, test=test, value=Decimal(20), unit="U/L"))
    story.planned().induced()
    assert found(story, "liver").first.text == "after the induction"


def test_sessions_elsewhere_count_towards_the_next_questionnaire() -> None:
    story = treated(2)
    told = TreatedElsewhere(drug="esketamine", route="in", told_by="patient", sessions=4, first="2026-09-03", still=Answer.YES)  # fmt: skip
    story.say(told)
    assert found(story).since == 6
    assert any(reason.reached for reason in found(story).reasons)


def test_treatment_elsewhere_of_unknown_number_counts_as_one_at_least() -> None:
    story = treated(3)
    before = found(story).since
    story.say(TreatedElsewhere(drug="ketamine", told_by="patient", first="2026-09-03", still=Answer.YES))
    assert found(story).since == before + 1


@pytest.mark.hazard("H034")
@pytest.mark.parametrize(("days", "blocked"), [(7, False), (8, True)])
def test_a_pregnancy_test_of_eight_days_ago_blocks_the_next_session(days: int, blocked: bool) -> None:
    story = treated(2)
    on = (next_at(story) - timedelta(days=days)).date().isoformat()
    story.say(HistoryItem(item="hcg_result", answer=Answer.YES, value="negative", date=on))
    assert blocks(story, "pregnancy") is blocked


@pytest.mark.hazard("H034")
def test_nobody_asks_a_man_for_a_pregnancy_test() -> None:
    story = Story(register=False)
    story.say(Patient(family="T", given="A", birth_date="1980-05-17", sex=Sex.MALE))
    story.planned().held(1)
    assert one(story, "pregnancy") is None


@pytest.mark.hazard("H034")
def test_whether_a_pregnancy_is_possible_is_asked_for_while_it_is_not_known() -> None:
    story = treated(1)
    story.say(HistoryItem(item="childbearing_potential", answer=Answer.NOT_KNOWN))
    assert one(story, "pregnancy") is not None


def test_put_off_by_a_prescriber_it_marks_and_does_not_block() -> None:
    story = treated(EVERY_4 + 1)
    story.say(CheckPostponed(check="bladder", until=next_at(story).date()), reason="away")
    assert not blocks(story)
    assert "M33-BLADDER" in {h.id for h in holds(story.chart, next_at(story))}


def test_once_treatment_has_ended_nothing_is_marked() -> None:
    story = treated(EVERY_4 + 1)
    assert holds(story.chart, story.now + 90 * DAY)
    assert not holds(story.ended().chart, story.now + 90 * DAY)


def test_before_the_first_dose_the_work_up_asks_and_nothing_of_this_does() -> None:
    story = Story()
    story.planned()
    assert not holds(story.chart, next_at(story))
    assert not [i for i in due(story.chart, fold(story.chart)) if i.task.name.startswith("longterm_")]


def test_each_check_is_a_due_item_with_its_own_owner_and_rule() -> None:
    story = treated(2)
    items = {
        i.task.name: i for i in due(story.chart, fold(story.chart)) if i.task.name.startswith("longterm_")
    }
    assert {"longterm_bladder", "longterm_liver", "longterm_cognition", "longterm_dependence"} <= set(items)
    assert items["longterm_bladder"].rule.rule_id == "M33-BLADDER"
    assert items["longterm_cognition"].rule.owner == "prescriber"


def test_a_test_that_is_repeated_here_is_not_asked_for_by_the_work_up_as_well() -> None:
    story = treated(2)
    names = {i.task.name for i in due(story.chart, fold(story.chart))}
    assert {"longterm_liver", "workup_lft"} & names == {"longterm_liver"}


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 9), st.integers(1, 6))
def test_asking_never_makes_a_check_more_urgent(held: int, apart: int) -> None:
    story = treated(held, apart)
    before = found(story)
    after = one(asked(story))
    assert after is None or after.due_at >= before.due_at


def elsewhere_of(story: Story, sessions: int, first: float, last: float | None = None) -> TreatedElsewhere:
    days = [(story.first_at + timedelta(days=d)).date().isoformat() for d in (first, last or first)]
    return TreatedElsewhere(
        drug="ketamine",
        route="im",
        sessions=sessions,
        first=days[0],
        last=days[1] if last else None,
        told_by="patient",
        still=Answer.NO,
    )


@pytest.mark.hazard("H037")
def test_sessions_elsewhere_after_the_last_dose_here_make_the_check_due() -> None:
    story = treated(2, apart=14)
    story.after(days=60).say(elsewhere_of(story, 6, 40, 55))
    assert found(story).since == 8
    assert found(story).first.reached


@pytest.mark.hazard("H037")
def test_a_check_is_not_late_from_before_anybody_told_of_treatment_elsewhere() -> None:
    story = treated(2, apart=14)
    told = story.after(days=60).say(elsewhere_of(story, 12, 20, 55))
    assert found(story).due_at >= told.at
    assert not found(story).is_overdue(story.now)


@pytest.mark.hazard("H037")
def test_a_session_here_after_enough_elsewhere_was_held_without_the_check() -> None:
    story = treated(2, apart=40)
    story.after(days=1).say(elsewhere_of(story, 12, 3, 20))
    assert found(story).first.missed == 1
    assert found(story).due_at == story.now


def test_of_treatment_elsewhere_around_the_check_only_what_lies_after_it_counts() -> None:
    story = treated(1)
    story.after(days=30)
    asked(story)
    before = found(story).since
    story.after(days=30).say(elsewhere_of(story, 13, 0, 60))
    assert 0 < found(story).since - before < 13


def test_sessions_elsewhere_of_unknown_days_may_all_lie_after_the_check() -> None:
    story = treated(1)
    told = TreatedElsewhere(drug="ketamine", told_by="patient", sessions=5, still=Answer.NOT_KNOWN)
    story.after(days=9).say(told)
    assert found(story).since == 6
