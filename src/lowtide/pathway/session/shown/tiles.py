"""The chair board (pure): one tile a chair, from the rows of the session table and the time."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from lowtide.pathway.course.words import due as due_words

PHASES = ("Prep", "Dosing", "Monitor", "Recover", "Ready")
READY = 4
PREPARED_AHEAD = timedelta(hours=1)  # a booked session stands on its chair's tile this long before the dose


class Item(msgspec.Struct, frozen=True):
    """Something to do at a chair: what, when it is due, from when on it is late."""

    name: str
    due_at: datetime
    late_at: datetime
    gives: bool = False


class Reminder(msgspec.Struct, frozen=True):
    """A value that crossed: from when on somebody is asked, when a second person is named, and whose id that is."""

    rule: str
    level: str
    parameter: str
    found: str
    asks_at: datetime
    second_at: datetime | None = None
    second: str = ""


class Sitting(msgspec.Struct, frozen=True, kw_only=True):
    """One session as the board needs it: instants and last values, no state of the clock."""

    session: str
    patient: str
    chair: str
    initials: str
    nurse: str
    escort: str
    route: str
    drug: str
    dose_mg: str
    blocked: str
    planned_at: datetime
    timed_out_at: datetime | None = None
    started_at: datetime | None = None
    paused_at: datetime | None = None
    ends_at: datetime | None = None
    stopped_at: datetime | None = None
    observe_until: datetime | None = None
    ready_from: datetime | None = None
    ready_to: datetime | None = None
    bp: str = ""
    spo2: str = ""
    bp_at: datetime | None = None
    logged_at: datetime | None = None
    todo: tuple[Item, ...] = ()
    reminders: tuple[Reminder, ...] = ()


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """One chair. `kind` is late, soon, blocked, plain or free; `step` the phase 0 to 4, `part` how far through it.

    `second`: nobody answered the reminder in time. `lead` stands over `task`; `when` under it, keeping time by `when_at`.
    """

    chair: str
    kind: str
    sitting: Sitting | None = None
    step: int = 0
    part: float = 0.0
    phase: str = ""
    left: str = ""
    since: str = ""
    lead: str = ""
    task: str = ""
    when: str = ""
    when_at: datetime | None = None
    reminder: Reminder | None = None
    second: Reminder | None = None
    order: tuple[int, float] = (9, 0.0)
    following: Sitting | None = None


def tiles(chairs: Mapping[str, str], sittings: Iterable[Sitting], now: datetime) -> list[Tile]:
    """Every chair's tile, the most overdue first and the free ones last. `chairs`: id -> label."""
    by_chair: dict[str, list[Sitting]] = {chair: [] for chair in chairs}
    for sitting in sorted(sittings, key=lambda s: (s.timed_out_at is None, s.planned_at)):
        by_chair.setdefault(sitting.chair, []).append(sitting)
    found = [_tile(chairs.get(chair, chair), each, now) for chair, each in by_chair.items()]
    return sorted(found, key=lambda t: (t.order, t.chair))


def _tile(label: str, sittings: Sequence[Sitting], now: datetime) -> Tile:
    here = [s for s in sittings if _is_here(s, now)]
    if not here:
        return Tile(chair=label, kind="free", following=sittings[0] if sittings else None)
    sitting = here[0]
    return _prepared(label, sitting, now) if sitting.started_at is None else _running(label, sitting, now)


def _is_here(sitting: Sitting, now: datetime) -> bool:
    return bool(sitting.timed_out_at or sitting.started_at) or now >= sitting.planned_at - PREPARED_AHEAD


def _prepared(label: str, sitting: Sitting, now: datetime) -> Tile:
    lead, task = ("Cannot start", sitting.blocked.split(";")[0]) if sitting.blocked else ("Next", "Time-out")
    if sitting.timed_out_at and not sitting.blocked:
        task = "Start the dose"
    return Tile(
        chair=label,
        kind="blocked" if sitting.blocked else "plain",
        sitting=sitting,
        step=0,
        part=0.6 if sitting.timed_out_at else 0.2,
        phase="Prep",
        left=_distance(sitting.planned_at, now, "to go"),
        lead=lead,
        task=task[:1].upper() + task[1:],
        when="" if sitting.blocked else due_words(sitting.planned_at, now),
        when_at=None if sitting.blocked else sitting.planned_at,
        order=(3, sitting.planned_at.timestamp()),
    )


def _running(label: str, sitting: Sitting, now: datetime) -> Tile:
    step, part, until = _phase(sitting, now)
    item, asking = _first(sitting, now, step), asked(sitting, now)
    late = item is not None and now >= item.late_at
    soon = item is not None and not late and item.due_at - now <= timedelta(minutes=2)
    return Tile(
        chair=label,
        kind="late" if late else "soon" if soon else "plain",
        sitting=sitting,
        step=step,
        part=part,
        phase="Paused" if sitting.paused_at and step == 1 else PHASES[step],
        left=_distance(until, now) if until else "",
        since=_since(sitting, now),
        lead="Ready" if step == READY else "Do now" if item and now >= item.due_at else "Next",
        task=item.name if item else "Nothing due",
        when=due_words(item.due_at, now) if item and step != READY else "",
        when_at=item.due_at if item and step != READY else None,
        reminder=asking[0] if asking else None,
        second=next((r for r in asking if r.second_at and now >= r.second_at), None),
        order=(
            0 if any(r.level != "inform" for r in asking) else 1 if late else 2,
            item.due_at.timestamp() if item else 0.0,
        ),
    )


def asked(sitting: Sitting, now: datetime) -> list[Reminder]:
    """The reminders that ask now; one that was answered asks again later."""
    return [r for r in sitting.reminders if r.asks_at <= now]


def _phase(sitting: Sitting, now: datetime) -> tuple[int, float, datetime | None]:
    """(step, how far through it, when it ends) at `now`."""
    start, stop, until = sitting.started_at, sitting.stopped_at, sitting.observe_until
    if start is None or stop is None:
        return 1, _part(start, sitting.ends_at, now), sitting.ends_at
    if until and now < until:
        return 2, _part(stop, until, now), until
    if sitting.ready_from and sitting.ready_to and sitting.ready_from <= now <= sitting.ready_to:
        return READY, 0.5, None
    return 3, 0.5, None


def _part(start: datetime | None, end: datetime | None, now: datetime) -> float:
    if start is None or end is None or end <= start:
        return 0.0
    return min(1.0, max(0.0, (now - start) / (end - start)))


def _first(sitting: Sitting, now: datetime, step: int) -> Item | None:
    """What this chair needs first: the end of an empty bag, the checks at the door, else the most urgent item."""
    part = next((i for i in sitting.todo if i.gives), None)
    if step == 1 and part:
        return part
    if step == 1 and sitting.ends_at and now >= sitting.ends_at:
        return Item("Record the end", sitting.ends_at, sitting.ends_at)
    if step == READY and sitting.ready_from:
        return Item("Leave checks", sitting.ready_from, now + timedelta(hours=1))
    due = [i for i in sitting.todo if i.due_at <= now]
    late = [i for i in due if i.late_at <= now]
    return next(iter(late or due or sitting.todo), None)


def _distance(at: datetime, now: datetime, ahead: str = "left") -> str:
    whole = int((at - now).total_seconds() // 60)
    return f"{whole} min {ahead}" if whole >= 0 else f"{-whole} min over"


def _since(sitting: Sitting, now: datetime) -> str:
    return f"T+{int((now - sitting.started_at).total_seconds() // 60)}" if sitting.started_at else ""
