"""Everything back in open formats, readable without Lowtide: one patient or the whole clinic.

Entries as JSON Lines with the very bytes that were hashed, a CSV table for each kind of entry, a PDF for each
patient, FHIR resources as they arrived, the access log, a manifest of hashes, and a README that explains all of it.
What is for some roles only lies apart, so that the rest can be handed on without it.
"""

import csv
import hashlib
import re
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID

import msgspec

from lowtide.documents import chart_summary, pdf
from lowtide.people.charts import identity, linked, whole_chart
from lowtide.people.clinic import this_clinic, zone
from lowtide.people.models import PatientIndex
from lowtide.people.who import names_of
from lowtide.problems import refuse
from lowtide.record import access_log, rows, store
from lowtide.record.chain import Row
from lowtide.record.chart import Chart, stands
from lowtide.record.entries.base import Body, Entry
from lowtide.record.entries.clinic import FhirResource
from lowtide.record.entries.kinds import KINDS
from lowtide.record.snapshot import snapshot
from lowtide.site.backup import check_folder
from lowtide.site.export_readme import README
from lowtide.site.version import lowtide_version

ABOUT = (
    "stream",
    "seq",
    "id",
    "at",
    "recorded_at",
    "by",
    "source",
    "session",
    "corrects",
    "stands",
    "reason",
)
ACCESS = ("at", "person", "roles", "action", "stream", "detail", "address", "allowed")
_json = msgspec.json.Encoder(decimal_format="string").encode
Say = Callable[[str], None]


class Exported(msgspec.Struct, frozen=True):
    """What was written."""

    place: Path
    streams: int
    entries: int
    documents: int


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry as it is stored: `hash` is SHA-256 of the bytes of `envelope`. `narrow` names the folder that its words
    lie in, where not everybody who reads the chart may read them."""

    hash: str
    salt: str | None
    envelope: msgspec.Raw
    payload: msgspec.Raw | None
    narrow: str = ""


def export(
    out: Path, only: str | None = None, *, with_pdf: bool = True, with_narrow: bool = True, say: Say = print
) -> Exported:
    """Write everything, or the chart `only`, to a folder, or to a zip when the name ends so.

    Without `with_narrow` what is for some roles only stays here. Raises Refused when there is something at `out` already.
    """
    if out.exists():
        raise refuse("there is something there already", str(out), "Name a new folder or zip.")
    check_folder(out)
    work = out.with_name(f".{out.name}.part")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    try:
        with snapshot():
            done = _write(work, only, with_pdf, say)
        if not with_narrow:
            shutil.rmtree(work / "narrow", ignore_errors=True)
        _manifest(work)
        if out.suffix == ".zip":
            _pack(work, out)
        else:
            work.rename(out)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    access_log.log("system:export", f"exported to {out.name}", stream=only or "")
    return msgspec.structs.replace(done, place=out)


def _write(place: Path, only: str | None, with_pdf: bool, say: Say) -> Exported:
    streams = linked(only) if only else rows.streams()
    entries = 0
    with Tables(place) as tables:
        for stream in streams:
            entries += _stream(place, stream, tables)
        if only:
            entries += _elsewhere(place, set(streams), tables)
    _people(place, tables.people)
    _access(place, streams if only else None)
    charts = (
        [only] if only else list(PatientIndex.objects.order_by("stream").values_list("stream", flat=True))
    )
    documents = _documents(place, charts, with_pdf, say)
    (place / "README.txt").write_text(README.format(version=lowtide_version(), now=datetime.now(UTC)))
    return Exported(place, len(streams), entries, documents)


def _stream(place: Path, stream: str, tables: "Tables") -> int:
    found = list(rows.read(stream))
    decoded = rows.decoded(found)
    _lines(place, stream, found)
    chart = Chart.of(stream, decoded)
    for entry in decoded:
        tables.add(chart, entry)
        if isinstance(entry.body, FhirResource):
            _original(place, entry, entry.body)
    return len(found)


def _elsewhere(place: Path, streams: set[str], tables: "Tables") -> int:
    """What other streams say of this patient: bookings, filings."""
    count = 0
    for other in rows.streams():
        if other.startswith("chart:"):
            continue
        chart = store.load(other)
        about = {
            e.id for line in chart.lines() for e in line if getattr(line[0].body, "chart", None) in streams
        }
        found = [r for r, e in _with_entries(other) if e.id in about]
        if found:
            _lines(place, other, found)
            for row in found:
                tables.add(chart, rows.entry(row))
        count += len(found)
    return count


def _with_entries(stream: str) -> Iterator[tuple[Row, Entry]]:
    found = list(rows.read(stream))
    return zip(found, rows.decoded(found), strict=True)


def _lines(place: Path, stream: str, found: Iterable[Row]) -> None:
    apart: dict[str, list[Line]] = {}
    with _open(place / "entries" / f"{safe(stream)}.jsonl") as file:
        for r in found:
            payload = None if r.payload is None else msgspec.Raw(r.payload)
            line = Line(r.hash, r.salt.hex() if r.salt else None, msgspec.Raw(r.envelope), payload)
            folder = narrow(_audience(r.envelope).visible_to)
            if folder and payload is not None:
                apart.setdefault(folder, []).append(line)
                line = msgspec.structs.replace(line, salt=None, payload=None, narrow=folder)
            file.write(_json(line).decode() + "\n")
    for folder, lines in apart.items():
        with _open(place / folder / "entries" / f"{safe(stream)}.jsonl") as file:
            file.writelines(_json(line).decode() + "\n" for line in lines)


class _Audience(msgspec.Struct, frozen=True):
    visible_to: tuple[str, ...] = ()


_audience = msgspec.json.Decoder(_Audience).decode


def narrow(roles: Iterable[str]) -> str:
    """The folder of what only these roles may read; empty for what the care team reads."""
    named = "-".join(roles)
    return f"narrow/{safe(named)}" if named else ""


def _original(place: Path, entry: Entry, body: FhirResource) -> None:
    name = f"{safe(body.resource_type)}-{safe(body.resource_id)}.{entry.seq}.json"
    with _open(place / narrow(entry.visible_to) / "fhir" / safe(entry.stream) / name) as file:
        file.write(body.json)


def _people(place: Path, people: set[str]) -> None:
    with _open(place / "people.csv") as file:
        csv.writer(file).writerows([("by", "name"), *sorted(names_of(people).items())])


def _access(place: Path, streams: list[str] | None) -> None:
    with _open(place / "access_log.csv") as file:
        writer = csv.writer(file)
        writer.writerow(ACCESS)
        for line in access_log.lines(streams=streams or ()).order_by("at", "id").iterator(2000):
            writer.writerow([_text(getattr(line, name)) for name in ACCESS])


def _documents(place: Path, charts: list[str], with_pdf: bool, say: Say) -> int:
    pages = dict(page for stream in charts for page in _page(stream))
    try:
        if not with_pdf:
            raise pdf.NoPango("The documents were not asked for as PDF")
        pdf.check()
    except pdf.NoPango as missing:
        say(f"{missing}: they are written as HTML.")
        for name, page in pages.items():
            _save(place / f"{name}.html", page.encode())
    else:
        for name, page in pages.items():
            _save(place / f"{name}.pdf", pdf.from_html(page))
    return len(pages)


def _page(stream: str) -> Iterator[tuple[str, str]]:
    """The name and the page of a patient's document, and one for each narrower audience; none of nobody's chart."""
    chart, patient_id = whole_chart(stream), UUID(stream.removeprefix("chart:"))
    patient = identity(chart, patient_id)
    if patient is None:
        return
    name = safe(f"{patient.family} {patient.given} {patient_id.hex[:8]}")
    for roles in sorted({(), *(e.visible_to for e in chart.entries.values())}):
        seen = Chart.of(stream, (e for e in chart.entries.values() if e.visible_to in ((), roles)))
        page = chart_summary.html(seen, patient, this_clinic(), zone(), datetime.now(UTC))
        yield f"{narrow(roles)}/documents/{name}".lstrip("/"), page


class Tables:
    """One CSV file for each kind of entry, opened when the first of its kind comes."""

    def __init__(self, place: Path) -> None:
        self.place, self.files = place, ExitStack()
        self.writers: dict[str, Any] = {}
        self.people: set[str] = set()

    def __enter__(self) -> "Tables":
        return self

    def __exit__(self, *error: object) -> None:
        self.files.close()

    def add(self, chart: Chart, entry: Entry) -> None:
        self.people.add(entry.by)
        if not isinstance(entry.body, Body):  # redacted, or of a newer version: in the JSON Lines only
            return
        kind = f"{narrow(entry.visible_to)}/tables/{entry.body.kind_name()}".lstrip("/")
        columns = KINDS[entry.body.kind_tag()].__struct_fields__
        if kind not in self.writers:
            file = self.files.enter_context(_open(self.place / f"{kind}.csv"))
            self.writers[kind] = csv.writer(file)
            self.writers[kind].writerow([*ABOUT, "visible_to", *columns])
        line = chart.line(entry.id)
        standing = "yes" if line[-1].id == entry.id and stands(entry) else "no"
        about = [standing if name == "stands" else _text(getattr(entry, name)) for name in ABOUT]
        said = [_text(getattr(entry.body, name)) for name in columns]
        self.writers[kind].writerow([*about, " ".join(entry.visible_to), *said])


def _text(value: Any) -> str:
    """A cell: plain where it is plain, JSON where it is a list or a table."""
    if value is None:
        return ""
    plain = msgspec.to_builtins(value)
    return plain if isinstance(plain, str) else msgspec.json.encode(plain).decode()


def _manifest(place: Path) -> None:
    files = sorted(p for p in place.rglob("*") if p.is_file())
    lines = (
        f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.relative_to(place).as_posix()}\n" for p in files
    )
    (place / "SHA256SUMS").write_text("".join(lines))


def _pack(place: Path, out: Path) -> None:
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(place.rglob("*")):
            archive.write(path, path.relative_to(place))
    out.chmod(0o600)


def _open(path: Path) -> TextIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("w", encoding="utf-8", newline="")


def _save(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def safe(name: str) -> str:
    """A name that every file system takes."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".") or "-"
