"""A document as its page and its print show it: each field with the numbers of the entries it was made from."""

from typing import Any
from uuid import UUID

import msgspec
from django.urls import reverse

from lowtide.documents import pdf
from lowtide.documents.checklist import gap_url
from lowtide.documents.papers.model import Document, Field, Part, Table
from lowtide.documents.papers.sources import Sources
from lowtide.people.roles import Permission
from lowtide.people.who import Person
from lowtide.record.entries.base import Entry
from lowtide.safe.places import PREFIX


class Origins:
    """entry id -> its short name (12; safe 3; clinic 4) and where it can be read."""

    def __init__(self, sources: Sources, patient: UUID, person: Person | None = None) -> None:
        self.sources, self.patient, self.person = sources, patient, person
        charts = (*sources.safes.values(), sources.clinic, sources.whole)
        self.entries: dict[UUID, Entry] = {i: e for chart in charts for i, e in chart.entries.items()}

    def name(self, entry: UUID) -> str:
        found = self.entries.get(entry)
        if found is None:
            return "?"
        kind = found.stream.partition(":")[0]
        return str(found.seq) if kind == "chart" else f"{kind} {found.seq}"

    def url(self, entry: UUID) -> str:
        found, person = self.entries.get(entry), self.person
        if found is None or person is None:
            return ""
        if found.stream.startswith(PREFIX):
            place = found.stream.removeprefix(PREFIX)
            return reverse("safe:ledger", args=[place]) if person.can(Permission.SEE_SAFE) else ""
        if found.stream.startswith("chart:"):
            return reverse("people:entry", args=[found.stream.removeprefix("chart:"), entry])
        return ""

    def all_of(self, document: Document) -> list[str]:
        """Everything it was made from, in the order of the record."""
        found = [e for i in document.entries if (e := self.entries.get(i))]
        return [self.name(e.id) for e in sorted(found, key=lambda e: (e.stream, e.seq))]

    def made(self, field: Field) -> list[str]:
        return list(dict.fromkeys(self.name(e) for e in field.entries))

    def linked(self, field: Field) -> list[tuple[str, str]]:
        return list({self.name(e): (self.name(e), self.url(e)) for e in field.entries}.values())


def shown(document: Document, origins: Origins, session: UUID) -> list[dict[str, Any]]:
    """The parts as a template reads them."""
    return [_part(part, origins, session) for part in document.parts]


def _part(part: Part, origins: Origins, session: UUID) -> dict[str, Any]:
    return {
        "title": part.title,
        "fields": [_field(f, origins, session) for f in part.fields],
        "lines": [_field(f, origins, session) for f in part.lines],
        "tables": [_table(t, origins, session) for t in part.tables],
        "picture": part.picture
        and {
            "svg": part.picture.svg,
            "alternative": part.picture.alternative,
            "address": pdf.picture(part.picture.svg) if origins.person is None else "",
        },
    }


def _table(table: Table, origins: Origins, session: UUID) -> dict[str, Any]:
    rows = [[_field(cell, origins, session) for cell in _once(row)] for row in table.rows]
    return {"caption": table.caption, "head": table.head, "rows": rows}


def _once(row: tuple[Field, ...]) -> list[Field]:
    """The cells of a row; what the first was made from is not told again beside the others."""
    first = set(row[0].entries)
    bare = (tuple(e for e in cell.entries if e not in first) for cell in row[1:])
    return [row[0], *(msgspec.structs.replace(c, entries=e) for c, e in zip(row[1:], bare, strict=True))]


def _field(field: Field, origins: Origins, session: UUID) -> dict[str, Any]:
    said = msgspec.structs.asdict(field)
    mend = gap_url(origins.person, origins.patient, session, field.gap) if origins.person else ""
    return said | {"made": origins.made(field), "linked": origins.linked(field), "mend": mend}
