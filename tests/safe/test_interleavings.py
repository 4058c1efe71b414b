"""Several people at two safes at once, each trying one verb after another: whatever gets through, the books close."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest

from lowtide.problems import BadInput
from lowtide.record import store
from lowtide.record.entries.clinic import Clinic
from lowtide.record.verify import verify
from lowtide.safe.actions import clearing, session, stock
from lowtide.safe.actions.common import Act
from lowtide.safe.actions.session import Waste
from lowtide.safe.ledger import INSIDE, MOVES, Ledger, fold
from lowtide.safe.reports import usage
from tests.conftest import CLINIC, said
from tests.faults.processes import at_once
from tests.safe.conftest import EXPIRES, KEY, NOW, Bench, opened

PLACES = ("main", "room")
STEPS, PEOPLE = 14, 3


@pytest.fixture
def shared(own_database: None) -> Bench:
    store.append([said(Clinic(name="Test", zone="Europe/Berlin", country="DE", crisis_line="1"), CLINIC)])
    bench = opened()
    bench.open("room")
    return bench


def one_verb(bench: Bench, random: Random, act: Act) -> None:
    """Something that somebody might try now, sensible or not."""
    books = fold(store.load(act.stream))
    quantity = Decimal(random.randint(1, 60)) / 10
    draws, vials = list(books.draws), list(books.vials(KEY)) or [None]
    other = PLACES[act.place == "main"]
    tries: list[Callable[[], object]] = [
        lambda: session.draw(act, key=KEY, quantity=quantity, patient=bench.patient, session=bench.session, vial=random.choice([*vials, None])),
        lambda: session.account(act, draw=random.choice(draws), given=quantity),
        lambda: session.account(act, draw=random.choice(draws), wasted=(Waste(quantity, "residual", "other"),)),
        lambda: session.account(act, draw=random.choice(draws), given=quantity / 2, returned=quantity / 4),
        lambda: session.waste_vial(act, key=KEY, vial=str(vials[0]), waste=Waste(quantity, "opened_vial", "other")),
        lambda: stock.transfer(act, to=other, key=KEY, containers=random.randint(0, 1), vial=random.choice([*vials, None])),
        lambda: stock.receive(act, product=KEY[0], lot=KEY[1], expires=EXPIRES, containers=1, supplier="x"),
        lambda: stock.lose(act, key=KEY, how="breakage", circumstances="fell", containers=1),
        lambda: clearing.strike(act, entry=random.choice([e.id for e in store.load(act.stream).standing() if isinstance(e.body, MOVES)]), reason="misread"),
    ]  # fmt: skip
    random.choice(tries)()


def a_shift(bench: Bench, seed: int) -> Callable[[], int]:
    def work() -> int:
        random, through = Random(seed), 0
        for step in range(STEPS):
            now = NOW + timedelta(minutes=20, seconds=step)
            who, witness = random.sample([bench.nurse, bench.second, bench.director], 2)
            try:
                one_verb(
                    bench, random, Act(person=who, witness=witness, place=random.choice(PLACES), now=now)
                )
            except (BadInput, IndexError):
                continue
            through += 1
        return through

    return work


def inside(books: Ledger) -> Decimal:
    return sum((q for a, q in books.balances.items() if a.kind in INSIDE), Decimal(0))


@pytest.mark.hazard("H036")
@pytest.mark.parametrize("seed", [1, 2])
def test_any_interleaving_of_verbs_keeps_the_books_of_both_safes_closed(shared: Bench, seed: int) -> None:
    through = at_once(*[a_shift(shared, seed * 100 + n) for n in range(PEOPLE)])
    assert all(isinstance(n, int) for n in through), through
    assert sum(through) > PEOPLE  # type: ignore[arg-type]
    store.forget()
    both = [fold(store.load(f"safe:{place}")) for place in PLACES]
    for books in both:
        assert books.faults == ()
        assert all(q >= 0 for a, q in books.balances.items() if a.kind in INSIDE)
        assert all(row.closes for row in usage(books, NOW - timedelta(days=1), NOW + timedelta(days=1)))
    handed = sum((b.balance(*KEY, "other safe") for b in both), Decimal(0))
    assert handed == 0
    came = -sum((b.balance(*KEY, "supplier") for b in both), Decimal(0))
    left = sum((b.balance(*KEY, way) for b in both for way in ("waste", "lost")), Decimal(0))
    given = sum((q for b in both for a, q in b.balances.items() if a.kind == "patient"), Decimal(0))
    assert came == left + given + sum(map(inside, both))
    assert verify().ok
