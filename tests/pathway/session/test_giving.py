"""Doses without a pump: each part an event, spaced, never more than ordered, and always the sum of what went in."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.data import monitoring
from lowtide.data.giving import way
from lowtide.pathway.course.given import parts
from lowtide.pathway.course.sessions import sessions as course_sessions
from lowtide.pathway.session.actions import closing, dosing, giving, preparing
from lowtide.pathway.session.rules.due import due_items, observe_until
from lowtide.pathway.session.rules.facts import Facts, facts, session_facts
from lowtide.pathway.session.rules.giving import coming
from lowtide.pathway.session.rules.preparation import differing
from lowtide.pathway.session.rules.state import Phase, state_of
from lowtide.pathway.session.shown.lines import words
from lowtide.pathway.session.shown.parts import so_far
from lowtide.problems import BadInput, Conflict, Refused
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.care import OrderSigned
from lowtide.record.entries.chair import DoseGiven, DosingEnded, FigureRead, PreparationChecked
from lowtide.record.entries.clinic import EnteredInError
from tests.pathway.session.conftest import Care, register
from tests.pathway.session.making import (
    SESSION,
    T0,
    at,
    devices,
    entry,
    injection,
    order,
    scheduled,
    timed_out,
)

D = Decimal
TRAY: dict[str, Any] = {
    "each_mg": D(28),
    "count": D(2),
    "expires": T0.date().replace(year=T0.year + 1),
    "lot": "L0424",
}


def care_for(body: OrderSigned, protocol: str, **read: Any) -> Care:
    """Everything before the first part: booked, ordered, measured, timed out, checked by a second person."""
    care = register(protocol=protocol)
    care.book()
    care.weigh()
    care.write(body, -40, session=care.session)
    care.measure(-8)
    care.time_out(-5)
    if read:
        check(care, body.drug, read)
    return care


def check(care: Care, drug: str, read: dict[str, Any], minutes: float = -4) -> Entry:
    (found,) = preparing.check_preparation(
        care.act(minutes),
        other=care.prescriber,
        prepared_by_me=True,
        typed="1983-03-14",
        drug=drug,
        read=read,
    )
    return found


@pytest.fixture
def sprayed(clinic: Entry) -> Care:
    return care_for(devices(), "P01", **TRAY)


def give(care: Care, number: int, minutes: float, **more: Any) -> Entry:
    return giving.give(care.act(minutes), number=number, **more)[0]


def found(care: Care) -> Facts:
    return session_facts(care.chart, care.session)


def phase(care: Care, minutes: float) -> Phase:
    return state_of(found(care), monitoring.items(), care.at(minutes)).phase


# -- devices --------------------------------------------------------------------------------------------------


def test_two_devices_are_two_events_and_the_observation_counts_from_the_last(sprayed: Care) -> None:
    give(sprayed, 1, 0)
    assert phase(sprayed, 1) is Phase.DOSING
    assert so_far(found(sprayed)) == "28 of 56 mg so far"
    give(sprayed, 2, 5)
    assert phase(sprayed, 6) is Phase.MONITORING
    assert found(sprayed).given_mg == 56
    assert observe_until(found(sprayed), monitoring.items()) == sprayed.at(125)


@pytest.mark.hazard("H008")
def test_a_device_too_soon_asks_and_is_recorded_with_its_reason(sprayed: Care) -> None:
    give(sprayed, 1, 0)
    with pytest.raises(Refused, match="5 min after the one before"):
        give(sprayed, 2, 3)
    assert found(sprayed).given_mg is None
    kept = give(sprayed, 2, 3, reason="the patient leaves early; prescriber agreed")
    assert kept.reason
    assert found(sprayed).given_mg == 56


@pytest.mark.hazard("H008")
def test_two_hands_at_one_device_record_it_once(sprayed: Care) -> None:
    give(sprayed, 1, 0)
    with pytest.raises(Refused, match="recorded already"):
        giving.give(sprayed.act(0.1, who=sprayed.prescriber), number=1)
    assert found(sprayed).parts is not None
    assert len(found(sprayed).parts.parts) == 1  # type: ignore[union-attr]


@pytest.mark.hazard("H008")
def test_the_same_press_twice_is_one_device(sprayed: Care) -> None:
    press = uuid4()
    first, again = (giving.give(sprayed.act(0, entry_id=press), number=1) for _ in range(2))
    assert first == again
    with pytest.raises((Conflict, Refused)):
        giving.give(sprayed.act(6, entry_id=press), number=2)


@pytest.mark.hazard("H008")
def test_nothing_is_given_beyond_the_order(sprayed: Care) -> None:
    give(sprayed, 1, 0)
    give(sprayed, 2, 5)
    with pytest.raises(Refused, match=r"all of the order was given|being watched"):
        give(sprayed, 3, 11, reason="once more")


def test_a_failed_device_needs_its_reason_and_leaves_room_for_another(sprayed: Care) -> None:
    give(sprayed, 1, 0)
    with pytest.raises(BadInput, match="0 of 28 mg"):
        give(sprayed, 2, 5, mg=D(0))
    give(sprayed, 2, 5, mg=D(0), reason="it did not spray")
    assert coming(found(sprayed)).of_mg == 28
    give(sprayed, 3, 10)
    assert found(sprayed).given_mg == 56
    assert found(sprayed).parts.used == 3  # type: ignore[union-attr]


def test_a_half_used_device_leaves_a_rest_that_no_device_can_give(sprayed: Care) -> None:
    give(sprayed, 1, 0)
    give(sprayed, 2, 5, mg=D(14), reason="the nose was blocked")
    assert (coming(found(sprayed)).of_mg, coming(found(sprayed)).open_mg) == (0, 14)
    assert phase(sprayed, 6) is Phase.DOSING
    giving.end(sprayed.act(7), reason="no more wanted")
    assert phase(sprayed, 8) is Phase.MONITORING
    assert found(sprayed).given_mg == 42
    assert found(sprayed).stopped_at == sprayed.at(5)


def test_a_refused_second_device_is_an_early_end_with_its_reason(sprayed: Care) -> None:
    give(sprayed, 1, 0)
    with pytest.raises(BadInput, match="needs a reason"):
        giving.end(sprayed.act(6), reason=" ")
    giving.end(sprayed.act(6), reason="feels too strange")
    (session,) = course_sessions(sprayed.chart)
    assert session.dose is not None
    assert (session.dose.given_mg, session.dose.stopped_at) == (28, sprayed.at(0))


def test_a_correction_of_a_device_opens_the_dose_again(sprayed: Care) -> None:
    give(sprayed, 1, 0)
    second = give(sprayed, 2, 5)
    wrong = sprayed.write(EnteredInError(), 5, corrects=second.id, session=sprayed.session, reason="dropped")
    assert wrong.corrects == second.id
    assert phase(sprayed, 6) is Phase.DOSING
    assert coming(found(sprayed)).number == 2
    give(sprayed, 2, 6)
    assert found(sprayed).given_mg == 56


def test_an_open_reminder_asks_before_the_next_device(sprayed: Care) -> None:
    give(sprayed, 1, 0)
    sprayed.measure(4, sbp_mmhg=204, dbp_mmhg=118)
    with pytest.raises(Refused, match="M14"):
        give(sprayed, 2, 6)


def test_a_dose_of_devices_rests_on_no_weight(clinic: Entry) -> None:
    care = register(protocol="P01")
    care.book()
    care.write(devices(), -40, session=care.session)
    care.measure(-8)
    care.time_out(-5)
    check(care, "esketamine", TRAY)
    give(care, 1, 0)
    assert phase(care, 1) is Phase.DOSING


def test_a_pump_verb_is_refused_for_devices(sprayed: Care) -> None:
    with pytest.raises(Refused, match="has no pump"):
        dosing.start(sprayed.act(), rate_ml_per_h=D(75), volume_ml=D(50))


def test_a_part_is_refused_for_an_infusion(care: Care) -> None:
    care.prepare()
    with pytest.raises(Refused, match="runs by a pump"):
        give(care, 1, 0)


# -- the second person ----------------------------------------------------------------------------------------


@pytest.mark.hazard("H004")
@pytest.mark.parametrize(
    ("drug", "changed", "named"),
    [
        ("ketamine", {}, "drug"),
        ("esketamine", {"each_mg": D(14)}, "strength on each device"),
        ("esketamine", {"count": D(3)}, "devices on the tray"),
        ("esketamine", {"expires": T0.date().replace(year=T0.year - 1)}, "expiry date"),
    ],
)
def test_a_wrong_tray_holds_the_first_device(
    clinic: Entry, drug: str, changed: dict[str, Any], named: str
) -> None:
    care = care_for(devices(), "P01")
    check(care, drug, TRAY | changed)
    with pytest.raises(Refused, match=f"the second check differs: {named}"):
        give(care, 1, 0)
    check(care, "esketamine", TRAY, -2)
    assert give(care, 1, 0).body.lot == "L0424"


def test_what_differs_is_called_as_it_was_asked_for() -> None:
    read = PreparationChecked(
        order=uuid4(), preparer="a", checker="b", figures=(FigureRead("count", "3 capsules", agrees=False),)
    )
    assert differing(read, way(None, "po")) == ["Made ready"]
    assert differing(read, way("esketamine_nasal", "in")) == ["Devices on the tray"]


@pytest.mark.hazard("H012")
def test_a_look_alike_vial_holds_the_injection(clinic: Entry) -> None:
    care = care_for(injection(weight_entry=None), "P10")
    check(care, "ketamine", {"vial_mg_per_ml": D(100), "vial_volume_ml": D("0.73")})
    with pytest.raises(Refused, match="strength on the vial"):
        give(care, 1, 0)


# -- injections and portions ----------------------------------------------------------------------------------


def test_an_injection_is_one_event_with_its_volume_and_site(clinic: Entry) -> None:
    care = care_for(injection(weight_entry=None), "P10", vial_mg_per_ml=D(50), vial_volume_ml=D("0.73"))
    said = give(care, 1, 0, site="abdomen").body
    assert (said.mg, said.volume_ml, said.site, said.form) == (D("36.5"), D("0.73"), "abdomen", "injection")
    assert phase(care, 1) is Phase.MONITORING
    assert (found(care).given_mg, found(care).given_ml) == (D("36.5"), D("0.73"))
    first = next(d for d in due_items(found(care), monitoring.items()) if d.parameter.id == "bp")
    assert first.due_at == care.at(5)


def test_capsules_are_swallowed_in_one_event(clinic: Entry) -> None:
    capsules = devices(
        protocol="P13",
        product="racemic_ketamine",
        drug="ketamine",
        route="po",
        given_as="capsule",
        unit="capsule",
        each_mg=D(25),
        dose_mg=D(50),
        apart_min=None,
    )
    care = care_for(capsules, "P13", each_mg=D(25), count=D(2))
    kept = give(care, 1, 0)
    assert (kept.body.mg, kept.body.count) == (50, 2)
    assert words(kept, T0.tzinfo)[0] == "Dose swallowed"  # type: ignore[arg-type]
    assert phase(care, 1) is Phase.MONITORING


def test_leaving_waits_for_the_protocols_own_observation(clinic: Entry) -> None:
    care = care_for(injection(weight_entry=None), "P10", vial_mg_per_ml=D(50), vial_volume_ml=D("0.73"))
    give(care, 1, 0)
    with pytest.raises(Refused, match="min since the end"):
        closing.discharge(care.act(60), answers={}, escort="sister", reason=None)
    gone = closing.discharge(
        care.act(130),
        answers=dict.fromkeys(("oriented",), Answer.YES),
        against_advice=True,
        reason="wants to go",
    )
    assert gone[0].body.against_advice


# -- laws -----------------------------------------------------------------------------------------------------

AMOUNTS = st.sampled_from([D(28), D(14), D(0)])
HAPPENED = st.lists(st.tuples(st.floats(0, 60), AMOUNTS), min_size=1, max_size=6)


def device(number: int, mg: Decimal, minutes: float) -> Entry:
    body = DoseGiven(order=uuid4(), form="device", route="in", number=number, mg=mg, of_mg=D(28), count=D(1))
    return entry(body, minutes)


@given(happened=HAPPENED, data=st.data())
@settings(max_examples=60, deadline=None)
def test_what_was_given_is_the_sum_of_its_parts_in_any_order_and_under_any_correction(
    happened: list[tuple[float, Decimal]], data: st.DataObject
) -> None:
    said = [device(n, mg, minutes) for n, (minutes, mg) in enumerate(happened, start=1)]
    standing = data.draw(st.lists(st.sampled_from(said), unique_by=lambda e: e.id))
    corrected = [e if data.draw(st.booleans()) else device(e.body.number, D(14), 7) for e in standing]
    before = (scheduled(), entry(devices(3), -30), timed_out())
    shuffled = data.draw(st.permutations([*before, *corrected]))
    session = facts(SESSION, shuffled)
    total = sum((e.body.mg for e in corrected), D(0))
    given_so_far = session.parts.given_mg if session.parts else D(0)
    assert given_so_far == total
    assert (session.given_mg is not None) == (bool(corrected) and total >= 84)
    assert coming(session).of_mg <= max(D(0), 84 - total)
    assert session == facts(SESSION, sorted(shuffled, key=lambda e: e.id))


@given(happened=HAPPENED)
@settings(max_examples=30, deadline=None)
def test_an_early_end_closes_the_dose_at_its_last_part(happened: list[tuple[float, Decimal]]) -> None:
    said = [device(n, mg, minutes) for n, (minutes, mg) in enumerate(happened, start=1)]
    made = parts([*said, entry(DosingEnded(), 70)], devices(3))
    assert made is not None
    assert made.over_at == max(e.at for e in said) <= at(60)


def test_an_order_whose_count_does_not_make_the_dose_is_no_order() -> None:
    assert any("count" in p.what for p in devices(2, dose_mg=D(84)).problems())
    assert not list(devices(3).problems())
    assert not list(order().problems())
