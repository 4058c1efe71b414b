"""A redaction leaves a chain that verifies and nothing of the text, in any table and in the file itself."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection

from lowtide.problems import BadInput
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Redacted
from lowtide.record.entries.chair import Note
from lowtide.record.entries.identity import Contact, Patient
from lowtide.record.redaction import redact, scrub
from lowtide.record.verify import verify
from lowtide.site.cli import main
from tests.conftest import said

SECRETS = ("Xanthippe", "Quicksilver", "Zephyrine", "5550177")
PEOPLE = {"by": "staff:a", "second_person": "B. Nowak", "legal_basis": "Art. 17", "reason": "asked for"}


@pytest.fixture
def told(own_database: None) -> Chart:
    """A chart that says what must go: a name in look-up tables, a note, its correction; and what stays."""
    contact = Contact(phone="555 0177")
    store.append([said(Patient(family="Xanthippe", given="Ada", contact=contact), "chart:a")])
    (note,) = store.append([said(Note(text="Quicksilver"), "chart:a", reason="Zephyrine was there")])
    fix = said(Note(text="Zephyrine"), "chart:a", reason="not Quicksilver").correcting(note)
    store.append([fix, said(Note(text="this stays"), "chart:a")])
    return store.load("chart:a")


def leftovers() -> set[str]:
    """Which of the secrets are still anywhere: in a row of any table, in the file or its write-ahead log."""
    texts = [*_rows(), *_files()]
    return {s for s in SECRETS if any(s.lower().encode() in text.lower() for text in texts)}


def _rows() -> Iterator[bytes]:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                yield b"|".join(v if isinstance(v, bytes) else str(v).encode() for v in row)


def _files() -> Iterator[bytes]:
    if connection.vendor == "sqlite":
        file = Path(connection.settings_dict["NAME"])
        yield from (p.read_bytes() for p in file.parent.glob(f"{file.name}*"))


def test_nothing_of_the_text_is_left_and_the_chain_holds(told: Chart) -> None:
    assert leftovers() == set(SECRETS)
    for line in told.lines()[:2]:
        redact(line[0].id, **PEOPLE)
    assert scrub()
    assert leftovers() == set()
    assert verify().ok


def test_what_was_not_meant_stays(told: Chart) -> None:
    redact(told.said(Note)[0][0].id, **PEOPLE)
    assert [b.text for _, b in store.load("chart:a").said(Note)] == ["this stays"]
    assert store.load("chart:a").last(Patient) is not None


def test_the_whole_line_of_corrections_goes_and_says_so(told: Chart) -> None:
    note = told.said(Note)[0][0]
    written = redact(note.id, **PEOPLE)
    line = store.load("chart:a").line(note.id)
    assert [e.body for e in line] == [Redacted(), Redacted()]
    assert {e.redacts for e in written} == {e.id for e in line}
    assert {(e.by, e.body.second_person) for e in written} == {("staff:a", "B. Nowak")}


def test_a_chart_kept_in_memory_forgets_too(told: Chart) -> None:
    store.load("chart:a")
    redact(told.said(Note)[0][0].id, **PEOPLE)
    assert "Quicksilver" not in repr(store.load("chart:a").entries)
    assert "Quicksilver" not in repr(store._cache)


@pytest.mark.parametrize(
    "change", [{"second_person": "staff:a"}, {"second_person": " "}, {"legal_basis": ""}]
)
def test_it_takes_two_people_and_a_legal_basis(told: Chart, change: dict[str, str]) -> None:
    with pytest.raises(BadInput, match="two people and a legal basis"):
        redact(told.said(Note)[0][0].id, **(PEOPLE | change))
    assert store.load("chart:a") == told


def test_it_is_done_once_and_never_to_a_redaction(told: Chart) -> None:
    note = told.said(Note)[0][0]
    written = redact(note.id, **PEOPLE)
    with pytest.raises(BadInput, match="already redacted"):
        redact(note.id, **PEOPLE)
    with pytest.raises(BadInput, match="a redaction is never redacted"):
        redact(written[0].id, **PEOPLE)
    with pytest.raises(BadInput, match="no such entry"):
        redact(uuid4(), **PEOPLE)


def test_what_was_redacted_cannot_be_corrected(told: Chart) -> None:
    note = told.said(Note)[0][0]
    redact(note.id, **PEOPLE)
    with pytest.raises(BadInput, match="it was redacted"):
        store.append([said(Note(text="again"), "chart:a", reason="why").correcting(note)])


def test_the_command_names_what_it_removed(
    told: Chart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOWTIDE_HOME", str(tmp_path / "home"))
    note = told.said(Note)[0][0]
    two = ["--by", "A. Weber", "--second", "B. Nowak", "--basis", "Art. 17", "--reason", "asked for"]
    assert main(["redact", str(note.id), *two]) == 0
    assert str(note.id) in capsys.readouterr().out
    assert leftovers() == {"Xanthippe", "5550177"}
    assert main(["redact", "nonsense", *two]) == 2
    assert "is no entry's id" in capsys.readouterr().err
