"""The lines of the record that one resource writes: itself, word for word, and the entries derived from it (pure).

Ids are made from stream, source, type, id and content, so that the same file imported again, by anybody, on any
machine, names the same entries. A changed resource corrects its line; an entry it no longer gives rise to is retracted.
"""

from datetime import datetime
from functools import cached_property
from uuid import UUID, uuid5

import msgspec

from lowtide.exchange.fhir.identity import NAMESPACE
from lowtide.exchange.fhir.mapping.parts import Reading
from lowtide.exchange.fhir.references import Arrived, Key
from lowtide.record.chart import Chart, stands
from lowtide.record.entries.base import Body, Draft, Entry, Redacted, Source
from lowtide.record.entries.clinic import EnteredInError, FhirResource


class Pen(msgspec.Struct, frozen=True):
    """Who writes, when, and where the resource came from (`origin`, the entry of the file it arrived in)."""

    by: str
    now: datetime
    origin: str
    visible_to: tuple[str, ...] = ()


class Written(msgspec.Struct, frozen=True):
    """What one resource writes. `overruled`: entries a person has corrected since, which are left as they are."""

    drafts: tuple[Draft, ...]
    corrected: tuple[tuple[Entry, Body | None], ...] = ()
    overruled: tuple[Entry, ...] = ()


class Lines:
    """A chart, and which of its entries point back to which resource."""

    def __init__(self, chart: Chart) -> None:
        self.chart, self.stream = chart, chart.stream

    def latest(self, first: UUID) -> Entry | None:
        """The newest entry of the line that begins with this id; None when there is none."""
        return self.chart.line(first)[-1] if first in self.chart.entries else None

    def resource(self, key: Key) -> Entry | None:
        """The newest version of a resource, retracted or not."""
        return self.latest(resource_id(self.stream, key))

    def may_follow(self, entry: Entry) -> bool:
        """An import writes on where only imports wrote: never over a person's word, nor over what was redacted."""
        if isinstance(entry.body, Redacted):
            return False
        return all(e.source is Source.IMPORT for e in self.chart.line(entry.id))

    def derived(self, first: UUID) -> list[Entry]:
        """The standing entries that any version of the resource gave rise to."""
        if first not in self.chart.entries:
            return []
        versions = (f"{self.stream}/{version.id}" for version in self.chart.line(first))
        found = (self.chart.line(i)[-1] for origin in versions for i in self._by_origin.get(origin, ()))
        return [e for e in {e.id: e for e in found}.values() if stands(e)]

    @cached_property
    def _by_origin(self) -> dict[str, list[UUID]]:
        found: dict[str, list[UUID]] = {}
        for entry in self.chart.entries.values():
            if entry.origin and not isinstance(entry.body, FhirResource):
                found.setdefault(entry.origin, []).append(entry.id)
        return found


def resource_id(stream: str, key: Key) -> UUID:
    """The id of the first entry of a resource in a stream; its line begins there."""
    return uuid5(NAMESPACE, "\n".join((stream, *key)))


def derived_id(resource: UUID, slot: str) -> UUID:
    """The id of the first entry a resource gives rise to at `slot`."""
    return uuid5(resource, slot)


def write(lines: Lines, arrived: Arrived, reading: Reading, pen: Pen) -> Written:
    """The resource and what it says, into a chart that may hold an earlier version of it."""
    root = resource_id(lines.stream, arrived.key)
    own = _draft(
        lines.stream, root, lines.latest(root), _body(arrived, reading), pen, pen.now, arrived.digest
    )
    mine = msgspec.structs.replace(pen, origin=f"{lines.stream}/{own.id}")
    drafts: list[Draft] = [own]
    corrected: list[tuple[Entry, Body | None]] = []
    overruled: list[Entry] = []
    slots = {derived_id(root, said.slot): said for said in reading.said}
    for first, said in slots.items():
        old = lines.latest(first)
        if old is not None and not lines.may_follow(old):
            overruled.append(old)
        elif old is None or old.body != said.body or (said.at and old.at != said.at):
            at = said.at or (old.at if old else pen.now)
            drafts.append(_draft(lines.stream, first, old, said.body, mine, at, str(own.id)))
            corrected += [(old, said.body)] if old else []
    for entry in lines.derived(root):
        if lines.chart.line(entry.id)[0].id not in slots:
            if lines.may_follow(entry):
                drafts.append(retraction(entry, pen, "its source no longer says it"))
                corrected.append((entry, None))
            else:
                overruled.append(entry)
    return Written(tuple(drafts), tuple(corrected), tuple(overruled))


def retract(lines: Lines, key: Key, pen: Pen, now_in: str) -> tuple[Draft, ...]:
    """Take a resource and all it gave rise to out of a chart, because it belongs into another."""
    resource = lines.resource(key)
    own = [resource] if resource and stands(resource) else []
    entries = [*own, *lines.derived(resource_id(lines.stream, key))]
    return tuple(retraction(e, pen, "its source says it is another patient's", now_in) for e in entries)


def retraction(entry: Entry, pen: Pen, reason: str, now_in: str | None = None) -> Draft:
    return Draft(
        stream=entry.stream,
        body=EnteredInError(now_in=now_in),
        by=pen.by,
        at=pen.now,
        id=uuid5(entry.id, "retracted"),
        source=Source.IMPORT,
        reason=reason,
        origin=pen.origin,
    ).correcting(entry)


def _body(arrived: Arrived, reading: Reading) -> FhirResource:
    return FhirResource(
        resource_type=arrived.key.type,
        resource_id=arrived.key.id,
        system=arrived.key.source,
        json=arrived.incoming.raw.decode(),
        derived=len(reading.said),
        kept_because=reading.kept_because,
    )


def _draft(
    stream: str, first: UUID, before: Entry | None, body: Body, pen: Pen, at: datetime, version: str
) -> Draft:
    """The first entry of a line, or the next one: its id then tells what it follows and what it says."""
    draft = Draft(
        stream=stream,
        body=body,
        by=pen.by,
        at=at,
        id=first if before is None else uuid5(first, f"{before.id} {version}"),
        source=Source.IMPORT,
        origin=pen.origin,
        visible_to=pen.visible_to,
    )
    if before is None:
        return draft
    reason, audience = "a newer version from its source", pen.visible_to or before.visible_to
    return msgspec.structs.replace(draft.correcting(before), reason=reason, visible_to=audience)
