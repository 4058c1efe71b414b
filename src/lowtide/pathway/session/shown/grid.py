"""The flowsheet as a grid (pure): parameters down, time across; each cell says in a word how it stands."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

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
BEFORE_NOW = 4  # how many columns stand left of the present one
STANDS = {Status.DUE: "due", Status.LATE: "late", Status.PLANNED: "planned", Status.MISSED: "missed"}
Answer = Reading | Omission


class Cell(msgspec.Struct, frozen=True):
    """`state` is done, due, late, planned, missed, not_done or off; `text` is what stands in it.

    `at` is when it is due; `entry` the entry behind a value; `marks` says what is worth knowing about it, `was` what it
    said before it was corrected, `late` that it was written well after its time, and how long,
    `struck` a value there that was no true reading.
    """

    state: str
    text: str = ""
    at: datetime | None = None
    entry: str = ""
    marks: str = ""
    struck: str = ""
    was: str = ""
    late: str = ""

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
    """The shown part of the flowsheet; `earlier` and `later` are how many columns lie outside on either side."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    earlier: int
    later: int

    @property
    def previous(self) -> int:
        """The first column of the part before this one."""
        return max(0, self.earlier - SHOWN_COLUMNS + 1)

    @property
    def next(self) -> int:
        return self.earlier + SHOWN_COLUMNS - 1


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
    times = sorted({d.due_at for d in due})
    here = _present(times, due, now)
    before = _baseline_at(facts)
    begin = _begin(first, times.index(here) if here else 0, len(times), shown)
    window = times[begin : begin + shown]
    columns = [Column(minutes(start, at), at, at == here) for at in window]
    rows = [
        Row(p, (*_first(facts, p, before), *_cells(facts, p, due, times, window, now)))
        for p in parameters().values()
        if _is_shown(p, facts, due)
    ]
    if before:
        columns.insert(0, Column(minutes(start, before), before))
    return Grid(tuple(columns), tuple(rows), begin, max(0, len(times) - begin - len(window)))


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


def _baseline_at(facts: Facts) -> datetime | None:
    found = [r.at for name in ("bp", "hr", "spo2", "sedation") if (r := baseline(facts, name))]
    return max(found, default=None)


def _first(facts: Facts, parameter: Parameter, before: datetime | None) -> list[Cell]:
    """The cell of the last reading before the dose."""
    if before is None:
        return []
    found = baseline(facts, parameter.id)
    return [_done(found) if found else Cell("off")]


def _cells(
    facts: Facts,
    parameter: Parameter,
    due: Iterable[DueItem],
    times: Sequence[datetime],
    window: Sequence[datetime],
    now: datetime,
) -> list[Cell]:
    planned = {d.due_at: d for d in due if d.parameter is parameter}
    extra = _between(facts, parameter, planned.values(), times)
    struck = _struck(facts, parameter, times)
    cells = ((at, _cell(planned.get(at), extra.get(at), now)) for at in window)
    return [msgspec.structs.replace(c, struck=struck[at]) if at in struck else c for at, c in cells]


def _cell(item: DueItem | None, extra: Reading | None, now: datetime) -> Cell:
    if item is None:
        return _done(extra) if extra else Cell("off")
    if isinstance(item.by, Reading):
        return _done(item.by)
    if isinstance(item.by, Omission):
        return Cell("not_done", item.by.why, item.due_at, str(item.by.entry.id))
    if extra:
        return _done(extra)
    status = STANDS[item.status(now)]
    return Cell(status, "·" if status == "planned" else status, item.due_at)


def _done(reading: Reading) -> Cell:
    entry = reading.entry
    by = "pump" if isinstance(entry.body, PumpTold) else "monitor"
    waited = (entry.recorded_at - entry.at).total_seconds()
    by_hand = entry.source is Source.MANUAL and not entry.corrects
    marks = {by: entry.source is Source.DEVICE, "corrected": entry.corrects is not None}
    said = ", ".join(mark for mark, holds in marks.items() if holds)
    late = f"late {waited // 60:.0f} min" if by_hand and waited > clocks().written_late_after_s else ""
    return Cell("done", reading.text, entry.at, str(entry.id), said, late=late)


def _between(
    facts: Facts, parameter: Parameter, planned: Iterable[DueItem], times: Sequence[datetime]
) -> dict[datetime, Reading]:
    """Readings since the start that no slot took, each at the column nearest to it; the latest of several."""
    taken = {d.by.entry.id for d in planned if d.by}
    start = facts.started_at
    loose = [r for r in facts.readings[parameter.id] if r.entry.id not in taken and start and r.at >= start]
    return {_nearest(times, r): r for r in loose} if times else {}


def _nearest(times: Sequence[datetime], reading: Reading) -> datetime:
    return min(times, key=lambda at: abs(at - reading.at))


def _struck(facts: Facts, parameter: Parameter, times: Sequence[datetime]) -> dict[datetime, str]:
    """What was marked as no true reading since the start, at the column nearest to it."""
    start = facts.started_at
    found = [r for r in facts.artefacts[parameter.id] if start and r.at >= start]
    return {_nearest(times, r): r.text for r in found} if times else {}
