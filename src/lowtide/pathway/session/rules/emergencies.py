"""Emergencies of a session: which checklists were opened, what of them is done, which a threshold suggests (pure)."""

from collections.abc import Iterable, Iterator
from uuid import UUID

import msgspec

from lowtide.data.emergencies import Checklist, Step, checklists, suggested_by
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.thresholds import Crossing
from lowtide.record.entries.base import Entry
from lowtide.record.entries.events import EmergencyEnded, EmergencyOpened, EmergencyStep


class Ticked(msgspec.Struct, frozen=True):
    """One step of a run; `entry` says who did it and when, None while nobody has."""

    step: Step
    entry: Entry | None

    @property
    def state(self) -> str:
        if self.entry is None:
            return "open"
        return "done" if self.entry.body.done else "not_needed"


class Run(msgspec.Struct, frozen=True):
    """A checklist as it was worked through; `ended` closes it."""

    id: UUID
    opened: Entry
    key: str
    checklist: Checklist
    steps: tuple[Ticked, ...]
    ended: Entry | None

    @property
    def left(self) -> int:
        return sum(step.entry is None for step in self.steps)

    @property
    def next(self) -> Step | None:
        return next((step.step for step in self.steps if step.entry is None), None)


def runs(facts: Facts) -> tuple[Run, ...]:
    """Every checklist that was opened, the latest last; one that this program does not know is left to the record."""
    return tuple(
        _run(facts, entry)
        for entry in facts.entries
        if isinstance(entry.body, EmergencyOpened) and entry.body.checklist in checklists()
    )


def running(facts: Facts) -> tuple[Run, ...]:
    return tuple(run for run in runs(facts) if run.ended is None)


def run_of(facts: Facts, run: UUID) -> Run | None:
    return next((one for one in runs(facts) if one.id == run), None)


def suggested(facts: Facts, pressed: Iterable[Crossing]) -> Iterator[tuple[str, Crossing]]:
    """(checklist, the crossing that suggests it), of those that are not open already."""
    opened, said = {run.key for run in running(facts)}, set[str]()
    for crossing in pressed:
        key = suggested_by(crossing.rule.id)
        if key and crossing.complete and key not in opened | said:
            said.add(key)
            yield key, crossing


def _run(facts: Facts, opened: Entry) -> Run:
    done: dict[str, Entry] = {}
    ended = None
    for entry in facts.entries:
        if isinstance(entry.body, EmergencyStep) and entry.body.run == opened.id:
            done[entry.body.step] = entry
        elif isinstance(entry.body, EmergencyEnded) and entry.body.run == opened.id:
            ended = entry
    checklist = checklists()[opened.body.checklist]
    steps = tuple(Ticked(step, done.get(step.id)) for step in checklist.steps)
    return Run(opened.id, opened, opened.body.checklist, checklist, steps, ended)
