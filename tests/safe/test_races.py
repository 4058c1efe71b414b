"""Two hands at one safe: the last of a vial is drawn once, and the books stay closed. On either engine."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection

from lowtide.problems import Refused
from lowtide.record import store
from lowtide.record.entries.clinic import Clinic
from lowtide.record.entries.safe import DrugDrawn, DrugGiven
from lowtide.record.verify import verify
from lowtide.safe.actions import session
from lowtide.safe.actions.common import Act
from lowtide.safe.ledger import fold
from tests.conftest import CLINIC, said
from tests.faults.processes import at_once, release, start
from tests.safe.conftest import KEY, Bench, opened


@pytest.fixture
def shared(own_database: None) -> Bench:
    store.append([said(Clinic(name="Test", zone="Europe/Berlin", country="DE", crisis_line="1"), CLINIC)])
    bench = opened()
    connection.close()
    return bench


def drawing(bench: Bench, act: Act, quantity: str, vial: str | None) -> Callable[[], object]:
    fields = {"patient": bench.patient, "session": bench.session, "vial": vial}
    return lambda: session.draw(act, key=KEY, quantity=Decimal(quantity), **fields)


@pytest.mark.hazard("H036")
def test_the_last_of_a_vial_is_drawn_once_when_four_reach_for_it(shared: Bench) -> None:
    drawing(shared, shared.act(), "9", None)()
    answers = at_once(*[drawing(shared, shared.act(), "1", "MAIN-001") for _ in range(4)])
    assert sorted(isinstance(a, Refused) for a in answers) == [False, True, True, True]
    assert fold(store.load("safe:main")).faults == ()


def test_two_who_open_a_vial_at_once_open_two_vials(shared: Bench) -> None:
    answers = at_once(*[drawing(shared, shared.act(), "1", None) for _ in range(2)])
    assert not [a for a in answers if isinstance(a, Exception)]
    assert sorted(fold(store.load("safe:main")).vials(KEY)) == ["MAIN-001", "MAIN-002"]


def test_the_last_sealed_vial_is_opened_once(shared: Bench) -> None:
    answers = at_once(*[drawing(shared, shared.act(), "1", None) for _ in range(4)])
    assert sorted(isinstance(a, Refused) for a in answers) == [False, False, True, True]


@pytest.mark.hazard("H036")
def test_what_is_in_hand_is_accounted_for_once(shared: Bench) -> None:
    draw = drawing(shared, shared.act(), "1", None)()[0].id  # type: ignore[index]
    acts = [shared.act() for _ in range(3)]
    answers = at_once(*[lambda a=a: session.account(a, draw=draw, given=Decimal(1)) for a in acts])  # type: ignore[misc]
    assert sorted(isinstance(a, Refused) for a in answers) == [False, True, True]
    assert len(store.load("safe:main").said(DrugGiven)) == 1


@pytest.mark.hazard("H008")
def test_twenty_presses_at_once_are_one_draw(shared: Bench) -> None:
    act = shared.act()
    answers = at_once(*[drawing(shared, act, "1", None)] * 20)
    assert all(a == answers[0] for a in answers)
    assert len(store.load("safe:main").said(DrugDrawn)) == 1


@pytest.mark.hazard("H036")
def test_two_processes_draw_a_vial_empty_and_not_a_drop_further(shared: Bench, tmp_path: Path) -> None:
    drawing(shared, shared.act(), "4", None)()
    words = ("tests.safe.drawer", str(shared.patient), str(shared.session), "MAIN-001", "6")
    told = release(start(tmp_path / "home", *words) for _ in range(2))
    assert sorted(line for lines in told for line in lines) == ["drawn"] * 6 + ["refused"] * 6
    store.forget()
    found = fold(store.load("safe:main"))
    assert (found.faults, found.vials(KEY)) == ((), {})
    assert verify().ok


def test_a_safe_that_was_never_opened_takes_nothing(shared: Bench) -> None:
    with pytest.raises(Refused, match="not in use"):
        Bench("nowhere").receive(1, ("ketamine_50_10", str(uuid4())[:6]))
