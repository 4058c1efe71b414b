"""An export gives everything back, readable and provable without Lowtide."""

import csv
import hashlib
import json
import subprocess
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from lowtide.problems import Refused
from lowtide.record import access_log, store
from lowtide.record.chain import GENESIS
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import Note, Vitals
from lowtide.record.entries.clinic import Booked, FhirResource
from lowtide.record.entries.identity import Linked
from lowtide.record.redaction import redact
from lowtide.site.cli import main
from lowtide.site.export import export
from tests.conftest import said

RESOURCE = '{"resourceType": "Observation",  "id": "bp/1"}'
NOW = datetime.now(UTC)


@pytest.fixture
def patient(clinic: Entry, new_patient: Callable[..., UUID]) -> UUID:
    """A chart with a correction, a private note, an original, a booking and a reading."""
    who = new_patient(family="Testperson", given="Ada")
    chart = f"chart:{who}"
    (first,) = store.append([said(Vitals(sbp_mmhg=120, dbp_mmhg=80), chart)])
    fix = said(Vitals(sbp_mmhg=130, dbp_mmhg=80), chart, reason="misread").correcting(first)
    private = said(Note(text='said "no, thanks", twice'), chart, visible_to=("therapist",))
    original = FhirResource(resource_type="Observation", resource_id="bp/1", system="x", json=RESOURCE)
    booked = Booked(chart=chart, session_id=who, chair="1", starts_at=NOW, ends_at=NOW)
    store.append([fix, private, said(original, chart), said(booked, "calendar:main")])
    access_log.log("staff:x", "looked", stream=chart)
    return who


@pytest.fixture
def out(patient: UUID, tmp_path: Path) -> Path:
    export(tmp_path / "out", with_pdf=False)
    return tmp_path / "out"


def table(out: Path, name: str) -> list[dict[str, str]]:
    with (out / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_entry_is_there_as_it_was_written(out: Path, patient: UUID) -> None:
    lines = (out / "entries" / f"chart-{patient}.jsonl").read_text().splitlines()
    said_ = [json.loads(line) for line in lines]
    kinds = [one["envelope"]["kind"] for one in said_]
    assert kinds == ["patient.1", "vitals.1", "vitals.1", "note.1", "fhir_resource.1"]
    assert [one["payload"] is None for one in said_] == [False, False, False, True, False]
    assert len(list((out / "entries").iterdir())) == len(store.streams())


def apart(out: Path, patient: UUID, wanted: str) -> bytes:
    file = out / "narrow" / "therapist" / "entries" / f"chart-{patient}.jsonl"
    return next(line for line in file.read_bytes().splitlines() if wanted.encode() in line)


@pytest.mark.hazard("H049")
def test_what_is_for_some_roles_only_lies_apart_and_nowhere_else(out: Path) -> None:
    words, kept = b"no, thanks", out / "narrow" / "therapist"
    found = [p for p in out.rglob("*") if p.is_file() and words in p.read_bytes().replace(b"&quot;", b'"')]
    assert found
    assert not [p for p in found if kept not in p.parents]
    assert {p.relative_to(kept).parts[0] for p in found} == {"documents", "entries", "tables"}


def test_the_chain_can_be_proven_from_the_bytes_alone(out: Path, patient: UUID) -> None:
    previous = GENESIS
    for line in (out / "entries" / f"chart-{patient}.jsonl").read_bytes().splitlines():
        start, end = line.index(b'"envelope":') + 11, line.index(b',"payload":')
        envelope, payload, about = line[start:end], line[end + 11 : -1], json.loads(line)
        assert hashlib.sha256(envelope).hexdigest() == about["hash"]
        assert about["envelope"]["previous"] == previous
        previous = about["hash"]
        if about.get("narrow"):  # its words lie apart, under the same hash
            line = apart(out, patient, about["hash"])
            payload, about = line[line.index(b',"payload":') + 11 : -1], json.loads(line)
        digest = hashlib.sha256(bytes.fromhex(about["salt"]) + payload).hexdigest()
        assert digest == about["envelope"]["body_digest"]


def test_a_table_says_what_stands_and_what_it_replaced(out: Path) -> None:
    rows = table(out, "tables/vitals")
    assert [(r["sbp_mmhg"], r["stands"], r["reason"]) for r in rows] == [
        ("120", "no", ""),
        ("130", "yes", "misread"),
    ]
    assert rows[1]["corrects"] == rows[0]["id"]
    assert table(out, "narrow/therapist/tables/note")[0]["visible_to"] == "therapist"


def test_originals_come_back_byte_for_byte(out: Path, patient: UUID) -> None:
    (file,) = (out / "fhir" / f"chart-{patient}").iterdir()
    assert file.name == "Observation-bp-1.5.json"
    assert file.read_text() == RESOURCE


def test_the_hashes_of_all_files_can_be_checked_with_what_every_system_has(out: Path) -> None:
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=out, check=True)
    named = {line.split("  ")[1] for line in (out / "SHA256SUMS").read_text().splitlines()}
    there = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert named == there - {"SHA256SUMS"}


def test_it_explains_itself(out: Path) -> None:
    text = (out / "README.txt").read_text()
    for name in ("documents/", "tables/", "entries/", "fhir/", "access_log.csv", "people.csv", "SHA256SUMS"):
        assert name in text
    assert '{"hash", "salt", "envelope", "payload"}' in text


def test_who_read_what_comes_along(out: Path) -> None:
    assert [line["action"] for line in table(out, "access_log")] == ["looked"]


def test_the_document_shows_what_stands_and_strikes_through_what_was_corrected(out: Path) -> None:
    (file,) = (out / "documents").iterdir()
    page = file.read_text()
    assert file.name.startswith("Testperson-Ada-")
    assert "130/80" in page
    assert "<s>120/80" in page.replace("BP ", "")
    assert "misread" in page
    assert "for therapist" not in page


def test_an_export_is_itself_in_the_access_log(out: Path) -> None:
    assert access_log.recent(person="system:export")[0].action == "exported to out"


def test_one_patient_comes_alone_with_linked_charts_and_bookings(
    patient: UUID, new_patient: Callable[..., UUID], tmp_path: Path
) -> None:
    chart, twin, other = f"chart:{patient}", f"chart:{new_patient()}", new_patient(family="Someoneelse")
    store.append([said(Linked(other=twin), chart), said(Linked(other=chart), twin)])
    booked = Booked(chart=f"chart:{other}", session_id=other, chair="1", starts_at=NOW, ends_at=NOW)
    store.append([said(booked, "calendar:main")])
    export(tmp_path / "one", chart, with_pdf=False)
    written = b"".join(p.read_bytes() for p in (tmp_path / "one").rglob("*") if p.is_file())
    files = {p.name for p in (tmp_path / "one" / "entries").iterdir()}
    assert files == {f"chart-{patient}.jsonl", f"{twin.replace(':', '-')}.jsonl", "calendar-main.jsonl"}
    assert len(table(tmp_path / "one", "tables/booked")) == 1
    assert b"Someoneelse" not in written


def test_what_was_redacted_is_not_in_it(patient: UUID, tmp_path: Path) -> None:
    note = store.load(f"chart:{patient}").last(Note)
    assert note is not None
    redact(note[0].id, by="staff:a", second_person="B. Nowak", legal_basis="Art. 17", reason="asked for")
    export(tmp_path / "out", with_pdf=False)
    written = b"".join(p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file())
    assert b"no, thanks" not in written
    assert b'"payload":null' in written


def test_a_pdf_is_made_for_each_patient(patient: UUID, tmp_path: Path) -> None:
    export(tmp_path / "out.zip", f"chart:{patient}")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        (name,) = [n for n in archive.namelist() if n.startswith("documents/Testperson")]
        assert archive.read(name).startswith(b"%PDF-")
        assert archive.testzip() is None
    assert (tmp_path / "out.zip").stat().st_mode & 0o077 == 0


def test_without_pango_it_says_which_command_brings_it_and_writes_html(
    patient: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "weasyprint.py").write_text("raise OSError('cannot load library libpango-1.0-0')")
    monkeypatch.syspath_prepend(str(tmp_path / "empty"))
    monkeypatch.delitem(__import__("sys").modules, "weasyprint", raising=False)
    told: list[str] = []
    export(tmp_path / "out", say=told.append)
    assert "apt-get install libpango-1.0-0" in told[0] or "brew install pango" in told[0]
    assert next((tmp_path / "out" / "documents").iterdir()).suffix == ".html"


def test_nothing_is_written_over(patient: UUID, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(Refused, match="something there already"):
        export(tmp_path / "out")


def test_the_command_finds_the_patient_by_name(
    patient: UUID, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "--no-pdf", "--patient", "Ada Testperson", str(tmp_path / "one")]) == 0
    assert "2 documents" in capsys.readouterr().out
    assert main(["export", "--patient", "Nobody", str(tmp_path / "two")]) == 2
    assert not (tmp_path / "two").exists()
