"""What is due at the chair, and when: monitoring items laid on the instants of one session.

A due item holds instants only; whether it is due or late is asked with the time (`DueItem.status`). A reading
counts for the slot in whose window it lies: from a little before its time until a little before the next one's.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

import msgspec

from lowtide.data.chair import Parameter, numbers, parameters
from lowtide.data.monitoring import Frequency, Item
from lowtide.data.protocols import every
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.readings import Omission, Reading
from lowtide.pathway.session.rules.thresholds import crossings, falling

HORIZON = timedelta(
    hours=1
)  # how far past the planned leaving slots are laid while the patient is still here


class Status(StrEnum):
    PLANNED = "planned"
    DUE = "due"
    LATE = "late"
    DONE = "done"
    NOT_DONE = "not_done"
    MISSED = "missed"


class DueItem(msgspec.Struct, frozen=True):
    """One parameter at one time. `by` is the reading that did it, or why it was not done.

    `missed`: a later one was done, or the patient left, before this one was.
    """

    parameter: Parameter
    rule: Item
    due_at: datetime
    opens_at: datetime
    late_at: datetime
    escalate_at: datetime
    by: Reading | Omission | None = None
    missed: bool = False

    def status(self, now: datetime) -> Status:
        if isinstance(self.by, Omission):
            return Status.NOT_DONE
        if self.by is not None:
            return Status.DONE
        if self.missed:
            return Status.MISSED
        if now >= self.late_at:
            return Status.LATE
        return Status.DUE if now >= self.due_at else Status.PLANNED

    @property
    def open(self) -> bool:
        return self.by is None and not self.missed


def watched(facts: Facts, monitoring: Mapping[str, Item]) -> dict[str, Item]:
    """The monitoring items that concern this session's route and the length of its infusion; all of them before an order
    names one."""
    planned_min = facts.order[1].duration_min if facts.order else None
    return {name: item for name, item in monitoring.items() if item.scope.at_chair(facts.route, planned_min)}


def scheduling(parameter: Parameter, items: Mapping[str, Item]) -> tuple[Item, ...]:
    """The items that say when a row is due: of those that are watched, or what sets another pace for them here."""
    if not parameter.is_scheduled:
        return ()
    pace = {name: item for item in items.values() for name in item.paces}
    found = [pace.get(name, items[name]) for name in parameter.scheduled_by if name in items]
    return tuple({item.id: item for item in found}.values())


def observe_until(facts: Facts, monitoring: Mapping[str, Item]) -> datetime | None:
    """When the shortest observation is over; None before the dose."""
    if facts.started_at is None:
        return None
    return facts.once("observe_until", monitoring, lambda: _observe_until(facts, monitoring))


def _observe_until(facts: Facts, monitoring: Mapping[str, Item]) -> datetime | None:
    anchors = {"start": facts.started_at, "end": facts.ends_at}
    ends = [
        anchor + timedelta(minutes=item.frequency.minimum_min)
        for item in watched(facts, monitoring).values()
        if item.frequency.minimum_min and (anchor := anchors.get(item.frequency.after or "end"))
    ]
    own = own_observation(facts)
    if own and facts.ends_at:
        ends.append(facts.ends_at + own)
    return max(ends, default=None)


def own_observation(facts: Facts) -> timedelta | None:
    """How long the protocol itself keeps the patient after the dose, where it says so."""
    known = every().get(facts.order[1].protocol) if facts.order else None
    return timedelta(minutes=float(known.observation_min)) if known and known.observation_min else None


def due_items(facts: Facts, monitoring: Mapping[str, Item], now: datetime | None = None) -> list[DueItem]:
    """Every due item of a session whose dose was started, by time; nothing before that.

    `now` only says how far ahead to look when the patient stays longer than planned.
    """
    if facts.started_at is None:
        return []
    items = watched(facts, monitoring)
    horizon = _horizon(facts, monitoring, now)
    return list(facts.once("due", (monitoring, horizon), lambda: _due(facts, monitoring, items, horizon)))


def _due(
    facts: Facts, monitoring: Mapping[str, Item], items: Mapping[str, Item], horizon: datetime
) -> list[DueItem]:
    frame = _Frame(facts, items, observe_until(facts, monitoring), horizon, _again(facts, monitoring, items))
    found = [
        due for parameter in parameters().values() for due in _of(facts, parameter, _slots(frame, parameter))
    ]
    rank = list(parameters())
    return sorted(found, key=lambda d: (d.due_at, rank.index(d.parameter.id)))


def next_due(items: Iterable[DueItem]) -> list[DueItem]:
    """The first open item of each parameter, most overdue first: what there is to do."""
    first: dict[str, DueItem] = {}
    for item in items:
        if item.open:
            first.setdefault(item.parameter.id, item)
    return list(first.values())


def left_undone(items: Iterable[DueItem]) -> list[DueItem]:
    """Items that were missed without a reason: they make a session's record incomplete (hazard H014)."""
    return [item for item in items if item.missed]


def _horizon(facts: Facts, monitoring: Mapping[str, Item], now: datetime | None) -> datetime:
    if facts.discharged:
        return facts.discharged[0].at
    latest = [observe_until(facts, monitoring), now, facts.entries[-1].at]
    return max(at for at in latest if at is not None) + HORIZON


class _Frame(msgspec.Struct, frozen=True):
    """What slots are laid on: the items that are watched, when leaving opens, how far to look, what is repeated."""

    facts: Facts
    items: Mapping[str, Item]
    leave_at: datetime | None
    horizon: datetime
    again: tuple[tuple[datetime, Item], ...]


def _slots(frame: _Frame, parameter: Parameter) -> dict[datetime, Item]:
    """The instants at which the parameter is due, each with the item that says so."""
    slots: dict[datetime, Item] = {}
    for item in scheduling(parameter, frame.items):
        for at in _instants(item.frequency, frame.facts, frame.leave_at, frame.horizon):
            if at <= frame.horizon:
                slots.setdefault(at, item)
    for at, rule in frame.again:
        if not set(parameter.fields).isdisjoint(rule.values):
            slots.setdefault(at, rule)
    return dict(sorted(slots.items()))


def _again(
    facts: Facts, monitoring: Mapping[str, Item], items: Mapping[str, Item]
) -> tuple[tuple[datetime, Item], ...]:
    """When rules that ask for several readings want the next one; those that concern this route."""
    found = crossings(facts, monitoring)
    return tuple((c.again_at, c.rule) for c in found if c.again_at and c.rule.id in items)


def _instants(
    frequency: Frequency, facts: Facts, leave_at: datetime | None, horizon: datetime
) -> Iterator[datetime]:
    start, end = facts.started_at, facts.ends_at
    if start is None or end is None:
        return
    anchors = {"start": start, "discharge": leave_at}
    if facts.infusion:  # what is swallowed, sprayed or injected has no end worth a check of its own
        anchors["end"] = end
    yield from (at for name in frequency.at if (at := anchors.get(name)))
    fixed = [start + timedelta(minutes=m) for m in frequency.at_min]
    yield from fixed
    if frequency.during_every_min:
        every = timedelta(minutes=frequency.during_every_min)
        yield from (at for at in _every(start, every, end + every) if at <= end + timedelta(minutes=1))
    if frequency.after_every_min:
        first = end if frequency.during_every_min or not fixed else max(fixed)
        every = timedelta(minutes=frequency.after_every_min)
        yield from (at for at in _every(first, every, horizon) if not _is_over(frequency, facts, first, at))


def _is_over(frequency: Frequency, facts: Facts, first: datetime, at: datetime) -> bool:
    """What is repeated until the pressure falls is asked no more where the last reading before that says so."""
    if frequency.until != "bp_falling":
        return False
    early = timedelta(minutes=numbers().early_min)
    read = [r for r in facts.readings["bp"] if r.whole and first - early <= r.at < at - early]
    return bool(read) and falling(facts, read[-1].entry) is True


def _every(start: datetime, step: timedelta, until: datetime) -> Iterator[datetime]:
    at = start + step
    while at <= until:
        yield at
        at += step


def _of(facts: Facts, parameter: Parameter, slots: Mapping[datetime, Item]) -> Iterator[DueItem]:
    """The slots of one parameter as due items, each with what was done in its window."""
    times = list(slots)
    opens = _opening(times, facts.started_at)
    done = _laid(times, opens, _answers(facts, parameter))
    last_done = max(done, default=-1)
    for place, at in enumerate(times):
        yield DueItem(
            parameter=parameter,
            rule=slots[at],
            due_at=at,
            opens_at=opens[place],
            late_at=at + timedelta(minutes=numbers().late_after_min),
            escalate_at=at + timedelta(minutes=numbers().escalate_after_min),
            by=done.get(place),
            missed=place not in done and (place < last_done or facts.over_at is not None),
        )


def _answers(facts: Facts, parameter: Parameter) -> list[Reading | Omission]:
    read: list[Reading | Omission] = [r for r in facts.readings[parameter.id] if r.whole]
    return read + [o for o in facts.omissions if o.parameter == parameter.id]


def _opening(times: Sequence[datetime], start: datetime | None) -> list[datetime]:
    """When each slot's window opens: a little before its time, at most half-way back to the slot before."""
    early = timedelta(minutes=numbers().early_min)
    befores = [start or times[0], *times] if times else []
    return [at - min(early, (at - before) / 2) for before, at in pairwise(befores)]


def _laid(
    times: Sequence[datetime], opens: Sequence[datetime], answers: Iterable[Reading | Omission]
) -> dict[int, Reading | Omission]:
    """slot -> what was done in its window: a reading before an omission, and of several the one nearest its time."""
    found: dict[int, Reading | Omission] = {}
    for answer in answers:
        place = bisect_right(opens, answer.at) - 1
        if place >= 0:
            found[place] = min(
                (each for each in (found.get(place), answer) if each),
                key=lambda each: (isinstance(each, Omission), abs(each.at - times[place])),
            )
    return found
