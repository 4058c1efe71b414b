"""What is swallowed or put under the tongue is kept, drawn, given, wasted, returned and counted by the piece or in mL."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from lowtide.data.giving import made_for
from lowtide.data.safe import products
from lowtide.pathway.session.actions import closing, giving
from lowtide.problems import BadInput, Refused
from lowtide.record import store
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import SessionSigned
from lowtide.record.entries.safe import CaseOpened, CountLine
from lowtide.safe.actions import counting
from lowtide.safe.actions import session as verbs
from lowtide.safe.actions.session import Waste
from lowtide.safe.ledger import fold
from tests.pathway.session.conftest import Care, register
from tests.pathway.session.making import devices
from tests.pathway.session.test_giving import check
from tests.pathway.session.test_pages import SignIn
from tests.safe.conftest import NOW, Bench

D = Decimal
CAPSULE, LOZENGE, SOLUTION = ("ketamine_capsule_25", "CAP1"), ("ketamine_lozenge_100", "LOZ1"), ("ketamine_solution_10_100", "SOL1")  # fmt: skip


@pytest.fixture
def bench(clinic: Entry) -> Bench:
    bench = Bench()
    bench.open()
    return bench


def swallowed(**changes: Any) -> Care:
    """Two capsules of 25 mg, given; the patient has left."""
    fields: dict[str, Any] = {
        "protocol": "P13",
        "product": "racemic_ketamine",
        "drug": "ketamine",
        "route": "po",
        "given_as": "capsule",
        "unit": "capsule",
        "each_mg": D(25),
        "dose_mg": D(50),
        "apart_min": None,
    }
    care = register(NOW + timedelta(minutes=10), protocol="P13")
    care.book()
    care.weigh()
    care.write(devices(**(fields | changes)), -40, session=care.session)
    care.measure(-8)
    care.time_out(-5)
    return care


def treated(care: Care) -> Care:
    check(care, "ketamine", {"each_mg": D(25), "count": D(2)})
    giving.give(care.act(0), number=1)
    closing.discharge(care.act(45), answers={}, against_advice=True, reason="test")
    return care


def draw(bench: Bench, care: Care, key: tuple[str, str], quantity: str) -> Entry:
    bench.minute = max(bench.minute, 8)
    of = {"patient": care.patient, "session": care.session}
    return verbs.draw(bench.act(), key=key, quantity=D(quantity), **of)[0]


def account(bench: Bench, one: Entry, given: str = "0", wasted: str = "", returned: str = "0") -> None:
    bench.minute = max(bench.minute, 50)
    rest = (Waste(D(wasted), "not_used", "sequestration"),) if wasted else ()
    verbs.account(bench.act(), draw=one.id, given=D(given), wasted=rest, returned=D(returned))


def sign(care: Care, **more: Any) -> list[Entry]:
    return closing.sign(care.act(59), printed_name="Nora Nurse", **more)


@pytest.mark.hazard("H036")
def test_capsules_are_drawn_given_wasted_and_returned_before_the_session_is_signed(
    bench: Bench, sign_in: SignIn
) -> None:
    bench.receive(30, CAPSULE)
    care = swallowed()
    one = draw(bench, care, CAPSULE, "4")
    treated(care)
    account(bench, one, given="2")
    with pytest.raises(Refused, match="2 capsules from Main safe"):
        sign(care)
    account(bench, one, wasted="1", returned="1")
    assert isinstance(sign(care)[0].body, SessionSigned)
    assert bench.books.containers(CAPSULE) == 27
    paper = reverse("documents:document", args=[care.patient, care.session, "drug_use"])
    page = sign_in("nurse").get(paper).content.decode()
    for said in ("4 capsules", "2 capsules", "1 capsule", "CAP1"):
        assert said in page


@pytest.mark.hazard("H036")
def test_capsules_that_nobody_drew_are_a_difference_where_the_safe_keeps_them(bench: Bench) -> None:
    bench.receive(30, CAPSULE)
    care = treated(swallowed())
    with pytest.raises(BadInput, match="the chart says 50 mg, the safe 0 mg"):
        sign(care)


def test_pieces_are_drawn_whole_and_a_part_is_wasted_not_put_back(bench: Bench) -> None:
    bench.receive(20, LOZENGE)
    care = swallowed(
        route="sl", given_as="lozenge", unit="lozenge", each_mg=D(100), count=D("1.5"), dose_mg=D(150)
    )
    with pytest.raises(BadInput, match="lozenges are whole"):
        draw(bench, care, LOZENGE, "1.5")
    one = draw(bench, care, LOZENGE, "2")
    with pytest.raises(BadInput, match="a part of a lozenge is not put back"):
        account(bench, one, given="1.5", returned="0.5")
    account(bench, one, given="1.5", wasted="0.5")
    assert not bench.books.open_draws()


def test_a_solution_is_measured_in_ml_out_of_an_opened_bottle(bench: Bench) -> None:
    bench.receive(1, SOLUTION)
    care = swallowed(given_as="oral_solution", unit="mL", each_mg=D(10), count=D(5), dose_mg=D(50))
    account(bench, draw(bench, care, SOLUTION, "5"), given="5")
    assert bench.books.on_hand(SOLUTION) == 95


@pytest.mark.hazard("H012")
@pytest.mark.parametrize("key", [("ketamine_50_10", "V1"), ("ketamine_capsule_50", "C50"), LOZENGE])
def test_what_was_not_ordered_is_not_drawn(bench: Bench, key: tuple[str, str]) -> None:
    bench.receive(2, key)
    care = swallowed(route="sl" if key == LOZENGE else "po")
    with pytest.raises(BadInput, match="the order is"):
        draw(bench, care, key, "2")


@pytest.mark.hazard("H036")
def test_a_blind_count_of_capsules_that_differs_opens_a_case(bench: Bench) -> None:
    bench.receive(30, CAPSULE)
    chart = store.load("safe:main")
    counting.count(bench.act(), lines=(CountLine(*CAPSULE, containers=29),), known=chart.seq)
    (case,) = fold(store.load("safe:main")).open_cases()
    assert isinstance(case.body, CaseOpened)
    assert "counted 29, the books say 30" in case.body.told


def test_whatever_is_given_by_mouth_in_pieces_can_be_kept() -> None:
    kept = {p.unit for p in products().values()}
    asked = {m.unit for route in ("po", "sl") for m in made_for("racemic_ketamine", route)}
    assert asked <= kept
