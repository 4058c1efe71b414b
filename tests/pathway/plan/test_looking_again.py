"""A dose far from what came before it is typed once more; one beyond the ceiling of its route is refused (hazard H003)."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.test import Client

from lowtide.data.dosing import dosing
from lowtide.data.protocols import Amount, protocol
from lowtide.pathway.plan import actions
from lowtide.pathway.plan.choosing import Chosen
from lowtide.pathway.plan.counted import Portion
from lowtide.pathway.plan.looking_again import far
from lowtide.pathway.plan.titration import Advice
from lowtide.problems import BadInput, Refused
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import OrderSigned, Settled
from tests.pathway.plan.test_ordering import act, weigh
from tests.pathway.plan.test_routes import plan_by

pytestmark = [pytest.mark.django_db, pytest.mark.hazard("H003")]
D = Decimal
CAPSULES = Portion("capsule", D(25))


@pytest.fixture
def patient(clinic: Entry, new_patient: Callable[..., UUID]) -> UUID:
    return new_patient()


def oral(patient: UUID) -> UUID:
    return plan_by(patient, "P13", Settled("six supervised doses", sessions=6))


def sign(patient: UUID, session: UUID, mg: str, in_hand: Any = CAPSULES, **more: Any) -> OrderSigned:
    entry = actions.sign_order(
        act(patient), session, in_hand, seen_mg=D(mg), printed_name="Dr Test", second_person=None, **more
    )[0]
    assert isinstance(entry.body, OrderSigned)
    return entry.body


def test_six_times_the_protocols_oral_dose_is_typed_once_more_and_kept_with_what_was_unusual(
    patient: UUID,
) -> None:
    session, chosen = oral(patient), {"dose": D(300), "dose_because": "took it before"}
    with pytest.raises(Refused, match="300 mg is 6 times the protocol’s first dose, 50 mg"):
        sign(patient, session, "300", **chosen)
    with pytest.raises(BadInput, match="typed as 30 mg"):
        sign(patient, session, "300", **chosen, dose_again=D(30))
    signed = sign(patient, session, "300", **chosen, dose_again=D(300))
    assert signed.looked_again == "300 mg is 6 times the protocol’s first dose, 50 mg"


def test_a_near_dose_is_signed_as_ever(patient: UUID) -> None:
    signed = sign(patient, oral(patient), "75", dose=D(75), dose_because="borne well")
    assert signed.looked_again is None


def test_an_oral_dose_beyond_the_ceiling_by_weight_is_refused_though_the_protocol_allows_it(
    patient: UUID,
) -> None:
    session = oral(patient)
    weigh(patient, "40")
    with pytest.raises(Refused, match=r"7\.5 mg/kg in all, above 7 mg/kg"):
        sign(patient, session, "300", dose=D(300), dose_because="took it before", dose_again=D(300))


def test_the_page_asks_for_the_dose_again_where_it_is_far(
    patient: UUID, sign_in: Callable[..., Client]
) -> None:
    session, page = oral(patient), sign_in("prescriber")
    address = f"/patients/{patient}/plan/{session}?given_as=capsule&each_mg=25"
    assert 'name="dose_again"' not in page.get(f"{address}&dose=75").content.decode()
    shown = page.get(f"{address}&dose=300").content.decode()
    assert 'name="dose_again"' in shown
    assert "300 mg is 6 times the protocol’s first dose" in shown


def chosen(dose: str, last: str | None, advised: str | None = None) -> Chosen:
    known = protocol("P05")
    amounts = [Amount(D(x), "mg/kg") if x else None for x in (last, advised)]
    advice = msgspec.structs.replace(EMPTY, last=amounts[0], dose=amounts[1])
    return Chosen(known, advice, D(dose), "mg/kg")


EMPTY = Advice(action="hold", dose=None, last=None, reasons=(), protocol="P05")


@pytest.mark.parametrize(
    ("dose", "last", "advised", "asks"),
    [
        ("1", "0.5", None, False),
        ("1.01", "0.5", None, True),
        ("0.2", "0.5", None, True),
        ("0.25", "0.5", None, False),
        ("1.5", "0.5", "1.5", False),
        ("0.5", None, None, False),
    ],
)
def test_it_asks_beyond_the_policys_factor_in_both_directions_and_not_where_the_rule_leads(
    dose: str, last: str | None, advised: str | None, asks: bool
) -> None:
    assert bool(far(chosen(dose, last, advised), dosing())) is asks
