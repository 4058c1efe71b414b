"""Suicidality surfaces wherever it is told: in item 9 of a questionnaire, in the words of a line, a few days ago."""

from typing import Any

import pytest

from lowtide.data.policies import policy
from lowtide.exchange.fhir.facts import facts_from_bundle
from lowtide.pathway.evaluate.rules import evaluate
from lowtide.record.entries.care import Answers
from tests.exchange.making import bundle, observation, patient, quantity, text
from tests.pathway.evaluate.charts import NO, TODAY, TRD, entry, judged, said, whole_history
from tests.pathway.evaluate.test_problem_lists import listing, words

CSSRS = ("cssrs_q2", "cssrs_q3", "cssrs_q4", "cssrs_q5", "cssrs_q6_3mo")


def phq9(item9: int) -> Answers:
    points = {str(n): 2 for n in range(1, 9)} | {"9": item9}
    return Answers(instrument="PHQ9", version="1", items=points, mode="tablet")


@pytest.mark.hazard("H028")
@pytest.mark.parametrize("points", [1, 2, 3])
def test_a_positive_item_9_surfaces_until_a_screener_follows(points: int) -> None:
    found = judged([*whole_history(), entry(phq9(points))])
    assert (found.decision, found.urgent_escalation) == ("defer", True)
    assert "item 9 of the PHQ-9" in next(f.reason for f in found.findings if f.rule.id == "C043")
    after = judged([*whole_history(), entry(phq9(points)), *(entry(said(item, NO)) for item in CSSRS)])
    assert not after.urgent_escalation


def test_a_negative_item_9_says_nothing_and_a_later_one_takes_the_place_of_an_older() -> None:
    assert not judged([*whole_history(), entry(phq9(0))]).urgent_escalation
    assert not judged([*whole_history(), entry(phq9(3), days=0.9), entry(phq9(0))]).urgent_escalation


@pytest.mark.hazard("H028")
def test_a_positive_item_9_surfaces_where_nobody_took_a_screener() -> None:
    without = whole_history(**dict.fromkeys(CSSRS))
    found = judged([*without, entry(phq9(1), days=0.5)])
    assert found.urgent_escalation
    assert not judged(without).urgent_escalation


@pytest.mark.hazard("H028")
@pytest.mark.parametrize(
    "value",
    [
        {"valueQuantity": quantity(2, "{score}")},
        {"valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "LA6570-1"}]}},
    ],
    ids=["quantity", "coded"],
)
def test_item_9_of_a_bundle_surfaces(value: dict[str, Any]) -> None:
    facts = facts_from_bundle(text(bundle(patient(), observation("44260-8", **value))), TODAY)
    assert evaluate(facts, TRD, policy("default"), TODAY).urgent_escalation


@pytest.mark.hazard("H028")
@pytest.mark.parametrize("days", [0, 3, 30])
def test_thoughts_of_the_last_weeks_surface_though_they_are_past(days: int) -> None:
    found = listing({"icd10cm": "R45.851", "status": "past", "days_since": days})
    assert (found.decision, found.urgent_escalation) == ("defer", True)


@pytest.mark.parametrize("days", [31, 900])
def test_thoughts_of_long_ago_do_not(days: int) -> None:
    assert listing({"icd10cm": "R45.851", "status": "past", "days_since": days}).decision == "eligible"


@pytest.mark.hazard("H028")
@pytest.mark.parametrize("label", ["Wants to die", "passive SI", "Overdose (intentional)", "Better off dead"])
def test_the_words_people_write_surface(label: str) -> None:
    found = listing(words(label))
    assert (found.decision, found.urgent_escalation) == ("defer", True)
