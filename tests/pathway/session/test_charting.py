"""What is charted at the chair, and how it is corrected."""

from decimal import Decimal
from uuid import uuid4

import pytest

from lowtide.pathway.session.actions import charting
from lowtide.pathway.session.rules.facts import Facts, session_facts
from lowtide.problems import BadInput, Conflict, Refused
from lowtide.record import store
from lowtide.record.entries.chair import ChairEvent, Note, Rating, Vitals
from lowtide.record.entries.clinic import EnteredInError
from tests.conftest import said
from tests.pathway.session.conftest import Care, person


@pytest.fixture
def running(care: Care) -> Care:
    """A dose under way."""
    care.prepare()
    care.begin()
    return care


def facts(care: Care) -> Facts:
    return session_facts(care.chart, care.session)


@pytest.mark.hazard("H016")
@pytest.mark.parametrize(("systolic", "diastolic"), [(90, 140), (120, 120)])
def test_a_systolic_that_is_not_above_the_diastolic_is_refused(
    running: Care, systolic: int, diastolic: int
) -> None:
    with pytest.raises(BadInput, match="systolic is not above diastolic"):
        running.measure(10, sbp_mmhg=systolic, dbp_mmhg=diastolic)


def test_what_cannot_be_believed_is_said_by_field(running: Care) -> None:
    with pytest.raises(BadInput) as refused:
        running.measure(10, sbp_mmhg=1430, dbp_mmhg=88, heart_rate_bpm=8)
    assert [p.where for p in refused.value.problems] == ["sbp_mmhg", "heart_rate_bpm"]


@pytest.mark.hazard("H021")
def test_a_score_of_another_sedation_scale_does_not_fit_moaas(running: Care) -> None:
    """On the Leiden scale 0 is awake; on MOAA/S it is no response at all."""
    for scale, value in [("leiden", "0"), ("moaas", "6"), ("moaas", "2.5"), ("moaas", "-1")]:
        with pytest.raises(BadInput):
            charting.rating(running.act(15), scale=scale, value=Decimal(value))
    assert facts(running).readings["sedation"] == ()


def test_a_late_entry_keeps_when_it_happened_and_when_it_was_written(running: Care) -> None:
    taken = charting.vitals(running.act(25, at=running.at(12)), Vitals(sbp_mmhg=140, dbp_mmhg=85))[0]
    assert taken.at == running.at(12)
    assert taken.recorded_at == running.at(25)


def test_the_future_is_refused(running: Care) -> None:
    with pytest.raises(Refused, match="in the future"):
        charting.vitals(running.act(10, at=running.at(20)), Vitals(sbp_mmhg=140, dbp_mmhg=85))


def test_one_press_is_one_entry_however_often_it_is_sent(running: Care) -> None:
    press = uuid4()
    sent = [charting.event(running.act(10 + n / 60, entry_id=press), what="calm") for n in range(3)]
    assert sent[0] == sent[1] == sent[2]
    with pytest.raises(Conflict):
        charting.event(running.act(11, entry_id=press), what="anxious")


def test_two_nurses_at_one_chair_both_land(running: Care) -> None:
    other = person("nurse")
    running.measure(10, sbp_mmhg=140, dbp_mmhg=85)
    charting.vitals(running.act(10, other), Vitals(spo2_pct=96))
    assert {
        e.by for e in facts(running).entries if isinstance(e.body, Vitals) and e.at == running.at(10)
    } == {
        running.nurse.by,
        other.by,
    }


def test_an_event_is_a_chip_or_is_said_in_words(running: Care) -> None:
    charting.event(running.act(10), what="other", detail="asked for water")
    with pytest.raises(BadInput, match="say what happened"):
        charting.event(running.act(10), what="other")
    with pytest.raises(BadInput):
        charting.event(running.act(10), what="dancing")


def test_what_was_not_done_has_a_reason(running: Care) -> None:
    charting.not_done(running.act(15), item="nausea", why="asleep")
    assert facts(running).omissions[0].why == "asleep"
    with pytest.raises(BadInput):
        charting.not_done(running.act(15), item="nausea", why=" ")


def test_a_corrected_value_is_the_one_that_counts(running: Care) -> None:
    wrong = running.measure(10, sbp_mmhg=141, dbp_mmhg=88)[0]
    draft = said(Vitals(sbp_mmhg=114, dbp_mmhg=88), running.stream, at=wrong.at, reason="digits swapped")
    store.append([draft.correcting(wrong)])
    assert [r.text for r in facts(running).readings["bp"]] == ["128/80", "114/88"]


def test_an_entry_in_error_no_longer_counts(running: Care) -> None:
    wrong = running.measure(10, sbp_mmhg=141, dbp_mmhg=88)[0]
    draft = said(EnteredInError(), running.stream, at=wrong.at, reason="another patient’s cuff")
    store.append([draft.correcting(wrong)])
    assert [r.text for r in facts(running).readings["bp"]] == ["128/80"]


def test_a_therapy_note_is_for_therapists_and_its_writer(running: Care) -> None:
    therapist = person("therapist")
    charting.note(running.act(20, therapist), text="spoke of the brother", topic="therapy")

    def seen(who: str, role: str) -> list[str]:
        narrowed = running.chart.seen_by(frozenset({role}), who)
        return [body.text for _, body in narrowed.said(Note)]

    assert seen("staff:other", "therapist") == ["spoke of the brother"]
    assert seen(therapist.by, "nurse") == ["spoke of the brother"]
    assert seen(running.nurse.by, "nurse") == []
    assert seen(running.prescriber.by, "prescriber") == []


def test_a_nurse_writes_no_therapy_note_and_a_therapist_charts_no_pressure(running: Care) -> None:
    with pytest.raises(Refused, match="writes no such note"):
        charting.note(running.act(20), text="x", topic="therapy")
    act = running.act(20, person("therapist"))
    with pytest.raises(Refused, match="may not chart"):
        charting.vitals(act, Vitals(sbp_mmhg=120, dbp_mmhg=80))


def test_every_charted_kind_is_the_sessions(running: Care) -> None:
    charting.rating(running.act(15), scale="moaas", value=Decimal(5))
    charting.event(running.act(16), what="music")
    kinds = {type(e.body) for e in facts(running).entries}
    assert {Rating, ChairEvent, Vitals} <= kinds
    assert all(e.session == running.session for e in facts(running).entries)


def test_nothing_is_charted_in_a_session_nobody_booked(care: Care) -> None:
    with pytest.raises(Refused, match="not booked"):
        care.measure(0)
