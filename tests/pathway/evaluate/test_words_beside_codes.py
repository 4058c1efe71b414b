"""What stands in words beside a code or a key is read too: suicidality surfaces, another condition is left open."""

from typing import Any

import pytest

from lowtide.data import codes
from lowtide.pathway.evaluate.facts import problem
from tests.pathway.evaluate.test_problem_lists import listing, missing

SUICIDAL = [
    {"icd10cm": "F33.2", "label": "MDD severe with suicidal ideation and plan"},
    {"icd10cm": "F33.2", "label": "MDD severe without psychotic features, with suicidal ideation"},
    {"icd10cm": "F33.2", "label": "MDD. No psychosis. Suicide attempt last week"},
    {"key": "mdd", "label": "Major depression with active suicidal ideation"},
    {"icd10cm": "J45.909", "label": "Asthma, suicidal ideation"},
    {"snomed": "370143000", "label": "Major depression, suicidal"},
]


@pytest.mark.hazard("H028")
@pytest.mark.parametrize("entry", SUICIDAL, ids=str)
def test_suicidality_surfaces_from_the_words_of_every_line(entry: dict[str, Any]) -> None:
    found = listing({"status": "active", **entry})
    assert (found.decision, found.urgent_escalation) == ("defer", True)


@pytest.mark.parametrize(
    "label",
    [
        "MDD, denies suicidal ideation",
        "Recurrent depressive disorder without psychotic features",
        "Depression, no psychosis or suicidal plan",
        "Family history of suicide attempt",
    ],
)
def test_what_the_words_deny_or_tell_of_others_is_not_raised(label: str) -> None:
    assert listing({"icd10cm": "F33.2", "label": label, "status": "active"}).decision == "eligible"


@pytest.mark.hazard("H028")
@pytest.mark.parametrize(
    ("entry", "asks"),
    [
        ({"icd10cm": "F32.9", "label": "Depression with psychotic features"}, "dx.psychosis"),
        ({"key": "htn", "label": "HTN with aortic aneurysm"}, "dx.aneurysm"),
        ({"icd10cm": "I10", "label": "HTN with aortic aneurysm"}, "dx.aneurysm"),
        ({"icd10cm": "F32.9", "label": "Bipolar depression"}, "dx.mania"),
        ({"icd10cm": "F41.1", "label": "Anxiety and alcohol dependence"}, "dx.substance_dependence"),
    ],
    ids=str,
)
def test_another_condition_in_the_words_is_left_open(entry: dict[str, Any], asks: str) -> None:
    found = listing({"status": "active", **entry})
    assert found.decision == "defer"
    assert asks in missing(found)


@pytest.mark.parametrize(
    ("code", "display"),
    [
        ("F33.2", "Major depressive disorder, recurrent severe without psychotic features"),
        ("F31.4", "Bipolar disorder, current episode depressed, severe, without psychotic features"),
        ("F31.5", "Bipolar depression with psychotic features"),
        ("F10.21", "Alcohol dependence, in remission"),
        ("F10.11", "Alcohol use disorder, mild, in early remission"),
        ("F19.21", "Other psychoactive substance dependence, in remission"),
        ("F10.20", "Alcohol use disorder, severe"),
        ("G93.2", "Benign intracranial hypertension"),
        ("I27.0", "Primary pulmonary hypertension"),
        ("G45.9", "Mini-stroke"),
        ("F40.10", "Social anxiety disorder"),
        ("Z91.51", "Personal history of suicidal behavior"),
        ("I71.4", "Abdominal aortic aneurysm, without rupture"),
        ("I25.10", "Atherosclerotic heart disease of native coronary artery without angina pectoris"),
    ],
)
def test_the_usual_words_of_a_code_raise_nothing_that_it_does_not(code: str, display: str) -> None:
    told, bare = (problem(codings=[("icd10cm", code)], label=label) for label in (display, ""))
    assert told.keys == bare.keys != frozenset()
    assert (told.possible, told.named) == (bare.possible, frozenset())


@pytest.mark.parametrize("key", list(codes.conditions()))
def test_law_no_name_of_a_condition_raises_anything_beside_it_but_what_is_in_another(key: str) -> None:
    one = codes.conditions()[key]
    assert [name for name in (one.label, *one.also) if problem([key], label=name).named] == []
