"""The chair board (pure): one tile a chair, from the rows of the session table and the time."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from lowtide.pathway.course.words import due as due_words

PHASES = ("Prep", "Dosing", "Monitor", "Recover", "Ready")
READY = 4
FEW = 6  # so many chairs and fewer: a free one has a tile of its own
LONG = timedelta(hours=3)  # what takes longer is told in hours, and in days after two of them
GRAVE = {"hold": 1, "stop": 2, "emergency": 3}  # what asks before any check: the gravest chair first
RED = GRAVE["stop"]  # from here on the whole tile is red
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
    """One session as the board needs it: instants and last values, no state of the clock. Before the dose `blocked` says
    what stands in the way, one after another between semicolons, and `ahead` which check comes next."""

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
    ahead: str = ""
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
    spo2_at: datetime | None = None
    logged_at: datetime | None = None
    todo: tuple[Item, ...] = ()
    reminders: tuple[Reminder, ...] = ()


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """One chair. `kind` is grave, late, soon, blocked, plain or free; `step` the phase 0 to 4, `part` how far through it.

    `second`: nobody answered the reminder in time. `lead` stands over `task`; `when` under it, keeping time by `when_at`.
    `more` counts what else stands in the way. A grave `reminder` is the task itself: `after` is the check that it pushes
    aside, `runs` says that it is a checklist under way.
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
    more: int = 0
    after: Item | None = None
    runs: bool = False

    @property
    def escort(self) -> str:
        """Who comes, without a telephone number: the board is read by whoever is in the room."""
        said = self.sitting.escort.split(",")[0] if self.sitting else ""
        return " ".join(word for word in said.split() if not any(map(str.isdigit, word)))


def tiles(chairs: Mapping[str, str], sittings: Iterable[Sitting], now: datetime) -> list[Tile]:
    """Every chair's tile, the most overdue first and the free ones last. `chairs`: id -> label."""
    by_chair: dict[str, list[Sitting]] = {chair: [] for chair in chairs}
    for sitting in sorted(sittings, key=lambda s: (s.timed_out_at is None, s.planned_at)):
        by_chair.setdefault(sitting.chair, []).append(sitting)
    found = [_tile(chairs.get(chair, chair), each, now) for chair, each in by_chair.items()]
    return sorted(found, key=lambda t: (t.order, t.chair))


def _tile(label: str, sittings: Sequence[Sitting], now: datetime) -> Tile:
    here = [s for s in sittings if is_here(s, now)]
    if not here:
        return Tile(chair=label, kind="free", following=sittings[0] if sittings else None)
    sitting = here[0]
    tell = _prepared if sitting.started_at is None else _running
    return _headed(tell(label, sitting, now), sitting, now)


def _headed(tile: Tile, sitting: Sitting, now: datetime) -> Tile:
    """The tile with what asks: a grave reminder is its headline, above whatever check is due or late."""
    asking = asked(sitting, now)
    gravest = max(asking, key=lambda r: (GRAVE.get(r.level, 0), -r.asks_at.timestamp()), default=None)
    second = next((r for r in asking if r.second_at and now >= r.second_at), None)
    tile = msgspec.structs.replace(tile, reminder=gravest, second=second)
    grave = GRAVE.get(gravest.level, 0) if gravest else 0
    if not (gravest and grave):
        return tile
    due = _first(sitting, now, tile.step) if sitting.started_at else None
    return msgspec.structs.replace(
        tile,
        kind="grave" if grave >= RED else "late",
        lead="Act now" if grave >= RED else "Do now",
        task=gravest.found,
        when=due_words(gravest.asks_at, now),
        when_at=gravest.asks_at,
        runs=gravest.level == "emergency",
        after=due if due and due.due_at <= now else None,
        more=0,
        order=(max(GRAVE.values()) - grave, gravest.asks_at.timestamp()),
    )


def is_here(sitting: Sitting, now: datetime) -> bool:
    """Whether the person is at the chair, or is expected there soon."""
    return bool(sitting.timed_out_at or sitting.started_at) or now >= sitting.planned_at - PREPARED_AHEAD


def _prepared(label: str, sitting: Sitting, now: datetime) -> Tile:
    blockers = [each.strip() for each in sitting.blocked.split(";") if each.strip()]
    lead, task = ("Cannot start", blockers[0]) if blockers else ("Next", "Time-out")
    if sitting.timed_out_at and not sitting.blocked:
        task = sitting.ahead or "Start the dose"
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
        order=(6, sitting.planned_at.timestamp()),
        more=max(0, len(blockers) - 1),
    )


def _running(label: str, sitting: Sitting, now: datetime) -> Tile:
    step, part, until = _phase(sitting, now)
    item = _first(sitting, now, step)
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
        order=(4 if late else 5, item.due_at.timestamp() if item else 0.0),
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
    waiting = [i for i in sitting.todo if i.late_at <= now and not i.gives]
    if step == 1 and part and (part.due_at <= now or not waiting):
        return part
    if step == 1 and sitting.ends_at and now >= sitting.ends_at:
        return Item("Record the end", sitting.ends_at, sitting.ends_at)
    if step == READY and sitting.ready_from:
        return Item("Leave checks", sitting.ready_from, now + timedelta(hours=1))
    due = [i for i in sitting.todo if i.due_at <= now]
    late = [i for i in due if i.late_at <= now]
    return next(iter(late or due or sitting.todo), None)


def _distance(at: datetime, now: datetime, ahead: str = "left") -> str:
    return f"{long(at - now)} {ahead}" if at >= now else f"{long(now - at)} over"


def _since(sitting: Sitting, now: datetime) -> str:
    start = sitting.started_at
    if start is None:
        return ""
    return (
        f"T+{(now - start) // timedelta(minutes=1)}" if now - start < LONG else f"since {long(now - start)}"
    )


def long(time: timedelta) -> str:
    """A length of time as far as it is of use: 26 min, 5 h, day and hours of a session over days."""
    minutes, hours = time // timedelta(minutes=1), time // timedelta(hours=1)
    if time < LONG:
        return f"{minutes} min"
    return f"{hours} h" if hours < 48 else f"{hours // 24} d {hours % 24} h"


def free_apart(found: Sequence[Tile]) -> tuple[list[Tile], list[Tile]]:
    """Tiles, and the free chairs that go into one line because there are too many chairs."""
    if len(found) <= FEW:
        return list(found), []
    return [t for t in found if t.kind != "free"], [t for t in found if t.kind == "free"]
