"""A session is signed when what was drawn for it is accounted for, and the chart and the safe agree or somebody says why."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from html import unescape
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from lowtide.data.safe import limits
from lowtide.pathway.session.actions import closing
from lowtide.pathway.session.actions import dosing as dosing_verbs
from lowtide.problems import BadInput, Refused
from lowtide.record import store
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.chair import SessionSigned
from lowtide.record.entries.safe import CaseOpened
from lowtide.record.verify import verify
from lowtide.safe.actions import session as verbs
from lowtide.safe.actions.common import Act
from lowtide.safe.actions.session import Waste
from lowtide.safe.ledger import fold
from tests.faults.processes import at_once
from tests.pathway.session.conftest import Care, register
from tests.safe.conftest import KEY, NOW, Bench

ML = Decimal


@pytest.fixture
def bench(clinic: Entry) -> Bench:
    bench = Bench()
    bench.open()
    bench.receive()
    return bench


@pytest.fixture
def care(bench: Bench) -> Care:
    """A session of 36.5 mg that has ended; the patient has left."""
    return treated()


def treated(given_ml: str = "50") -> Care:
    care = register(NOW + timedelta(minutes=10))
    care.prepare()
    care.begin()
    dosing_verbs.stop(care.act(41), delivered_ml=ML(given_ml), complete=given_ml == "50")
    closing.discharge(care.act(45), answers={}, against_advice=True, reason="test")
    return care


def draw(bench: Bench, care: Care, quantity: str = "0.80") -> Entry:
    fields = {"patient": care.patient, "session": care.session}
    return verbs.draw(late(bench), key=KEY, quantity=ML(quantity), **fields)[0]


def late(bench: Bench) -> Act:
    bench.minute = max(bench.minute, 45)
    return bench.act()


def account(bench: Bench, one: Entry, given: str, wasted: str = "") -> None:
    rest = (Waste(ML(wasted), "residual", "sequestration"),) if wasted else ()
    verbs.account(late(bench), draw=one.id, given=ML(given), wasted=rest)


def sign(care: Care, **more: str) -> list[Entry]:
    return closing.sign(care.act(59), printed_name="Nora Nurse", **more)  # type: ignore[arg-type]


@pytest.mark.hazard("H036")
def test_a_session_is_not_signed_while_something_is_in_hand(bench: Bench, care: Care) -> None:
    one = draw(bench, care)
    account(bench, one, "0.73")
    with pytest.raises(Refused, match=r"0\.07 mL from Main safe is in hand"):
        sign(care, because="it was only a little")
    verbs.account(late(bench), draw=one.id, wasted=(Waste(ML("0.07"), "residual", "other"),))
    assert isinstance(sign(care)[0].body, SessionSigned)


@pytest.mark.hazard("H036")
def test_rescue_drugs_count_too(bench: Bench, care: Care) -> None:
    account(bench, draw(bench, care, "0.73"), "0.73")
    bench.receive(2, ("midazolam_1_5", "MZ1"))
    fields = {"patient": care.patient, "session": care.session}
    verbs.draw(late(bench), key=("midazolam_1_5", "MZ1"), quantity=ML(2), **fields)
    with pytest.raises(Refused, match="2 mL from Main safe is in hand"):
        sign(care)


@pytest.mark.hazard("H036")
def test_where_chart_and_safe_differ_a_reason_is_asked_for_and_a_case_opens(bench: Bench, care: Care) -> None:
    account(bench, draw(bench, care), "0.60", "0.20")
    with pytest.raises(BadInput, match=r"the chart says 36\.5 mg, the safe 30 mg"):
        sign(care)
    assert not store.load("safe:main").said(CaseOpened)
    (signed, case) = sign(care, because="the syringe was read twice")
    assert signed.reason == "the syringe was read twice"
    assert isinstance(case.body, CaseOpened)
    assert (case.body.expected, case.body.found, case.session) == (30, ML("36.5"), care.session)
    assert fold(store.load("safe:main")).open_cases()[0].owner == care.nurse.by


@pytest.mark.parametrize(
    ("given", "agrees"), [("0.71", True), ("0.75", True), ("0.709", False), ("0.751", False)]
)
def test_two_measurements_of_one_dose_may_lie_one_milligram_apart(
    bench: Bench, care: Care, given: str, agrees: bool
) -> None:
    assert (limits().pump_mg, limits().pump_share) == (1, 2)
    account(bench, draw(bench, care, given), given)
    if agrees:
        sign(care)
    else:
        with pytest.raises(BadInput, match="the chart says"):
            sign(care)


@pytest.mark.hazard("H036")
def test_a_dose_of_which_nothing_came_from_the_safe_is_a_difference(bench: Bench, care: Care) -> None:
    with pytest.raises(BadInput, match=r"the chart says 36\.5 mg, the safe 0 mg"):
        sign(care)


def test_a_dose_from_before_the_safe_was_stocked_is_signed_as_ever(clinic: Entry) -> None:
    care = treated()
    bench = Bench()
    bench.minute = 50
    bench.open()
    bench.receive()
    sign(care)


def test_a_clinic_without_a_safe_signs_as_ever(clinic: Entry) -> None:
    sign(treated())


@pytest.mark.hazard("H036")
def test_nothing_is_drawn_after_the_signature(bench: Bench, care: Care) -> None:
    account(bench, draw(bench, care, "0.73"), "0.73")
    sign(care)
    with pytest.raises(Refused, match="this session is signed"):
        draw(bench, care)


def test_leaving_never_waits_for_the_safe(bench: Bench) -> None:
    care = register(NOW + timedelta(minutes=10))
    care.prepare()
    care.begin()
    bench.minute = 20
    fields = {"patient": care.patient, "session": care.session}
    verbs.draw(bench.act(), key=KEY, quantity=ML(1), **fields)
    dosing_verbs.stop(care.act(41), delivered_ml=ML(50), complete=True)
    closing.discharge(care.act(45), answers={"oriented": Answer.NO}, against_advice=True, reason="left")


@pytest.mark.hazard("H036")
def test_drawing_and_signing_at_once_never_leave_a_signed_session_with_something_in_hand(
    own_database: None,
) -> None:
    from lowtide.record.entries.clinic import Clinic
    from tests.conftest import CLINIC, said

    store.append([said(Clinic(name="T", zone="Europe/Berlin", country="DE", crisis_line="1"), CLINIC)])
    bench = Bench()
    bench.open()
    bench.receive()
    care = treated()
    account(bench, draw(bench, care, "0.73"), "0.73")
    acts = [late(bench) for _ in range(3)]
    fields = {"patient": care.patient, "session": care.session, "key": KEY, "quantity": ML("0.1")}
    draws = [lambda a=a: verbs.draw(a, **fields) for a in acts]  # type: ignore[misc]
    at_once(*draws, lambda: sign(care))
    store.forget()
    signed = store.load(care.stream).last(SessionSigned)
    assert not (signed and fold(store.load("safe:main")).open_draws(care.session))
    assert verify().ok


@pytest.mark.hazard("H036")
def test_the_page_that_is_signed_shows_where_everything_went(
    bench: Bench, care: Care, sign_in: Callable[..., Client]
) -> None:
    one = draw(bench, care)
    account(bench, one, "0.73")
    client = sign_in("nurse")
    url = reverse("session:sign", args=[care.patient, care.session])
    page = client.get(url).content.decode()
    assert "0.07 mL is in hand: account for it first" in page
    assert reverse("safe:account", args=["main", one.id]) in page
    verbs.account(late(bench), draw=one.id, wasted=(Waste(ML("0.07"), "residual", "other"),))
    page = client.get(url).content.decode()
    assert "Accounted for" in page
    assert "<b>36.5 mg</b> went in" in page


def test_the_session_leads_to_the_safe_and_the_draw_back_to_it(
    bench: Bench, sign_in: Callable[..., Client]
) -> None:
    care = register(NOW + timedelta(minutes=70))
    care.book(-100)
    client, url = sign_in("nurse"), reverse("session:session", args=[care.patient, care.session])
    page = client.get(url).content.decode()
    assert "Draw from Main safe" in page
    way = unescape(page.partition(f'href="{reverse("safe:draw", args=["main"])}?')[2].partition('"')[0])
    chosen = {"entry_id": str(uuid4()), "session": f"{care.session}|{care.patient}", "source": "|".join((*KEY, "")), "quantity": "0.8"}  # fmt: skip
    answer = client.post(f"{reverse('safe:draw', args=['main'])}?{way}", chosen)
    assert answer["Location"] == url
    assert "in hand until the dose is over" in client.get(url).content.decode()


def test_who_may_not_look_into_the_safe_sees_nothing_of_it_beside_a_session(
    bench: Bench, sign_in: Callable[..., Client]
) -> None:
    care = register(NOW + timedelta(minutes=70))
    care.book(-100)
    page = sign_in("therapist").get(reverse("session:session", args=[care.patient, care.session]))
    assert "From the safe" not in page.content.decode()


OTHERS = [
    ("ketamine_100_5", r"the order is for 50 mg/mL, this is 100 mg/mL"),
    ("ketamine_10_20", r"the order is for 50 mg/mL, this is 10 mg/mL"),
    ("esketamine_25_2", r"racemic ketamine is ordered, this is esketamine"),
    ("esketamine_nasal_28", r"racemic ketamine is ordered, this is esketamine"),
]


@pytest.mark.hazard("H012")
@pytest.mark.hazard("H004")
@pytest.mark.parametrize(("product", "why"), OTHERS)
def test_a_vial_of_another_strength_or_drug_than_the_order_is_not_drawn(
    bench: Bench, care: Care, product: str, why: str
) -> None:
    bench.minute = 46
    bench.receive(1, (product, "X1"))
    fields = {"patient": care.patient, "session": care.session}
    with pytest.raises(Refused, match=why):
        verbs.draw(late(bench), key=(product, "X1"), quantity=ML(1), **fields)
