"""The walk through the numbers nobody answers for: steps, groups, how far it has come (pure but for the notice)."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from lowtide.data import approving
from lowtide.data.approving import Step
from lowtide.data.protocols import every as every_plan
from lowtide.pathway.course.approved import last_words, postponed, row_of, signed_name
from lowtide.pathway.course.notices import Notice
from lowtide.pathway.evaluate.ruling.line import Line
from lowtide.pathway.evaluate.ruling.tables import lines
from lowtide.people.clinic import clinic_chart
from lowtide.people.roles import Permission
from lowtide.people.who import Person
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.clinic import NumberChanged

GROUPS = {
    "numbers": "Numbers",
    "rules": "Rules",
    "interactions": "Interactions",
    "dosing": "Dose and preparation",
    "monitoring": "What is watched",
    "chair": "The work at the chair",
    "rescue": "Rescue medicines",
    "safe": "The controlled-drug safe",
    "schedules": "Due times",
    "workup": "Work-up",
    "ledger": "Earlier treatment",
    "tolerability": "How a session was borne",
    "consent": "Consent",
    "booking": "Booking",
    "prescreen": "The public page",
    "programs": "What a country asks for",
    "longterm": "Long-term safety",
}


class Row(msgspec.Struct, frozen=True):
    """A number of the walk; `seen` is the last entry about it, `put_off` the entry that postpones it, `gone` what own
    values replaced, the latest first."""

    line: Line
    seen: str
    put_off: Entry | None
    gone: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        return "settled" if self.line.state == "approved" else "postponed" if self.put_off else "open"


class Group(msgspec.Struct, frozen=True):
    """Rows that are looked at together, and may be accepted in one press."""

    title: str
    rows: tuple[Row, ...]


class Stop(msgspec.Struct, frozen=True):
    """One step with its rows."""

    step: Step
    rows: tuple[Row, ...]

    def count(self, state: str) -> int:
        return sum(row.state == state for row in self.rows)

    @property
    def open(self) -> int:
        return self.count("open")

    @property
    def postponed(self) -> int:
        return self.count("postponed")

    @property
    def settled(self) -> int:
        return self.count("settled")

    def of(self, state: str) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.state == state)

    def naming(self, words: str) -> "Stop":
        """The rows that name every word."""
        wanted = words.lower().split()
        rows = (row for row in self.rows if all(word in row.line.words for word in wanted))
        return Stop(self.step, tuple(rows)) if wanted else self

    def groups(self, state: str) -> list[Group]:
        """The rows in one state: protocols each by itself, the rest by kind."""
        found: dict[str, list[Row]] = {}
        for row in self.of(state):
            found.setdefault(_group(row.line), []).append(row)
        order = {title: n for n, title in enumerate(GROUPS.values())}
        return [Group(t, tuple(rows)) for t, rows in sorted(found.items(), key=lambda p: order.get(p[0], 0))]


def _group(line: Line) -> str:
    if line.kind != "protocols":
        return GROUPS[line.kind]
    one = every_plan()[line.id.partition("-")[0]]
    return f"{one.id}: {one.condition}, {one.phase}"


def stops(clinic: Chart) -> list[Stop]:
    """Every step with the numbers that no source backs, whoever has answered for them since."""
    found = [line for line in lines(clinic) if line.key and line.state != "verified"]
    later, last = postponed(clinic), last_words(clinic)
    gone = _replaced(clinic)
    rows = [
        Row(line, _seen(last.get(line.key)), later.get((line.key, line.value)), gone.get(line.key, ()))
        for line in found
    ]
    return [Stop(step, tuple(r for r in rows if _belongs(r.line, step))) for step in approving.steps()]


def _replaced(clinic: Chart) -> dict[str, tuple[str, ...]]:
    """Row -> the values that own ones took the place of, the latest first."""
    found: dict[str, tuple[str, ...]] = {}
    for entry, body in sorted(clinic.said(NumberChanged), key=lambda pair: pair[0].seq):
        key = row_of(body)
        found[key] = (f"{body.was}, until {entry.at:%-d %b %Y}", *found.get(key, ()))
    return found


def _seen(last: Entry | None) -> str:
    return str(last.id) if last else ""


def _belongs(line: Line, step: Step) -> bool:
    if line.kind in step.kinds:
        return not (line.place and step.phases) or line.place in step.phases
    return line.place in step.tables


def next_open(found: Iterable[Stop], after: str = "") -> Stop | None:
    """The first step that still has something to look at, from `after` on and then from the beginning."""
    every = list(found)
    place = next((n for n, stop in enumerate(every) if stop.step.id == after), -1)
    turned = (*every[place + 1 :], *every[: place + 1])
    return next((stop for stop in turned if stop.open), None)


def totals(found: Iterable[Stop]) -> dict[str, int]:
    """How far the walk has come."""
    every = list(found)
    counts = {state: sum(stop.count(state) for stop in every) for state in ("open", "postponed", "settled")}
    return counts | {"all": sum(len(stop.rows) for stop in every)}


def notice(person: Person) -> Notice | None:
    """What the worklist says to somebody who may approve numbers, while any is left."""
    if not person.can(Permission.MANAGE_POLICY):
        return None
    count = totals(stops(clinic_chart()))
    left = count["open"] + count["postponed"]
    if not left:
        return None
    text = f"{_numbers(count['open'])} to look at, {count['postponed']} postponed. Each stays marked until somebody answers for it."
    return Notice("Numbers to approve", text, "Open", "evaluate:walk")


def _numbers(count: int) -> str:
    return f"{count} number{'' if count == 1 else 's'}"


def people(rows: Iterable[Row]) -> Iterator[str]:
    """Everybody who has signed one of these rows."""
    for row in rows:
        yield from (entry.by for entry in (row.line.approval, row.put_off) if entry)


def signers(rows: Iterable[Row], names: Mapping[str, str]) -> dict[str, str]:
    """Entry -> the name it was signed with: it outlives the member of staff's own entry."""
    entries = (entry for row in rows for entry in (row.line.approval, row.put_off) if entry)
    return {str(entry.id): signed_name(entry, names) for entry in entries}
