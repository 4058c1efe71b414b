"""To which stream each arriving resource belongs: a patient's chart, or the inbox (pure)."""

from collections.abc import Iterator
from functools import cached_property

from lowtide.data.imports import imports
from lowtide.exchange.fhir import identity
from lowtide.exchange.fhir.identity import Placed
from lowtide.exchange.fhir.known import Known
from lowtide.exchange.fhir.lines import Lines
from lowtide.exchange.fhir.mapping import patient
from lowtide.exchange.fhir.own import CHART, uuid
from lowtide.exchange.fhir.reader import decode
from lowtide.exchange.fhir.references import (
    Arrived,
    Index,
    Json,
    Key,
    contained,
    is_about_patients,
    named_by,
    subject,
)
from lowtide.problems import Problem
from lowtide.record.chart import stands
from lowtide.record.entries.clinic import FhirResource
from lowtide.record.entries.identity import Identifier, Patient

INBOX = "inbox:main"


class Placement:
    """Every resource of an import with its stream. What it asks of the record it asks once, for all."""

    def __init__(self, index: Index, known: Known) -> None:
        self.index, self.known = index, known
        self._lines: dict[str, Lines] = {}
        self.places = known.places(
            {a.key for a in index.arrived} | {k for a in index.arrived for k in self._mentioned(a)}
        )
        self._patients = [a for a in index.arrived if a.key.type == "Patient"]
        self.patients = self._place_patients()
        self.streams: dict[Key, str] = {}
        self.why_inbox: dict[Key, str] = {}
        for one in sorted(index.arrived, key=lambda a: a.key.type == "Provenance"):
            self._place(one)

    def lines(self, stream: str) -> Lines:
        if stream not in self._lines:
            self._lines[stream] = Lines(self.known.chart(stream))
        return self._lines[stream]

    def find(self, reference: Json, holder: Arrived) -> Json | None:
        """The resource a reference points to: inside the holder, in this import, or in the record."""
        inside = contained(reference, holder.resource)
        if inside:
            return inside
        for key in self.index.keys(reference, holder, ""):
            if key in self.index.by_key:
                return self.index.by_key[key].resource
            entry = self.lines(self.places[key]).resource(key) if key in self.places else None
            if entry and isinstance(entry.body, FhirResource):
                return decode(entry.body.json)
        return None

    def faults(self) -> Iterator[tuple[Arrived, Problem]]:
        """Resources that would put one person's history into another's chart."""
        for one in self.index.arrived:
            problem = self._other_person(one) if one.key in self.patients else self._moved_unnamed(one)
            if problem:
                yield one, problem

    # -- patients ---------------------------------------------------------------------------------------------

    def _place_patients(self) -> dict[Key, Placed]:
        stored = {a.key: self.places[a.key] for a in self._patients if self._is_chart(self.places.get(a.key))}
        charts = {*stored.values(), *(s for streams in self._owners.values() for s in streams)}
        return identity.place(
            self._patients, stored, self._owners, {s: p for s in charts if (p := self.person(s))}
        )

    @cached_property
    def _owners(self) -> dict[Identifier, list[str]]:
        """Charts of the record by every number that is mentioned."""
        numbers = {n for a in self._patients for n in patient.identifiers(a.resource)}
        for one in self.index.arrived:
            reference = subject(one.resource)
            numbers |= set(named_by(reference, one.resource)) if reference else set()
        return {**self.known.owners(numbers), **{n: [s] for n in numbers if (s := self._own(n))}}

    def _own(self, number: Identifier) -> str | None:
        """The chart of this record that a passport it wrote itself names."""
        name = uuid(number.value) if number.system == CHART else None
        stream = f"chart:{name}" if name else ""
        return stream if name and self.person(stream) else None

    def person(self, stream: str) -> Patient | None:
        """Who a chart of the record says it is."""
        last = self.lines(stream).chart.last(Patient)
        return last[1] if last else None

    def _other_person(self, one: Arrived) -> Problem | None:
        stored = self.places.get(one.key, "")
        known = self.person(stored) if self._is_chart(stored) else None
        arriving = patient.read(one.resource)
        if known is None or not identity.contradicts(arriving, known):
            return None
        what = (
            f"{one.key.type}/{one.key.id} of “{one.key.source}” is {known.given} {known.family}, born {known.birth_date},"
            f" here; in this file it is {arriving.given} {arriving.family}, born {arriving.birth_date}"
        )
        mend = "If the file comes from another system, name that as its source; else correct the patient's page first."
        return Problem(what, one.incoming.path, mend)

    # -- everything else --------------------------------------------------------------------------------------

    def _place(self, one: Arrived) -> None:
        stream, why = self._stream(one)
        before = self.places.get(one.key)
        if stream is None and self._is_chart(before):
            stream = before
        self.streams[one.key] = stream or INBOX
        if stream is None:
            self.why_inbox[one.key] = why

    def _stream(self, one: Arrived) -> tuple[str | None, str]:
        if one.key in self.patients:
            return self.patients[one.key].stream, ""
        reference = subject(one.resource)
        if reference is None:
            about = self._of_targets(one)
            return about, "it names no patient" if is_about_patients(
                one.key.type
            ) else "it is about no patient"
        for key in self.index.keys(reference, one, "Patient"):
            stream = self.patients[key].stream if key in self.patients else self.places.get(key)
            if self._is_chart(stream):
                return stream, ""
        numbers = named_by(reference, one.resource)
        streams = {s for n in numbers for s in (*self._arriving_with.get(n, ()), *self._owners.get(n, ()))}
        if len(streams) == 1:
            return streams.pop(), ""
        named = reference.get("reference") or ", ".join(f"{n.system} {n.value}" for n in numbers) or "unnamed"
        return None, f"the patient it names is not known here ({named})"

    @cached_property
    def _arriving_with(self) -> dict[Identifier, set[str]]:
        found: dict[Identifier, set[str]] = {}
        for one in self._patients:
            for number in patient.identifiers(one.resource):
                found.setdefault(number, set()).add(self.patients[one.key].stream)
        return found

    def _of_targets(self, one: Arrived) -> str | None:
        """The one chart that holds all that a Provenance speaks of."""
        if one.key.type != "Provenance":
            return None
        keys = [list(self.index.keys(r, one, "")) for r in one.resource.get("target", ())]
        streams = {next((self.streams.get(k) or self.places.get(k) for k in ks), None) for ks in keys}
        return streams.pop() if len(streams) == 1 and self._is_chart(next(iter(streams))) else None

    def _moved_unnamed(self, one: Arrived) -> Problem | None:
        """Ids of an unnamed source prove little: they must not move a history from one chart to another."""
        before, now = self.places.get(one.key), self.streams[one.key]
        unnamed = one.key.source == imports().unnamed_source
        if not unnamed or not self._is_chart(before) or before == now:
            return None
        what = f"{one.key.type}/{one.key.id} is another patient's here, and the file does not say which system it is from"
        return Problem(what, one.incoming.path, "Import it again and name its source.")

    def _mentioned(self, one: Arrived) -> Iterator[Key]:
        """The keys of what a resource looks up outside this import."""
        references = [subject(one.resource), one.resource.get("medicationReference")]
        references += [*one.resource.get("hasMember", ()), *one.resource.get("derivedFrom", ())]
        references += one.resource.get("target", ()) if one.key.type == "Provenance" else ()
        for reference in references:
            if isinstance(reference, dict):
                yield from (
                    k for k in self.index.keys(reference, one, "Patient") if k not in self.index.by_key
                )

    @staticmethod
    def _is_chart(stream: str | None) -> bool:
        return bool(stream and stream.startswith("chart:"))


def is_standing(lines: Lines, key: Key) -> bool:
    entry = lines.resource(key)
    return entry is not None and stands(entry)
