"""The pages of the safe: what is shown and to whom, a second person in the same form, nothing half-saved."""

import csv
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from lowtide.people.models import User
from lowtide.record import access_log, store
from lowtide.record.entries.clinic import Staff
from lowtide.record.entries.safe import (
    CaseClosed,
    DrugGiven,
    DrugWasted,
    LotHeld,
    StockCounted,
    StockReceived,
)
from lowtide.safe.actions import session as verbs
from lowtide.safe.ledger import fold
from tests.conftest import CLINIC, said
from tests.safe.conftest import EXPIRES, KEY, Bench

PASSWORD = "two-see-it-poured"


@pytest.fixture
def second(clinic: object) -> dict[str, str]:
    """Another nurse, as they sign in a form."""
    User.objects.create_user("second", password=PASSWORD)
    store.append([said(Staff(staff=uuid4(), name="Sam Second", roles=("nurse",), login="second"), CLINIC)])
    return {"second_login": "second", "second_password": PASSWORD}


@pytest.fixture
def nurse(sign_in: Callable[..., Client]) -> Client:
    return sign_in("nurse")


def at(name: str, *words: object) -> str:
    return reverse(f"safe:{name}", args=["main", *words])


def form(**said_: object) -> dict[str, object]:
    return {"entry_id": str(uuid4()), **said_}


def drawn(bench: Bench, quantity: str = "1") -> UUID:
    fields = {"patient": bench.patient, "session": bench.session}
    return verbs.draw(bench.act(), key=KEY, quantity=Decimal(quantity), **fields)[0].id


def given(bench: Bench, quantity: Decimal, taken: str = "1") -> None:
    draw = drawn(bench, taken)
    verbs.account(bench.act(), draw=draw, given=quantity)


def test_the_safe_shows_lots_expiry_opened_vials_and_what_is_in_hand(bench: Bench, nurse: Client) -> None:
    drawn(bench)
    page = nurse.get(at("safe")).content.decode()
    for word in ("6K221", "MAIN-001", "9 mL", "Ines Testperson", "Say what became of what is in hand"):
        assert word in page
    assert f"{EXPIRES:%Y}" in page


def test_a_look_into_the_safe_is_logged(bench: Bench, nurse: Client) -> None:
    nurse.get(at("ledger"))
    assert access_log.recent(stream="safe:main")[0].action == f"GET {at('ledger')}"


def test_a_draw_names_the_session_and_the_vial(bench: Bench, nurse: Client) -> None:
    chosen = form(session=f"{bench.session}|{bench.patient}", source="|".join((*KEY, "")), quantity="0.73")
    assert nurse.post(at("draw"), chosen).status_code == 302
    (draw,) = bench.books.draws.values()
    assert (draw.body.vial, draw.entry.session, draw.body.patient) == (
        "MAIN-001",
        bench.session,
        bench.patient,
    )


@pytest.mark.hazard("H036")
def test_waste_is_witnessed_with_the_second_persons_own_password(
    bench: Bench, nurse: Client, second: dict[str, str]
) -> None:
    draw = drawn(bench)
    became = form(given="0.9", residual="0.1", how="sequestration")
    alone = nurse.post(at("account", draw), became)
    assert alone.status_code == 422
    assert "A second person looks on" in alone.content.decode()
    wrong = nurse.post(at("account", draw), became | second | {"second_password": "guessed"})
    assert "The name or the password is not right" in wrong.content.decode()
    assert not store.load("safe:main").said(DrugGiven)
    assert nurse.post(at("account", draw), became | second).status_code == 302
    (_, wasted) = store.load("safe:main").said(DrugWasted)[0]
    assert wasted.quantity == Decimal("0.1")
    assert wasted.witness
    assert not bench.books.open_draws()


@pytest.mark.hazard("H043")
def test_the_person_who_is_signed_in_is_no_second_person(bench: Bench, second: dict[str, str]) -> None:
    client, draw = Client(), drawn(bench)
    client.force_login(User.objects.get(username="second"))
    answer = client.post(at("account", draw), form(residual="1", how="other") | second)
    assert "Nobody is their own witness" in answer.content.decode()


@pytest.mark.hazard("H043")
def test_a_temporary_password_witnesses_nothing(bench: Bench, nurse: Client, second: dict[str, str]) -> None:
    User.objects.filter(username="second").update(temporary_until=datetime.now(UTC) + timedelta(days=1))
    answer = nurse.post(at("account", drawn(bench)), form(residual="1", how="other") | second)
    assert "The name or the password is not right" in answer.content.decode()


@pytest.mark.hazard("H043")
def test_a_second_person_who_guesses_is_locked_out_and_both_are_logged(
    bench: Bench, nurse: Client, second: dict[str, str]
) -> None:
    draw = drawn(bench)
    for _ in range(5):
        nurse.post(at("account", draw), form(residual="1", how="other") | second | {"second_password": "no"})
    answer = nurse.post(at("account", draw), form(residual="1", how="other") | second)
    assert "The name or the password is not right" in answer.content.decode()
    assert access_log.recent(person="login:second")[0].action == "sign-in refused: locked"


def test_a_draw_whose_whole_is_accounted_for_has_no_form(bench: Bench, nurse: Client) -> None:
    draw = drawn(bench)
    verbs.account(bench.act(), draw=draw, given=Decimal(1))
    assert "Nothing of this draw is in hand any more" in nurse.get(at("account", draw)).content.decode()


def counted(sealed: str, page: str, **more: str) -> dict[str, object]:
    known = page.partition('name="known" value="')[2].partition('"')[0]
    return form(sealed_0=sealed, known=known, **more)


@pytest.mark.hazard("H036")
def test_the_form_of_a_blind_count_never_says_how_much_there_should_be(
    bench: Bench, nurse: Client, second: dict[str, str]
) -> None:
    bench.receive(35)
    page = nurse.get(at("count")).content.decode()
    assert not re.search(r"\b(37|370)\b", page.partition("<main")[2].partition("</main>")[0])
    assert "6K221" in page
    answer = nurse.post(at("count"), counted("37", page) | second, follow=True)
    assert "The count agrees with the books" in answer.content.decode()


@pytest.mark.hazard("H036")
def test_a_count_that_differs_leads_to_its_case(bench: Bench, nurse: Client, second: dict[str, str]) -> None:
    page = nurse.get(at("count")).content.decode()
    answer = nurse.post(at("count"), counted("1", page) | second, follow=True)
    assert "counted 1, the books say 2" in answer.content.decode()
    assert store.load("safe:main").said(StockCounted)


def test_a_delivery_needs_both_people_and_says_what_is_wrong(
    bench: Bench, nurse: Client, second: dict[str, str]
) -> None:
    came = form(product=KEY[0], lot="7 x 1", expires="2030-01-31", containers="5", supplier="Harbor Supply")
    assert nurse.post(at("receive"), came).status_code == 422
    old = nurse.post(at("receive"), came | second | {"expires": "2020-01-31"})
    assert "This lot expired on 31 Jan 2020" in old.content.decode()
    assert nurse.post(at("receive"), came | second).status_code == 302
    assert [b.lot for _, b in store.load("safe:main").said(StockReceived)] == ["6K221", "7X1"]


@pytest.mark.hazard("H036")
def test_a_recall_says_who_received_the_lot_and_holds_it(
    bench: Bench, sign_in: Callable[..., Client]
) -> None:
    given(bench, Decimal(1))
    director = sign_in("medical_director")
    page = director.get(reverse("safe:recall"), {"lot": "6k221"}).content.decode()
    assert "Ines Testperson" in page
    assert "50" in page
    director.post(reverse("safe:hold"), form(lot="6K221", product=KEY[0], notice="Recall 12", do="hold"))
    assert fold(store.load("safe:main")).is_held(KEY)
    assert access_log.recent(stream=f"chart:{bench.patient}")


@pytest.mark.hazard("H036")
def test_a_recall_names_whoever_has_the_lot_in_hand_as_drawn_here(
    bench: Bench, sign_in: Callable[..., Client]
) -> None:
    drawn(bench, "0.9")
    page = sign_in("medical_director").get(reverse("safe:recall"), {"lot": "6K221"}).content.decode()
    assert "0.9 mL drawn" in " ".join(page.split())
    assert "Ines Testperson" in page


def test_a_nurse_neither_holds_nor_adjusts_nor_destroys(bench: Bench, nurse: Client) -> None:
    for name in ("adjust", "destroy"):
        assert nurse.get(at(name)).status_code == 403
    assert nurse.post(reverse("safe:hold"), form(lot="6K221", product=KEY[0], notice="x")).status_code == 403
    assert not store.load("safe:main").said(LotHeld)


def test_the_director_closes_a_case_with_a_witness(
    bench: Bench, nurse: Client, sign_in: Callable[..., Client], second: dict[str, str]
) -> None:
    page = nurse.get(at("count")).content.decode()
    nurse.post(at("count"), counted("1", page) | second)
    (case,) = bench.books.open_cases()
    ending = {"close-entry_id": str(uuid4()), "close-finding": "miscounted", "close-text": "behind the tray", "close": "1"}  # fmt: skip
    signed = {f"close-{name}": value for name, value in second.items()}
    director = sign_in("medical_director")
    assert director.post(at("case", case.id), ending).status_code == 422
    assert director.post(at("case", case.id), ending | signed).status_code == 302
    assert store.load("safe:main").said(CaseClosed)


def test_the_ledger_is_taken_away_with_exact_balances(bench: Bench, nurse: Client) -> None:
    given(bench, Decimal("0.73"), "0.73")
    told = csv.DictReader(StringIO(nurse.get(at("ledger_table")).content.decode()))
    rows = [(r["event"], r["in"], r["out"], r["in hand"], r["safe balance"]) for r in told]
    assert rows == [
        ("Received", "20", "0", "0", "20"),
        ("Drawn", "0", "0.73", "0.73", "19.27"),
        ("Given", "0", "0.73", "0", "19.27"),
    ]


def test_a_struck_line_stays_on_the_ledger(bench: Bench, nurse: Client, second: dict[str, str]) -> None:
    draw = drawn(bench)
    assert nurse.post(at("strike", draw), form(reason="the other vial") | second).status_code == 302
    page = nurse.get(at("ledger")).content.decode()
    assert "is-struck" in page
    assert "the other vial" in page


def test_usage_of_a_period_closes_to_the_digit(bench: Bench, nurse: Client) -> None:
    given(bench, Decimal("0.7"), "0.73")
    told = list(csv.DictReader(StringIO(nurse.get(reverse("safe:usage_table")).content.decode())))
    assert (told[0]["received"], told[0]["given"], told[0]["closing"], told[0]["mg given"]) == ("20", "0.7", "19.3", "35")  # fmt: skip


def test_an_inventory_lists_what_there_is_none_of(
    bench: Bench, nurse: Client, second: dict[str, str]
) -> None:
    page = nurse.get(at("count")).content.decode()
    nurse.post(at("count"), counted("2", page, inventory="opening") | second)
    told = list(csv.DictReader(StringIO(nurse.get(at("inventory"), {"as": "table"}).content.decode())))
    assert {row["product"]: row["total"] for row in told}["Midazolam 1 mg/mL, vial of 5 mL"] == "0"
    assert [row["mg"] for row in told if row["lot"] == "6K221"] == ["1000"]


def test_a_clinic_without_a_safe_is_told_how_one_begins(sign_in: Callable[..., Client]) -> None:
    assert "No safe yet" in sign_in("nurse").get(reverse("safe:safes")).content.decode()
    opened = sign_in("medical_director").post(reverse("safe:open"), form(name="Main safe", place="main"))
    assert opened.status_code == 302
