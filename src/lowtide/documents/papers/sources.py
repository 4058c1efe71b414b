"""What documents are made from: a chart, the books of the safes, the clinic's own stream (pure).

`chart` is narrowed to what the document's reader may see before anything is read from it: what is kept for some roles
only cannot slip into a bill, a letter or a form.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, tzinfo
from functools import cached_property
from typing import TypeVar
from uuid import UUID

import msgspec

from lowtide.data import monitoring, own
from lowtide.data.safe import limits
from lowtide.data.vocabulary import words as vocabulary
from lowtide.documents.papers.model import Field
from lowtide.pathway.course.approved import own_values, policy_name
from lowtide.pathway.session.rules.custody import Custody, custody
from lowtide.pathway.session.rules.facts import Facts, session_facts
from lowtide.pathway.session.rules.state import SessionState, state_of
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Body, Entry
from lowtide.record.entries.care import CoursePlanned
from lowtide.record.entries.clinic import Clinic
from lowtide.record.entries.identity import Patient
from lowtide.record.entries.papers import Letterhead
from lowtide.record.entries.words import MONTHS
from lowtide.safe.places import books_of

B = TypeVar("B", bound=Body)
READER = "document:reader"
"""Who reads a document is nobody in particular: no entry is shown because its author reads it."""


class Sources(msgspec.Struct, frozen=True, dict=True):
    """Everything a document may read, as it was known at one moment. `names` tells what people are called."""

    session: UUID
    whole: Chart
    audience: frozenset[str]
    safes: Mapping[str, Chart]
    clinic: Chart
    names: Mapping[str, str]
    zone: tzinfo

    @cached_property
    def chart(self) -> Chart:
        return self.whole.seen_by(self.audience, READER)

    @cached_property
    def facts(self) -> Facts:
        return session_facts(self.chart, self.session)

    @property
    def state(self) -> SessionState:
        return state_of(self.facts, monitoring.items(), self.closed_at)

    @property
    def closed_at(self) -> datetime | None:
        """The instant the document looks back from: the end of the session, else its last entry."""
        ends = (self.facts.signed, self.facts.discharged, self.facts.abandoned)
        found = next((fact[0].at for fact in ends if fact), None)
        return found or (self.facts.entries[-1].at if self.facts.entries else None)

    @cached_property
    def custody(self) -> Custody:
        return custody(self.facts, {n: books_of(c) for n, c in self.safes.items()}, limits())

    @cached_property
    def patient(self) -> tuple[Entry, Patient]:
        found = self.chart.last(Patient)
        assert found  # a chart is somebody's
        return found

    @cached_property
    def course(self) -> tuple[Entry, CoursePlanned] | None:
        """The course that plans this session."""
        for entry, plan in self.chart.newest(CoursePlanned):
            if any(planned.session == self.session for planned in plan.sessions):
                return entry, plan
        return None

    @cached_property
    def clinic_then(self) -> Chart:
        """The clinic as it was when the session was signed; as it is where nobody signed, or where a signature does not
        say how much of it was known."""
        signed = self.facts.signed
        seq = signed[1].known.get(self.clinic.stream, 0) if signed else 0
        return self.clinic.as_of(seq) if 0 < seq < self.clinic.seq else self.clinic

    @property
    def about_clinic(self) -> tuple[Entry, Clinic] | None:
        return self.clinic_then.last(Clinic) or self.clinic.last(Clinic)

    @property
    def letterhead(self) -> tuple[Entry, Letterhead] | None:
        """The one of then; what it did not say and a later one says is mended by that one."""
        then, now = self.clinic_then.last(Letterhead), self.clinic.last(Letterhead)
        return now if then is None or now is None or _says_more(now[1], then[1]) else then

    @contextmanager
    def laid(self) -> Iterator[None]:
        """Within this every number is the one that the clinic had when the session was signed."""
        if self.clinic_then is self.clinic:
            yield
            return
        values = {name: value for name, (value, _) in own_values(self.clinic_then).items()}
        of_then = own.own(tuple(sorted(values.items())), own.laid().settled, policy_name(self.clinic_then))
        with own.laying(of_then):
            yield

    @property
    def left_out(self) -> int:
        """How many entries of the session are for other eyes."""
        return len(self.whole.session(self.session)) - len(self.chart.session(self.session))

    @property
    def known(self) -> dict[str, int]:
        """stream -> seq of everything that was looked at."""
        safes = {name: chart.seq for name, chart in self.safes.items()}
        return {**self.whole.known, **safes, self.clinic.stream: self.clinic.seq}

    def as_of(self, known: Mapping[str, int]) -> "Sources":
        """The same as it was known then."""
        return msgspec.structs.replace(
            self,
            whole=self.whole.as_of(known),
            safes={name: chart.as_of(known) for name, chart in self.safes.items() if name in known},
            clinic=self.clinic.as_of(known),
        )

    def reading_for(self, audience: Iterable[str]) -> "Sources":
        return msgspec.structs.replace(self, audience=frozenset(audience))

    # -- words ------------------------------------------------------------------------------------------------

    def clock(self, at: datetime) -> str:
        """The time of day; with its date where that is not the day on which the dose began."""
        start = self.facts.started_at
        if start is None or start.astimezone(self.zone).date() == at.astimezone(self.zone).date():
            return self.hours(at)
        return f"{self.date(at)}, {self.hours(at)}"

    def hours(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%H:%M}"

    def date(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        return f"{local.day} {MONTHS[local.month - 1]} {local.year}"

    def name(self, by: str) -> str:
        return self.names.get(by, by)

    def about_session(self, kind: type[B]) -> Iterator[tuple[Entry, B]]:
        """What was said of this session, in order."""
        return ((e, b) for e, b in self.chart.said(kind) if e.session == self.session)


def _says_more(now: Letterhead, then: Letterhead) -> bool:
    """Whether something stands on it that was left empty then."""
    filled = any(getattr(now, f) and not getattr(then, f) for f in Letterhead.__struct_fields__)
    return filled or bool(now.numbers.keys() - then.numbers.keys())


def word(kind: str, given: str | None) -> str:
    """The label of a word, or the word itself where the table has none."""
    known = vocabulary()[kind].get(given or "")
    return known.label if known else (given or "")


def missing(label: str, why: str, *entries: Entry, gap: str = "") -> Field:
    return Field(label, why, ids(entries), "missing", gap=gap)


def said(label: str, text: str, *entries: Entry, note: str = "", unverified: bool = False) -> Field:
    return Field(label, text, ids(entries), note=note, unverified=unverified)


def ids(entries: Iterable[Entry]) -> tuple[UUID, ...]:
    """Each entry once, in the order given."""
    return tuple(dict.fromkeys(e.id for e in entries))
