"""The import pages: nothing is written before somebody saw it and said yes."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from lowtide.data.imports import imports
from lowtide.exchange import uploads
from lowtide.exchange.fhir.placement import INBOX
from lowtide.exchange.imports import import_files
from lowtide.record import store
from lowtide.record.entries.base import Source
from lowtide.record.entries.clinic import FhirResource, Filed
from lowtide.record.entries.history import Diagnosis, Result
from lowtide.record.models import Access
from tests.exchange.making import bundle, condition, file, observation, patient, quantity, text, weight

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


@pytest.fixture(autouse=True)
def uploads_folder(tmp_path: Path, settings: object) -> Path:
    settings.UPLOADS = tmp_path / "uploads"  # type: ignore[attr-defined]
    return tmp_path / "uploads"


def send(client: Client, *documents: object, source: str = "") -> str:
    """Choose files; answers the address of the preview."""
    files = [SimpleUploadedFile(f"{n}.json", text(d)) for n, d in enumerate(documents)]
    response = client.post("/import/", {"documents": files, "source": source})
    assert response.status_code == 302, response.content
    return str(response["Location"])


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def held_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*.bin"))


def chart_address(prefix: str = "chart:") -> str:
    (stream,) = store.streams(prefix)
    return f"/patients/{stream.removeprefix('chart:')}"


def test_a_preview_shows_what_will_come_in_and_writes_nothing(sign_in: SignIn) -> None:
    client = sign_in("nurse")
    shown = page(client, send(client, bundle(patient(), condition(), weight(400, "kg"))))
    assert "Ada Testperson" in shown
    assert "New chart" in shown
    assert "Problem" in shown
    assert "outside 30 to 250" in shown
    assert store.streams("chart:") == []


def test_confirming_brings_it_in_and_deletes_the_files(sign_in: SignIn, uploads_folder: Path) -> None:
    client = sign_in("nurse")
    address = send(client, bundle(patient(), condition()))
    assert len(held_files(uploads_folder)) == 1
    done = client.post(address)
    assert done.status_code == 302
    assert "What came in" in page(client, done["Location"])
    assert held_files(uploads_folder) == []
    ((entry, body),) = store.load(store.streams("chart:")[0]).said(Diagnosis)
    assert (body.label, entry.by.partition(":")[0], entry.source) == ("Depression", "staff", Source.IMPORT)


def test_confirming_twice_brings_it_in_once(sign_in: SignIn) -> None:
    client = sign_in("nurse")
    address = send(client, bundle(patient(), condition()))
    first, second = client.post(address), client.post(address)
    assert first["Location"] == second["Location"]
    assert '<td class="n">2</td>' in page(client, first["Location"])


def test_leaving_deletes_the_files(sign_in: SignIn, uploads_folder: Path) -> None:
    client = sign_in("nurse")
    address = send(client, bundle(patient()))
    assert client.post(f"{address}leave").status_code == 302
    assert list(uploads_folder.iterdir()) == []
    assert client.get(address).status_code == 410
    assert store.streams("chart:") == []


def test_a_refused_file_is_told_with_its_path_and_the_others_still_come(sign_in: SignIn) -> None:
    client = sign_in("nurse")
    shown = page(client, send(client, observation("8867-4") | {"status": "bogus"}, patient()))
    assert "Observation.status" in shown
    assert "“bogus” is not one of the codes" in shown
    assert "Bring in" in shown


def test_when_nothing_is_new_there_is_nothing_to_confirm(sign_in: SignIn) -> None:
    import_files([file(patient())])
    client = sign_in("nurse")
    shown = page(client, send(client, patient()))
    assert "Nothing new to bring in" in shown
    assert ">Bring in<" not in shown


def test_a_change_is_shown_old_and_new_and_reading_it_is_logged(sign_in: SignIn) -> None:
    import_files([file(bundle(patient(), condition("Depression")))])
    client = sign_in("nurse")
    shown = page(client, send(client, condition("Dysthymia")))
    assert "<s>Depression</s>" in shown
    assert "Dysthymia" in shown
    assert Access.objects.filter(detail="import, preview", stream__startswith="chart:").count() == 1


def test_what_somebody_may_not_read_is_not_shown_to_them_as_a_change(sign_in: SignIn) -> None:
    label = {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "SUD"}]}
    import_files([file(bundle(patient(), condition("Opioid dependence", meta=label)))])
    client = sign_in("nurse")
    shown = page(client, send(client, condition("Cannabis dependence", meta=label)))
    assert "Opioid" not in shown
    assert "only for others of the care team" in shown


def test_a_look_alike_is_asked_about(sign_in: SignIn, new_patient: Callable[..., UUID]) -> None:
    new_patient("Testperson", "Ada", "1980-05-17")
    client = sign_in("nurse")
    assert "May be the same person as Ada Testperson" in page(client, send(client, patient()))


def test_the_source_that_is_named_goes_into_the_record(sign_in: SignIn) -> None:
    client = sign_in("nurse")
    client.post(send(client, patient(), source="St. Anna"))
    ((_, body),) = store.load(store.streams("chart:")[0]).said(FhirResource)
    assert body.system == "St. Anna"


def test_no_file_chosen_is_told_beside_the_field(sign_in: SignIn) -> None:
    response = sign_in("nurse").post("/import/", {"source": "St. Anna"})
    assert response.status_code == 422
    assert "Choose at least one file." in response.content.decode()
    assert "St. Anna" in response.content.decode()


def test_an_empty_file_is_refused_in_the_preview(sign_in: SignIn) -> None:
    client = sign_in("nurse")
    response = client.post("/import/", {"documents": [SimpleUploadedFile("e.json", b"")]})
    assert "the file is empty" in page(client, response["Location"])


def test_files_wait_for_their_own_person_only(sign_in: SignIn) -> None:
    address = send(sign_in("nurse"), patient())
    assert sign_in("nurse").get(address).status_code == 410
    assert sign_in("prescriber").post(address).status_code == 410
    assert store.streams("chart:") == []


def test_files_that_waited_too_long_are_deleted(uploads_folder: Path) -> None:
    now = timezone.now()
    token = uploads.hold([file(patient())], None, "staff:x", now)
    uploads.sweep(now + timedelta(minutes=imports().hold_minutes - 1))
    assert (uploads_folder / token).exists()
    uploads.sweep(now + timedelta(minutes=imports().hold_minutes + 1))
    assert not (uploads_folder / token).exists()


def test_files_can_be_read_by_the_server_only(uploads_folder: Path) -> None:
    token = uploads.hold([file(patient())], None, "staff:x", timezone.now())
    folder = uploads_folder / token
    assert oct(folder.stat().st_mode)[-3:] == "700"
    assert {oct(p.stat().st_mode)[-3:] for p in folder.iterdir()} == {"600"}


@pytest.mark.parametrize("token", ["..", "x", "a" * 43, "%2e%2e%2fsecret-key"])
def test_an_invented_address_opens_nothing(token: str, sign_in: SignIn) -> None:
    assert sign_in("nurse").get(f"/import/{token}/").status_code in (404, 410)


@pytest.mark.parametrize("role", ["therapist", "front_desk", "researcher", "administrator"])
def test_who_may_not_import_is_turned_away(role: str, sign_in: SignIn) -> None:
    assert sign_in(role).get("/import/").status_code == 403
    assert sign_in(role).get("/inbox/").status_code == 403


# -- the inbox ------------------------------------------------------------------------------------------------


@pytest.fixture
def lost_result() -> UUID:
    """A result whose patient nobody knows."""
    result = observation("1742-6", "o1", "Patient/nobody", valueQuantity=quantity(300, "U/L"))
    import_files(
        [file(bundle(result, {"resourceType": "Organization", "id": "lab", "name": "Lab"}), "lab.json")]
    )
    return next(e.id for e, b in store.load(INBOX).said(FhirResource) if b.resource_type == "Observation")


@pytest.mark.hazard("H038")
def test_the_inbox_lists_what_waits_for_a_patient(sign_in: SignIn, lost_result: UUID) -> None:
    shown = page(sign_in("prescriber"), "/inbox/")
    assert "Observation/o1" in shown
    assert "the patient it names is not known here (Patient/nobody)" in shown
    assert "lab.json" in shown
    assert "Organization" not in shown


def test_what_is_about_nobody_is_listed_apart(sign_in: SignIn, lost_result: UUID) -> None:
    shown = page(sign_in("prescriber"), "/inbox/?show=others")
    assert "Organization/lab" in shown
    assert "Observation/o1" not in shown


@pytest.mark.hazard("H038")
def test_filing_puts_it_into_the_chart_that_a_person_chose(
    sign_in: SignIn, lost_result: UUID, new_patient: Callable[..., UUID]
) -> None:
    known, client = new_patient("Halvorsen", "Ines"), sign_in("prescriber")
    found = page(client, f"/inbox/{lost_result}?q=halvorsen")
    assert "Ines Halvorsen" in found
    form = {"patient": str(known), "entry_id": "0e7a4c8e-6f4f-4a3e-9d2f-2b7f1c1d9a01"}
    assert client.post(f"/inbox/{lost_result}", form).status_code == 302
    ((entry, body),) = store.load(f"chart:{known}").said(Result)
    assert (body.test, entry.by.partition(":")[0]) == ("alt_u_l", "staff")
    ((_, filed),) = store.load(INBOX).said(Filed)
    assert (filed.item, filed.chart) == (lost_result, f"chart:{known}")
    assert "Observation/o1" not in page(client, "/inbox/")


def test_filing_twice_is_told_and_written_once(
    sign_in: SignIn, lost_result: UUID, new_patient: Callable[..., UUID]
) -> None:
    one, two, client = new_patient("Halvorsen"), new_patient("Other"), sign_in("prescriber")
    form = {"entry_id": "0e7a4c8e-6f4f-4a3e-9d2f-2b7f1c1d9a01"}
    client.post(f"/inbox/{lost_result}", form | {"patient": str(one)})
    again = client.post(f"/inbox/{lost_result}", form | {"patient": str(two)})
    assert again.status_code == 422
    assert "Somebody filed it meanwhile" in again.content.decode()
    assert not store.load(f"chart:{two}").said(Result)


def test_filing_needs_a_patient(sign_in: SignIn, lost_result: UUID) -> None:
    response = sign_in("prescriber").post(
        f"/inbox/{lost_result}", {"entry_id": "0e7a4c8e-6f4f-4a3e-9d2f-2b7f1c1d9a01"}
    )
    assert response.status_code == 422


# -- what a chart holds from elsewhere ------------------------------------------------------------------------


def test_a_chart_lists_what_was_not_understood(sign_in: SignIn) -> None:
    import_files([file(bundle(patient(), condition(), weight(400, "kg")))])
    client = sign_in("prescriber")
    shown = page(client, f"{chart_address()}/elsewhere")
    assert "1 of 3 hold something" in shown
    assert "Observation/w1" in shown
    assert "Condition/c1" in page(client, f"{chart_address()}/elsewhere?show=all")


def test_a_resource_is_shown_word_for_word_with_what_it_became(sign_in: SignIn) -> None:
    import_files([file(bundle(patient(), condition()))])
    chart = store.load(store.streams("chart:")[0])
    entry, body = next((e, b) for e, b in chart.said(FhirResource) if b.resource_type == "Condition")
    client, address = sign_in("prescriber"), f"{chart_address()}/elsewhere/{entry.id}"
    shown = page(client, address)
    assert "Depression" in shown
    assert "&quot;resourceType&quot;: &quot;Condition&quot;" in shown
    raw = client.get(f"{address}?raw=1")
    assert raw.content == body.json.encode() == text(condition())
    assert raw["Content-Type"] == "application/fhir+json"


def test_an_older_version_stays_readable_and_says_there_is_a_newer(sign_in: SignIn) -> None:
    import_files([file(bundle(patient(), condition()))])
    chart = store.load(store.streams("chart:")[0])
    entry = next(e for e, b in chart.said(FhirResource) if b.resource_type == "Condition")
    import_files([file(condition("Dysthymia"))])
    assert "There is a newer version" in page(
        sign_in("prescriber"), f"{chart_address()}/elsewhere/{entry.id}"
    )


def test_only_those_who_may_read_a_chart_see_its_resources(sign_in: SignIn) -> None:
    import_files([file(patient())])
    assert sign_in("front_desk").get(f"{chart_address()}/elsewhere").status_code == 403
