"""What became of a draw is worked out from the chart and shown with its sum, for a volume and for pieces; and what went in
is dated by the chart beside the time at which it was written down."""

import csv
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.pathway.session.actions import closing, giving, rescuing
from lowtide.pathway.session.actions import dosing as pump
from lowtide.pathway.session.actions.custody import found as custody_of
from lowtide.pathway.session.actions.custody import of_draw
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.pathway.session.rules.reckoned import reckoned
from lowtide.people.clinic import zone
from lowtide.record import store
from lowtide.record.entries.base import Entry
from lowtide.record.entries.events import RescueGiven
from lowtide.record.entries.safe import DrugGiven
from lowtide.record.entries.words_safe import between
from lowtide.safe.actions import session as verbs
from lowtide.safe.reckoned import Reckoned
from lowtide.safe.reports import usage
from tests.documents.story import Morning, text
from tests.pathway.session.conftest import Care, register
from tests.pathway.session.making import devices
from tests.pathway.session.test_giving import TRAY, check
from tests.pathway.session.test_pages import SignIn
from tests.safe.conftest import KEY, NASAL, NOW, Bench
from tests.safe.test_by_the_piece import CAPSULE, LOZENGE, SOLUTION, swallowed

D = Decimal
pytestmark = pytest.mark.hazard("H036")


@pytest.fixture
def bench(clinic: Entry) -> Bench:
    bench = Bench()
    bench.open()
    return bench


def draw(bench: Bench, care: Care, quantity: str, key: tuple[str, str] = KEY) -> Entry:
    bench.minute = max(bench.minute, 8)
    of = {"patient": care.patient, "session": care.session}
    return verbs.draw(bench.act(), key=key, quantity=D(quantity), **of)[0]


def infused() -> Care:
    """36.5 mg in 50 mL are about to run."""
    care = register(NOW + timedelta(minutes=10))
    care.prepare()
    care.begin()
    return care


def stop(care: Care, ml: str) -> None:
    pump.stop(
        care.act(41), delivered_ml=D(ml), complete=ml == "50", reason=None if ml == "50" else "pressure"
    )


def sum_of(one: Entry) -> Reckoned | None:
    return of_draw(next(d for _, _, d in verbs.everywhere(one.session) if d.id == one.id))  # type: ignore[arg-type]


def quantities(one: Entry) -> tuple[str, str]:
    found = sum_of(one)
    assert found
    return f"{found.given.normalize():f}", f"{found.rest.normalize():f}"


def test_of_a_dose_that_was_cut_short_the_vials_millilitres_are_worked_out_and_what_was_drawn_over_is_left(
    bench: Bench,
) -> None:
    bench.receive()
    care = infused()
    one = draw(bench, care, "0.9")
    assert sum_of(one) is None
    stop(care, "39.2")
    assert quantities(one) == ("0.572", "0.328")
    assert sum_of(one).told == (  # type: ignore[union-attr]
        "39.2 of 50 mL went in: 28.616 mg.",
        "28.616 mg ÷ 50 mg/mL = 0.572 mL given.",
        "0.9 − 0.572 = 0.328 mL left over.",
    )


def test_what_is_written_down_already_is_not_given_twice(bench: Bench) -> None:
    bench.receive()
    care = infused()
    one = draw(bench, care, "0.8")
    stop(care, "50")
    bench.minute = 52
    verbs.account(bench.act(), draw=one.id, given=D("0.5"))
    assert quantities(one) == ("0.23", "0.07")
    verbs.account(bench.act(), draw=one.id, given=D("0.23"))
    assert quantities(one) == ("0", "0.07")


def test_more_in_the_chart_than_was_drawn_is_said(bench: Bench) -> None:
    bench.receive()
    care = infused()
    one = draw(bench, care, "0.6")
    stop(care, "50")
    assert quantities(one) == ("0.6", "0")
    assert "That is 6.5 mg more than is in hand" in " ".join(sum_of(one).told)  # type: ignore[union-attr]


def test_of_a_session_without_a_dose_nothing_is_filled_in(bench: Bench) -> None:
    bench.receive()
    care = register(NOW + timedelta(minutes=30))
    care.prepare()
    one = draw(bench, care, "0.73")
    assert sum_of(one) is None
    closing.abandon(care.act(-2), reason="the patient changed their mind")
    assert quantities(one) == ("0", "0")
    assert "return it, or waste it" in sum_of(one).told[0]  # type: ignore[union-attr]


@given(
    drawn=st.lists(st.decimals("0.001", "9", places=3), min_size=1, max_size=4),
    ml=st.decimals(0, 50, places=1),
)
@settings(deadline=None, max_examples=60)
@pytest.mark.parametrize("per", ["10", "50"])
def test_given_and_left_come_to_each_draw_to_the_last_thousandth_and_to_the_chart(
    drawn: list[Decimal], ml: Decimal, per: str
) -> None:
    found = list(together(drawn, ml, D(per)))
    for quantity, one in zip(drawn, found, strict=True):
        assert one.given >= 0 <= one.rest
        assert one.given + one.rest == quantity or not ml
    went_mg, had_mg = ml * D("0.73"), sum(drawn, D(0)) * D(per)
    told_mg = sum((one.given for one in found), D(0)) * D(per)
    assert abs(told_mg - min(went_mg, had_mg)) <= D("0.0005") * D(per) * len(drawn)


def together(drawn: list[Decimal], ml: Decimal, per: Decimal) -> Any:
    from lowtide.pathway.session.rules.custody import Custody, Held
    from lowtide.record.entries.safe import DrugDrawn
    from lowtide.safe.ledger import Draw
    from tests.pathway.session.making import SESSION, dosing, entry, stopped

    facts = dosing(stopped(41, str(ml), complete=ml == 50))
    nothing = D(0)
    held = []
    for quantity in drawn:
        body = DrugDrawn(product=KEY[0], lot="L", quantity=quantity, patient=SESSION, vial="V")
        made = entry(body, -5)
        left = {"given": nothing, "wasted": nothing, "returned": nothing, "lost": nothing, "left": quantity}
        held.append(Held(stream="safe:main", draw=Draw(made.id, made, body), drug="ketamine", unit="mL", mg_per_unit=per, **left))  # fmt: skip
    known = Custody(tuple(held), None, nothing, nothing)
    return (reckoned(facts, known, one.draw.id) for one in held)


# -- by the piece ----------------------------------------------------------------------------------------------


def sprayed(bench: Bench, count: int = 2) -> Care:
    bench.receive(5, NASAL)
    care = register(NOW + timedelta(minutes=10), protocol="P01")
    care.book()
    care.weigh()
    care.write(devices(count), -40, session=care.session)
    care.measure(-8)
    care.time_out(-5)
    check(care, "esketamine", TRAY | {"count": D(count), "lot": NASAL[1]})
    return care


def test_devices_that_were_tapped_given_are_counted_and_dated(bench: Bench) -> None:
    care = sprayed(bench)
    one = draw(bench, care, "2", NASAL)
    giving.give(care.act(0), number=1)
    assert sum_of(one) is None
    giving.give(care.act(5), number=2)
    found = sum_of(one)
    assert found
    assert quantities(one) == ("2", "0")
    assert found.told == ("56 mg went in ÷ 28 mg each = 2 devices given.",)
    assert (found.since, found.until) == (care.at(0), care.at(5))


def test_a_device_that_failed_is_wasted_and_one_that_was_not_begun_may_go_back(bench: Bench) -> None:
    care = sprayed(bench)
    one = draw(bench, care, "3", NASAL)
    giving.give(care.act(0), number=1, mg=D(14), reason="the second spray failed")
    giving.end(care.act(6), reason="felt sick")
    assert quantities(one) == ("0.5", "0.5")
    assert sum_of(one).told[1:] == (  # type: ignore[union-attr]
        "0.5 devices begun, and not given: waste it.",
        "2 devices not begun: return what is unused, or waste it.",
    )


def test_two_draws_of_one_device_each_gave_one_device_each(bench: Bench) -> None:
    care = sprayed(bench)
    both = [draw(bench, care, "1", NASAL) for _ in range(2)]
    giving.give(care.act(0), number=1)
    giving.give(care.act(5), number=2)
    assert [quantities(one) for one in both] == [("1", "0")] * 2
    assert [sum_of(one).since for one in both] == [care.at(0), care.at(5)]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("key", "drawn", "changes", "sums"),
    [
        (CAPSULE, "3", {}, ("2", "0")),
        (
            LOZENGE,
            "2",
            {"route": "sl", "given_as": "lozenge", "unit": "lozenge", "each_mg": D(100), "count": D("1.5"), "dose_mg": D(150)},
            ("1.5", "0.5"),
        ),
        (
            SOLUTION,
            "5.5",
            {"given_as": "oral_solution", "unit": "mL", "each_mg": D(10), "count": D(5), "dose_mg": D(50)},
            ("5", "0.5"),
        ),
    ],
)  # fmt: skip
def test_what_was_swallowed_or_put_under_the_tongue_is_counted_and_its_rest_is_waste(
    bench: Bench, key: tuple[str, str], drawn: str, changes: dict[str, Any], sums: tuple[str, str]
) -> None:
    bench.receive(10, key)
    care = swallowed(**changes)
    one = draw(bench, care, drawn, key)
    check(care, "ketamine", {"each_mg": changes.get("each_mg", D(25)), "count": changes.get("count", D(2))})
    giving.give(care.act(0), number=1)
    assert quantities(one) == sums


def test_a_rescue_medicine_is_told_by_what_was_given_of_it(bench: Bench) -> None:
    bench.receive()
    bench.receive(2, ("midazolam_1_5", "MZ1"))
    care = infused()
    one = draw(bench, care, "3", ("midazolam_1_5", "MZ1"))
    assert sum_of(one) is None
    body = RescueGiven(medicine="midazolam", dose=D(2), unit="mg", route="iv", ordered_by="Petra Scribe")
    rescuing.give(care.act(20), body, reason="agitated")
    assert quantities(one) == ("2", "1")


# -- on the page, in the books, on paper -----------------------------------------------------------------------


def test_the_page_shows_the_sum_and_has_it_filled_in_from_wherever_one_comes(
    bench: Bench, sign_in: SignIn
) -> None:
    bench.receive()
    care = infused()
    one = draw(bench, care, "0.9")
    stop(care, "39.2")
    closing.discharge(care.act(45), answers={}, against_advice=True, reason="test")
    nurse = sign_in("nurse")
    for origin in (
        reverse("session:session", args=[care.patient, care.session]),
        reverse("session:sign", args=[care.patient, care.session]),
        reverse("safe:safe", args=["main"]),
    ):
        assert reverse("safe:account", args=["main", one.id]) in nurse.get(origin).content.decode()
    answer = nurse.get(reverse("safe:account", args=["main", one.id]))
    form, page = answer.context["form"], unescape(answer.content.decode())
    assert (form["given"].value(), form["residual"].value()) == ("0.572", "0.328")
    assert "28.616 mg ÷ 50 mg/mL = 0.572 mL given." in page
    assert between(care.at(0), care.at(41), zone()) in page


def accounted(bench: Bench, care: Care, sign_in: SignIn) -> Client:
    """Written down by way of the page, twice pressed."""
    bench.receive()
    one = draw(bench, care, "0.73")
    stop(care, "50")
    nurse, sent = sign_in("nurse"), {"entry_id": str(uuid4()), "given": "0.73"}
    for _ in range(2):
        assert nurse.post(reverse("safe:account", args=["main", one.id]), sent).status_code == 302
    return nurse


def test_what_went_in_is_dated_by_the_chart_in_entry_ledger_and_table(bench: Bench, sign_in: SignIn) -> None:
    care = infused()
    nurse = accounted(bench, care, sign_in)
    ((_, body),) = store.load("safe:main").said(DrugGiven)
    assert (body.since, body.until) == (care.at(0), care.at(41))
    when = between(care.at(0), care.at(41), zone())
    assert (
        f"0.73 into the patient, {when}" in nurse.get(reverse("safe:ledger", args=["main"])).content.decode()
    )
    rows = list(
        csv.DictReader(nurse.get(reverse("safe:ledger_table", args=["main"])).content.decode().splitlines())
    )
    (row,) = [r for r in rows if r["event"] == "Given"]
    assert row["went in until"] == care.at(41).isoformat(timespec="seconds")
    assert [r["went in until"] for r in rows if r["event"] == "Drawn"] == [""]


def test_what_went_in_before_midnight_counts_on_that_day_though_it_was_written_down_after(
    bench: Bench, sign_in: SignIn
) -> None:
    care = infused()
    accounted(bench, care, sign_in)
    midnight = care.at(42)
    (before,), (after,) = (
        usage(bench.books, NOW - timedelta(days=1), midnight),
        usage(bench.books, midnight, midnight + timedelta(days=1)),
    )
    assert before.ways["given"] == D("0.73")
    assert before.closes
    assert after.closes
    assert "given" not in after.ways


def test_the_drug_use_record_tells_the_charts_time_beside_that_of_the_books(clinic: Entry) -> None:
    made = Morning().infusion()
    words, care = text(made.document("drug_use")), made.care
    went = between(care.at(0), care.at(40), made.sources.zone)
    assert f"{went}; written down " in words
    ((entry, _),) = store.load("safe:main").said(DrugGiven)
    assert entry.at == care.at(45)


def test_the_books_of_an_open_dose_are_dated_by_themselves(bench: Bench) -> None:
    bench.receive()
    care = infused()
    one = draw(bench, care, "0.73")
    verbs.account(bench.act(), draw=one.id, given=D("0.5"))
    ((_, body),) = store.load("safe:main").said(DrugGiven)
    assert body.until is None
    assert custody_of(care.act(20)).given_mg == 25
    assert session_facts(care.chart, care.session).stopped is None
