"""The flowsheet as a grid (pure): parameters down, time across; each cell says in a word how it stands.

Every value that was charted is in it. A pressure that no slot took has a column of its own minute, before the dose as after it;
of the other rows a cell says what else was read about its time, and when it was read where that is another minute than
its column's.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from lowtide.data.chair import Parameter, parameters
from lowtide.data.record import clocks
from lowtide.pathway.session.rules.due import DueItem, Status
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.gates import baseline
from lowtide.pathway.session.rules.readings import Omission, Reading, readings
from lowtide.pathway.session.rules.state import SessionState
from lowtide.record.entries.base import Entry, Source
from lowtide.record.entries.devices import PumpTold

SHOWN_COLUMNS = 9
DAY_MIN = 24 * 60
FITS = 6  # characters that a cell of the tablet holds in one line
LISTED = 1  # so many further values of a cell are told one by one
OWN_COLUMNS = "bp"  # the row whose every value has a column of its own time
BEFORE_NOW = 4  # how many columns stand left of the present one
STANDS = {Status.DUE: "due", Status.LATE: "late", Status.PLANNED: "planned", Status.MISSED: "missed"}
Answer = Reading | Omission


class Cell(msgspec.Struct, frozen=True):
    """`state` is done, due, late, planned, missed, not_done or off; `text` is what stands in it.

    `at` is when it is due; `entry` the entry behind a value; `marks` says what is worth knowing about it, `was` what it
    said before it was corrected, `late` that it was written well after its time, and how long,
    `struck` a value there that was no true reading. `when`: the minute of the value, where it is not the column's;
    `also`: what else was read about then, and `others` those entries.
    """

    state: str
    text: str = ""
    at: datetime | None = None
    entry: str = ""
    marks: str = ""
    struck: str = ""
    was: str = ""
    late: str = ""
    when: str = ""
    also: str = ""
    others: tuple[str, ...] = ()

    @property
    def parts(self) -> list[str]:
        """The text where it may break: a pressure of three digits over three is wider than its cell."""
        return self.text.split("/") if len(self.text) > FITS else [self.text]


class Column(msgspec.Struct, frozen=True):
    label: str
    at: datetime
    now: bool = False


class Row(msgspec.Struct, frozen=True):
    parameter: Parameter
    cells: tuple[Cell, ...]


class Grid(msgspec.Struct, frozen=True):
    """The shown part of the flowsheet; `earlier` and `later` are how many columns lie outside on either side; `step` is how
    far the next part is away."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    earlier: int
    later: int
    step: int = SHOWN_COLUMNS - 1

    @property
    def previous(self) -> int:
        """The first column of the part before this one."""
        return max(0, self.earlier - self.step)

    @property
    def next(self) -> int:
        return self.earlier + self.step


def struck(found: Grid, before: Mapping[str, Entry]) -> Grid:
    """The grid with what each corrected value said before; `before`: entry id -> the entry that it replaced."""
    rows = []
    for row in found.rows:
        cells = [_with_old(cell, row.parameter, before.get(cell.entry)) for cell in row.cells]
        rows.append(Row(row.parameter, tuple(cells)))
    return msgspec.structs.replace(found, rows=tuple(rows))


def _with_old(cell: Cell, parameter: Parameter, old: Entry | None) -> Cell:
    """A correction marks the cells whose value it changed, and no other of the same entry."""
    if old is None:
        return cell
    said = readings([old])[parameter.id]
    if said and said[0].text == cell.text:
        return msgspec.structs.replace(cell, marks="")
    return msgspec.structs.replace(cell, was=said[0].text if said else "nothing")


def only_due(found: Grid) -> Grid:
    """The rows in which something is due or late."""
    rows = [row for row in found.rows if any(cell.state in ("due", "late") for cell in row.cells)]
    return msgspec.structs.replace(found, rows=tuple(rows))


def strips(whole: Grid, columns: int) -> list[Grid]:
    """The grid cut into strips of so many columns, as a sheet of paper is wide."""
    starts = range(0, len(whole.columns), columns)
    return [
        Grid(
            whole.columns[at : at + columns],
            tuple(Row(row.parameter, row.cells[at : at + columns]) for row in whole.rows),
            whole.earlier + at,
            max(0, len(whole.columns) - at - columns),
        )
        for at in starts
    ]


def minutes(since: datetime, at: datetime) -> str:
    """`T+12`, `−8` before the start; from a day on, either way, `2d 03:20`."""
    whole = int((at - since).total_seconds() // 60)
    apart, before = abs(whole), "−" if whole < 0 else ""
    if apart >= DAY_MIN:
        return f"{before}{apart // DAY_MIN}d {apart % DAY_MIN // 60:02}:{apart % 60:02}"
    return f"{before or 'T+'}{apart}"


def grid(state: SessionState, now: datetime, first: int | None = None, shown: int = SHOWN_COLUMNS) -> Grid:
    """The grid around the present column, or from column `first` on. Empty before the dose."""
    facts, start = state.facts, state.facts.started_at
    if start is None:
        return Grid((), (), 0, 0)
    due = [d for d in state.due if d.parameter.in_grid]
    pinned, others = _before(facts, start)
    slots = sorted({d.due_at for d in due})
    times = sorted({*others, *slots, *_own(facts, due, slots, start)})
    here, across = _present(slots, due, now), shown - max(0, len(pinned) - 1)
    begin = _begin(first, times.index(here) if here else 0, len(times), across)
    paged = times[begin : begin + across]
    window, every = sorted({*pinned, *paged}), sorted({*pinned, *times})
    rows = [
        Row(p, tuple(_cells(facts, p, due, every, window, now)))
        for p in parameters().values()
        if _is_shown(p, facts, due)
    ]
    columns = tuple(Column(minutes(start, at), at, at == here) for at in window)
    return Grid(columns, tuple(rows), begin, max(0, len(times) - begin - len(paged)), across - 1)


def _minute(start: datetime, at: datetime) -> datetime:
    """The beginning of the minute, counted from the start, in which this lies."""
    return start + timedelta(minutes=(at - start) // timedelta(minutes=1))


def _before(facts: Facts, start: datetime) -> tuple[list[datetime], list[datetime]]:
    """The columns before the dose: those that always stand there, of the last pressure and of the last value, and the others."""
    last = {p: b.at for p in parameters() if parameters()[p].in_grid and (b := baseline(facts, p))}
    each = [r.at for r in facts.readings[OWN_COLUMNS] if r.at < start]
    found = {_minute(start, at) for at in (*last.values(), *each)}
    pinned = {max(found), _minute(start, last.get(OWN_COLUMNS, max(found)))} if found else set()
    return sorted(pinned), sorted(found - pinned)


def _own(facts: Facts, due: Iterable[DueItem], slots: Sequence[datetime], start: datetime) -> set[datetime]:
    """The minutes of the pressures since the start that no slot took, where no column has that minute."""
    taken = {d.by.entry.id for d in due if d.parameter.id == OWN_COLUMNS and d.by}
    loose = {
        _minute(start, r.at) for r in facts.readings[OWN_COLUMNS] if r.at >= start and r.entry.id not in taken
    }
    return loose - {_minute(start, at) for at in slots}


def _is_shown(parameter: Parameter, facts: Facts, due: Iterable[DueItem]) -> bool:
    return parameter.in_grid and bool(
        facts.readings[parameter.id]
        or facts.artefacts[parameter.id]
        or any(d.parameter is parameter for d in due)
    )


def _present(times: Sequence[datetime], due: Sequence[DueItem], now: datetime) -> datetime | None:
    """The latest column whose window has opened."""
    opened = {d.due_at for d in due if d.opens_at <= now}
    return max(opened, default=times[0] if times else None)


def _begin(first: int | None, here: int, count: int, shown: int) -> int:
    """The first shown column: the one asked for, else so that the present one has some of its past beside it."""
    wanted = here - BEFORE_NOW if first is None else first
    return max(0, min(wanted, count - shown))


def _cells(
    facts: Facts,
    parameter: Parameter,
    due: Iterable[DueItem],
    every: Sequence[datetime],
    window: Sequence[datetime],
    now: datetime,
) -> Iterator[Cell]:
    planned = {d.due_at: d for d in due if d.parameter is parameter}
    taken = {d.by.entry.id for d in planned.values() if d.by}
    start = facts.started_at or now
    loose = _placed(every, start, (r for r in facts.readings[parameter.id] if r.entry.id not in taken))
    wrong = _placed(every, start, (r for r in facts.artefacts[parameter.id] if r.at >= start))
    for at in window:
        cell = _cell(planned.get(at), loose.get(at, []), start, at, now)
        struck = ", ".join(r.text for r in wrong.get(at, ()))
        yield msgspec.structs.replace(cell, struck=struck) if struck else cell


def _cell(
    item: DueItem | None, loose: Sequence[Reading], start: datetime, at: datetime, now: datetime
) -> Cell:
    """What stands in one place: what the slot took, else the last of what was read about then; the rest beside it."""
    if item and isinstance(item.by, Omission):
        cell, rest = Cell("not_done", item.by.why, item.due_at, str(item.by.entry.id)), loose
    elif item and isinstance(item.by, Reading):
        cell, rest = _done(item.by, start, at), loose
    elif loose:
        cell, rest = _done(loose[-1], start, at), loose[:-1]
    elif item:
        status = STANDS[item.status(now)]
        return Cell(status, "·" if status == "planned" else status, item.due_at)
    else:
        return Cell("off")
    others = tuple(str(r.entry.id) for r in rest)
    return msgspec.structs.replace(cell, also=_also(rest, start), others=others) if others else cell


def _also(rest: Sequence[Reading], start: datetime) -> str:
    """Further values with their minutes; of many that are one number each, how many and between which."""
    plain = [n for r in rest if len(r.values) == 1 for n in r.values.values() if isinstance(n, Decimal)]
    if len(rest) > LISTED and len(plain) == len(rest):
        low, high = (f"{n.normalize():f}" for n in (min(plain), max(plain)))
        return f"+{len(rest)}: {low}" if low == high else f"+{len(rest)}: {low}–{high}"
    return ", ".join(f"{minutes(start, r.at)} {r.text}" for r in rest)


def _done(reading: Reading, start: datetime, column: datetime) -> Cell:
    entry = reading.entry
    by = "pump" if isinstance(entry.body, PumpTold) else "monitor"
    waited = (entry.recorded_at - entry.at).total_seconds()
    by_hand = entry.source is Source.MANUAL and not entry.corrects
    marks = {by: entry.source is Source.DEVICE, "corrected": entry.corrects is not None}
    said = ", ".join(mark for mark, holds in marks.items() if holds)
    late = f"late {waited // 60:.0f} min" if by_hand and waited > clocks().written_late_after_s else ""
    own, its = minutes(start, entry.at), minutes(start, column)
    return Cell(
        "done", reading.text, entry.at, str(entry.id), said, late=late, when="" if own == its else own
    )


def _placed(
    every: Sequence[datetime], start: datetime, found: Iterable[Reading]
) -> dict[datetime, list[Reading]]:
    """Readings by column: the one of their own minute, else the nearest one on the same side of the start."""
    own = {_minute(start, at): at for at in reversed(every)}
    sides = [at for at in every if at < start], [at for at in every if at >= start]
    placed: dict[datetime, list[Reading]] = {}
    for reading in found:
        side = sides[reading.at >= start]
        at = own.get(_minute(start, reading.at)) or _nearest(side, reading.at)
        if at:
            placed.setdefault(at, []).append(reading)
    return placed


def _nearest(times: Sequence[datetime], at: datetime) -> datetime | None:
    place = bisect_left(times, at)
    return min(times[max(0, place - 1) : place + 1], key=lambda each: abs(each - at), default=None)
