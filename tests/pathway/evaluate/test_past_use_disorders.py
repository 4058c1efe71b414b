"""A use disorder of the past is heard, however coarsely it is coded or worded: some exclude for life, all ask how long."""

import copy
from typing import Any

import pytest

from lowtide.record.entries.history import Diagnosis, ProblemStatus
from tests.pathway.evaluate.charts import entry, judged, whole_history
from tests.pathway.evaluate.test_problem_lists import listing, missing, words
from tests.spec import examples
from tests.spec.examples import put

FOR_LIFE: list[dict[str, Any]] = [
    words("Ketamine use disorder, in remission"),
    words("LSD use disorder"),
    words("MDMA use disorder"),
    words("Phencyclidine use disorder"),
    words("Ketamine dependence (2019)"),
    *({"icd10cm": code} for code in ("F19", "F19.10", "F16", "F16.90", "F19.21", "F19.20", "F19.11")),
]
ANY_OTHER: list[dict[str, Any]] = [
    words("Alcohol dependence, in remission"),
    words("Opioid dependence"),
    words("Cocaine use disorder"),
    words("alcoholism"),
    *({"icd10cm": code} for code in ("F10", "F10.10", "F10.9", "F11", "F10.20")),
]


@pytest.mark.hazard("H028")
@pytest.mark.parametrize("status", ["past", "remission", "active", None])
@pytest.mark.parametrize("problem", FOR_LIFE, ids=str)
def test_what_may_have_been_ketamine_or_a_hallucinogen_is_asked_for(
    problem: dict[str, Any], status: str | None
) -> None:
    found = listing({**problem, "status": status})
    assert found.decision == "defer"
    assert "dx.hallucinogen_use_disorder" in missing(found)


@pytest.mark.parametrize("code", ["F19.21", "F19.20"])
def test_a_long_remission_does_not_settle_of_which_substance_it_is(code: str) -> None:
    form = copy.deepcopy(examples.VIGNETTES["V01"])
    form["diagnoses"].append({"icd10cm": code, "status": "remission"})
    put(form, "substance.sud_remission_days", 400)
    assert "dx.hallucinogen_use_disorder" in missing(examples.judged(form))


@pytest.mark.hazard("H028")
@pytest.mark.parametrize("status", ["past", "remission"])
@pytest.mark.parametrize("problem", ANY_OTHER, ids=str)
def test_a_past_use_disorder_asks_how_long_ago(problem: dict[str, Any], status: str) -> None:
    found = listing({**problem, "status": status})
    assert found.decision == "defer"
    needed = {m.item: m.needed_by for m in found.missing}
    assert {"C023", "C025"} <= {
        *needed.get("sud_remission_days", ()),
        *needed.get("dx.substance_dependence", ()),
    }


@pytest.mark.hazard("H028")
@pytest.mark.parametrize("label", ["Ketamine use disorder", "Alcohol dependence"])
def test_one_on_a_chart_is_heard_too(label: str) -> None:
    past = Diagnosis(label=label, status=ProblemStatus.PAST)
    assert judged([*whole_history(), entry(past)]).decision == "defer"
