"""The rules page shows everything that decides; the clinical lead answers for what no source backs."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from lowtide.data import rules
from lowtide.data.protocols import protocols
from lowtide.pathway.course.approved import approvals, rule_key
from lowtide.pathway.evaluate.ruling.adopted import adopted, policy_in_force
from lowtide.record import store
from lowtide.record.entries.clinic import NumberApproved, PolicyAdopted
from tests.conftest import CLINIC

SignIn = Callable[..., Client]


def page(client: Client, query: str = "") -> str:
    return client.get(f"/rules/{query}").content.decode()


def approve(
    client: Client, key: str, value: str, form: UUID | None = None, reason: str = "as the trials did"
) -> Any:
    given = {"entry_id": str(form or uuid4()), "key": key, "value": value, "reason": reason}
    return client.post("/rules/approve", given)


def adopt(client: Client, **said: Any) -> Any:
    return client.post(
        "/rules/policy", {"entry_id": str(uuid4()), "policy": "strict", "reason": "board", **said}
    )


def approved() -> list[NumberApproved]:
    return [body for _, body in store.load(CLINIC).said(NumberApproved)]


def test_every_rule_number_interaction_and_protocol_has_its_row(sign_in: SignIn) -> None:
    html = page(sign_in("nurse"))
    every = {**rules.rules(), **rules.thresholds(), **rules.interactions(), **protocols()}
    assert not [key for key in every if f'id="{key}"' not in html]


def test_words_and_kind_narrow_what_is_shown(sign_in: SignIn) -> None:
    html = page(sign_in("nurse"), "?q=aneurysm&kind=rules")
    assert 'id="C005"' in html
    assert 'id="C070"' not in html


def test_only_what_is_open_leaves_out_what_was_seen_in_its_source(sign_in: SignIn) -> None:
    html = page(sign_in("nurse"), "?show=unverified&kind=numbers")
    shown = [t.name for t in rules.thresholds().values() if f'id="{t.name}"' in html]
    assert shown == [t.name for t in rules.thresholds().values() if not t.verified]


def test_a_clinical_lead_approves_a_number_as_it_stands(sign_in: SignIn) -> None:
    lead = sign_in("prescriber", clinical_lead=True)
    approve(lead, "weight_max_age_days", "30")
    assert [(a.number, a.value, a.printed_name) for a in approved()] == [
        ("weight_max_age_days", "30", "Test Prescriber")
    ]
    html = page(lead, "?q=weight_max_age_days")
    assert "approved by Test Prescriber" in html
    assert "as the trials did" in html


def test_a_rule_is_approved_with_its_condition(sign_in: SignIn) -> None:
    key, value = rule_key(rules.rules()["C057"])
    approve(sign_in("medical_director"), key, value)
    assert (key, value) in approvals(store.load(CLINIC))


@pytest.mark.parametrize(("key", "value"), [("weight_max_age_days", "60"), ("no_such_number", "1")])
def test_what_does_not_stand_like_that_is_not_approved(key: str, value: str, sign_in: SignIn) -> None:
    approve(sign_in("medical_director"), key, value)
    assert approved() == []


def test_an_approval_has_a_reason_and_a_second_press_is_the_same_one(sign_in: SignIn) -> None:
    lead, form = sign_in("medical_director"), uuid4()
    approve(lead, "weight_max_age_days", "30", reason="")
    assert approved() == []
    for _ in range(2):
        approve(lead, "weight_max_age_days", "30", form)
    assert len(approved()) == 1


@pytest.mark.parametrize("role", ["nurse", "prescriber", "therapist"])
def test_others_read_and_cannot_approve_or_adopt(role: str, sign_in: SignIn) -> None:
    client = sign_in(role)
    assert "Approve" not in page(client)
    assert approve(client, "weight_max_age_days", "30").status_code == 403
    assert adopt(client).status_code == 403
    assert approved() == []


def test_a_clinic_adopts_a_policy_with_a_number_of_its_own_and_gives_it_up_again(sign_in: SignIn) -> None:
    lead = sign_in("medical_director")
    adopt(lead, number="trials_required", value="3")
    policy = policy_in_force(store.load(CLINIC))
    assert (policy.name, policy.numbers()["trials_required"].value) == ("strict", 3)
    assert "strict" in page(lead)
    adopt(lead, policy="default", given_up=["trials_required"])
    assert policy_in_force(store.load(CLINIC)).version == "1"
    found = adopted(store.load(CLINIC))
    assert found
    assert found[1] == PolicyAdopted(policy="default", version="1", overrides={})


@pytest.mark.parametrize(
    "wrong",
    [{"policy": "lenient"}, {"reason": ""}, {"number": "trials_required", "value": "few"}, {"value": "3"}],
)
def test_what_is_no_policy_is_not_adopted(wrong: dict[str, str], sign_in: SignIn) -> None:
    assert adopt(sign_in("medical_director"), **wrong).status_code == 422
    assert adopted(store.load(CLINIC)) is None
