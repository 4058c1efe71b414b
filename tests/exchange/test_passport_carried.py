"""A treatment passport carried from one Lowtide to another, back home, and what plain doses of others count as."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from lowtide.exchange.fhir import invariants, reader
from lowtide.exchange.fhir import passport as fhir
from lowtide.exchange.fhir.mapping import table
from lowtide.exchange.fhir.mapping.parts import Context
from lowtide.pathway.course.exposure import Exposure, elsewhere, exposure
from lowtide.pathway.course.sessions import sessions
from lowtide.pathway.outcomes.passport import passport
from lowtide.pathway.safety.longterm import clinic
from lowtide.pathway.safety.models import ExposureRow
from lowtide.people.charts import whole_chart
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer
from lowtide.record.entries.events import AdverseEvent, AdverseEventFollowed
from lowtide.record.entries.history import Diagnosis, Medicine, ProblemStatus
from lowtide.record.entries.identity import Linked, Patient
from lowtide.record.entries.longterm import TreatedElsewhere
from tests.conftest import said
from tests.exchange.making import Json, bundle, concept, patient, quantity
from tests.exchange.report import File
from tests.exchange.test_import import bring, chart
from tests.pathway.course.story import Story, items_for

RXNORM, ATC, SNOMED = (
    "http://www.nlm.nih.gov/research/umls/rxnorm",
    "http://www.whocc.no/atc",
    "http://snomed.info/sct",
)
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
OTHERS = TreatedElsewhere(
    drug="esketamine",
    told_by="clinic",
    route="in",
    first="2025-01",
    last="2025-03",
    sessions=8,
    mg=Decimal(448),
    still=Answer.NO,
)


def treated(times: int = 2) -> Story:
    """Somebody with sessions here, and with eight elsewhere before."""
    story = Story().took_history().decided().planned().phq9(20)
    story.say(OTHERS)
    story.say(Diagnosis(label="Recurrent depression", status=ProblemStatus.ACTIVE))
    story.say(Medicine(name="sertraline", status=ProblemStatus.ACTIVE, dose="100 mg daily"))
    story.now = story.first_at
    for number in range(1, times + 1):
        story.held(number).after(days=3)
    return story.phq9(8)


def handed(found: Chart, name: UUID | None = None) -> Json:
    who = found.last(Patient)
    person = who[1] if who else Patient(family="Rasmussen", given="Noor", birth_date="1980-01-01")
    return fhir.document(passport(found, person), name or UUID(found.stream.partition(":")[2]), None, NOW)


def carried(made: Json) -> File:
    return File("passport.json", fhir.encoded(made))


def counted(found: Chart, days: int | None = None) -> Exposure:
    doses = [s.dose for s in sessions(found) if s.dose]
    return exposure(doses, elsewhere(found), datetime.now(UTC), days)


def by_drug(found: Chart) -> dict[str, tuple[int, int, Decimal]]:
    """drug -> (sessions at least, at most, mg known), here and elsewhere and by every way together."""
    told: dict[str, tuple[int, int, Decimal]] = {}
    for a in counted(found).amounts:
        least, most, mg = told.get(a.drug, (0, 0, Decimal(0)))
        here = a.sessions
        told[a.drug] = (least + here + a.elsewhere_least, most + here + a.elsewhere_most, mg + a.mg_known)
    return told


@pytest.mark.django_db
def test_a_passport_counts_in_an_empty_record_as_it_counts_at_home() -> None:
    home = treated().chart
    report = bring(carried(handed(home)))
    assert not report.refused
    abroad = chart()
    assert counted(abroad).sessions == 0
    assert by_drug(abroad) == by_drug(home)
    assert {(o.drug, o.sessions) for o in elsewhere(abroad)} == {("ketamine", 1), ("esketamine", 8)}
    assert {o.route for o in elsewhere(abroad)} == {"iv", "in"}


@pytest.mark.django_db
def test_a_passport_brought_twice_counts_once_and_a_newer_one_adds_what_is_new() -> None:
    story = treated(1)
    bring(carried(handed(story.chart)))
    before = by_drug(chart())
    assert bring(carried(handed(story.chart)), later=True).imported == 0
    assert by_drug(chart()) == before
    story.held(2)
    bring(carried(handed(story.chart)), later=True)
    assert by_drug(chart()) == by_drug(story.chart)


@pytest.mark.hazard("H001")
@pytest.mark.django_db
def test_a_passport_that_comes_home_joins_its_own_chart_and_adds_nothing(
    new_patient: Callable[..., UUID],
) -> None:
    name = new_patient()
    story = treated()
    story.stream = f"chart:{name}"
    for draft in story.drafts:
        store.append([msgspec.structs.replace(draft, stream=story.stream)])
    home = store.load(story.stream)
    medicines, problems, count = len(home.said(Medicine)), len(home.said(Diagnosis)), by_drug(home)
    who = home.last(Patient)
    report = bring(carried(handed(home)))
    assert not report.refused
    assert store.streams("chart:") == [story.stream]
    again = store.load(story.stream)
    assert (len(again.said(Medicine)), len(again.said(Diagnosis)), by_drug(again)) == (
        medicines,
        problems,
        count,
    )
    assert again.last(Patient) == who


@pytest.mark.django_db
def test_what_went_to_another_clinic_and_comes_back_is_known_again() -> None:
    story = treated()
    bring(carried(handed(story.chart)))
    back = handed(chart())
    told = [e["resource"] for e in back["entry"] if e["resource"]["resourceType"] == "MedicationStatement"]
    ids = {i["value"] for r in told for i in r["identifier"] if i["system"] == "urn:lowtide:session"}
    assert ids == {str(s.dose.session) for s in sessions(story.chart) if s.dose}


@pytest.mark.django_db
def test_two_charts_of_one_person_tell_a_session_once(new_patient: Callable[..., UUID]) -> None:
    story = treated(1)
    story.tell()
    bring(carried(handed(store.load(story.stream), uuid4())))
    (other,) = [s for s in store.streams("chart:") if s != story.stream]
    for mine, theirs in ((story.stream, other), (other, story.stream)):
        store.append([said(Linked(other=theirs), mine, reason="the same person")])
    assert by_drug(whole_chart(story.stream))["ketamine"][:2] == (1, 1)
    assert ExposureRow.objects.filter(drug="ketamine").count() == 2
    lines = clinic.lines(story.now + timedelta(days=1))
    assert [one.counts[365] for one in lines] == [1]


# -- plain doses of other systems -----------------------------------------------------------------------------


def dose(name: str = "m1", /, **more: Any) -> Json:
    return {
        "resourceType": "MedicationAdministration",
        "id": name,
        "status": "completed",
        "medicationCodeableConcept": concept("6130", RXNORM, "ketamine"),
        "subject": {"reference": "Patient/1"},
        "effectiveDateTime": "2026-11-20T10:00:00Z",
        "dosage": {"route": concept("47625008", SNOMED), "dose": quantity(40, "mg")},
    } | more


def read(resource: Json) -> Any:
    return table.read(reader.decode(msgspec.json.encode(resource)), Context(UTC, lambda _: None))


def test_a_plain_dose_of_ketamine_is_one_session_elsewhere_and_says_what_is_assumed() -> None:
    (said_,) = read(dose()).said
    assert (said_.body.drug, said_.body.route, said_.body.sessions, said_.body.mg) == (
        "ketamine",
        "iv",
        1,
        Decimal(40),
    )
    assert said_.body.first == said_.body.last == "2026-11-20"
    assert "counted as treatment" in said_.body.note


@pytest.mark.parametrize(
    ("medicine", "drug"),
    [
        ({"text": "Spravato 56 mg"}, "esketamine"),
        ({"text": "esketamine nasal spray"}, "esketamine"),
        (concept("N06AX27", ATC), "esketamine"),
        ({"coding": [{"system": RXNORM, "code": "1", "display": "ketamine 50 MG/ML Injection"}]}, "ketamine"),
        ({"text": "ondansetron"}, None),
        ({"text": "street ketamine"}, None),
        ({"text": "ketamine and midazolam"}, None),
    ],
)
def test_the_drug_is_told_by_code_or_by_name_and_nothing_else_counts(
    medicine: Json, drug: str | None
) -> None:
    found = read(dose(medicationCodeableConcept=medicine))
    assert [s.body.drug for s in found.said] == ([drug] if drug else [])
    assert bool(found.kept_because) is (drug is None)


@pytest.mark.parametrize(
    "more",
    [
        {"status": "not-done"},
        {"status": "entered-in-error"},
        {"reasonCode": [{"text": "General anesthesia"}]},
        {"reasonCode": [{"text": "Rapid sequence intubation"}]},
        {"note": [{"text": "given for surgery of the hip"}]},
        {"partOf": [{"display": "Anaesthesia for reduction of fracture"}]},
    ],
    ids=str,
)
def test_what_was_not_given_or_was_no_treatment_is_kept_and_counts_nothing(more: Json) -> None:
    found = read(dose(**more))
    assert not found.said
    assert found.kept_because


@pytest.mark.parametrize(
    ("more", "mg"),
    [
        ({"dosage": {"dose": quantity("0.04", "g")}}, Decimal(40)),
        ({"dosage": {"dose": quantity(0.5, "mg/kg")}}, None),
        ({"dosage": {"dose": quantity(4, "mL")}}, None),
        ({"dosage": {"text": "as ordered", "rateQuantity": quantity(60, "mL/h")}}, None),
        ({"status": "in-progress"}, None),
    ],
    ids=str,
)
def test_an_amount_is_never_guessed(more: Json, mg: Decimal | None) -> None:
    (said_,) = read(dose(**more)).said
    assert said_.body.mg == mg


@pytest.mark.django_db
def test_doses_of_one_day_are_parts_of_one_session() -> None:
    three = [dose(f"m{n}", dosage={"dose": quantity(28, "mg")}) for n in range(3)]
    bring(patient(), bundle(*three, dose("m9", effectiveDateTime="2026-11-22")))
    assert by_drug(chart()) == {"ketamine": (2, 2, Decimal(124))}


# -- what is in it ----------------------------------------------------------------------------------------------


def of_kind(made: Json, kind: str) -> list[Json]:
    return [e["resource"] for e in made["entry"] if e["resource"]["resourceType"] == kind]


def test_a_dose_that_is_not_known_is_said_to_be_absent_and_is_never_nothing() -> None:
    story = Story().took_history().decided().planned()
    story.now = story.first_at
    story.ordered().started()
    found = story.chart
    made = handed(found)
    assert not fhir.faults(made)
    (one,) = of_kind(made, "MedicationAdministration")
    assert "value" not in one["dosage"]["dose"]
    assert passport(found, Patient(family="A", given="B")).totals[0].amount == "not known"
    del one["dosage"]["dose"]
    assert [f.what[-7:] for f in fhir.faults(made)] == ["(mad-1)"]
    assert invariants.faults(made)[0].path.startswith("Bundle.entry[")


def test_drug_and_route_carry_the_codes_that_somebody_has_looked_up_and_no_others() -> None:
    made = handed(treated(1).chart)
    (one,) = of_kind(made, "MedicationAdministration")
    assert one["medicationCodeableConcept"]["coding"] == [{"system": ATC, "code": "N01AX03"}]
    assert one["dosage"]["route"]["coding"][0]["code"] == "47625008"
    statements = {r["medicationCodeableConcept"]["text"]: r for r in of_kind(made, "MedicationStatement")}
    assert statements["sertraline"]["medicationCodeableConcept"]["coding"] == [
        {"system": ATC, "code": "N06AB06"}
    ]
    assert "coding" not in statements["esketamine"]["dosage"][0]["route"]


def test_an_event_stands_as_it_is_now_with_its_worst_grade_and_how_it_ended() -> None:
    story = treated(1)
    event = story.say(AdverseEvent(term="dissociation", grade=3, serious=Answer.NO))
    story.after(days=1).say(
        AdverseEventFollowed(
            event=event.id,
            outcome="recovered",
            grade=4,
            serious=Answer.YES,
            criteria=("life_threatening",),
            ended_at=story.now,
        )
    )
    made = handed(story.chart)
    (one,) = of_kind(made, "AdverseEvent")
    assert one["severity"]["text"] == "Life-threatening (grade 4)"
    assert one["seriousness"]["coding"][0]["code"] == "Serious"
    assert one["outcome"]["coding"][0]["code"] == "resolved"
    assert not fhir.faults(made)


def test_the_passport_says_whether_it_helped_and_how_high_the_pressure_rose() -> None:
    story = treated(1)
    found = passport(story.chart, Patient(family="A", given="B"))
    assert (found.verdict, [int(s.value) for s in found.scores]) == ("Response", [20, 8])
    assert "60 % lower" in found.verdict_text
    sections = of_kind(handed(story.chart), "Composition")[0]["section"]
    assert "Response" in next(s for s in sections if s["title"] == "Did it help")["text"]["div"]


def test_a_total_that_nobody_is_sure_of_yet_goes_out_as_preliminary() -> None:
    story = treated()
    story.after(days=3).answered(items_for(4), mode="phone")
    unfinished = msgspec.structs.replace(story.drafts[-1].body, complete=False)
    story.drafts[-1] = msgspec.structs.replace(story.drafts[-1], body=unfinished)
    made = handed(story.chart)
    totals = [e["resource"] for e in made["entry"] if e["resource"].get("effectiveDateTime")]
    said_ = {o["valueQuantity"]["value"]: o["status"] for o in totals if o["resourceType"] == "Observation"}
    assert said_ == {20: "final", 8: "final", 4: "preliminary"}
    assert "4, not confirmed: the form was not finished" in str(made)
    assert not fhir.faults(made)
