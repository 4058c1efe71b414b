"""The problem list is heard: what nobody recognises waits, what no rule asks about does not, what is grave surfaces."""

import copy
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from lowtide.data import codes, unasked
from lowtide.pathway.evaluate.chart_facts import problem_of
from lowtide.pathway.evaluate.facts import Problem, gather, problem
from lowtide.pathway.evaluate.rules import Evaluation
from lowtide.problems import BadInput
from lowtide.record import store
from lowtide.record.entries.history import Diagnosis, ProblemStatus
from tests.conftest import said
from tests.spec.examples import VIGNETTES, judged

STRANGE = "Zxqw disease"
DISMISSED = {"does_not_matter": True, "dismissed_by": "Dr Halvorsen", "dismissed_because": "a mole"}


def listing(*diagnoses: dict[str, Any], of: str = "V01") -> Evaluation:
    form = copy.deepcopy(VIGNETTES[of])
    form["diagnoses"] = [*form["diagnoses"], *diagnoses]
    return judged(form)


def words(label: str, **more: Any) -> dict[str, Any]:
    return {"key": "other", "label": label, "status": "active", **more}


def missing(evaluation: Evaluation) -> set[str]:
    return {m.item for m in evaluation.missing}


@pytest.mark.hazard("H028")
@pytest.mark.parametrize("status", ["active", "past", None])
def test_a_problem_nobody_recognises_waits(status: str | None) -> None:
    found = listing(words(STRANGE, status=status))
    assert found.decision == "defer"
    assert f"problem:{STRANGE}" in missing(found)


@pytest.mark.hazard("H028")
@pytest.mark.parametrize("entry", [{"key": "xyzzy"}, {"icd10cm": "Q99.8"}, {"snomed": "999999999"}])
def test_a_key_or_code_nobody_knows_waits_under_its_own_name(entry: dict[str, str]) -> None:
    found = listing(entry | {"status": "active"})
    assert f"problem:{next(iter(entry.values()))}" in missing(found)


def test_a_question_says_how_an_unknown_problem_is_settled() -> None:
    (asked,) = (m for m in listing(words(STRANGE)).missing if m.item.startswith("problem:"))
    assert STRANGE in asked.question
    assert "by name" in asked.question


def test_a_problem_ruled_out_is_nobodys_question() -> None:
    assert listing(words(STRANGE, status="refuted")).decision == "eligible"


def test_what_was_dismissed_by_name_waits_no_longer() -> None:
    assert listing(words(STRANGE, **DISMISSED)).decision == "eligible"


@pytest.mark.parametrize("left_out", ["dismissed_by", "dismissed_because"])
def test_a_form_says_who_dismissed_a_problem_and_why(left_out: str) -> None:
    with pytest.raises(BadInput) as error:
        listing(words(STRANGE, **(DISMISSED | {left_out: None})))
    assert error.value.problems[0].where.endswith(left_out)


@pytest.mark.hazard("H028")
@pytest.mark.parametrize(
    "label", ["Suicidal ideation", "Aneurysm of the aorta", "Stroke", "Zxqw with seizure"]
)
def test_what_words_name_cannot_be_dismissed(label: str) -> None:
    dismissed, plain = listing(words(label, **DISMISSED)), listing(words(label))
    assert dismissed.decision == "defer"
    assert dismissed.urgent_escalation == plain.urgent_escalation == (label == "Suicidal ideation")


@pytest.mark.parametrize(
    ("label", "asks"),
    [
        ("Heart failure", "dx.unstable_cardiac"),
        ("Heart attack", "dx.mi"),
        ("Bipolar I", "dx.mania"),
        ("Manic episode", "dx.mania"),
        ("Coronary artery disease", "dx.stable_cardiac"),
        ("Atrial fibrillation", "dx.unstable_cardiac"),
        ("Glioblastoma", "dx.raised_icp"),
        ("Pregnancy, 12 weeks", "dx.pregnancy"),
        ("Alcohol use disorder, severe", "dx.substance_dependence"),
        ("Cocaine dependence", "dx.substance_dependence"),
        ("Opioid use disorder", "dx.substance_dependence"),
        ("Cirrhosis of the liver", "child_pugh"),
        ("Ketamine bladder", "dx.ketamine_uropathy"),
        ("Hypertension", "dx.htn"),
    ],
)
def test_words_that_name_a_condition_leave_it_open(label: str, asks: str) -> None:
    found = listing(words(label))
    assert found.decision == "defer"
    assert asks in missing(found)


@pytest.mark.parametrize(
    "entry",
    [
        *map(words, ("Hypothyroidism", "Asthma, mild intermittent", "GERD", "Migraine with aura", "Gout")),
        *map(words, ("Type 2 diabetes mellitus", "Seasonal allergies", "Family history of stroke")),
        *map(
            words, ("Cataracts", "Recurrent UTIs", "Colon polyps", "Childhood asthma", "Raynaud's phenomenon")
        ),
        *map(
            words, ("History of appendectomy", "s/p laparoscopic cholecystectomy", "Lumbago", "PMDD", "Lupus")
        ),
        *map(words, ("Status post total knee replacement", "Peripheral neuropathy", "Long COVID", "Bruxism")),
        *(
            {"icd10cm": code}
            for code in ("D64.9", "Z87.891", "Z90.49", "Z96.651", "Z86.16", "Z79.899", "U09.9")
        ),
        *(
            {"icd10cm": code}
            for code in ("E87.6", "E83.42", "G62.9", "G50.0", "G35", "B20", "Z85.3", "I73.00")
        ),
        *({"key": key} for key in ("hypothyroidism", "asthma", "gerd", "migraine", "adhd")),
        *({"icd10cm": code} for code in ("E03.9", "J45.909", "K21.9", "G43.909", "M54.50", "Z56.0")),
        *({"snomed": code, "label": "Full-time employment (finding)"} for code in ("160903007", "1")),
    ],
    ids=str,
)
def test_what_no_rule_asks_about_is_recognised_as_that(entry: dict[str, Any]) -> None:
    assert listing({"status": "active", **entry}).decision == "eligible"


@pytest.mark.hazard("H028")
@pytest.mark.parametrize("label", ["Asthma; Eisenmenger syndrome", "Migraine and Zxqw", "Fracture of skull"])
def test_a_known_name_does_not_cover_what_else_stands_in_the_line(label: str) -> None:
    assert f"problem:{label}" in missing(listing(words(label)))


@pytest.mark.hazard("H028")
@pytest.mark.parametrize(
    "entry",
    [
        *map(
            words, ("Strokes", "Endarterectomy", "Craniectomy", "Pneumonectomy", "Cataract surgery planned")
        ),
        *map(
            words,
            ("Status epilepticus", "Lupus cerebritis", "Aortic replacement", "Childhood absence epilepsy"),
        ),
        *(
            {"icd10cm": code}
            for code in ("I73.9", "M32.12", "Z79.891", "Z87.820", "Z90.2", "Z98.61", "Z85.841")
        ),
    ],
    ids=str,
)
def test_what_stands_near_a_harmless_name_or_code_still_waits(entry: dict[str, Any]) -> None:
    assert listing({"status": "active", **entry}).decision == "defer"


@pytest.mark.hazard("H028")
@pytest.mark.parametrize(
    ("entry", "indication", "asks"),
    [
        (words("Peripheral neuropathy"), "neuropathic", "dx.neuropathic_pain"),
        ({"icd10cm": "E11.42"}, "neuropathic", "dx.neuropathic_pain"),
        (words("Chronic low back pain"), "chronic_pain", "dx.chronic_pain"),
        ({"icd10cm": "M54.50"}, "chronic_pain", "dx.chronic_pain"),
    ],
)
def test_a_pain_that_may_be_what_is_to_be_treated_is_asked_about_there(
    entry: dict[str, Any], indication: str, asks: str
) -> None:
    form = copy.deepcopy(VIGNETTES["V01"])
    form["requested"]["indication"], form["first_line_failed"] = indication, 3
    form["scales"]["nrs"] = 7
    form["diagnoses"] = [{"status": "active", **entry}]
    found = judged(form)
    assert (found.decision, asks in missing(found)) == ("defer", True)


def test_no_code_of_a_condition_is_among_those_that_do_not_matter() -> None:
    """A code of the rules' own tables is recognised first, whatever family it is in."""
    for key, condition in codes.conditions().items():
        for start in condition.icd10cm:
            code = start.replace("?", "1")
            assert codes.recognise_problem([], [("icd10cm", code)]).keys, (key, start)
        assert not {*condition.snomed, *condition.snomed_recalled} & unasked.snomed_codes(), key


@pytest.mark.hazard("H028")
@pytest.mark.parametrize(
    "entry",
    [
        *({"icd10cm": code} for code in ("R45.851", "T14.91XA", "T39.1X2A", "X78.1XXA")),
        {"snomed": "6471006"},
        {"key": "suicidal_ideation"},
        words("Suicidal ideation"),
        words("Suicide attempt by overdose"),
    ],
    ids=str,
)
def test_suicidality_on_the_list_surfaces_whatever_the_screener_says(entry: dict[str, str]) -> None:
    found = listing({"status": "active"} | entry)
    assert (found.decision, found.urgent_escalation) == ("defer", True)
    assert "C043" in [f.rule.id for f in found.findings]


@pytest.mark.parametrize("label", ["No suicidal ideation", "Denies suicidal thoughts or suicidal plan"])
def test_words_that_deny_it_call_nobody_and_still_wait(label: str) -> None:
    found = listing(words(label))
    assert (found.decision, found.urgent_escalation) == ("defer", False)


def test_a_word_of_no_on_each_condition_settles_what_the_unknown_problem_might_be() -> None:
    facts = gather(problems=[problem(label=STRANGE)], answers={"dx.tia": "never"}, complete={"problems"})
    assert facts.denied == {"dx.tia"}


@pytest.mark.hazard("H028")
def test_words_alone_are_a_problem_and_empty_ones_say_nothing() -> None:
    found = listing({"label": "Brain aneurysm", "status": "active"})
    assert (found.decision, "dx.aneurysm" in missing(found)) == ("defer", True)
    for label in ("", "  ", None):
        coded = listing({"icd10cm": "I10", "label": label, "status": "active"})
        assert coded == listing({"icd10cm": "I10", "status": "active"})
    with pytest.raises(BadInput, match="neither a key, a code nor words"):
        listing({"label": "", "status": "active"})


# -- on the pages ---------------------------------------------------------------------------------------------


@pytest.fixture
def patient(new_patient: Callable[..., UUID]) -> UUID:
    return new_patient("Halvorsen", "Ines")


def listed(patient: UUID, label: str = STRANGE) -> UUID:
    body = Diagnosis(label=label, status=ProblemStatus.ACTIVE)
    return store.append([said(body, f"chart:{patient}")])[0].id


def stands(patient: UUID) -> Problem:
    ((_, body),) = store.load(f"chart:{patient}").said(Diagnosis)
    return problem_of(body)


def send(client: Client, patient: UUID, entry: UUID, what: str = "", **typed: str) -> Any:
    posted = {"entry_id": str(uuid4()), "reason": "asked the patient", **typed}
    return client.post(f"/patients/{patient}/problems/{entry}{what}", posted)


@pytest.mark.hazard("H028")
def test_the_list_says_that_a_problem_is_not_recognised_and_where_it_is_settled(
    patient: UUID, sign_in: Callable[..., Client]
) -> None:
    entry, client = listed(patient), sign_in("nurse")
    html = client.get(f"/patients/{patient}/history").content.decode()
    assert "not recognised: a reason to wait until it is settled" in html
    assert f"/patients/{patient}/problems/{entry}" in html
    page = client.get(f"/patients/{patient}/problems/{entry}").content.decode()
    assert "A prescriber can record by name that it does not matter" in page


def test_a_nurse_matches_it_to_a_known_condition(patient: UUID, sign_in: Callable[..., Client]) -> None:
    entry, client = listed(patient), sign_in("nurse")
    assert send(client, patient, entry, is_a="asthmatic thing").status_code == 422
    assert send(client, patient, entry, is_a="stroke").status_code == 422
    assert send(client, patient, entry, is_a="Ischaemic stroke").status_code == 302
    assert stands(patient).keys == {"ischaemic_stroke"}


def test_a_prescriber_dismisses_it_by_name_once(patient: UUID, sign_in: Callable[..., Client]) -> None:
    entry = listed(patient)
    assert send(sign_in("nurse"), patient, entry, "/dismiss").status_code == 403
    client = sign_in("prescriber")
    assert send(client, patient, entry, "/dismiss", reason="").status_code == 422
    assert send(client, patient, entry, "/dismiss").status_code == 302
    assert not stands(patient).stranger
    corrections = store.load(f"chart:{patient}").line(entry)
    assert send(client, patient, entry, "/dismiss").status_code == 302
    assert store.load(f"chart:{patient}").line(entry) == corrections


def test_a_condition_that_is_known_is_not_dismissed(patient: UUID, sign_in: Callable[..., Client]) -> None:
    body = Diagnosis(label="Stroke", status=ProblemStatus.ACTIVE, keys=("ischaemic_stroke",))
    entry = store.append([said(body, f"chart:{patient}")])[0].id
    answer = send(sign_in("prescriber"), patient, entry, "/dismiss")
    assert answer.status_code == 422
    assert "is known, and rules may ask about it" in answer.content.decode()


@pytest.mark.hazard("H028")
@pytest.mark.parametrize("label", ["Suicidal ideation", "Stroke", "Heart failure"])
def test_nor_is_one_that_its_words_name(patient: UUID, sign_in: Callable[..., Client], label: str) -> None:
    entry, client = listed(patient, label), sign_in("prescriber")
    assert (
        "nobody can say that it does not matter"
        in client.get(f"/patients/{patient}/problems/{entry}").content.decode()
    )
    assert send(client, patient, entry, "/dismiss").status_code == 422
    assert problem_of(store.load(f"chart:{patient}").said(Diagnosis)[0][1]).named
