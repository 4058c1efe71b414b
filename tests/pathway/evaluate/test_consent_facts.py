"""Candidacy asks for the consent in force to what is asked for: the newest for this product and route, not withdrawn."""

from typing import Any

import pytest

from lowtide.data import consent as forms
from lowtide.data.policies import policy
from lowtide.pathway.evaluate.facts import Requested
from lowtide.pathway.evaluate.rules import evaluate
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.clinic import EnteredInError
from lowtide.record.entries.consent import Consent, ConsentWithdrawn
from tests.pathway.evaluate.charts import TODAY, TRD, chart, correction, entry, facts, whole_history

NASAL = Requested("trd", "esketamine_nasal", "in", "outpatient")


def agreed(days: float = 1, **changes: Any) -> Entry:
    told: dict[str, Any] = {
        "form": "ketamine", "version": forms.version(), "language": "en", "digest": "", "indication": "trd",
        "product": "racemic_ketamine", "route": "iv", "standing": "off_label", "elements": (), "signer": "Ada T",
        "acting_as": "patient", "capacity": Answer.YES,
    }  # fmt: skip
    return entry(Consent(**(told | changes)), days=days)


def waits(asked: Requested, *entries: Entry) -> bool:
    """Whether the rule on consent has something to say, though a history says that it is signed."""
    found = evaluate(facts(chart(*whole_history(), *entries)), asked, policy("default"), TODAY)
    return "C042" in {f.rule.id for f in found.findings}


def test_a_consent_counts_for_its_product_and_route_only() -> None:
    assert not waits(TRD, agreed())
    assert waits(TRD, agreed(route="im"))
    assert waits(NASAL, agreed())
    assert not waits(NASAL, agreed(days=3, product="esketamine_nasal", route="in"), agreed())


@pytest.mark.parametrize(
    "made", [agreed(days=3, version="0"), agreed(days=700)], ids=["an older form", "run out"]
)
def test_a_consent_that_does_not_hold_is_none(made: Entry) -> None:
    assert waits(TRD, made)


def test_withdrawing_the_newest_does_not_bring_an_older_one_back() -> None:
    made = agreed(days=3)
    assert waits(TRD, agreed(days=9), made, entry(ConsentWithdrawn(consent=made.id)))


@pytest.mark.hazard("H028")
def test_taking_a_consent_back_as_an_error_never_helps() -> None:
    other = agreed(route="im")
    wrong = correction(other, EnteredInError())
    assert waits(TRD, other, wrong)
    assert not waits(TRD, agreed(days=2), other, wrong)
