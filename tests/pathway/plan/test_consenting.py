"""Going through the consent: one tick an element, one's own name, the registry apart, the copy, the withdrawal."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from lowtide.data import consent as data
from lowtide.documents import consent_copy
from lowtide.documents.printing import foot
from lowtide.pathway.course.consent import signed
from lowtide.pathway.evaluate.chart_facts import facts_from_chart
from lowtide.people.clinic import this_clinic, zone
from lowtide.record import store
from lowtide.record.entries.base import Entry
from lowtide.record.entries.consent import Consent, ConsentCopyGiven, RegistryChoice
from lowtide.record.entries.history import HistoryItem
from lowtide.record.entries.identity import Patient
from tests.conftest import said
from tests.pathway.session.conftest import Care

FORM = data.form(data.scope("racemic_ketamine", "iv", "trd"))


@pytest.fixture
def care(new_care: Callable[..., Care]) -> Care:
    return new_care(datetime.now(UTC), consented=False)


@pytest.fixture
def new_care(clinic: Entry) -> Callable[..., Care]:
    from tests.pathway.session.conftest import register

    return register


def sheet(**changes: Any) -> dict[str, Any]:
    ticks = {f"tick_{e.id}": "on" for e in FORM.elements}
    filled = {"digest": FORM.digest, "signer": "ines  testperson", "acting_as": "patient", "capacity": "yes"}
    return {"entry_id": str(uuid4()), **ticks, **filled, **changes}


def post(client: Client, care: Care, page: str = "sign", **fields: Any) -> Any:
    return client.post(f"/patients/{care.patient}/consent/{page}", fields)


def test_a_signed_consent_keeps_every_word_and_covers_the_series(
    care: Care, sign_in: Callable[..., Client]
) -> None:
    assert post(sign_in("nurse"), care, **sheet()).status_code == 302
    found = care.chart.last(Consent)
    assert found
    assert [e.text for e in found[1].elements] == [e.text for e in FORM.elements]
    assert not signed(care.chart, datetime.now(UTC), zone())[0].why_not
    assert care.chart.last(RegistryChoice) is None


def test_pressing_twice_signs_once(care: Care, sign_in: Callable[..., Client]) -> None:
    nurse, once = sign_in("nurse"), sheet()
    post(nurse, care, **once)
    post(nurse, care, **once)
    assert len(care.chart.said(Consent)) == 1


@pytest.mark.hazard("H042")
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"tick_serious": ""}, "“Serious risks” is not ticked"),
        ({"signer": "Somebody Else"}, "This is not the name of this chart"),
        ({"capacity": "no"}, "It is not said that the patient can decide this"),
        ({"digest": "other words"}, "The words of the form have changed"),
        ({"acting_as": "representative", "relation": ""}, "It is not said for whom the signer acts"),
    ],
)
def test_what_is_not_whole_is_not_signed(
    care: Care, sign_in: Callable[..., Client], changes: dict[str, str], says: str
) -> None:
    answer = post(
        sign_in("nurse"), care, **{k: v for k, v in sheet(**changes).items() if v or k == "relation"}
    )
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not care.chart.said(Consent)


def test_the_registry_is_a_choice_apart(care: Care, sign_in: Callable[..., Client]) -> None:
    post(sign_in("nurse"), care, **sheet(registry="no"))
    choice = care.chart.last(RegistryChoice)
    assert choice
    assert not choice[1].joins
    assert care.chart.said(Consent)


def test_the_copy_says_what_was_signed_and_later_that_it_was_withdrawn(
    care: Care, sign_in: Callable[..., Client]
) -> None:
    nurse = sign_in("nurse")
    post(nurse, care, **sheet(witness="Wim Witness"))
    entry = care.chart.said(Consent)[0][0]
    post(nurse, care, f"{entry.id}/copied", how="on paper")
    post(nurse, care, f"{entry.id}/withdraw", entry_id=str(uuid4()), reason="")
    now = datetime.now(UTC)
    patient = care.chart.last(Patient)
    assert patient
    printed = foot(patient[1], care.chart, "Nora Nurse", now, zone())
    html = consent_copy.html(signed(care.chart, now, zone())[0], this_clinic(), zone(), printed)
    assert FORM.elements[0].text in html
    assert "Wim Witness" in html
    assert "Withdrawn" in html
    assert care.chart.last(ConsentCopyGiven)


@pytest.mark.hazard("H042")
def test_the_evaluation_reads_the_signature_whatever_the_history_said(
    care: Care, sign_in: Callable[..., Client]
) -> None:
    def value() -> object:
        found = facts_from_chart(store.load(care.stream), datetime.now(UTC).date(), zone())
        return found.values["consent_signed"]

    store.append([said(HistoryItem(item="consent_signed", answer="no"), care.stream)])  # type: ignore[arg-type]
    assert value() is False
    nurse = sign_in("nurse")
    post(nurse, care, **sheet())
    assert value() is True
    entry = care.chart.said(Consent)[0][0]
    post(nurse, care, f"{entry.id}/withdraw", entry_id=str(uuid4()), reason="")
    assert value() is False
