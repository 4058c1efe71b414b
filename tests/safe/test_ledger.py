"""The books of a safe: laws that hold for any story, and the single sums a nurse would do on paper."""

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given as whatever
from hypothesis import settings
from hypothesis import strategies as st

from lowtide.record.chart import Chart
from lowtide.record.entries import safe as said
from lowtide.record.entries.base import Entry
from lowtide.record.entries.clinic import EnteredInError
from lowtide.safe import ledger
from lowtide.safe.ledger import Ledger, fold
from tests.safe import stories
from tests.safe.stories import DEVICES, LOT, SESSION, STREAM, Step, entry, steps

law = settings(max_examples=60, deadline=None)
OUT = {
    said.StockReceived: 1, said.StockTaken: 1, said.StockAdjusted: 1, said.StockSent: -1,
    said.StockDestroyed: -1, said.StockLost: -1, said.DrugGiven: -1, said.DrugWasted: -1,
}  # fmt: skip


def books(*entries: Entry) -> Ledger:
    return fold(Chart.of(STREAM, entries))


def kept(story: list[Step]) -> list[Entry]:
    """The story as the guard lets it through: what would bring a contradiction is not written."""
    entries: list[Entry] = []
    for step in story:
        one = stories.tried(step, entries)
        if one is not None and not books(*entries, one).faults:
            entries.append(one)
    return entries


def _by_hand(entries: list[Entry]) -> Decimal:
    """What came less what left, added up from the bodies alone, in containers and quantities of both lots."""
    struck = {e.corrects for e in entries}
    total = Decimal(0)
    for e in entries:
        sign = OUT.get(type(e.body))
        if sign is not None and e.id not in struck:
            per = 1 if getattr(e.body, "product", LOT[0]) == DEVICES[0] else 10
            total += sign * (getattr(e.body, "containers", 0) * per + getattr(e.body, "quantity", Decimal(0)))
    return total


@pytest.mark.hazard("H036")
@law
@whatever(story=st.lists(steps, max_size=25))
def test_whatever_is_tried_what_came_is_what_is_here_or_left_by_a_named_way(story: list[Step]) -> None:
    entries = kept(story)
    found = books(*entries)
    inside = sum((q for a, q in found.balances.items() if a.kind in ledger.INSIDE), Decimal(0))
    assert inside == _by_hand(entries)
    assert sum(found.balances.values(), Decimal(0)) == 0


@pytest.mark.hazard("H036")
@law
@whatever(story=st.lists(steps, max_size=25))
def test_no_account_of_the_safe_is_ever_below_nothing(story: list[Step]) -> None:
    entries = kept(story)
    for until in {e.at for e in entries}:
        then = books(*(e for e in entries if e.at <= until or e.corrects))
        assert all(q >= 0 for a, q in then.balances.items() if a.kind in ledger.INSIDE)


@law
@whatever(story=st.lists(steps, max_size=12), data=st.data())
def test_the_order_of_arrival_and_repeats_change_nothing(story: list[Step], data: st.DataObject) -> None:
    entries = kept(story)
    shuffled = data.draw(st.permutations(entries + entries[:3]))
    assert books(*shuffled).balances == books(*entries).balances


@law
@whatever(story=st.lists(steps, max_size=12), cut=st.integers(0, 12))
def test_a_chart_that_grew_has_the_same_books_as_one_read_anew(story: list[Step], cut: int) -> None:
    entries = kept(story)
    grown = Chart.of(STREAM, entries[:cut]).extended(entries[cut:])
    assert fold(grown).balances == books(*entries).balances


@pytest.mark.hazard("H036")
@law
@whatever(story=st.lists(steps, max_size=25))
def test_of_every_draw_drawn_is_given_wasted_returned_lost_and_in_hand(story: list[Step]) -> None:
    found = books(*kept(story))
    for draw in found.draws.values():
        ways = (ledger.PATIENT, ledger.WASTE, ledger.LOST, "returned")
        went = sum((found.went(draw.id, way) for way in ways), Decimal(0))
        assert went + found.in_hand(draw.id) == draw.body.quantity


DAY = [
    entry(0, stories.received(3)),
    entry(1, stories.drawn("0.73", opens=True), session=SESSION),
    entry(2, stories.given(1, "0.66"), session=SESSION),
]


def test_a_draw_opens_a_sealed_vial_and_leaves_the_rest_in_it() -> None:
    found = books(*DAY[:2])
    assert found.containers(LOT) == 2
    assert found.vials(LOT) == {"MAIN-001": Decimal("9.27")}
    assert found.on_hand(LOT) == Decimal("29.27")


def test_what_is_not_accounted_for_is_in_hand_until_it_is_wasted() -> None:
    assert books(*DAY).in_hand(UUID(int=2)) == Decimal("0.07")
    assert books(*DAY).open_draws(SESSION)
    closed = books(*DAY, entry(3, stories.wasted(1, "0.05", "priming")), entry(4, stories.wasted(1, "0.02")))
    assert not closed.open_draws(SESSION)


def test_more_cannot_be_given_than_was_drawn() -> None:
    (fault,) = books(*DAY, entry(3, stories.given(1, "0.08"))).faults
    assert fault.what == "what is in hand of this draw would be 0.01 mL short"


def test_more_cannot_be_drawn_than_the_vial_holds() -> None:
    (fault,) = books(*DAY, entry(3, stories.drawn("9.28"))).faults
    assert fault.what == "vial MAIN-001 would be 0.01 mL short"


def test_a_late_line_that_would_have_been_impossible_then_is_a_fault_although_it_comes_out_right_in_the_end() -> (
    None
):
    early = entry(5, stories.drawn("1", "MAIN-002", opens=True), minute=-5)
    assert books(*DAY, early).faults
    assert not books(*DAY, entry(5, stories.drawn("1", "MAIN-002", opens=True))).faults


def test_devices_are_counted_each_and_unused_ones_go_back_sealed() -> None:
    entries = [
        entry(0, stories.received(6, DEVICES)),
        entry(1, stories.drawn("3", None, DEVICES), session=SESSION),
        entry(2, stories.given(1, "2")),
        entry(3, stories.returned(1, "1")),
    ]
    found = books(*entries)
    assert (found.containers(DEVICES), found.open_draws()) == (4, [])
    assert books(entries[0], entry(1, stories.drawn("0.5", None, DEVICES))).faults


def test_a_correction_moves_the_quantity_and_keeps_the_draw() -> None:
    corrected = entry(3, stories.drawn("0.75", opens=True), minute=1, corrects=UUID(int=2), reason="misread", session=SESSION)  # fmt: skip
    found = books(*DAY, corrected)
    assert found.in_hand(UUID(int=2)) == Decimal("0.09")
    assert not found.faults


@pytest.mark.hazard("H036")
def test_a_draw_cannot_be_struck_while_something_rests_on_it() -> None:
    gone = entry(3, EnteredInError(), corrects=UUID(int=2), reason="wrong vial")
    assert [f.what for f in books(*DAY, gone).faults] == [
        "what it was taken from was not drawn, or its line was struck through"
    ]


def test_a_lot_with_another_expiry_date_is_one_of_them_misread() -> None:
    other = stories.received(1).expires.replace(year=2029)
    (fault,) = books(DAY[0], entry(1, stories.received(1, expires=other))).faults
    assert "is here already with the expiry date 2028-08-31" in fault.what


def test_a_lot_that_was_never_here_cannot_be_drawn() -> None:
    assert books(entry(0, stories.drawn("1", opens=True))).faults
