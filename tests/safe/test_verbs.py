"""The verbs of the safe, told as a nurse and a director would try them."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from lowtide.problems import BadInput, Conflict, Refused
from lowtide.record import store
from lowtide.record.entries.chair import SessionSigned
from lowtide.record.entries.safe import CaseOpened, CountLine, DrugWasted, StockTaken, VialSeen
from lowtide.record.verify import verify
from lowtide.safe.actions import clearing, counting, session, stock
from lowtide.safe.actions.session import Waste
from lowtide.safe.ledger import fold
from tests.conftest import said
from tests.safe.conftest import EXPIRES, KEY, NASAL, NOW, Bench, person

Drawn = Callable[..., UUID]
ML = Decimal


def residual(quantity: str, why: str = "residual") -> Waste:
    return Waste(ML(quantity), why, "sequestration")


@pytest.mark.hazard("H036")
def test_drawn_is_given_wasted_and_returned_before_nothing_is_in_hand(bench: Bench, drawn: Drawn) -> None:
    draw = drawn("1.00")
    session.account(
        bench.act(),
        draw=draw,
        given=ML("0.73"),
        wasted=(residual("0.10", "priming"), residual("0.07")),
        returned=ML("0.1"),
    )
    assert not bench.books.open_draws(bench.session)
    assert bench.books.vials(KEY) == {"MAIN-001": ML("9.10")}


@pytest.mark.hazard("H036")
def test_waste_without_a_second_person_is_refused_and_nothing_is_written(bench: Bench, drawn: Drawn) -> None:
    draw = drawn()
    with pytest.raises(BadInput, match="a second person looks on"):
        session.account(bench.act(witness=None), draw=draw, given=ML("0.5"), wasted=(residual("0.5"),))
    assert bench.books.in_hand(draw) == 1


@pytest.mark.hazard("H043")
def test_nobody_is_their_own_witness(bench: Bench, drawn: Drawn) -> None:
    with pytest.raises(Refused, match="nobody is their own witness"):
        session.account(bench.act(witness=bench.nurse), draw=drawn(), wasted=(residual("1"),))


@pytest.mark.hazard("H043")
@pytest.mark.parametrize("role", ["front_desk", "therapist", "administrator", "researcher"])
def test_who_may_not_witness_is_no_witness(role: str, bench: Bench, drawn: Drawn) -> None:
    with pytest.raises(Refused, match="may not witness at the safe"):
        session.account(bench.act(witness=person(role, "X")), draw=drawn(), wasted=(residual("1"),))


@pytest.mark.hazard("H008")
def test_a_form_sent_twice_is_one_draw(bench: Bench) -> None:
    act = bench.act()
    fields = {"key": KEY, "quantity": ML(1), "patient": bench.patient, "session": bench.session}
    first, again = session.draw(act, **fields), session.draw(act, **fields)
    assert first == again
    assert bench.books.on_hand(KEY) == 19


def test_the_same_form_with_another_quantity_is_a_conflict(bench: Bench) -> None:
    act = bench.act()
    fields = {"key": KEY, "patient": bench.patient, "session": bench.session}
    session.draw(act, quantity=ML(1), **fields)
    with pytest.raises(Conflict):
        session.draw(act, quantity=ML(2), **fields)


def test_the_last_of_a_vial_can_be_drawn_and_not_a_drop_more(bench: Bench, drawn: Drawn) -> None:
    drawn("9.5")
    with pytest.raises(Refused, match=r"vial MAIN-001 would be 0\.1 mL short"):
        drawn("0.6", "MAIN-001")
    drawn("0.5", "MAIN-001")
    assert bench.books.vials(KEY) == {}


@pytest.mark.hazard("H012")
def test_an_expired_lot_is_not_drawn(bench: Bench, drawn: Drawn) -> None:
    late = bench.act(now=NOW + timedelta(days=3 * 365))
    with pytest.raises(Refused, match=r"lot 6K221 expired on"):
        session.draw(late, key=KEY, quantity=ML(1), patient=bench.patient, session=bench.session)


def test_a_lot_can_be_drawn_on_the_day_that_stands_on_it(bench: Bench) -> None:
    bench.receive(1, ("ketamine_50_10", "TODAY"), expires=bench.act().today)
    key = ("ketamine_50_10", "TODAY")
    session.draw(bench.act(), key=key, quantity=ML(1), patient=bench.patient, session=bench.session)
    with pytest.raises(Refused, match="this lot expired"):
        bench.receive(1, ("ketamine_50_10", "OLD"), expires=bench.act().today - timedelta(days=1))


@pytest.mark.hazard("H001")
def test_nothing_is_drawn_for_a_session_that_is_not_this_patients(bench: Bench) -> None:
    other = uuid4()
    bench.book(other, uuid4())
    with pytest.raises(Refused, match="this patient has no such session"):
        session.draw(bench.act(), key=KEY, quantity=ML(1), patient=other, session=bench.session)


def test_nothing_is_drawn_for_a_signed_session(bench: Bench, drawn: Drawn) -> None:
    signed = SessionSigned(printed_name="N", known={})
    store.append([said(signed, f"chart:{bench.patient}", session=bench.session)])
    with pytest.raises(Refused, match="this session is signed"):
        drawn()


def test_devices_are_drawn_given_and_returned_each(bench: Bench, drawn: Drawn) -> None:
    bench.receive(6, NASAL)
    draw = drawn("3", key=NASAL)
    session.account(bench.act(), draw=draw, given=ML(2), returned=ML(1))
    assert bench.books.containers(NASAL) == 4
    with pytest.raises(Refused, match="devices are whole"):
        drawn("0.5", key=NASAL)


def test_a_transfer_is_one_act_in_two_safes(bench: Bench, drawn: Drawn) -> None:
    bench.open("room")
    drawn("2")
    stock.transfer(bench.act(), to="room", key=KEY, containers=1, vial="MAIN-001")
    room = fold(store.load("safe:room"))
    assert (bench.books.on_hand(KEY), room.on_hand(KEY)) == (0, 18)
    assert room.vials(KEY) == {"MAIN-001": ML(8)}


def test_what_is_not_here_cannot_be_handed_over_and_neither_side_is_written(bench: Bench) -> None:
    bench.open("room")
    with pytest.raises(Refused, match="sealed stock of lot 6K221 would be 10 mL short"):
        stock.transfer(bench.act(), to="room", key=KEY, containers=3)
    assert not store.load("safe:room").said(StockTaken)


def count(bench: Bench, sealed: int, *vials: tuple[str, str], **more: object) -> list:
    line = CountLine(*KEY, containers=sealed, vials=tuple(VialSeen(v, ML(q)) for v, q in vials))
    known = store.load("safe:main").seq
    return counting.count(bench.act(), lines=(line,), known=known, **more)


@pytest.mark.hazard("H036")
def test_a_count_that_agrees_opens_no_case(bench: Bench, drawn: Drawn) -> None:
    drawn("1")
    assert len(count(bench, 1, ("MAIN-001", "9.1"))) == 1
    assert not bench.books.cases


@pytest.mark.hazard("H036")
def test_a_count_that_differs_opens_a_case_with_owner_and_deadline_and_moves_nothing(
    bench: Bench, drawn: Drawn
) -> None:
    drawn("1")
    _, case = count(bench, 0, ("MAIN-001", "9.0"))
    assert isinstance(case.body, CaseOpened)
    assert (case.body.expected, case.body.found, case.body.owner) == (1, 0, bench.nurse.by)
    assert case.body.due_at > case.at
    assert bench.books.containers(KEY) == 1


def test_what_was_drawn_while_somebody_counted_asks_to_count_again(bench: Bench, drawn: Drawn) -> None:
    known = store.load("safe:main").seq
    drawn("1")
    with pytest.raises(Refused, match="while you counted"):
        counting.count(bench.act(), lines=(CountLine(*KEY, containers=2),), known=known)


def test_a_lot_nobody_saw_counts_as_none(bench: Bench) -> None:
    known = store.load("safe:main").seq
    assert len(counting.count(bench.act(), lines=(), known=known)) == 2


@pytest.mark.hazard("H036")
def test_only_a_keeper_with_a_witness_and_a_reason_adjusts(bench: Bench) -> None:
    with pytest.raises(Refused, match="may not adjust"):
        stock.adjust(bench.act(), key=KEY, containers=-1, reason="one is missing")
    with pytest.raises(BadInput, match="a second person"):
        stock.adjust(bench.act(bench.director, witness=None), key=KEY, containers=-1, reason="missing")
    with pytest.raises(BadInput, match="needs its reason"):
        stock.adjust(bench.act(bench.director), key=KEY, containers=-1, reason=" ")
    stock.adjust(bench.act(bench.director), key=KEY, containers=-1, reason="counted three times")
    assert bench.books.containers(KEY) == 1


@pytest.mark.hazard("H036")
def test_a_loss_leaves_the_books_and_opens_a_case_due_on_the_next_working_day(bench: Bench) -> None:
    stock.lose(bench.act(), key=KEY, how="theft", circumstances="lock forced", containers=1)
    (case,) = bench.books.open_cases()
    assert bench.books.containers(KEY) == 1
    assert case.body.due_at.weekday() < 5
    assert timedelta(0) < case.body.due_at - case.entry.at < timedelta(days=5)


def test_a_syringe_that_vanished_closes_its_draw_as_lost(bench: Bench, drawn: Drawn) -> None:
    draw = drawn("1")
    stock.lose(bench.act(), key=KEY, how="missing", circumstances="not found", quantity=ML(1), draw=draw)
    assert not bench.books.open_draws()
    assert bench.books.went(draw, "lost") == 1


def test_a_case_is_noted_handed_over_and_closed_once(bench: Bench) -> None:
    count(bench, 1)
    (case,) = bench.books.open_cases()
    clearing.note(bench.act(), case=case.id, text="asked the day shift", contact="S. Lind")
    closing = {"case": case.id, "finding": "miscounted", "text": "found behind the tray"}
    clearing.close(bench.act(bench.director), **closing)
    assert not bench.books.open_cases()
    with pytest.raises(Refused, match="this case is closed"):
        clearing.close(bench.act(bench.director), **closing)
    with pytest.raises(Refused, match="may not adjust, destroy"):
        clearing.close(bench.act(), **closing)


@pytest.mark.hazard("H036")
def test_a_recalled_lot_is_held_in_every_safe_and_not_drawn(bench: Bench, drawn: Drawn) -> None:
    bench.open("room")
    clearing.hold(bench.act(bench.director), key=KEY, held=True, notice="Recall 12", places=["main", "room"])
    with pytest.raises(Refused, match="lot 6K221 is held: Recall 12"):
        drawn()
    with pytest.raises(Refused, match="lot 6K221 is held"):
        stock.receive(
            bench.act(place="room"), product=KEY[0], lot="6k 221", expires=EXPIRES, containers=1, supplier="x"
        )
    clearing.hold(bench.act(bench.director), key=KEY, held=False, notice="all clear", places=["main", "room"])
    drawn()


def test_a_struck_line_stays_readable_and_moves_nothing(bench: Bench, drawn: Drawn) -> None:
    draw = drawn("1")
    clearing.strike(bench.act(), entry=draw, reason="the other vial")
    assert bench.books.on_hand(KEY) == 20
    assert len(store.load("safe:main").line(draw)) == 2


def test_a_line_that_others_rest_on_is_not_struck(bench: Bench, drawn: Drawn) -> None:
    draw = drawn("1")
    session.account(bench.act(), draw=draw, given=ML(1))
    with pytest.raises(Refused, match="was not drawn"):
        clearing.strike(bench.act(), entry=draw, reason="misread")


def test_both_halves_of_a_transfer_are_struck_together(bench: Bench) -> None:
    bench.open("room")
    sent = stock.transfer(bench.act(), to="room", key=KEY, containers=1)[0]
    clearing.strike(bench.act(), entry=sent.id, reason="never left")
    assert (bench.books.containers(KEY), fold(store.load("safe:room")).stocked()) == (2, [])


def test_expired_stock_goes_for_destruction_not_to_waste(bench: Bench, drawn: Drawn) -> None:
    with pytest.raises(Refused, match="vial NONE would be 1 mL short"):
        session.waste_vial(bench.act(), key=KEY, vial="NONE", waste=residual("1", "opened_vial"))
    stock.destroy(
        bench.act(bench.director), key=KEY, containers=2, how="reverse_distributor", firm="Clean Ltd"
    )
    assert bench.books.stocked() == []


def test_the_rest_of_an_opened_vial_is_poured_away_by_two(bench: Bench, drawn: Drawn) -> None:
    drawn("9")
    session.waste_vial(bench.act(), key=KEY, vial="MAIN-001", waste=residual("1", "opened_vial"))
    assert bench.books.vials(KEY) == {}
    assert store.load("safe:main").last(DrugWasted)[1].witness == bench.second.by  # type: ignore[index]


def test_the_record_of_the_safe_verifies(bench: Bench, drawn: Drawn) -> None:
    draw = drawn("1")
    session.account(bench.act(), draw=draw, given=ML(1))
    assert verify().ok
