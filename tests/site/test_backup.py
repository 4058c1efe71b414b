"""A backup is taken while the clinic works, and a restore proves that it is the same record."""

import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from django.contrib.auth import authenticate
from django.db import connection

from lowtide.people.models import PatientIndex, User
from lowtide.problems import BadInput, Refused
from lowtide.record import access_log, rows, store
from lowtide.record.chart import Chart
from lowtide.record.entries.chair import Note
from lowtide.record.entries.identity import Patient
from lowtide.record.redaction import redact
from lowtide.record.verify import verify
from lowtide.site import archive, redactions
from lowtide.site.backup import back_up, last_backup
from lowtide.site.cli import main
from lowtide.site.lock import alone
from lowtide.site.restore import restore
from tests.conftest import said
from tests.faults.processes import start

Leave = Callable[[], None]


@pytest.fixture
def clinic_file(own_database: None, home: Path, tmp_path: Path) -> Path:
    """A small clinic with a patient, a corrected note, a sign-in and a line in the access log, and its backup."""
    store.append([said(Patient(family="Testperson", given="Ada"), "chart:a")])
    (note,) = store.append([said(Note(text="calm"), "chart:a")])
    store.append([said(Note(text="sad"), "chart:a", reason="misheard").correcting(note)])
    User.objects.create_user("a.nurse", password="a long enough phrase")
    access_log.log("staff:x", "looked", stream="chart:a")
    back_up(file := tmp_path / "clinic.zip")
    return file


def all_charts() -> dict[str, Chart]:
    store.forget()
    return {name: store.load(name) for name in store.streams()}


def test_a_backup_restores_the_same_record(clinic_file: Path, use_empty_database: Leave) -> None:
    before, heads = all_charts(), rows.heads(["chart:a"])
    use_empty_database()
    done = restore(clinic_file, replace=False)
    assert done.report.ok
    assert done.report.entries == 3
    assert (all_charts(), rows.heads(["chart:a"])) == (before, heads)
    assert PatientIndex.objects.get().family == "Testperson"
    assert [line.person for line in access_log.recent()] == ["staff:x"]


def test_whoever_could_sign_in_before_can_sign_in_after(clinic_file: Path, use_empty_database: Leave) -> None:
    use_empty_database()
    restore(clinic_file, replace=False)
    assert authenticate(username="a.nurse", password="a long enough phrase") == User.objects.get()


def test_a_restored_record_goes_on(clinic_file: Path, use_empty_database: Leave) -> None:
    use_empty_database()
    restore(clinic_file, replace=False)
    store.append([said(Note(text="later"), "chart:a")])
    access_log.log("staff:x", "looked again")
    User.objects.create_user("b.nurse")
    assert verify().ok


@pytest.mark.hazard("H046")
def test_a_backup_taken_while_others_write_is_one_moment_of_the_record(
    own_database: None, home: Path, tmp_path: Path, use_empty_database: Leave
) -> None:
    writer = start(tmp_path / "writers", "tests.faults.writer", "notes", "chart:a", "100000")
    assert writer.stdin is not None
    assert writer.stdout is not None
    writer.stdout.readline()
    writer.stdin.write("go\n")
    writer.stdin.flush()
    for _ in range(10):
        writer.stdout.readline()
    manifest = back_up(tmp_path / "clinic.zip")
    still_writing = writer.stdout.readline() != ""
    writer.kill()
    writer.communicate()
    use_empty_database()
    done = restore(tmp_path / "clinic.zip", replace=False)
    assert still_writing
    assert done.report.ok
    assert done.report.entries == manifest.entries >= 20
    assert len(store.load("chart:a")) == len(store.load("clinic:main"))


def test_a_backup_replaces_no_file(clinic_file: Path) -> None:
    with pytest.raises(Refused, match="exists already"):
        back_up(clinic_file)


def test_only_its_owner_may_read_a_backup(clinic_file: Path) -> None:
    assert clinic_file.stat().st_mode & 0o077 == 0


def test_the_home_knows_its_last_backup(clinic_file: Path) -> None:
    last = last_backup()
    assert last is not None
    assert (last.file, last.entries) == (str(clinic_file), 3)


def test_a_record_is_not_overwritten_unasked(clinic_file: Path) -> None:
    with pytest.raises(Refused, match="there is a record here already"):
        restore(clinic_file, replace=False)


def test_what_a_restore_replaces_is_kept_aside(clinic_file: Path, own_database: None) -> None:
    store.append([said(Note(text="written after the backup"), "chart:a")])
    done = restore(clinic_file, replace=True)
    assert done.kept_as is not None
    assert len(store.load("chart:a")) == 3
    assert _entries_kept(done.kept_as) == 4


def _entries_kept(kept_as: str) -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("ATTACH DATABASE %s AS kept", [kept_as])
            schema = "kept"
        else:
            schema = kept_as.removeprefix("schema ")
        cursor.execute(f"SELECT count(*) FROM {schema}.record_storedentry")
        return int(cursor.fetchone()[0])


@pytest.mark.hazard("H046")
def test_a_damaged_backup_is_refused_and_nothing_is_changed(clinic_file: Path, tmp_path: Path) -> None:
    whole = clinic_file.read_bytes()
    wrong = tmp_path / "wrong.zip"
    manifest = archive.check(clinic_file)
    refused = 0
    for place in range(0, len(whole), len(whole) // 400):
        wrong.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            assert archive.check(wrong) == manifest  # a byte that means nothing, such as a file's date
        except Refused:
            refused += 1
    assert refused > 250
    wrong.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Refused, match="no whole backup"):
        restore(wrong, replace=True)
    assert len(store.load("chart:a")) == 3


def test_a_backup_whose_entries_were_changed_is_refused_by_verify(
    clinic_file: Path, tmp_path: Path, use_empty_database: Leave
) -> None:
    forged = tmp_path / "forged.zip"
    _forge(clinic_file, forged)
    use_empty_database()
    with pytest.raises(Refused, match=r"entry 1, .*the body was changed"):
        restore(forged, replace=False)


def _forge(file: Path, forged: Path) -> None:
    """Somebody changes a body and puts the hashes of the files right, as anybody can."""
    name = "tables/record.storedbody.jsonl"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(forged, "w") as new:
        text = old.read(name)
        changed = b"".join(_with_another_name(line) for line in text.splitlines())
        manifest = old.read("manifest.json").replace(_sum(text), _sum(changed))
        for item in old.namelist():
            new.writestr(item, {name: changed, "manifest.json": manifest}.get(item) or old.read(item))


def _with_another_name(line: bytes) -> bytes:
    entry, salt, payload = msgspec.json.decode(line, type=tuple[str, str, bytes])
    return msgspec.json.encode([entry, salt, payload.replace(b"Ada", b"Eve")]) + b"\n"


def _sum(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def test_a_backup_of_a_newer_version_is_refused(clinic_file: Path, tmp_path: Path) -> None:
    newer = tmp_path / "newer.zip"
    with zipfile.ZipFile(clinic_file) as old, zipfile.ZipFile(newer, "w") as new:
        manifest = msgspec.json.decode(old.read("manifest.json"))
        manifest["migrations"].append(["record", "0999_of_tomorrow"])
        manifest["lowtide"] = "99.0"
        for item in old.namelist():
            new.writestr(item, msgspec.json.encode(manifest) if item == "manifest.json" else old.read(item))
    with pytest.raises(Refused, match=r"made by Lowtide 99\.0"):
        restore(newer, replace=True)
    assert len(store.load("chart:a")) == 3


def test_what_was_redacted_since_is_redacted_again(clinic_file: Path) -> None:
    note = store.load("chart:a").last(Note)
    assert note is not None
    written = redact(
        note[0].id, by="staff:a", second_person="B. Nowak", legal_basis="Art. 17", reason="asked for"
    )
    done = restore(clinic_file, replace=True)
    assert done.redacted_again == len(written) == 2
    assert store.load("chart:a").said(Note) == []
    assert done.report.ok


def test_an_empty_home_that_keeps_the_list_of_redactions_redacts_again(
    clinic_file: Path, use_empty_database: Leave
) -> None:
    note = store.load("chart:a").last(Note)
    assert note is not None
    redact(note[0].id, by="staff:a", second_person="B. Nowak", legal_basis="Art. 17", reason="asked for")
    redactions.keep_up()
    use_empty_database()
    assert restore(clinic_file, replace=False).redacted_again == 2
    assert store.load("chart:a").said(Note) == []


def test_the_list_of_redactions_holds_ids_only_and_names_a_line_it_cannot_read(clinic_file: Path) -> None:
    note = store.load("chart:a").last(Note)
    assert note is not None
    redact(note[0].id, by="staff:a", second_person="B. Nowak", legal_basis="Art. 17", reason="asked for")
    redactions.keep_up()
    assert "Nowak" not in redactions.path().read_text()
    redactions.path().write_text("not a line\n")
    with pytest.raises(BadInput, match="line 1"):
        redactions.keep_up()


def test_the_commands_say_what_they_did(
    clinic_file: Path, use_empty_database: Leave, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["backup", str(tmp_path / "again.zip")]) == 0
    use_empty_database()
    assert main(["restore", str(tmp_path / "again.zip")]) == 0
    assert main(["restore", str(tmp_path / "again.zip")]) == 2
    out, err = capsys.readouterr()
    assert "3 entries in 1 streams" in out
    assert "All holds: 3 entries in 1 streams" in out
    assert "--replace to set it aside" in err


def test_a_restore_waits_for_no_server_but_refuses(clinic_file: Path, home: Path) -> None:
    with alone("server"), pytest.raises(Refused, match="already running"):
        restore(clinic_file, replace=True)
