"""Maintenance phases by the week of the course and on a ladder: the label's weeks, months of the calendar, what is unknown."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.data.protocols import protocol, protocols
from lowtide.pathway.course.due import due
from lowtide.pathway.course.state import fold
from lowtide.pathway.course.upkeep import Span, maintenance_of, rungs
from lowtide.pathway.maintenance.rules import Proposal, propose
from tests.pathway.course.story import DAY, Story

BERLIN = ZoneInfo("Europe/Berlin")
TWICE_WEEKLY = (0, 3, 7, 10, 14, 17, 21, 24)


def nasal(*days: float, last: int | None = 7, protocol_id: str = "P01") -> Story:
    """Eight sessions in four weeks, then one on each further day; scores 20 before and `last` at the end."""
    story = Story().took_history().decided().planned(TWICE_WEEKLY, protocol=protocol_id).phq9(20)
    first = story.first_at
    for number, day in enumerate(TWICE_WEEKLY, start=1):
        story.now = first + timedelta(days=day)
        story.held(number)
    for day in days:
        story.now = first + timedelta(days=day - 1)
        story.planned((0,), protocol=protocol_id, phase="maintenance")
        story.now = first + timedelta(days=day)
        story.held(1)
    if last is not None:
        story.after(hours=20).phq9(last)
    return story


def proposed(story: Story, zone: ZoneInfo = BERLIN) -> Proposal:
    return propose(fold(story.chart), zone)


def days_on(story: Story, found: Proposal) -> tuple[int, int]:
    """The window in days after the last dose."""
    assert found.window
    last = fold(story.chart).given[-1].at
    return (found.window[0] - last).days, (found.window[1] - last).days


@pytest.mark.parametrize(("days", "week"), [((), 5), ((31,), 6), ((31, 38), 7), ((31, 38, 45), 8)])
def test_weeks_five_to_eight_of_the_nasal_spray_are_weekly(days: tuple[int, ...], week: int) -> None:
    story = nasal(*days)
    found = proposed(story)
    assert days_on(story, found)[0] == 7
    assert found.reasons[0] == f"Week {week} of the course: weeks 5 to 8: every week."
    assert [current for _, current in found.phases] == [True, False]


def test_from_week_nine_the_longest_interval_that_holds_the_response_is_proposed() -> None:
    story = nasal(31, 38, 45, 52)
    found = proposed(story)
    assert days_on(story, found)[0] == 14
    assert [current for _, current in found.phases] == [False, True]
    assert found.rule.startswith("P01: ")


def test_a_response_that_was_lost_from_week_nine_on_is_weekly_again() -> None:
    story = nasal(31, 38, 45, 52, 66)
    story.after(days=3).phq9(18)
    found = proposed(story)
    assert days_on(story, found)[0] == 7
    assert any("18 now: relapse" in reason for reason in found.reasons)


def test_a_label_that_names_two_intervals_without_a_rule_gives_the_whole_window() -> None:
    story = nasal(31, 38, 45, 52, protocol_id="P02")
    assert days_on(story, proposed(story)) == (7, 14)


def test_an_unknown_response_keeps_the_fixed_weeks_and_says_so_and_stops_the_choice_between_intervals() -> (
    None
):
    early = proposed(nasal(31, last=None))
    assert early.window
    assert any("The response is not known: no score since the first dose." in r for r in early.reasons)
    late = proposed(nasal(31, 38, 45, 52, last=None))
    assert (late.advice, late.window) == ("score", None)


def test_a_longer_induction_moves_the_weeks_on_and_says_so() -> None:
    story = Story().took_history().decided().planned((*TWICE_WEEKLY[:-1], 31), protocol="P01").phq9(20)
    first = story.first_at
    for number, day in enumerate((*TWICE_WEEKLY[:-1], 31), start=1):
        story.now = first + timedelta(days=day)
        story.held(number)
    story.after(hours=20).phq9(7)
    found = proposed(story)
    assert found.reasons[0].startswith("Week 5 of the course")
    assert found.reasons[1] == "The induction took 1 week longer; the weeks count on from its end."


def test_an_induction_that_is_not_over_keeps_its_own_rhythm() -> None:
    story = Story().took_history().decided().planned(TWICE_WEEKLY, protocol="P01").phq9(20)
    story.now = story.first_at
    story.held(1)
    found = proposed(story)
    assert days_on(story, found) == (2, 4)
    assert found.phases == ()


def test_who_comes_from_elsewhere_begins_with_the_first_phase() -> None:
    story = Story().decided().planned((0,), protocol="P01", phase="maintenance").phq9(8)
    story.after(days=1).held(1).after(days=1).phq9(3)
    found = proposed(story)
    assert "Week 6 of the course" in found.reasons[0]
    assert "The induction was not given here." in found.reasons


def test_a_protocol_that_was_not_studied_further_asks_for_a_clinician_in_its_own_words() -> None:
    found = proposed(nasal(protocol_id="P03"))
    assert (found.advice, found.window) == ("review", None)
    assert (
        found.rule
        == "P03 names no interval for after its sessions: not studied beyond 4 weeks; judge benefit."
    )


def boosted(sessions: int) -> Story:
    story = Story(at=datetime(2026, 1, 28, 9, tzinfo=UTC)).decided()
    for number in range(sessions):
        story.planned((0,), protocol="P20", phase="maintenance")
        story.now = story.first_at
        if not number:
            story.phq9(20)
        story.held(1).after(days=1).phq9(7)
    return story


@pytest.mark.parametrize(("sessions", "days"), [(1, 3), (2, 14)])
def test_a_ladder_counts_the_sessions_of_its_first_rung(sessions: int, days: int) -> None:
    story = boosted(sessions)
    assert days_on(story, proposed(story))[0] == days


@pytest.mark.hazard("H024")
def test_months_are_the_calendars_with_the_clinics_hour_across_a_change_of_the_clocks() -> None:
    at = datetime(2026, 1, 31, 10, 0, tzinfo=BERLIN).astimezone(UTC)
    assert Span(months=1).after(at, BERLIN).astimezone(BERLIN) == datetime(2026, 2, 28, 10, 0, tzinfo=BERLIN)
    assert Span(months=3).after(at, BERLIN).astimezone(BERLIN) == datetime(2026, 4, 30, 10, 0, tzinfo=BERLIN)
    story = boosted(4)
    last, found = fold(story.chart).given[-1].at.astimezone(BERLIN), proposed(story)
    assert found.window
    opens = found.window[0].astimezone(BERLIN)
    assert (opens.month, opens.hour) == ((last.month + 2) % 12 + 1, last.hour)


def test_a_phase_that_was_to_last_some_months_ends_with_a_review() -> None:
    story = Story().decided().planned((0,), protocol="P16").phq9(20)
    first = story.first_at
    story.now = first
    story.held(1).after(days=1).phq9(8)
    assert proposed(story).window
    story.now = first + timedelta(days=88)
    story.planned((0,), protocol="P16", phase="maintenance")
    story.now = story.first_at
    story.held(1).after(days=1).phq9(8)
    assert (proposed(story).advice, proposed(story).window) == ("review", None)
    assert "3 months since the first dose are over." in proposed(story).reasons


def test_every_phase_with_a_number_is_used() -> None:
    for plan in protocols().values():
        numbered = [
            u for u in plan.maintenance if u.every_days or u.every_months or u.per_week or u.per_year_max
        ]
        assert len(rungs(plan)) >= len(numbered), plan.id


def test_who_continues_keeps_the_protocol_that_has_phases_and_else_goes_to_the_maintenance_protocol() -> None:
    followed = {name: found.id for name in protocols() if (found := maintenance_of(protocol(name)))}
    assert {name: followed.get(name) for name in ("P01", "P02", "P03", "P05", "P08", "P14", "P18")} == {
        "P01": "P01", "P02": "P02", "P03": None, "P05": "P26", "P08": "P26", "P14": None, "P18": "P20",
    }  # fmt: skip


def test_the_next_session_is_due_with_the_phases_window() -> None:
    story = nasal(31)
    item = next(i for i in due(story.chart, fold(story.chart)) if i.task.name == "next_session")
    assert item.window
    assert item.window[0] - fold(story.chart).given[-1].at == 7 * DAY


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(7, 20), max_size=6), st.sampled_from(["P01", "P02"]), st.integers(2, 19))
def test_no_proposal_ever_comes_before_the_minimum_interval_nor_before_its_phase(
    gaps: list[int], name: str, score: int
) -> None:
    day, days = 24, []
    for gap in gaps:
        day += gap
        days.append(day)
    story = nasal(*days, last=score, protocol_id=name)
    found = proposed(story)
    last = fold(story.chart).given[-1].at
    if found.window:
        assert found.earliest
        assert found.window[1] >= found.window[0] >= found.earliest >= last + timedelta(hours=48)
        assert found.window[0] >= last + timedelta(days=7)
