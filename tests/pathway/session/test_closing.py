"""How a session ends: the patient leaves, the record is signed, or it is broken off."""

from decimal import Decimal
from uuid import uuid4

import pytest

from lowtide.data import monitoring
from lowtide.pathway.session.actions import booking, charting, closing, dosing, handover
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.pathway.session.rules.state import Phase, session_state
from lowtide.pathway.session.shown.todo import Task, todo
from lowtide.problems import BadInput, Refused
from lowtide.record import store
from lowtide.record.entries.base import Answer
from lowtide.record.entries.chair import Discharged, DoseStopped
from tests.pathway.session.conftest import Care, person
from tests.pathway.session.test_leaving import YES


@pytest.fixture
def recovering(care: Care) -> Care:
    """The dose has ended; pressure and recovery score are good towards two hours after it."""
    care.prepare()
    care.begin()
    care.measure(30, sbp_mmhg=150, dbp_mmhg=90)
    dosing.stop(care.act(40), delivered_ml=Decimal(50), complete=True)
    care.measure(155, sbp_mmhg=126, dbp_mmhg=78)
    charting.rating(care.act(156), scale="aldrete", value=Decimal(10))
    return care


def phase(care: Care, minutes: float) -> Phase:
    return session_state(care.chart, care.session, monitoring.items(), care.at(minutes)).phase


def test_with_everything_met_a_nurse_discharges(recovering: Care) -> None:
    assert phase(recovering, 160) is Phase.READY
    entry = closing.discharge(recovering.act(160), answers=YES, escort="brother")[0]
    assert phase(recovering, 161) is Phase.DISCHARGED
    assert {c.item: c.answer for c in entry.body.criteria} == dict.fromkeys(
        ["M28", "M29", "M30", *YES], Answer.YES
    )


@pytest.mark.hazard("H022")
def test_at_119_minutes_it_is_said_and_only_a_prescriber_overrides_with_a_reason(recovering: Care) -> None:
    early = recovering.act(159)
    with pytest.raises(Refused, match="119 min since the end"):
        closing.discharge(early, answers=YES)
    with pytest.raises(Refused, match="A prescriber may discharge with a reason"):
        closing.discharge(early, answers=YES, reason="in a hurry")
    with pytest.raises(Refused, match="Give the reason"):
        closing.discharge(recovering.act(159, recovering.prescriber), answers=YES)
    entry = closing.discharge(
        recovering.act(159, recovering.prescriber), answers=YES, reason="seen and well, taxi waits"
    )[0]
    kept = {c.item: c for c in entry.body.criteria}
    assert (kept["M28"].answer, kept["M28"].detail) == (Answer.NO, "119 min since the end")
    assert entry.reason == "seen and well, taxi waits"


def test_what_nobody_asked_keeps_the_patient_as_not_asked(recovering: Care) -> None:
    with pytest.raises(Refused, match="Escort here: not asked"):
        closing.discharge(
            recovering.act(160), answers={k: v for k, v in YES.items() if k != "escort_present"}
        )


def test_leaving_against_advice_is_recorded_as_that_and_never_refused(recovering: Care) -> None:
    with pytest.raises(BadInput, match="needs its reason"):
        closing.discharge(recovering.act(90), answers={}, against_advice=True)
    entry = closing.discharge(
        recovering.act(90), answers={}, against_advice=True, reason="wants home, told of the risks"
    )[0]
    assert entry.body.against_advice
    assert phase(recovering, 91) is Phase.DISCHARGED


def test_whoever_leaves_early_leaves_the_chair_to_the_next(recovering: Care) -> None:
    left = recovering.at(100)
    kept = booking.booking(recovering.session)
    assert kept
    assert kept.body.ends_at > left
    closing.discharge(recovering.act(100), answers={}, against_advice=True, reason="wants to go home")
    freed = booking.booking(recovering.session)
    assert freed
    assert (freed.body.ends_at, freed.reason) == (left, "left the chair")


def test_nobody_is_discharged_while_the_dose_runs(care: Care) -> None:
    care.prepare()
    care.begin()
    with pytest.raises(Refused, match="the dose is running"):
        closing.discharge(care.act(20), answers={}, against_advice=True, reason="x")


def test_discharging_twice_with_one_press_is_one_discharge(recovering: Care) -> None:
    press = uuid4()
    first = closing.discharge(recovering.act(160, entry_id=press), answers=YES)
    again = closing.discharge(recovering.act(161, entry_id=press), answers=YES)
    assert again == first
    assert len(recovering.chart.said(Discharged)) == 1


def test_signing_takes_ones_own_name_and_keeps_what_was_known(recovering: Care) -> None:
    closing.discharge(recovering.act(160), answers=YES)
    with pytest.raises(BadInput, match="your own name"):
        closing.sign(recovering.act(165), printed_name="Somebody Else")
    entry = closing.sign(recovering.act(165), printed_name="nora  nurse")[0]
    assert entry.body.printed_name == "Nora Nurse"
    clinic = store.load("clinic:main").seq
    assert entry.body.known == {recovering.stream: entry.seq - 1, "clinic:main": clinic}
    assert phase(recovering, 166) is Phase.SIGNED


def test_signing_twice_with_one_press_is_one_signature(recovering: Care) -> None:
    closing.discharge(recovering.act(160), answers=YES)
    press = uuid4()
    first = closing.sign(recovering.act(165, entry_id=press), printed_name="Nora Nurse")
    assert closing.sign(recovering.act(165, entry_id=press), printed_name="Nora Nurse") == first


def test_nobody_signs_what_came_while_they_read(recovering: Care) -> None:
    closing.discharge(recovering.act(160), answers=YES)
    seen = {recovering.stream: recovering.chart.seq}
    charting.note(recovering.act(162, person("nurse")), text="dizzy at the door")
    with pytest.raises(Refused, match="1 entries came while you read"):
        closing.sign(recovering.act(165), printed_name="Nora Nurse", seen=seen)


def test_what_is_written_after_the_signature_is_an_addendum(recovering: Care) -> None:
    closing.discharge(recovering.act(160), answers=YES)
    closing.sign(recovering.act(165), printed_name="Nora Nurse")
    late = charting.note(recovering.act(170), text="called: well at home")[0]
    assert phase(recovering, 171) is Phase.SIGNED
    assert recovering.chart.addenda(recovering.session) == [late]


def test_a_session_is_signed_only_when_the_patient_has_left(recovering: Care) -> None:
    with pytest.raises(Refused, match="may be ready to leave"):
        closing.sign(recovering.act(160), printed_name="Nora Nurse")


def test_broken_off_in_the_dose_the_pumps_volume_is_asked_and_the_patient_stays(care: Care) -> None:
    care.prepare()
    care.begin()
    with pytest.raises(BadInput, match="the pump was running"):
        closing.abandon(care.act(20), reason="panic")
    closing.abandon(care.act(20), reason="panic", delivered_ml=Decimal("25.1"))
    assert phase(care, 21) is Phase.ABANDONED
    assert care.chart.said(DoseStopped)[0][1].delivered_ml == Decimal("25.1")
    closing.discharge(care.act(90), answers={}, against_advice=True, reason="wants home")
    closing.sign(care.act(95), printed_name="Nora Nurse")
    assert phase(care, 96) is Phase.SIGNED


def test_broken_off_before_the_dose_it_is_signed_as_it_is(care: Care) -> None:
    care.prepare()
    closing.abandon(care.act(-1), reason="pressure too high")
    closing.sign(care.act(5), printed_name="Nora Nurse")
    assert session_facts(care.chart, care.session).abandoned is not None


def test_who_may_not_sign_does_not(recovering: Care) -> None:
    closing.discharge(recovering.act(160), answers=YES)
    act = recovering.act(165, person("therapist", "Thea Listens"))
    with pytest.raises(Refused, match="may not sign a session off"):
        closing.sign(act, printed_name="Thea Listens")


def test_broken_off_after_the_dose_the_leave_checks_come_next_once_the_readings_allow_it(care: Care) -> None:
    care.prepare()
    care.begin()
    closing.abandon(care.act(15), reason="unwell", delivered_ml=Decimal(10))
    assert task(care, 60).page == "enter"
    care.measure(140, sbp_mmhg=126, dbp_mmhg=78)
    charting.rating(care.act(141), scale="aldrete", value=Decimal(10))
    assert (task(care, 145).title, task(care, 145).page) == ("Leave checks", "leave")
    closing.discharge(care.act(146), answers=YES, escort="brother")
    assert phase(care, 147) is Phase.DISCHARGED


def test_broken_off_before_the_dose_the_signature_comes_next(care: Care) -> None:
    care.prepare()
    closing.abandon(care.act(-1), reason="went home")
    assert task(care, 0).page == "sign"


def test_broken_off_after_the_dose_the_next_shift_takes_it_over(care: Care) -> None:
    care.prepare()
    care.begin()
    closing.abandon(care.act(15), reason="unwell", delivered_ml=Decimal(10))
    sam = person("nurse", "Sam")
    handover.hand_over(care.act(60), incoming=sam, counted=0)
    assert session_facts(care.chart, care.session).nurse == sam.by


def task(care: Care, minutes: float) -> Task:
    now = care.at(minutes)
    return todo(session_state(care.chart, care.session, monitoring.items(), now), now).task
