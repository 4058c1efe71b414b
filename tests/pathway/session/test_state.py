"""The phases of a session and what may be done in each."""

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lowtide.data import monitoring
from lowtide.pathway.session.rules.facts import facts, session_facts
from lowtide.pathway.session.rules.gates import is_open
from lowtide.pathway.session.rules.state import ALLOWED, BY_PART, Phase, SessionState, Verb, state_of
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.chair import (
    Discharged,
    RateChanged,
    Rating,
    SessionAbandoned,
    SessionCancelled,
    SessionSigned,
    TimeOutItem,
)
from tests.pathway.session.making import (
    SESSION,
    STREAM,
    at,
    bp,
    dosing,
    entry,
    order,
    scheduled,
    started,
    stopped,
    timed_out,
)

ITEMS = monitoring.items()
calm = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
OUT = entry(Discharged(criteria=(TimeOutItem("oriented", Answer.YES),)), 170)
SIGNED = entry(SessionSigned(printed_name="N", known={}), 180)
STEPS: list[tuple[Entry, Phase]] = [
    (scheduled(), Phase.SCHEDULED),
    (timed_out(), Phase.PREPARING),
    (started(), Phase.DOSING),
    (entry(RateChanged(rate_ml_per_h=Decimal(0)), 10), Phase.PAUSED),
    (entry(RateChanged(rate_ml_per_h=Decimal(75)), 12), Phase.DOSING),
    (stopped(), Phase.MONITORING),
    (OUT, Phase.DISCHARGED),
    (SIGNED, Phase.SIGNED),
]
RECOVERED = (
    stopped(),
    bp(128, 80, -8),
    bp(150, 90, 30),
    bp(126, 78, 159),
    entry(Rating(scale="aldrete", value=Decimal(10)), 159),
)


def state(*entries: Entry, now: float = 200) -> SessionState:
    return state_of(facts(SESSION, entries), ITEMS, at(now))


def test_each_step_leads_to_the_next_phase() -> None:
    for count, (_, phase) in enumerate(STEPS, 1):
        assert state(*(e for e, _ in STEPS[:count]), now=50).phase is phase


def test_a_session_that_nobody_booked_can_only_be_booked() -> None:
    assert state().phase is Phase.UNKNOWN
    assert state().allowed == {Verb.SCHEDULE}


@calm
@given(st.permutations([e for e, _ in STEPS] + list(RECOVERED[1:])))
def test_the_same_entries_give_the_same_state_in_whatever_order_they_arrive(entries: list[Entry]) -> None:
    assert state(*entries) == state(*(e for e, _ in STEPS), *RECOVERED[1:])


@calm
@given(st.sets(st.sampled_from(range(len(STEPS)))))
def test_whatever_part_of_it_has_arrived_something_can_be_done(places: set[int]) -> None:
    assert state(*(STEPS[place][0] for place in sorted(places))).allowed


@pytest.mark.parametrize("verb", [verb for verb in Verb if verb not in BY_PART])
def test_a_verb_is_refused_with_the_reason_outside_its_phases(verb: Verb) -> None:
    for count, (_, phase) in enumerate(STEPS, 1):
        found = state(*(e for e, _ in STEPS[:count]), now=50)
        assert (found.refusal(verb) is None) is (phase in ALLOWED[verb])


@pytest.mark.hazard("H008")
def test_a_second_start_is_not_allowed_and_one_that_came_anyway_is_said() -> None:
    assert state(*(e for e, _ in STEPS[:3]), now=5).refusal(Verb.START) == "the dose is running"
    twice = facts(SESSION, [started(0), started(1)])
    assert twice.started_at == at(0)
    assert twice.contradictions == ("2 starts of the dose are recorded; the first one counts",)


def test_ready_asks_the_time_and_only_what_the_chart_can_tell() -> None:
    entries = [e for e, _ in STEPS[:6]] + list(RECOVERED[1:])
    assert state(*entries, now=159).phase is Phase.MONITORING
    assert state(*entries, now=160).phase is Phase.READY
    assert state_of(facts(SESSION, entries), ITEMS).phase is Phase.MONITORING


def test_a_cancelled_session_is_over_but_a_dose_overrules_a_cancellation() -> None:
    cancelled = entry(SessionCancelled(), -20)
    assert state(scheduled(), cancelled).phase is Phase.CANCELLED
    dosed = facts(SESSION, [scheduled(), cancelled, started()])
    assert state_of(dosed, ITEMS, at(1)).phase is Phase.DOSING
    assert dosed.contradictions == ("the session was cancelled, yet a dose was started",)


def test_broken_off_before_the_dose_it_can_be_signed() -> None:
    found = state(scheduled(), timed_out(), entry(SessionAbandoned(), -5))
    assert found.phase is Phase.ABANDONED
    assert Verb.SIGN in found.allowed
    assert Verb.DISCHARGE not in found.allowed
    assert not is_open(found.facts)


def test_broken_off_after_the_dose_the_patient_is_still_watched_until_leaving() -> None:
    found = state(
        scheduled(), timed_out(), started(), stopped(20, "25"), entry(SessionAbandoned(), 20), now=60
    )
    assert is_open(found.facts)
    assert Verb.DISCHARGE in found.allowed
    assert Verb.SIGN not in found.allowed
    assert [d for d in found.due if d.due_at > at(60) and d.open]


def test_open_from_the_time_out_until_the_patient_has_left() -> None:
    answers = [is_open(facts(SESSION, [e for e, _ in STEPS[:n]])) for n in range(1, len(STEPS) + 1)]
    assert answers == [False, True, True, True, True, True, False, False]


def test_entries_of_other_sessions_say_nothing_about_this_one() -> None:
    other = entry(order(), -10, session=UUID(int=9))
    assert session_facts(Chart.of(STREAM, [other]), SESSION).order is None


def test_what_the_pump_said_at_the_end_is_what_was_given() -> None:
    found = dosing(stopped(30, "36.2", complete=False))
    assert found.given_ml == Decimal("36.2")
    assert found.given_mg == Decimal("36.2") * Decimal("0.73")
