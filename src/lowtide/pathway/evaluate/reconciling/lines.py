"""All medicines of a chart, one line an ingredient: who says what, what does not agree, what was settled (pure)."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import msgspec

from lowtide.data import codes
from lowtide.data.reconciling import reconciling
from lowtide.data.spellings import alike, plain
from lowtide.pathway.evaluate.chart_facts import counted, medicine_of
from lowtide.pathway.evaluate.reconciling.names import Guess, Match, guesses, match
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.history import Medicine, MedicinesReconciled, ProblemStatus

TAKEN, UNKNOWN = ProblemStatus.ACTIVE, ProblemStatus.UNKNOWN
GONE = (ProblemStatus.PAST, ProblemStatus.REFUTED)


class Told(msgspec.Struct, frozen=True):
    """One entry on the medicine of a line, and the one that its line of corrections began with.

    `counts` False: it tells of one that stands in its place.
    """

    entry: Entry
    root: Entry
    body: Medicine
    match: Match
    counts: bool

    @property
    def dose(self) -> str:
        if self.body.dose:
            return self.body.dose
        return f"{self.body.daily_dose_mg.normalize():f} mg a day" if self.body.daily_dose_mg else ""


class Line(msgspec.Struct, frozen=True):
    """One ingredient. `status` as it counts for the rules; `open` is what a person has to settle, in words."""

    key: str
    name: str
    told: tuple[Told, ...]
    status: ProblemStatus
    known: bool
    classes: frozenset[str]
    open: tuple[str, ...]
    guesses: tuple[Guess, ...] = ()

    @property
    def counted(self) -> tuple[Told, ...]:
        return tuple(t for t in self.told if t.counts)

    @property
    def chief(self) -> Told:
        """The entry that speaks for the line: the latest that counts and says that it is taken."""
        return _chief(self.told)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(codes.medicine_classes()[key].label for key in sorted(self.classes))

    @property
    def is_current(self) -> bool:
        """Taken, or perhaps."""
        return self.status in (TAKEN, UNKNOWN)

    @property
    def alike(self) -> tuple[str, ...]:
        return alike(self.name)

    @property
    def names(self) -> tuple[str, ...]:
        """What the record calls it, each spelling once."""
        return tuple(dict.fromkeys(t.body.name for t in reversed(self.told)))


class Reconciled(msgspec.Struct, frozen=True):
    """The last time somebody went through all of them, and what came or changed since."""

    by: str
    at: datetime
    age_days: int
    since: int
    is_old: bool


class Medicines(msgspec.Struct, frozen=True):
    lines: tuple[Line, ...]
    last: Reconciled | None
    entries: tuple[UUID, ...]

    @property
    def open(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.open)

    @property
    def taken(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.is_current)

    @property
    def gone(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if not line.is_current)

    @property
    def mark(self) -> str:
        """What stood when a page was made: a reconciliation of a longer list is asked again."""
        return hashlib.sha256(b"".join(sorted(e.bytes for e in self.entries))).hexdigest()[:16]

    def line(self, key: str) -> Line | None:
        return next((line for line in self.lines if line.key == key), None)


def medicines(chart: Chart, now: datetime) -> Medicines:
    """Every medicine that anybody told of; what is taken first, by name."""
    standing = {e.id for e, _ in counted(chart)}
    by_key: dict[str, list[Told]] = {}
    names: dict[str, str] = {}
    for entry, body in chart.said(Medicine):
        told = Told(entry, chart.line(entry.id)[0], body, match(body), entry.id in standing)
        for key, name in _keys(told):
            by_key.setdefault(key, []).append(told)
            names[key] = name
    lines = sorted((_line(key, names[key], told) for key, told in by_key.items()), key=_order)
    return Medicines(tuple(lines), _last(chart, now), tuple(e.id for e, _ in chart.said(Medicine)))


def _keys(told: Told) -> Iterator[tuple[str, str]]:
    for part in told.match.parts:
        yield plain(part.name).replace(" ", "-"), part.name
    if not told.match.parts:
        spelled = plain(told.body.name).replace(" ", "-") or told.entry.id.hex
        yield f"x-{spelled}"[:80], told.body.name


def _line(key: str, name: str, told: list[Told]) -> Line:
    chief = _chief(tuple(told))
    part = next((p for p in chief.match.parts if p.name == name), None)
    counting = [t for t in told if t.counts] or told
    known = all(medicine_of(t.body).classes is not None for t in counting)
    status = _status(told)
    unknown = not known and status not in GONE
    classes = part.classes if part else medicine_of(chief.body).classes or frozenset()
    return Line(
        key,
        name,
        tuple(told),
        status,
        known,
        classes,
        tuple(_open(told, known=known, status=status)),
        guesses(name) if unknown else (),
    )


def _chief(told: tuple[Told, ...]) -> Told:
    counted = [t for t in told if t.counts] or list(told)
    ranks = {TAKEN: 2, UNKNOWN: 1}
    return max(enumerate(counted), key=lambda at: (ranks.get(at[1].body.status, 0), at[0]))[1]


def _status(told: list[Told]) -> ProblemStatus:
    said = {t.body.status for t in told if t.counts} or {t.body.status for t in told}
    order = (TAKEN, UNKNOWN, *GONE)
    return next(status for status in order if status in said)


def _order(line: Line) -> tuple[bool, bool, str]:
    return not line.is_current, line.known, line.name.lower()


def _open(told: list[Told], *, known: bool, status: ProblemStatus) -> Iterator[str]:
    """What does not agree or is not known, as long as it matters: not of a medicine that nobody takes."""
    if status in GONE:
        return
    if not known:
        yield "not recognised"
    counted = [t for t in told if t.counts]
    taken = [t for t in counted if t.body.status is TAKEN]
    yield from dict.fromkeys(t.match.differs for t in counted if t.match.differs)
    yield from _doses(taken)
    if any(t.body.status in GONE and taken and t.entry.at >= taken[0].entry.at for t in counted):
        yield "taken says one source, no longer taken another"
    if status is UNKNOWN:
        yield "not known whether it is still taken"


def _doses(taken: list[Told]) -> Iterator[str]:
    doses = list(dict.fromkeys(t.dose for t in taken if t.dose))
    if len(doses) > 1:
        yield f"told with {len(doses)} doses: {'; '.join(doses)}"
    elif len(taken) > 1 and any(part.per_mg for t in taken for part in t.match.parts):
        yield f"told {len(taken)} times: its dose counts as often until they are one"


def _last(chart: Chart, now: datetime) -> Reconciled | None:
    said = chart.last(MedicinesReconciled)
    if said is None:
        return None
    entry, body = said
    seen = set(body.entries)
    since = sum(e.id not in seen for e, _ in chart.said(Medicine))
    days = (now - entry.at).days
    return Reconciled(entry.by, entry.at, days, since, days > reconciling().stale_after_days.value)
