"""Laws of candidacy that hold for any patient: worse facts never help, unknown never passes for no, order is nothing."""

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.data import rules
from lowtide.problems import BadInput
from tests.spec.examples import EXAMPLES, VIGNETTES, Example, changed, judged, put

CHANGES = [e for e in EXAMPLES if e.from_ == "V01" and not any("." in p and p[-1].isdigit() for p in e.set)]


def worsens(change: Example) -> bool:
    """Whether an example adds something that speaks against treatment, whoever it is added to."""
    added = change.diagnoses or change.medications or change.allergies
    answers = all(isinstance(value, bool) for value in change.set.values())
    inclusion = rules.rules()[change.rule].kind == "indication" or "requested" in str(change.set)
    return (
        change.met not in ("no", "unknown", "eligible")
        and answers
        and bool(added or change.set)
        and not inclusion
    )


AGGRAVATING = [change for change in CHANGES if worsens(change)]


def rank(form: dict[str, Any]) -> int:
    return rules.DECISIONS.index(judged(form).decision)


def paths(value: Any, way: tuple[str, ...] = ()) -> Iterator[str]:
    """Every place of a form that holds something, dotted."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield ".".join((*way, str(key)))
        yield from paths(inner, (*way, str(key)))


@st.composite
def forms(draw: st.DrawFn) -> dict[str, Any]:
    """A vignette under up to three changes, whatever they make of it."""
    form = VIGNETTES[draw(st.sampled_from(sorted(VIGNETTES)))]
    for change in draw(st.lists(st.sampled_from(CHANGES), max_size=3)):
        try:
            form = changed(form, change)
        except (IndexError, TypeError):  # it is about an entry that this vignette does not have
            continue
    return form


@settings(max_examples=80, deadline=None)
@given(forms(), st.sampled_from(AGGRAVATING))
def test_adding_a_contraindication_never_improves_the_decision(form: dict[str, Any], change: Example) -> None:
    assert rank(changed(form, change)) >= rank(form)


NAMES = (".key", ".name", ".agent")
"""What an entry is about is no answer."""
SAYS_NONE = {"labs.child_pugh", "substance.sud_remission_days"}
"""Null there says “none”, since the form has no other word for it (decision 0010)."""


def answers(form: dict[str, Any]) -> list[str]:
    """The place of each answer of the form."""
    return [path for path in paths(form) if not path.endswith(NAMES) and path not in SAYS_NONE]


def blanked(form: dict[str, Any], path: str) -> dict[str, Any]:
    """The form with this answer taken away."""
    blank = copy.deepcopy(form)
    put(blank, path, None)
    return blank


def is_eligible(form: dict[str, Any]) -> bool:
    try:
        return rank(form) == 0
    except BadInput:  # a hole where the form must not have one: refused, not judged
        return False


@pytest.mark.hazard("H028")
@pytest.mark.parametrize("case", [case for case in sorted(VIGNETTES) if rank(VIGNETTES[case])])
def test_no_single_answer_turned_to_unknown_makes_anyone_eligible(case: str) -> None:
    form = VIGNETTES[case]
    assert [path for path in answers(form) if is_eligible(blanked(form, path))] == []


@settings(max_examples=60, deadline=None)
@given(forms(), st.data())
def test_nor_does_one_of_a_form_with_changes(form: dict[str, Any], data: st.DataObject) -> None:
    blank = blanked(form, data.draw(st.sampled_from(answers(form))))
    assert not is_eligible(blank) or rank(form) == 0


@pytest.mark.parametrize(
    ("path", "diagnosis"),
    [("labs.child_pugh", "liver_disease"), ("substance.sud_remission_days", "substance_remission")],
)
def test_a_null_that_says_none_is_not_believed_against_the_problem_list(path: str, diagnosis: str) -> None:
    form = copy.deepcopy(VIGNETTES["V01"])
    form["diagnoses"].append({"key": diagnosis, "status": "active"})
    put(form, path, None)
    assert judged(form).decision == "defer"


UNREAD = {
    "requested.protocol_id", "requested.setting", "vitals.hr", "consent.off_label_signed", "demographics.height_cm",
    "scales.cssrs.q1", "scales.cssrs.q2", "scales.cssrs.q3", "scales.cssrs.q6_lifetime", "prior_ketamine.exposed",
}  # fmt: skip
SETTLED = {
    "scales.madrs", "scales.phq9",  # either scale passes; no mood scale for pain
    "demographics.sex_at_birth",  # AUDIT-C is below both cuts
    "substance.uds_explained",  # nothing was positive
    "labs.hcg", "labs.hcg.result", "labs.hcg.age_days", "demographics.contraception",  # no childbearing potential
}  # fmt: skip
NOT_NEEDED = {
    "V01": UNREAD | SETTLED | {"first_line_failed"},
    "V02": UNREAD - {"demographics.height_cm"}
    | {
        "scales.madrs",
        "scales.phq9",
        "demographics.sex_at_birth",
        "substance.uds_explained",
        "first_line_failed",
    }
    # a product of fixed dose; tested and with contraception, potential or not
    | {
        "demographics.height_cm",
        "demographics.weight_kg",
        "demographics.weight_age_days",
        "demographics.childbearing_potential",
    },
    "V20": UNREAD | SETTLED | {"treatment_trials", "scales.nrs"},
}
SECTIONS = ("demographics", "scales", "vitals", "labs", "substance", "consent", "logistics", "prior_ketamine")
LISTS = ("diagnoses", "medications", "treatment_trials", "allergies", "workup_done", "first_line_failed")


def needed(case: str) -> list[str]:
    form = VIGNETTES[case]
    places = [p for p in paths(form) if p in LISTS or p.split(".")[0] in SECTIONS]
    answered = [p for p in places if value_at(form, p) is not None and not p[-1].isdigit()]
    return [p for p in [*answered, "workup_done.0"] if p not in NOT_NEEDED[case]]


def value_at(form: Any, path: str) -> Any:
    for part in path.split("."):
        form = form[int(part)] if isinstance(form, list) else form[part]
    return form


def without(form: dict[str, Any], path: str) -> dict[str, Any]:
    form = copy.deepcopy(form)
    *way, last = path.split(".")
    holder = value_at(form, ".".join(way)) if way else form
    del holder[int(last) if isinstance(holder, list) else last]
    return form


NEEDED = [(case, path) for case in NOT_NEEDED for path in needed(case)]


@pytest.mark.hazard("H028")
@pytest.mark.parametrize(("case", "path"), [pair for pair in NEEDED if pair[1] != "demographics"])
def test_an_eligible_case_that_lacks_a_needed_answer_is_deferred(case: str, path: str) -> None:
    assert judged(without(VIGNETTES[case], path)).decision == "defer"


@pytest.mark.hazard("H028")
@pytest.mark.parametrize(
    ("case", "path"), [pair for pair in NEEDED if pair[1] not in ("demographics", "workup_done.0")]
)
def test_an_eligible_case_whose_needed_answer_is_unknown_is_deferred(case: str, path: str) -> None:
    form = copy.deepcopy(VIGNETTES[case])
    put(form, path, None)
    assert judged(form).decision == "defer"


@settings(max_examples=40, deadline=None)
@given(forms(), st.integers(0, 2**32))
def test_the_order_of_list_items_does_not_matter(form: dict[str, Any], seed: int) -> None:
    shuffled = copy.deepcopy(form)
    for value in shuffled.values():
        if isinstance(value, list):
            random.Random(seed).shuffle(value)
    assert judged(shuffled).as_json() == judged(form).as_json()


@settings(max_examples=40, deadline=None)
@given(forms())
def test_every_finding_names_a_rule_and_every_missing_item_a_question(form: dict[str, Any]) -> None:
    answer = judged(form).as_json()
    assert {f["rule_id"] for f in answer["findings"]} <= rules.rules().keys()
    assert {i["interaction_id"] for i in answer["interactions"]} <= rules.interactions().keys()
    assert all(m["question"].endswith(("?", ".")) and m["needed_by"] for m in answer["missing"])


@settings(max_examples=40, deadline=None)
@given(forms())
def test_the_decision_is_the_strongest_finding_or_a_deferral(form: dict[str, Any]) -> None:
    evaluation = judged(form)
    strongest = max((f.decision for f in evaluation.findings), key=rules.DECISIONS.index, default="eligible")
    assert evaluation.decision == strongest or (evaluation.decision == "defer" and evaluation.missing)
