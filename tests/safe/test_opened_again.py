"""What a signature closed does not open unnoticed, a held lot is held everywhere, and what is in hand falls due."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import msgspec
import pytest

from lowtide.people.record_pages.actions import correct, retract
from lowtide.problems import BadInput, Refused
from lowtide.record import store
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import DoseStopped, Vitals
from lowtide.record.entries.safe import DrugGiven
from lowtide.safe.actions import clearing, stock
from lowtide.safe.actions import session as verbs
from lowtide.safe.ledger import Case, fold
from lowtide.safe.watching import waiting
from tests.pathway.session.conftest import Care
from tests.safe.conftest import KEY, Bench
from tests.safe.test_signing import account, draw, late, sign, treated

ML = Decimal


@pytest.fixture
def stocked(clinic: Entry) -> Bench:
    bench = Bench()
    bench.open()
    bench.receive()
    return bench


@pytest.fixture
def signed(stocked: Bench) -> Care:
    """36.5 mg were given and charted, the books are closed, the record is signed."""
    care = treated()
    account(stocked, draw(stocked, care, "0.73"), "0.73")
    sign(care)
    return care


def cases() -> list[Case]:
    return list(fold(store.load("safe:main")).cases.values())


def stop_of(care: Care) -> tuple[Entry, DoseStopped]:
    found = care.chart.last(DoseStopped)
    assert found
    return found


def stopped_at(care: Care, delivered_ml: str, times: int = 1) -> None:
    """Correct how much went in; the same form may arrive several times."""
    entry, body = stop_of(care)
    body = msgspec.structs.replace(body, delivered_ml=ML(delivered_ml), complete=False)
    line, form = care.chart.line(entry.id), uuid4()
    for _ in range(times):
        correct(care.nurse, form, line, body, "misread", at=entry.at, now=care.at(59))


@pytest.mark.hazard("H036")
def test_a_struck_line_of_a_signed_session_opens_a_case_and_is_due(stocked: Bench, signed: Care) -> None:
    given = store.load("safe:main").last(DrugGiven)
    assert given
    clearing.strike(late(stocked), entry=given[0].id, reason="another patient's")
    (case,) = cases()
    assert "signed session was struck through" in case.body.told
    assert case.owner == stocked.nurse.by
    assert {"hand", "case"} <= {one.due.what for one in waiting()}


def test_a_struck_line_of_an_open_session_opens_no_case(stocked: Bench) -> None:
    care = treated()
    account(stocked, draw(stocked, care, "0.73"), "0.73")
    given = store.load("safe:main").last(DrugGiven)
    assert given
    clearing.strike(late(stocked), entry=given[0].id, reason="wrong line")
    assert cases() == []


@pytest.mark.hazard("H036")
def test_a_dose_corrected_after_the_signature_opens_a_case_where_chart_and_safe_part(signed: Care) -> None:
    stopped_at(signed, "30")
    (case,) = cases()
    assert "changed: 21.9 mg in the chart and 36.5 mg from the safe" in case.body.told


def test_the_same_correction_sent_twice_opens_one_case(signed: Care) -> None:
    stopped_at(signed, "30", times=2)
    assert len(cases()) == 1


def test_a_correction_within_the_tolerance_opens_no_case(signed: Care) -> None:
    stopped_at(signed, "49.5")
    assert cases() == []


@pytest.mark.hazard("H036")
def test_a_dose_retracted_after_the_signature_opens_a_case(signed: Care) -> None:
    entry, _ = stop_of(signed)
    retract(signed.nurse, uuid4(), signed.chart.line(entry.id), "not this patient", now=signed.at(59))
    assert [c.body.what for c in cases()] == ["pump"]


def test_a_reading_corrected_after_the_signature_opens_no_case(signed: Care) -> None:
    entry = signed.write(Vitals(heart_rate_bpm=70), 20, session=signed.session)
    line, body = signed.chart.line(entry.id), Vitals(heart_rate_bpm=77)
    correct(signed.nurse, uuid4(), line, body, "misread", at=entry.at, now=signed.at(60))
    assert cases() == []


def test_a_held_lot_is_not_drawn_from_a_safe_that_was_opened_later(bench: Bench) -> None:
    clearing.hold(bench.act(bench.director), key=KEY, held=True, notice="Recall 1", places=["main"])
    bench.open("room")
    stock.transfer(bench.act(), to="room", key=KEY, containers=1)
    with pytest.raises(Refused, match="Recall 1"):
        verbs.draw(
            bench.act(place="room"),
            key=KEY,
            quantity=ML(1),
            patient=bench.patient,
            session=bench.session,
        )


def test_a_held_lot_is_not_received_in_another_safe(bench: Bench) -> None:
    clearing.hold(bench.act(bench.director), key=KEY, held=True, notice="Recall 1", places=["main"])
    bench.open("room")
    bench.place = "room"
    with pytest.raises(Refused, match="is held"):
        bench.receive()


@pytest.mark.hazard("H036")
def test_what_is_in_hand_falls_due(bench: Bench, drawn: Callable[..., UUID]) -> None:
    draw_id = drawn("1")
    (one,) = (w.due for w in waiting() if w.due.what == "hand")
    assert one.about == str(draw_id)
    assert one.title == "1 mL of lot 6K221 is in hand"
    assert one.due_at - bench.books.draws[draw_id].entry.at == timedelta(hours=12)


def test_a_loss_from_a_draw_that_is_not_known_is_refused_in_words(bench: Bench) -> None:
    with pytest.raises(BadInput, match="not drawn here"):
        stock.lose(bench.act(), key=KEY, how="breakage", circumstances="fell", quantity=ML(1), draw=uuid4())
