"""What an import writes to one stream: resources, the entries they give rise to, who the patient is (pure)."""

from collections import Counter
from collections.abc import Mapping
from datetime import tzinfo
from uuid import UUID, uuid5

import msgspec

from lowtide.data.audiences import audience
from lowtide.data.imports import imports
from lowtide.exchange.fhir import own
from lowtide.exchange.fhir.identity import Placed
from lowtide.exchange.fhir.known import LookAlike
from lowtide.exchange.fhir.lines import Lines, Pen, derived_id, resource_id, retract, write
from lowtide.exchange.fhir.mapping import patient, table
from lowtide.exchange.fhir.mapping.parts import Context, Reading, Said, kept
from lowtide.exchange.fhir.placement import INBOX, Placement
from lowtide.exchange.fhir.reader import decode
from lowtide.exchange.fhir.references import Arrived, Json, Key
from lowtide.pathway.course.given import first_doses
from lowtide.record.chart import stands
from lowtide.record.entries.base import Body, Draft, Entry, Source
from lowtide.record.entries.clinic import FhirResource, Filed
from lowtide.record.entries.identity import Patient

IDENTITY = "patient"
AT_HOME = "it tells what this chart has told itself"
COUNTED = ("imported", "updated", "unchanged", "kept_only")


class Kept(msgspec.Struct, frozen=True):
    """A resource that is kept and listed, and what of it Lowtide did not understand."""

    file: str
    path: str
    resource_type: str
    resource_id: str
    why: str


class Change(msgspec.Struct, frozen=True):
    """An entry that gets another word; `new` is None when it is taken back."""

    old: Entry
    new: Body | None


class Group:
    """All that is written for one stream, in one append."""

    def __init__(self, lines: Lines, placed: Placed | None, person: Patient | None) -> None:
        self.lines, self.stream = lines, lines.stream
        self.placed, self.person = placed, person
        self.look_alikes: tuple[LookAlike, ...] = ()
        self.drafts: list[Draft] = []
        self.identity_draft: UUID | None = None
        self.counts: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.kept: list[Kept] = []
        self.changes: list[Change] = []
        self.overruled: list[Entry] = []
        self.files: set[str] = set()

    @property
    def new(self) -> bool:
        return bool(self.placed and self.placed.new)


class Writer:
    """Fills groups. `origins`: file name -> the entry that says it arrived."""

    def __init__(self, placement: Placement, pen: Pen, zone: tzinfo, origins: Mapping[str, str]) -> None:
        self.placement, self.pen, self.zone, self.origins = placement, pen, zone, origins

    def group(self, stream: str, members: list[Arrived]) -> Group:
        """One stream's group; the Patient resources come first, for they say whose chart it is."""
        placed = next(
            (self.placement.patients[a.key] for a in members if a.key in self.placement.patients), None
        )
        lines = self.placement.lines(stream)
        group = Group(lines, placed, self.placement.person(stream))
        patients = [a for a in members if a.key in self.placement.patients]
        readings = self._identify(group, patients)
        for one in members:
            self._take(group, one, readings.get(one.key))
        self._add_numbers(group)
        return group

    # -- who it is --------------------------------------------------------------------------------------------

    def _identify(self, group: Group, patients: list[Arrived]) -> dict[Key, Reading]:
        """What each Patient resource says. One of them owns the chart's identity; the others add their numbers."""
        last = group.lines.chart.last(Patient)
        root = group.lines.chart.line(last[0].id)[0].id if last else None
        ours = [a for a in patients if group.stream in _told_of(a.resource)]
        people = {a.key: patient.read(a.resource) for a in patients if a not in ours}
        owner = next((k for k in people if root in (None, self._identity_id(group, k))), None)
        by_hand = last is not None and not group.lines.may_follow(last[0])
        base = people[owner] if owner and not by_hand else group.person
        if base is None or not people:
            return {a.key: Reading() for a in ours}
        numbers = [
            *(last[1].identifiers if last else ()),
            *(n for p in people.values() for n in p.identifiers),
        ]
        group.person = msgspec.structs.replace(base, identifiers=tuple(dict.fromkeys(numbers)))
        if owner and last is None:
            group.identity_draft = self._identity_id(group, owner)
        said = Reading((Said(IDENTITY, group.person),))
        return {a.key: said if a.key == owner else Reading() for a in patients}

    @staticmethod
    def _identity_id(group: Group, key: Key) -> UUID:
        return derived_id(resource_id(group.stream, key), IDENTITY)

    def _add_numbers(self, group: Group) -> None:
        """Numbers that came with a Patient resource which does not itself change who the chart says it is."""
        last = group.lines.chart.last(Patient)
        if last is None or group.person is None:
            return
        entry, said = last
        missing = tuple(n for n in group.person.identifiers if n not in said.identifiers)
        if missing and not any(d.corrects == entry.id for d in group.drafts):
            body = msgspec.structs.replace(said, identifiers=(*said.identifiers, *missing))
            draft = Draft(
                stream=group.stream,
                body=body,
                by=self.pen.by,
                at=self.pen.now,
                id=uuid5(entry.id, "numbers " + " ".join(f"{n.system}|{n.value}" for n in missing)),
                source=Source.IMPORT,
                reason="numbers from another record",
            ).correcting(entry)
            group.drafts.append(draft)
            group.changes.append(Change(entry, body))

    # -- resources --------------------------------------------------------------------------------------------

    def _take(self, group: Group, one: Arrived, reading: Reading | None) -> None:
        before = group.lines.resource(one.key)
        if before and self._nothing_new(group, one, before):
            group.counts["unchanged"] += 1
            return
        if reading is None:
            reading = kept(AT_HOME) if _is_from(group.lines, one) else self.reading(one)
        written = write(group.lines, one, reading, self._pen(one))
        group.drafts += written.drafts
        group.changes += [Change(old, new) for old, new in written.corrected]
        group.overruled += written.overruled
        group.files.add(one.incoming.file)
        group.kinds.update(type(said.body).kind_name() for said in reading.said)
        moved = self._move_here(group, one)
        updated = moved or (before is not None and stands(before))
        only_kept = bool(reading.kept_because) and not reading.said
        group.counts["updated" if updated else "kept_only" if only_kept else "imported"] += 1
        self._list_kept(group, one, reading.kept_because)

    def _nothing_new(self, group: Group, one: Arrived, before: Entry) -> bool:
        if not group.lines.may_follow(before):
            self._list_kept(group, one, "a person took it out of this chart; it was not brought in again")
            return True
        body = before.body
        if not isinstance(body, FhirResource) or body.system != one.key.source:
            return False
        return body.json == one.incoming.raw.decode() or decode(body.json) == one.resource

    def reading(self, one: Arrived) -> Reading:
        """What a resource says; one that goes to the inbox says nothing until somebody files it."""
        if one.key in self.placement.why_inbox:
            return kept(self.placement.why_inbox[one.key])
        panel = self.placement.index.panel_of(one)
        context = Context(self.zone, lambda reference: self.placement.find(reference, one), panel)
        return table.read(one.resource, context)

    def _pen(self, one: Arrived) -> Pen:
        labels = (label.get("code") for label in one.resource.get("meta", {}).get("security", ()))
        topics = [imports().topic_of_label[c] for c in labels if c in imports().topic_of_label]
        visible_to = audience(topics[0]) if topics else ()
        return msgspec.structs.replace(
            self.pen, origin=self.origins[one.incoming.file], visible_to=visible_to
        )

    def _move_here(self, group: Group, one: Arrived) -> bool:
        """Take the resource out of the stream it stood in before: filed from the inbox, or another patient's."""
        before = self.placement.places.get(one.key, group.stream)
        if before == group.stream:
            return False
        lines, pen = self.placement.lines(before), self._pen(one)
        entry = lines.resource(one.key)
        if entry is None:
            return False
        if before == INBOX:
            group.drafts.append(filed(entry, group.stream, pen))
        else:
            group.drafts += retract(lines, one.key, pen, group.stream)
        return True

    @staticmethod
    def _list_kept(group: Group, one: Arrived, why: str | None) -> None:
        if why:
            incoming = one.incoming
            group.kept.append(Kept(incoming.file, incoming.path, one.key.type, one.key.id, why))


def _told_of(resource: Json) -> set[str]:
    """The charts that a Patient resource of a passport says it was made from."""
    return {f"chart:{name}" for name in own.numbers(resource, own.CHART)}


def _is_from(lines: Lines, one: Arrived) -> bool:
    """Whether a passport tells back what was written in this chart: it is not written a second time."""
    if any(name in lines.chart.entries for name in own.numbers(one.resource, own.ENTRY)):
        return True
    sessions = set(own.numbers(one.resource, own.SESSION))
    return bool(sessions) and not sessions.isdisjoint(first_doses(lines.chart))


def filed(entry: Entry, stream: str, pen: Pen) -> Draft:
    """Says in the inbox that what was kept there was put into a chart."""
    return Draft(
        stream=INBOX,
        body=Filed(item=entry.id, chart=stream),
        by=pen.by,
        at=pen.now,
        id=uuid5(entry.id, f"filed {stream}"),
        source=Source.IMPORT,
        origin=f"{INBOX}/{entry.id}",
    )
