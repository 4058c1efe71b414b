"""What an import would write: every file read, every resource placed and understood, nothing written (pure).

The same plan serves the preview, the import itself, the evaluation of a file without a database, and the report on
the sample files. What the record already knows comes in through `Known`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from uuid import UUID, uuid5

import msgspec

from lowtide.data.imports import imports
from lowtide.exchange.fhir.groups import Group, Writer
from lowtide.exchange.fhir.identity import NAMESPACE
from lowtide.exchange.fhir.known import Known, LookAlike
from lowtide.exchange.fhir.lines import Pen
from lowtide.exchange.fhir.placement import INBOX, Placement
from lowtide.exchange.fhir.reader import File, read
from lowtide.exchange.fhir.references import Arrived, Index, Key
from lowtide.people.names import fold
from lowtide.people.patients.likeness import reasons
from lowtide.problems import BadInput, Problem
from lowtide.record.entries.base import Draft, Source
from lowtide.record.entries.clinic import Received
from lowtide.record.entries.identity import Patient


class Refusal(msgspec.Struct, frozen=True):
    """A file that was not taken, and why; `path` is a FHIRPath, after `line 12: ` in NDJSON."""

    file: str
    path: str
    reason: str


class Plan(msgspec.Struct, frozen=True):
    """`received`: one entry for each file that brings something; `groups`: one for each stream, the inbox last."""

    groups: tuple[Group, ...]
    received: tuple[Draft, ...]
    refused: tuple[Refusal, ...]


class Circumstances(msgspec.Struct, frozen=True):
    """Who imports, when, in which time zone dates are meant, and what the source is called (if anybody said)."""

    by: str
    now: datetime
    zone: tzinfo
    source: str | None = None


def make(files: Sequence[File], how: Circumstances, known: Known) -> Plan:
    """Plan the import of these files together; their order makes no difference.

    A file with a fault is refused whole; the others still come in.
    """
    arrived, refused = _read_all(files, how.source)
    clashes = list(_clashes(arrived))
    refused += clashes
    arrived = _without(arrived, clashes)
    placement = Placement(Index(arrived), known)
    while wrong := [_refusal(a.incoming.file, problem) for a, problem in placement.faults()]:
        refused += _one_each(wrong)
        arrived = _without(arrived, wrong)
        placement = Placement(Index(arrived), known)
    ids = {f.name: uuid5(NAMESPACE, f"file {hashlib.sha256(f.data).hexdigest()}") for f in files}
    pen = Pen(how.by, how.now, "")
    writer = Writer(placement, pen, how.zone, {name: f"{INBOX}/{i}" for name, i in ids.items()})
    groups = _groups(placement, writer)
    _ask(groups, known)
    return Plan(tuple(groups), _received(files, groups, ids, pen, known), tuple(sorted(refused, key=_order)))


def _read_all(files: Sequence[File], source: str | None) -> tuple[list[Arrived], list[Refusal]]:
    arrived: list[Arrived] = []
    refused: list[Refusal] = []
    for file in files:
        try:
            arrived += [Arrived(incoming, source) for incoming in read(file)]
        except BadInput as error:
            refused.append(_refusal(file.name, error.problems[0]))
    if len(arrived) > imports().max_resources:
        problem = Problem(
            f"more than {imports().max_resources} resources at once", "file", "Import fewer files at a time."
        )
        return [], [
            *refused,
            *(_refusal(name, problem) for name in dict.fromkeys(a.incoming.file for a in arrived)),
        ]
    return arrived, refused


def _clashes(arrived: Iterable[Arrived]) -> Iterable[Refusal]:
    """One resource with two contents: nobody can say which is the newer."""
    by_key: dict[Key, list[Arrived]] = {}
    for one in arrived:
        by_key.setdefault(one.key, []).append(one)
    found = (many for many in by_key.values() if any(a.resource != many[0].resource for a in many[1:]))
    wrong = [
        _refusal(
            one.incoming.file,
            Problem(_clash(one, many), one.incoming.path, "Import the older one first, alone."),
        )
        for many in found
        for one in many
    ]
    return _one_each(wrong)


def _clash(one: Arrived, many: list[Arrived]) -> str:
    others = (a.incoming for a in many if a.resource != one.resource)
    where = next((f"{o.file}, {o.path}" if o.file != one.incoming.file else o.path) for o in others)
    return f"{one.key.type}/{one.key.id} has another content at {where}"


def _one_each(wrong: Iterable[Refusal]) -> list[Refusal]:
    """The first refusal of each file."""
    return list({r.file: r for r in sorted(wrong, key=_order, reverse=True)}.values())


def _order(refusal: Refusal) -> tuple[str, str, str]:
    return (refusal.file, refusal.path, refusal.reason)


def _without(arrived: list[Arrived], refused: Iterable[Refusal]) -> list[Arrived]:
    names = {r.file for r in refused}
    return [a for a in arrived if a.incoming.file not in names]


def _refusal(file: str, problem: Problem) -> Refusal:
    return Refusal(file, problem.where, f"{problem.what}. {problem.mend}")


def _groups(placement: Placement, writer: Writer) -> list[Group]:
    members: dict[str, list[Arrived]] = {}
    for one in placement.index.by_key.values():
        members.setdefault(placement.streams[one.key], []).append(one)
    return [
        writer.group(stream, members[stream]) for stream in sorted(members, key=lambda s: (s == INBOX, s))
    ]


def _ask(groups: list[Group], known: Known) -> None:
    """For each new chart: which charts, old or new, may be the same person."""
    begun = [(g, g.person) for g in groups if g.new and g.person]
    alike: dict[object, list[tuple[Group, Patient]]] = {}
    for group, person in begun:
        for trait in _traits(person):
            alike.setdefault(trait, []).append((group, person))
    for group, person in begun:
        found = {a.stream: a for a in known.alike(person) if a.stream != group.stream}
        for trait in _traits(person):
            for other, twin in alike[trait]:
                if other is not group and (why := reasons(person, twin)):
                    name = f"{twin.given} {twin.family}".strip()
                    found.setdefault(other.stream, LookAlike(other.stream, name, why[0]))
        group.look_alikes = tuple(found[stream] for stream in sorted(found))


def _traits(person: Patient) -> tuple[object, ...]:
    """What two people must share before it is worth comparing them."""
    return (person.birth_date or fold(person.family), *person.identifiers)


def _received(
    files: Sequence[File], groups: list[Group], ids: dict[str, UUID], pen: Pen, known: Known
) -> tuple[Draft, ...]:
    """An entry in the inbox for each file that brings something new, the first time it arrives."""
    used = {name for group in groups for name in group.files}
    arrived_before = known.chart(INBOX).entries
    drafts = {
        ids[f.name]: Draft(
            stream=INBOX,
            body=Received(name=f.name, digest=hashlib.sha256(f.data).hexdigest(), summary="FHIR R4"),
            by=pen.by,
            at=pen.now,
            id=ids[f.name],
            source=Source.IMPORT,
        )
        for f in sorted(files, key=lambda f: f.name)
        if f.name in used and ids[f.name] not in arrived_before
    }
    return tuple(drafts.values())
