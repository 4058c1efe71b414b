"""Emergencies of a session: which checklists were opened, what of them is done, which a threshold suggests (pure)."""

from collections.abc import Iterable, Iterator
from uuid import UUID

import msgspec

from lowtide.data.emergencies import Checklist, Step, checklists, suggested_by
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.thresholds import Crossing
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import DoseStopped, DosingEnded, RateChanged
from lowtide.record.entries.events import EmergencyEnded, EmergencyOpened, EmergencyStep


class Ticked(msgspec.Struct, frozen=True):
    """One step of a run; `entry` says who did it and when, by a tick or as it was recorded; None while nobody has."""

    step: Step
    entry: Entry | None

    @property
    def state(self) -> str:
        if self.entry is None:
            return "open"
        ticked = self.entry.body
        return "not_needed" if isinstance(ticked, EmergencyStep) and not ticked.done else "done"


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
    done = _recorded(facts, opened)
    ended = None
    for entry in facts.entries:
        if isinstance(entry.body, EmergencyStep) and entry.body.run == opened.id:
            done[entry.body.step] = entry
        elif isinstance(entry.body, EmergencyEnded) and entry.body.run == opened.id:
            ended = entry
    checklist = checklists()[opened.body.checklist]
    steps = tuple(Ticked(step, done.get(step.id)) for step in checklist.steps)
    return Run(opened.id, opened, opened.body.checklist, checklist, steps, ended)


def _recorded(facts: Facts, opened: Entry) -> dict[str, Entry]:
    """The steps that the record of the dose shows as done: it was paused since, or stands paused or stopped."""
    found: dict[str, Entry] = {}
    for entry in facts.entries:
        match entry.body:
            case DoseStopped() | DosingEnded():
                found.setdefault("stopped", entry)
            case RateChanged(rate_ml_per_h=rate) if not rate:
                found.setdefault("paused", entry)
            case RateChanged() if entry.at < opened.at:
                found.pop("paused", None)
    steps = checklists()[opened.body.checklist].steps
    done = ((step.id, next((found[by] for by in step.done_by if by in found), None)) for step in steps)
    return {step: entry for step, entry in done if entry}
