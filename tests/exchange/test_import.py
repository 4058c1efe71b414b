"""Importing writes each thing once, corrects what changed, and overrules nobody."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lowtide.exchange.fhir.placement import INBOX
from lowtide.exchange.imports import import_files
from lowtide.exchange.models import ResourceIndex
from lowtide.exchange.report import ImportReport, as_json
from lowtide.people.projections import number_of
from lowtide.record import redaction, store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Body, Source
from lowtide.record.entries.clinic import EnteredInError, FhirResource, Received
from lowtide.record.entries.history import Diagnosis, Measurement
from lowtide.record.entries.identity import Identifier, Linked, Patient
from lowtide.record.verify import verify
from tests.conftest import said
from tests.exchange.making import (
    HOSPITAL,
    NOW,
    Json,
    bundle,
    concept,
    condition,
    file,
    ndjson,
    observation,
    patient,
    text,
    weight,
)
from tests.exchange.report import SAMPLES, File

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)
TWO = bundle(patient("1"), patient("2", name=[{"family": "Other"}], birthDate="1951-01-01"))


def bring(*documents: object, later: bool = False, **more: object) -> ImportReport:
    files = [d if isinstance(d, File) else file(d, f"{n}.json") for n, d in enumerate(documents)]
    return import_files(files, now=LATER if later else NOW, **more)  # type: ignore[arg-type]


def chart() -> Chart:
    """The only chart there is."""
    (stream,) = store.streams("chart:")
    return store.load(stream)


def everything() -> dict[str, int]:
    return {stream: store.load(stream).seq for stream in store.streams()}


def stranger() -> Json:
    """Somebody else with the same id."""
    numbers = [{"system": HOSPITAL, "value": "other"}]
    return patient(name=[{"family": "Other", "given": ["Bo"]}], birthDate="1951-01-01", identifier=numbers)


def only(kind: type[Body], of: Chart | None = None) -> Body:
    ((_, body),) = (of or chart()).said(kind)
    return body


# -- the first time -------------------------------------------------------------------------------------------


def test_a_new_patient_gets_a_chart_and_the_clinics_number() -> None:
    found = bring(bundle(patient(), condition()))
    assert as_json(found) == {
        "imported": 2,
        "unchanged": 0,
        "updated": 0,
        "kept_only": 0,
        "patients": [{"id": chart().stream.removeprefix("chart:"), "name": "Ada Testperson", "new": True}],
        "refused": [],
    }
    who = only(Patient)
    assert isinstance(who, Patient)
    assert number_of(who) == "LT-0001"
    assert Identifier(HOSPITAL, "MRN-1") in who.identifiers


def test_each_entry_points_back_to_its_resource_and_that_to_its_file() -> None:
    bring(condition(), patient())
    ((entry, _),) = chart().said(Diagnosis)
    stream, _, resource_id = (entry.origin or "").rpartition("/")
    resource = chart().entries[UUID(resource_id)]
    assert (stream, resource.body.resource_type, entry.source) == (chart().stream, "Condition", Source.IMPORT)
    inbox, _, received = (resource.origin or "").rpartition("/")
    assert inbox == INBOX
    assert store.load(INBOX).entries[UUID(received)].body == Received(
        name="0.json", digest=store.load(INBOX).entries[UUID(received)].body.digest, summary="FHIR R4"
    )


def test_what_is_stored_is_what_arrived_byte_for_byte() -> None:
    odd = b'{ "resourceType":"Condition", "id":"c1" ,"subject":{"reference":"Patient/1"},\n "code":{"text":"\\u00fc \xc3\xbc"}}'
    bring(patient(), File("c.json", b"  " + odd + b"\n"))
    stored = [b.json.encode() for _, b in chart().said(FhirResource) if b.resource_type == "Condition"]
    assert stored == [odd]


def test_a_bad_file_is_refused_whole_and_the_others_come_in() -> None:
    wrong = bundle(condition("x", "c2"), observation("8867-4") | {"status": "bogus"})
    found = bring(bundle(patient(), condition()), wrong)
    assert [(r.file, r.path) for r in found.refused] == [("1.json", "Bundle.entry[1].resource.status")]
    assert only(Diagnosis).label == "Depression"  # type: ignore[attr-defined]


def test_a_dry_run_writes_nothing() -> None:
    found = bring(bundle(patient(), condition()), dry_run=True)
    assert (found.imported, store.streams()) == (2, [])


def test_a_real_patient_of_the_samples_comes_in_whole() -> None:
    path = next((SAMPLES / "synthea-r4-bundles").glob("Milan*"))
    found = bring(File("m.json", path.read_bytes()))
    assert found.imported + found.kept_only == 220
    assert (found.imported, found.patients[0].name) == (127, "Milan Beatty")
    assert verify().ok


def test_labels_of_substance_use_narrow_who_may_read() -> None:
    label = {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "SUD"}]}
    bring(bundle(patient(), condition("Opioid dependence", meta=label)))
    ((entry, _),) = chart().said(Diagnosis)
    assert entry.visible_to == ("prescriber", "medical_director", "therapist")
    assert not chart().seen_by(frozenset({"nurse"}), "staff:x").said(Diagnosis)


# -- again ----------------------------------------------------------------------------------------------------


def test_the_same_file_twice_changes_nothing() -> None:
    files = bundle(
        patient(), condition(), weight(70, "kg"), {"resourceType": "Organization", "id": "o", "name": "x"}
    )
    bring(files)
    before = everything()
    found = bring(files, later=True)
    assert (found.unchanged, found.imported, found.updated, found.kept_only) == (4, 0, 0, 0)
    assert everything() == before
    assert found.patients[0].new is False


def test_the_same_resource_laid_out_differently_is_unchanged() -> None:
    bring(bundle(patient(), condition()))
    import json

    again = File("again.json", json.dumps(bundle(condition(), patient()), indent=3, sort_keys=True).encode())
    assert bring(again).unchanged == 2


def test_a_real_patient_of_the_samples_twice_changes_nothing() -> None:
    path = next((SAMPLES / "synthea-r4-bundles").glob("Milan*"))
    bring(File("m.json", path.read_bytes()))
    before = everything()
    found = bring(File("another name.json", path.read_bytes()), later=True)
    assert (found.unchanged, everything()) == (220, before)


def test_files_in_any_order_mean_the_same() -> None:
    parts = [
        file(patient(), "p.json"),
        ndjson(condition(), weight(70, "kg"), name="c.ndjson"),
        file(bundle(patient("2", birthDate="1950", name=[{"family": "Other"}])), "q.json"),
        file(patient("9", gender="x"), "bad.json"),
    ]
    reports = [import_files(order, dry_run=True, now=NOW) for order in itertools.permutations(parts)]
    assert all(r == reports[0] for r in reports)


def test_a_changed_resource_corrects_its_entry() -> None:
    bring(bundle(patient(), weight(70, "kg")))
    found = bring(weight(72, "kg"), later=True)
    assert (found.updated, found.unchanged) == (1, 0)
    ((entry, body),) = chart().said(Measurement)
    assert body.value == Decimal(72)
    assert [e.body.value for e in chart().line(entry.id)] == [Decimal(70), Decimal(72)]
    assert entry.reason == "a newer version from its source"
    change = found.patients[0].changes[0]
    assert ("70" in change.old, "72" in change.new) == (True, True)


def test_a_change_that_says_the_same_corrects_only_the_resource() -> None:
    bring(bundle(patient(), condition()))
    bring(condition(extension=[{"url": "http://x.example", "valueString": "new"}]), later=True)
    ((entry, _),) = chart().said(Diagnosis)
    assert len(chart().line(entry.id)) == 1
    assert [
        len(chart().line(e.id)) for e, b in chart().said(FhirResource) if b.resource_type == "Condition"
    ] == [2]


def test_an_entry_that_its_source_no_longer_says_is_taken_back() -> None:
    bring(bundle(patient(), condition()))
    wrong = concept("entered-in-error", "http://terminology.hl7.org/CodeSystem/condition-ver-status")
    given = condition(verificationStatus=wrong)
    del given["clinicalStatus"]
    found = bring(given, later=True)
    assert chart().said(Diagnosis) == []
    assert found.patients[0].changes[0].new == "taken back"
    assert (found.updated, found.kept_only) == (1, 0)


def test_an_entry_that_its_source_says_again_stands_again() -> None:
    wrong = concept("entered-in-error", "http://terminology.hl7.org/CodeSystem/condition-ver-status")
    bring(bundle(patient(), condition()))
    bring(condition(verificationStatus=wrong), later=True)
    bring(condition(), later=True)
    ((entry, _),) = chart().said(Diagnosis)
    assert len(chart().line(entry.id)) == 3


def test_a_changed_patient_corrects_who_the_chart_says_it_is() -> None:
    bring(patient())
    bring(patient(name=[{"family": "Wed", "given": ["Ada"]}]), later=True)
    ((entry, who),) = chart().said(Patient)
    assert (who.family, number_of(who), len(chart().line(entry.id))) == ("Wed", "LT-0001", 2)


@pytest.mark.hazard("H001")
def test_an_id_that_now_means_somebody_else_is_refused() -> None:
    bring(bundle(patient(), condition()))
    found = bring(bundle(stranger(), condition("Gout", "c9")), later=True)
    assert found.refused[0].path == "Bundle.entry[0].resource"
    assert "born 1980-05-17, here" in found.refused[0].reason
    assert len(chart().said(Diagnosis)) == 1


def test_a_named_source_keeps_equal_ids_of_two_systems_apart() -> None:
    bring(bundle(patient(), condition()), source="north")
    bring(bundle(stranger(), condition("Gout")), source="south")
    assert len(store.streams("chart:")) == 2


# -- charts that are there already ----------------------------------------------------------------------------


def test_a_number_joins_a_chart_made_by_hand_and_leaves_its_word(new_patient: Callable[..., UUID]) -> None:
    stream = f"chart:{new_patient('Testperson', 'Ada')}"
    typed = store.load(stream).last(Patient)
    assert typed
    body = Patient(
        family="Testperson",
        given="Ada",
        birth_date="1980-05-17",
        identifiers=(Identifier(HOSPITAL, "MRN-1"),),
    )
    draft = said(body, stream, reason="a number was added").correcting(typed[0])
    store.append([draft])
    more = [{"system": HOSPITAL, "value": "MRN-1"}, {"system": "urn:x", "value": "77"}]
    found = bring(
        bundle(patient(identifier=more, name=[{"family": "Testperson", "given": ["A."]}]), condition())
    )
    (line,) = found.patients
    assert (line.new, line.joined_by) == (False, f"{HOSPITAL} MRN-1")
    who = only(Patient, store.load(stream))
    assert isinstance(who, Patient)
    assert (who.given, [n.value for n in who.identifiers]) == ("Ada", ["MRN-1", "77"])


def test_a_like_name_and_birth_date_makes_a_chart_and_asks(new_patient: Callable[..., UUID]) -> None:
    known = new_patient("Testperson", "Ada", "1980-05-17")
    found = bring(bundle(patient(), condition()))
    (line,) = as_json(found)["patients"]
    assert line["new"] is True
    assert [a["id"] for a in line["look_alikes"]] == [str(known)]
    assert len(store.streams("chart:")) == 2


def test_a_number_of_linked_charts_joins_one_of_them() -> None:
    bring(patient("1"), source="north")
    bring(patient("2", identifier=[{"system": "urn:y", "value": "5"}]), source="south")
    one, two = store.streams("chart:")
    store.append([said(Linked(other=two), one, reason="same"), said(Linked(other=one), two, reason="same")])
    both = [{"system": HOSPITAL, "value": "MRN-1"}, {"system": "urn:y", "value": "5"}]
    found = bring(patient("3", identifier=both), source="west")
    assert found.patients[0].new is False
    assert len(store.streams("chart:")) == 2


@pytest.mark.hazard("H001")
def test_a_number_that_two_charts_carry_joins_neither() -> None:
    bring(patient("1"), source="north")
    bring(patient("2", identifier=[{"system": "urn:y", "value": "5"}]), source="south")
    both = [{"system": HOSPITAL, "value": "MRN-1"}, {"system": "urn:y", "value": "5"}]
    found = bring(patient("3", identifier=both), source="west")
    assert found.patients[0].new is True
    assert len(found.patients[0].look_alikes) == 2


# -- people have the last word --------------------------------------------------------------------------------


def test_what_a_person_corrected_is_not_overruled() -> None:
    bring(bundle(patient(), weight(70, "kg")))
    ((entry, _),) = chart().said(Measurement)
    by_hand = Measurement(quantity="weight_kg", value=Decimal(74))
    store.append([said(by_hand, chart().stream, reason="weighed again").correcting(entry)])
    found = bring(weight(72, "kg"), later=True)
    assert only(Measurement) == by_hand
    assert "74" in found.patients[0].overruled[0].old


def test_what_a_person_took_out_is_not_brought_in_again() -> None:
    bring(bundle(patient(), condition()))
    drafts = [
        said(EnteredInError(), chart().stream, reason="not hers").correcting(entry)
        for entry in chart().standing()
        if entry.kind in ("diagnosis.1",) or getattr(entry.body, "resource_type", "") == "Condition"
    ]
    store.append(drafts)
    before = everything()
    found = bring(bundle(patient(), condition("Depression, worse")), later=True)
    assert everything() == before
    assert found.patients[0].kept[0].why == "a person took it out of this chart; it was not brought in again"


def test_what_was_redacted_stays_redacted() -> None:
    bring(bundle(patient(), condition()))
    ((entry, _),) = chart().said(Diagnosis)
    ids = [entry.id, UUID((entry.origin or "").rpartition("/")[2])]
    for gone in ids:
        redaction.redact(
            gone, by="staff:a", second_person="staff:b", legal_basis="wrong person", reason="a court order"
        )
    store.forget()
    bring(bundle(patient(), condition()), later=True)
    assert chart().said(Diagnosis) == []


# -- laws -----------------------------------------------------------------------------------------------------

VERSIONS = st.lists(st.sampled_from([60, 70, 80, None]), min_size=1, max_size=6)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(VERSIONS, st.booleans())
def test_after_any_history_of_versions_the_chart_says_the_last(
    versions: list[int | None], twice: bool
) -> None:
    """None is a version that was entered in error."""
    from django.db import transaction

    with transaction.atomic():
        for version in versions:
            resource = (
                weight(70, "kg", status="entered-in-error") if version is None else weight(version, "kg")
            )
            for _ in range(1 + twice):
                bring(bundle(patient(), resource))
        values = [body.value for _, body in chart().said(Measurement)]
        assert values == ([] if versions[-1] is None else [Decimal(versions[-1])])
        stored = [b.json for _, b in chart().said(FhirResource) if b.resource_type == "Observation"]
        assert stored == [text(resource).decode()]
        transaction.set_rollback(True)
    store.forget()


def test_the_table_of_resources_says_what_the_fold_says() -> None:
    bring(TWO, condition(), {"resourceType": "Organization", "id": "o", "name": "x"}, source="north")
    bring(condition("Depression", "c1", "Patient/2"), later=True, source="north")
    assert verify().ok
    kept: list[Json] = list(ResourceIndex.objects.values("resource_type", "resource_id"))
    assert len(kept) == 4
