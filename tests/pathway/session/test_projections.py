"""The session table says what the fold says."""

from decimal import Decimal

import pytest

from lowtide.pathway.session.actions import charting, closing, dosing
from lowtide.pathway.session.models import Session
from lowtide.pathway.session.projections import sitting
from lowtide.pathway.session.shown.tiles import Item
from lowtide.record import projections
from lowtide.record.dates import instant
from lowtide.record.entries.base import Answer
from tests.pathway.session.conftest import GOOD, Care


def row(care: Care) -> Session:
    return Session.objects.get(key=str(care.session))


def test_a_booked_session_has_a_row_with_what_is_left_open(care: Care) -> None:
    care.book(escort="brother")
    found = row(care)
    assert (found.chair, found.escort, found.blocked, found.open) == (
        "3",
        "brother",
        "dose not ordered",
        False,
    )


@pytest.mark.hazard("H045")
def test_open_from_the_time_out_until_the_patient_has_left(care: Care) -> None:
    care.prepare()
    assert row(care).open
    care.begin()
    assert row(care).open
    dosing.stop(care.act(40), delivered_ml=Decimal(50), complete=True)
    assert row(care).open
    closing.discharge(care.act(60), answers={}, against_advice=True, reason="wants home")
    assert not row(care).open
    assert row(care).over_at == care.at(60)


def test_the_row_holds_instants_and_last_values_for_the_board(care: Care) -> None:
    care.prepare()
    care.begin()
    care.measure(10, sbp_mmhg=143, dbp_mmhg=88)
    care.measure(11, spo2_pct=97)
    found = row(care)
    assert (found.bp, found.bp_at) == ("143/88", care.at(10))
    assert (found.spo2, found.spo2_at, found.logged_at) == ("97", care.at(11), care.at(11))
    assert (found.started_at, found.ends_at, found.observe_until) == (care.at(0), care.at(40), care.at(160))
    assert (found.route, found.dose_mg, found.nurse) == ("iv", "36.5", care.nurse.by)


def test_what_there_is_to_do_is_kept_as_instants_most_overdue_first(care: Care) -> None:
    care.prepare()
    care.begin()
    care.measure(10, sbp_mmhg=143, dbp_mmhg=88)
    found = sitting(row(care), "I. T.", "Nora Nurse").todo
    assert Item("Blood pressure", care.at(20), care.at(22)) in found
    assert [i.due_at for i in found] == sorted(i.due_at for i in found)


def test_a_threshold_that_was_crossed_stands_on_the_board_until_it_is_answered(care: Care) -> None:
    care.prepare()
    care.begin()
    high = care.measure(10, sbp_mmhg=165, dbp_mmhg=95, heart_rate_bpm=90)[0]
    said = ["M12", "inform", "BP rise, no symptoms", "BP 165/95"]
    assert row(care).reminders == [[*said, instant(care.at(10)), None, ""]]
    charting.acknowledge(care.act(11), rule="M12", about=high.id, reason="repeat in 5 min")
    quiet = sitting(row(care), "I. T.", "Nora Nurse").reminders[0]
    assert quiet.asks_at == care.at(11 + 5)  # when the rule itself wants the next pressure


def test_what_the_time_out_leaves_open_is_said(care: Care) -> None:
    care.book()
    care.time_out(answers=GOOD | {"escort": Answer.NOT_KNOWN})
    assert row(care).blocked == "dose not ordered; Escort: not asked"


def test_the_table_never_differs_from_the_fold(care: Care) -> None:
    care.prepare()
    care.begin()
    care.measure(10)
    dosing.pause(care.act(12))
    assert row(care).paused_at == care.at(12)
    assert not projections.differs(projections.REGISTERED["session.sessions"], care.chart)
