"""The fold: phase, sessions, doses and response of a chart, whatever the order and repetition of its entries."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.pathway.course import scores
from lowtide.pathway.course.exposure import exposure
from lowtide.pathway.course.response import Verdict
from lowtide.pathway.course.sessions import Status
from lowtide.pathway.course.state import Phase, fold
from lowtide.record.chart import Chart
from lowtide.record.entries import chair
from lowtide.science.instruments.score import score
from tests.pathway.course.story import Story


def eligible() -> Story:
    return Story().after(days=1).took_history().after(days=1).decided().after(days=1).planned()


def test_a_new_chart_is_in_evaluation() -> None:
    state = fold(Story().chart)
    assert state.phase is Phase.EVALUATION
    assert state.course is None
    assert state.next_session is None


def test_a_planned_course_is_in_induction_and_its_first_session_is_next() -> None:
    story = eligible()
    state = fold(story.chart)
    assert state.phase is Phase.INDUCTION
    assert [s.number for s in state.treated] == [1, 2, 3, 4, 5, 6]
    assert state.next_session is not None
    assert state.next_session.id == story.sessions[0]


def test_after_the_last_planned_session_maintenance_begins() -> None:
    assert fold(eligible().induced().chart).phase is Phase.MAINTENANCE


def test_an_induction_with_a_session_left_is_still_an_induction() -> None:
    story = eligible()
    for number in range(1, 6):
        story.after(days=3).held(number)
    assert fold(story.chart).phase is Phase.INDUCTION


def test_a_session_that_was_given_up_no_longer_holds_the_induction() -> None:
    story = eligible().after(days=1).held(1)
    for session in story.sessions[1:]:
        story.say(chair.SessionCancelled(), session=session, reason="moved away")
    assert fold(story.chart).phase is Phase.MAINTENANCE


def test_an_ended_course_is_ended_until_another_is_planned() -> None:
    story = eligible().induced().ended()
    assert fold(story.chart).phase is Phase.ENDED
    story.after(days=200).decided().planned()
    state = fold(story.chart)
    assert state.phase is Phase.INDUCTION
    assert state.given == ()
    assert len(state.doses) == 6


def test_a_moved_session_is_where_it_was_moved_to() -> None:
    story = eligible()
    later = story.first_at + timedelta(days=2)
    state = fold(story.scheduled(1, later).chart)
    assert state.treated[0].planned_at == later
    assert state.treated[0].chair == "Chair 1"


@pytest.mark.parametrize(
    ("verbs", "status"),
    [
        ((), Status.PLANNED),
        (("ordered",), Status.PLANNED),
        (("ordered", "started"), Status.DOSING),
        (("held",), Status.SIGNED),
    ],
)
def test_a_session_is_as_far_as_its_entries_say(verbs: tuple[str, ...], status: Status) -> None:
    story = eligible().after(days=1)
    for verb in verbs:
        getattr(story, verb)(1)
    assert fold(story.chart).treated[0].status is status


def test_the_dose_given_is_what_the_pump_delivered() -> None:
    dose = fold(eligible().after(days=1).held(1).chart).doses[0]
    assert dose.given_mg == Decimal("36.50")
    assert dose.mg_per_kg == Decimal("0.5")


def test_a_running_dose_is_counted_as_unknown_not_as_nothing() -> None:
    story = eligible().after(days=1).ordered().started()
    found = exposure(fold(story.chart).doses, (), story.now, 30)
    assert (found.sessions, found.amounts[0].mg, found.unread) == (1, Decimal(0), 1)


@pytest.mark.parametrize(("hours", "counted"), [(30 * 24, 1), (30 * 24 + 1, 0)])
def test_exposure_counts_a_dose_for_its_days_and_no_longer(hours: int, counted: int) -> None:
    story = eligible().after(days=1).held(1)
    dose = fold(story.chart).doses[0]
    assert exposure((dose,), (), dose.started_at + timedelta(hours=hours), 30).sessions == counted


@pytest.mark.parametrize(
    ("baseline", "now", "verdict"),
    [
        (20, 11, Verdict.NONE),
        (20, 10, Verdict.RESPONSE),
        (20, 9, Verdict.RESPONSE),
        (20, 5, Verdict.RESPONSE),
        (20, 4, Verdict.REMISSION),
        (21, 11, Verdict.NONE),
        (21, 10, Verdict.RESPONSE),
        (9, 5, Verdict.NONE),
        (9, 4, Verdict.REMISSION),
        (24, 24, Verdict.NONE),
    ],
)
def test_response_is_half_of_the_baseline_and_remission_under_five(
    baseline: int, now: int, verdict: Verdict
) -> None:
    story = eligible().phq9(baseline).after(days=1).held(1).after(days=1).phq9(now)
    assert fold(story.chart).response.latest is verdict


def test_the_baseline_is_the_last_whole_score_before_the_first_dose() -> None:
    story = eligible().phq9(22).after(hours=20).phq9(18)
    story.answered({"1": 3})
    story.after(hours=3).held(1).after(days=1).phq9(17)
    found = fold(story.chart).response
    assert found.baseline is not None
    assert found.baseline.value == 18


def test_without_a_score_before_the_first_dose_nothing_is_judged() -> None:
    found = fold(eligible().after(days=1).held(1).after(days=1).phq9(6).chart).response
    assert found.baseline is None
    assert found.latest is Verdict.UNKNOWN


def test_a_response_that_went_away_is_said_to_be_lost() -> None:
    story = eligible().phq9(20).after(days=1).held(1).after(days=1).phq9(8).after(days=7).phq9(15)
    found = fold(story.chart).response
    assert found.latest is Verdict.NONE
    assert found.lost


@pytest.mark.hazard("H039")
def test_an_unfinished_form_has_no_total_and_is_no_baseline() -> None:
    story = eligible()
    story.answered({str(n): 3 for n in range(1, 9)})
    state = fold(story.chart)
    assert state.scores[0].total is None
    assert state.scores[0].missing == ("9",)
    assert state.response.baseline is None


def whole_story() -> Story:
    story = eligible().induced()
    story.answered({"9": 2})
    return story.after(days=1).chose().after(days=7)


ENTRIES = whole_story()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), repeats=st.integers(0, 5))
def test_any_order_of_arrival_and_any_retry_give_the_same_state(seed: int, repeats: int) -> None:
    arrived = ENTRIES.entries
    shuffled = random.Random(seed).sample(arrived, len(arrived)) + arrived[:repeats]
    assert fold(Chart.of(ENTRIES.stream, shuffled)) == fold(ENTRIES.chart)


@settings(max_examples=20, deadline=None)
@given(cut=st.integers(1, len(ENTRIES.drafts)))
def test_growing_a_chart_entry_by_entry_gives_the_same_state_as_folding_it_at_once(cut: int) -> None:
    entries = ENTRIES.entries
    grown = Chart.of(ENTRIES.stream, entries[:cut]).extended(entries[cut:])
    assert fold(grown) == fold(ENTRIES.chart)


def test_a_form_is_scored_once_however_often_its_chart_is_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    chart = eligible().phq9(18).after(days=7).phq9(9).chart
    counted: list[int] = []
    monkeypatch.setattr(scores, "score", lambda *given: counted.append(1) or score(*given))
    first = fold(chart)
    assert len(counted) == 2
    assert fold(chart) == first
    assert [one.total for one in fold(chart.extended(())).scores] == [18, 9]
    assert len(counted) == 2
