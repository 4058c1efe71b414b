"""A number joins; a like name only asks; one person's history never lands in another's chart."""

import itertools

import pytest

from lowtide.exchange.fhir.placement import INBOX
from lowtide.record.entries.clinic import FhirResource
from tests.exchange.making import (
    HOSPITAL,
    Json,
    bundle,
    condition,
    file,
    ndjson,
    observation,
    patient,
    planned,
    quantity,
)


def charts(*files: object, **more: object) -> list[object]:
    return [g for g in planned(*files, **more).groups if g.stream != INBOX]  # type: ignore[arg-type]


def other(id: str, /, **more: object) -> Json:
    return patient(id, name=[{"family": "Other", "given": ["Bo"]}], birthDate="1951-01-01", **more)


def numbered(id: str, /, *values: str, **more: object) -> Json:
    return patient(id, identifier=[{"system": HOSPITAL, "value": v} for v in values], **more)


def test_each_patient_is_a_chart() -> None:
    assert len(charts(file(bundle(patient("1"), other("2"))))) == 2


def test_patients_with_one_number_are_one_chart() -> None:
    (chart,) = charts(file(patient("1")), file(numbered("2", "MRN-1"), "b.json"), source="x")
    assert {n.value for n in chart.person.identifiers} == {"MRN-1"}


def test_numbers_join_along_a_chain_in_any_order() -> None:
    three = [numbered("1", "A"), numbered("2", "A", "B"), numbered("3", "B", "C")]
    streams = {charts(ndjson(*order))[0].stream for order in itertools.permutations(three)}
    assert len(streams) == 1
    assert all(len(charts(ndjson(*order))) == 1 for order in itertools.permutations(three))


@pytest.mark.hazard("H001")
def test_a_shared_number_does_not_join_people_whose_name_and_birth_date_differ() -> None:
    found = charts(
        file(bundle(patient("1"), other("2", identifier=[{"system": HOSPITAL, "value": "MRN-1"}])))
    )
    assert len(found) == 2
    assert any(g.look_alikes for g in found)


def test_a_married_name_does_not_part_what_a_number_joins() -> None:
    married = numbered("2", "MRN-1", name=[{"family": "Wed", "given": ["Ada"]}])
    assert len(charts(file(bundle(patient("1"), married)))) == 1


def test_a_like_name_and_birth_date_only_asks() -> None:
    found = charts(file(bundle(numbered("1", "A"), numbered("2", "B"))))
    assert len(found) == 2
    assert all(len(g.look_alikes) == 1 for g in found)


def test_a_chart_has_the_same_address_wherever_it_is_imported() -> None:
    assert charts(file(patient("1")))[0].stream == charts(file(bundle(patient("1")), "z.json"))[0].stream
    assert charts(file(patient("1")))[0].stream != charts(file(patient("1")), source="elsewhere")[0].stream


def stream_of(resource_type: str, *files: object) -> str:
    """Where the one resource of this type goes."""
    (stream,) = {
        g.stream
        for g in planned(*files).groups  # type: ignore[arg-type]
        for d in g.drafts
        if isinstance(d.body, FhirResource) and d.body.resource_type == resource_type
    }
    return stream


CHART = charts(file(patient("1")))[0].stream


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient/1"},
        {"reference": "Patient/1/_history/3"},
        {"reference": f"Patient?identifier={HOSPITAL}|MRN-1"},
        {"identifier": {"system": HOSPITAL, "value": "MRN-1"}},
        {"reference": "#p"},
    ],
    ids=["relative", "versioned", "conditional", "by number", "contained"],
)
def test_a_reference_finds_its_patient(subject: Json) -> None:
    contained = [
        {"resourceType": "Patient", "id": "p", "identifier": [{"system": HOSPITAL, "value": "MRN-1"}]}
    ]
    about = condition(subject=subject) | (
        {"contained": contained} if subject.get("reference") == "#p" else {}
    )
    assert stream_of("Condition", file(patient("1")), file(about, "b.json")) == CHART


def test_a_urn_finds_the_entry_with_that_address() -> None:
    together = bundle(patient("1"), condition(subject={"reference": "urn:uuid:1"}), urls=True)
    assert stream_of("Condition", file(together)) == CHART


def test_an_address_finds_the_entry_of_that_server() -> None:
    server = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [
            {"fullUrl": "https://a.example/fhir/Patient/1", "resource": patient("1")},
            {"fullUrl": "https://a.example/fhir/Condition/c1", "resource": condition()},
        ],
    }
    (group,) = charts(file(server))
    assert {d.body.system for d in group.drafts if isinstance(d.body, FhirResource)} == {
        "https://a.example/fhir"
    }


def test_another_servers_patient_of_the_same_id_is_somebody_else() -> None:
    about = condition(subject={"reference": "https://b.example/fhir/Patient/1"})
    assert stream_of("Condition", file(patient("1")), file(about, "b.json")) == INBOX


@pytest.mark.hazard("H038")
def test_a_result_of_an_unknown_patient_goes_to_the_inbox_and_onto_no_chart() -> None:
    result = observation("1742-6", "o1", "Patient/nobody", valueQuantity=quantity(300, "U/L"))
    plan = planned(file(bundle(patient("1"), result)))
    inbox = next(g for g in plan.groups if g.stream == INBOX)
    assert [d.body.kind_name() for d in inbox.drafts] == ["fhir_resource"]
    assert inbox.kept[0].why == "the patient it names is not known here (Patient/nobody)"
    assert all(d.body.kind_name() != "result" for g in plan.groups for d in g.drafts)


@pytest.mark.parametrize(
    ("resource", "why"),
    [
        ({"resourceType": "Organization", "id": "x", "name": "Lab"}, "it is about no patient"),
        (
            {"resourceType": "Observation", "id": "x", "status": "final", "code": {"text": "x"}},
            "it names no patient",
        ),
    ],
)
def test_what_names_nobody_goes_to_the_inbox(resource: Json, why: str) -> None:
    (group,) = planned(file(resource)).groups
    assert (group.stream, group.kept[0].why) == (INBOX, why)


def test_a_provenance_goes_with_what_it_speaks_of() -> None:
    about = {
        "resourceType": "Provenance",
        "id": "v",
        "target": [{"reference": "Condition/c1"}],
        "recorded": "2020-01-01T00:00:00Z",
        "agent": [{"who": {"display": "x"}}],
    }
    assert stream_of("Provenance", file(bundle(patient("1"), condition(), about))) == CHART


def test_the_order_of_files_makes_no_difference() -> None:
    files = [
        file(patient("1"), "p.json"),
        file(numbered("2", "MRN-1", name=[{"family": "Wed"}]), "q.json"),
        ndjson(condition(), observation("8867-4", valueQuantity=quantity(70, "/min")), name="r.ndjson"),
        file({"resourceType": "Patient", "gender": "x"}, "bad.json"),
    ]
    seen = []
    for order in itertools.permutations(files):
        plan = planned(*order)
        drafts = sorted((d for g in plan.groups for d in g.drafts), key=lambda d: d.id)
        seen.append((drafts, plan.refused, sorted(plan.received, key=lambda d: d.id)))
    assert all(one == seen[0] for one in seen)


def test_one_resource_with_two_contents_refuses_both_files() -> None:
    plan = planned(
        file(patient("1")), file(patient("1", gender="male"), "b.json"), file(other("2"), "c.json")
    )
    assert [r.file for r in plan.refused] == ["a.json", "b.json"]
    assert "another content at b.json" in plan.refused[0].reason
    assert [g.person.family for g in plan.groups] == ["Other"]


def test_one_resource_twice_with_one_content_comes_in_once() -> None:
    (group,) = charts(file(patient("1")), file(bundle(patient("1")), "b.json"))
    assert group.counts == {"imported": 1}


def test_the_clinics_own_number_is_not_taken_from_a_file() -> None:
    foreign = patient("1", identifier=[{"system": "lowtide", "value": "LT-0001"}])
    assert charts(file(foreign))[0].person.identifiers == ()
