"""Who somebody is; problems, medicines and allergies: yes, no and not known stay three things."""

from decimal import Decimal

import pytest

from lowtide.exchange.fhir.mapping import patient as mapping
from lowtide.record.entries.history import Allergy, Diagnosis, Medicine, ProblemStatus
from lowtide.record.entries.identity import Contact, Identifier, Sex
from tests.exchange.making import HOSPITAL, SNOMED, Json, bodies, concept, condition, patient, read

CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
IPS = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
REQUEST: Json = {"resourceType": "MedicationRequest", "id": "m1", "status": "active", "intent": "order"}
STATEMENT: Json = {"resourceType": "MedicationStatement", "id": "s1", "status": "active"}
ALLERGY: Json = {"resourceType": "AllergyIntolerance", "id": "a1"}


def diagnosis(**more: object) -> Diagnosis:
    (body,) = bodies(read(condition(**more)))
    assert isinstance(body, Diagnosis)
    return body


def medicine(resource: Json, *others: Json) -> Medicine:
    (body,) = bodies(read(resource, *others))
    assert isinstance(body, Medicine)
    return body


def allergy(**more: object) -> Allergy:
    (body,) = bodies(read(ALLERGY | more))
    assert isinstance(body, Allergy)
    return body


# -- the person -----------------------------------------------------------------------------------------------


def test_the_name_in_use_is_chosen_and_the_old_one_kept() -> None:
    names = [
        {"use": "old", "family": "Shaw", "given": ["Amy"]},
        {"use": "nickname", "given": ["Amykins"]},
        {"family": "Baxter", "given": ["Amy", "V."]},
    ]
    found = mapping.read(patient(name=names))
    assert (found.family, found.given, found.preferred, found.former_names) == (
        "Baxter",
        "Amy V.",
        "Amykins",
        ("Shaw",),
    )


def test_a_name_that_is_only_text_is_a_name() -> None:
    assert mapping.read(patient(name=[{"text": "Cher"}])).family == "Cher"


def test_somebody_without_a_name_is_said_to_be_unnamed() -> None:
    assert mapping.read(patient(name=[])).family == "Unnamed"


def test_a_partial_birth_date_keeps_its_precision() -> None:
    assert mapping.read(patient(birthDate="1980")).birth_date == "1980"


def test_sex_at_birth_counts_for_the_rules_where_it_is_said() -> None:
    at_birth = [{"url": mapping.BIRTH_SEX, "valueCode": "F"}]
    assert mapping.read(patient(gender="male", extension=at_birth)).sex is Sex.FEMALE
    assert mapping.read(patient(gender="male")).sex is Sex.MALE


def test_numbers_that_do_not_last_are_left_out() -> None:
    numbers = [
        {"system": HOSPITAL, "value": " 7 "},
        {"system": HOSPITAL, "value": "8", "use": "temp"},
        {"value": "without a system"},
    ]
    assert mapping.read(patient(identifier=numbers)).identifiers == (Identifier(HOSPITAL, "7"),)


def test_how_to_reach_somebody() -> None:
    found = mapping.read(
        patient(
            telecom=[
                {"system": "phone", "value": "1", "use": "old"},
                {"system": "phone", "value": "555 0100"},
                {"system": "email", "value": "ada@example.org"},
            ],
            address=[{"line": ["1 Main St"], "city": "Mounds", "postalCode": "74047"}],
            contact=[
                {"name": {"given": ["Bea"], "family": "Test"}, "telecom": [{"system": "phone", "value": "2"}]}
            ],
            communication=[{"language": concept("en", "urn:ietf:bcp:47"), "preferred": True}],
            deceasedDateTime="2020",
        )
    )
    assert found.contact == Contact(
        phone="555 0100",
        email="ada@example.org",
        address="1 Main St, Mounds, 74047",
        other_person="Bea Test",
        other_phone="2",
    )
    assert (found.language, found.deceased) == ("en", True)


# -- problems -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clinical", "status"),
    [
        ("active", ProblemStatus.ACTIVE),
        ("relapse", ProblemStatus.ACTIVE),
        ("remission", ProblemStatus.PAST),
        ("resolved", ProblemStatus.PAST),
    ],
)
def test_a_problem_is_active_or_past(clinical: str, status: ProblemStatus) -> None:
    assert diagnosis(clinicalStatus=concept(clinical, CLINICAL)).status is status


def test_a_refuted_problem_is_known_not_to_be_there() -> None:
    assert diagnosis(verificationStatus=concept("refuted", VERIFICATION)).status is ProblemStatus.REFUTED


@pytest.mark.parametrize("word", ["unconfirmed", "provisional", "differential"])
def test_a_problem_in_doubt_is_neither_yes_nor_no(word: str) -> None:
    found = diagnosis(verificationStatus=concept(word, VERIFICATION))
    assert (found.status, found.note) == (ProblemStatus.UNKNOWN, word)


def test_a_problem_entered_in_error_says_nothing() -> None:
    reading = read(condition(verificationStatus=concept("entered-in-error", VERIFICATION)))
    assert (reading.said, reading.kept_because) == ((), "entered in error at its source")


def test_a_problem_without_a_status_is_past_if_it_ended_and_else_unknown() -> None:
    given = condition()
    del given["clinicalStatus"]
    (unknown,), (past,) = bodies(read(given)), bodies(read(given | {"abatementDateTime": "2020"}))
    assert (unknown.status, past.status) == (ProblemStatus.UNKNOWN, ProblemStatus.PAST)


def test_a_problem_keeps_codes_dates_severity_and_site() -> None:
    found = diagnosis(
        code={"coding": [{"system": SNOMED, "code": "128200000", "display": "CRPS"}], "text": "Pain"},
        onsetDateTime="2012-05",
        abatementDateTime="2019-01-02T03:04:05Z",
        severity=concept("24484000", SNOMED, "severe"),
        bodySite=[{"text": "left hand"}],
        note=[{"text": "since a fracture"}],
    )
    assert (found.label, found.codings[0].code, found.codings[0].display) == ("Pain", "128200000", "CRPS")
    assert (found.onset, found.ended, found.severity) == ("2012-05", "2019-01-02", "severe")
    assert found.note == "site: left hand; since a fracture"


def test_no_known_problems_rules_nothing_out() -> None:
    reading = read(condition(code=concept("no-known-problems", IPS)))
    assert reading.said == ()
    assert "whether somebody asked is not said" in (reading.kept_because or "")


# -- allergies ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "system", "substance"),
    [
        ("716186003", SNOMED, "any"),
        ("409137002", SNOMED, "any medicine"),
        ("no-known-allergies", IPS, "any"),
        ("no-known-medication-allergies", IPS, "any medicine"),
    ],
)
def test_no_known_allergy_is_a_refuted_entry_and_no_empty_list(
    code: str, system: str, substance: str
) -> None:
    found = allergy(code=concept(code, system))
    assert (found.substance, found.status) == (substance, ProblemStatus.REFUTED)


def test_nothing_known_about_allergies_is_no_entry() -> None:
    reading = read(ALLERGY | {"code": concept("no-allergy-info", IPS)})
    assert (reading.said, reading.kept_because) == ((), "it says that nothing is known about allergies")


def test_no_known_allergy_that_is_refuted_itself_says_nothing_either_way() -> None:
    refuted = concept("refuted", "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification")
    assert (
        allergy(code=concept("716186003", SNOMED), verificationStatus=refuted).status is ProblemStatus.UNKNOWN
    )


def test_an_allergy_tells_its_reaction() -> None:
    active = concept("active", "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical")
    reaction = [{"manifestation": [{"text": "hives"}, {"text": "wheeze"}], "severity": "severe"}]
    found = allergy(code={"text": "penicillin"}, clinicalStatus=active, reaction=reaction, criticality="high")
    assert (found.substance, found.status) == ("penicillin", ProblemStatus.ACTIVE)
    assert found.reaction == "hives, wheeze; severe; high criticality"


# -- medicines ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "found"),
    [
        ("active", ProblemStatus.ACTIVE),
        ("completed", ProblemStatus.PAST),
        ("not-taken", ProblemStatus.REFUTED),
        ("on-hold", ProblemStatus.UNKNOWN),
        ("intended", ProblemStatus.UNKNOWN),
    ],
)
def test_a_statement_says_whether_a_medicine_is_taken(status: str, found: ProblemStatus) -> None:
    given = STATEMENT | {"status": status, "medicationCodeableConcept": {"text": "sertraline"}}
    assert medicine(given).status is found


@pytest.mark.parametrize("status", ["draft", "cancelled", "entered-in-error"])
def test_a_request_that_came_to_nothing_is_kept(status: str) -> None:
    given = REQUEST | {"status": status, "medicationCodeableConcept": {"text": "sertraline"}}
    assert read(given).said == ()


def test_a_medicine_only_planned_is_kept_unless_the_patient_reports_it() -> None:
    given = REQUEST | {"intent": "plan", "medicationCodeableConcept": {"text": "paracetamol"}}
    assert read(given).said == ()
    assert medicine(given | {"reportedBoolean": True}).status is ProblemStatus.ACTIVE


def test_a_request_not_to_give_is_no_medicine() -> None:
    given = REQUEST | {"doNotPerform": True, "medicationCodeableConcept": {"text": "tramadol"}}
    assert read(given).said == ()


def test_a_medicine_is_read_from_the_resource_it_refers_to() -> None:
    drug = {
        "resourceType": "Medication",
        "id": "d1",
        "code": {"text": "Zoloft 50 mg"},
        "ingredient": [
            {"itemCodeableConcept": concept("36437", "http://www.nlm.nih.gov/research/umls/rxnorm")}
        ],
    }
    found = medicine(STATEMENT | {"medicationReference": {"reference": "Medication/d1"}}, drug)
    assert (found.name, found.codings[0].code) == ("Zoloft 50 mg", "36437")


def test_a_medicine_that_is_not_here_goes_by_the_name_beside_the_reference() -> None:
    found = medicine(STATEMENT | {"medicationReference": {"reference": "Medication/x", "display": "lithium"}})
    assert found.name == "lithium"


def test_a_medicine_without_any_name_is_kept() -> None:
    assert read(STATEMENT | {"medicationReference": {"reference": "Medication/x"}}).said == ()


def dosage(value: object, unit: str, **timing: object) -> list[Json]:
    return [
        {"doseAndRate": [{"doseQuantity": {"value": value, "unit": unit, "code": unit}}], "timing": timing}
    ]


TWICE_DAILY = {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}


@pytest.mark.parametrize(
    ("given", "daily"),
    [
        (dosage(75, "mg", **TWICE_DAILY), Decimal(150)),
        (
            dosage(0.5, "g", code=concept("BID", "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation")),
            Decimal(1000),
        ),
        (dosage(10, "mg", repeat={"frequency": 1, "period": 8, "periodUnit": "h"}), Decimal(30)),
        (dosage(1, "tablet", **TWICE_DAILY), None),
        (dosage(75, "mg"), None),
        (dosage(75, "mg", repeat={"frequency": 1, "frequencyMax": 3, "period": 1, "periodUnit": "d"}), None),
        ([dosage(75, "mg", **TWICE_DAILY)[0] | {"asNeededBoolean": True}], None),
        (dosage(75, "mg", **TWICE_DAILY) * 2, None),
    ],
)
def test_a_daily_dose_is_told_only_where_nothing_is_left_open(
    given: list[Json], daily: Decimal | None
) -> None:
    resource = REQUEST | {"medicationCodeableConcept": {"text": "x"}, "dosageInstruction": given}
    assert medicine(resource).daily_dose_mg == daily


def test_the_written_dose_is_kept_as_it_is_written() -> None:
    resource = STATEMENT | {
        "medicationCodeableConcept": {"text": "x"},
        "dosage": [{"text": "one at night"}],
        "effectivePeriod": {"start": "2020-03", "end": "2021"},
    }
    found = medicine(resource)
    assert (found.dose, found.started, found.stopped) == ("one at night", "2020-03", "2021")


def test_no_known_medicines_rules_nothing_out() -> None:
    given = STATEMENT | {"medicationCodeableConcept": concept("no-known-medications", IPS)}
    assert read(given).said == ()


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "Procedure", "id": "p", "status": "completed", "code": {"text": "ECT"}},
        {"resourceType": "Encounter", "id": "e", "status": "finished", "class": {"code": "AMB"}},
        {"resourceType": "Immunization", "id": "i", "status": "completed"},
    ],
)
def test_what_has_no_kind_of_entry_is_kept_with_the_reason(resource: Json) -> None:
    reading = read(resource)
    assert reading.said == ()
    assert reading.kept_because
