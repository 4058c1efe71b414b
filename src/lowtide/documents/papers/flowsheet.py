"""The flowsheet as a document: the drawing, the grid, what was missed and crossed, every entry with its corrections (pure)."""

from collections.abc import Iterator
from uuid import UUID

from lowtide.data import monitoring
from lowtide.documents.papers import common
from lowtide.documents.papers.model import Document, Field, Part, Picture, Table
from lowtide.documents.papers.sources import Sources, said
from lowtide.pathway.course.drawing import session_chart, session_data
from lowtide.pathway.session.rules.due import left_undone
from lowtide.pathway.session.rules.state import WORDS
from lowtide.pathway.session.rules.thresholds import Crossing, crossings
from lowtide.pathway.session.shown.grid import Cell, Grid, grid, minutes, strips
from lowtide.pathway.session.shown.lines import Line, lines, signed_by, words
from lowtide.pathway.session.shown.picture import picture
from lowtide.record.chart import stands

ALL_COLUMNS, ON_PAPER = 10_000, 9
OPEN = ("missed", "late", "due")


def made(s: Sources) -> Document:
    parts = [_about(s), *_drawn(s), *_grid(s), *_left_open(s), _entries(s)]
    return Document(
        "flowsheet", "Flowsheet", "every value and who wrote it", tuple(parts), left_out=s.left_out
    )


def _about(s: Sources) -> Part:
    fields = (
        *common.who(s), common.treated_on(s), common.which_session(s), common.ordered(s), common.began(s),
        common.ended(s), common.given(s), common.left(s),
    )  # fmt: skip
    return Part(WORDS[s.state.phase].capitalize(), fields)


def _drawn(s: Sources) -> Iterator[Part]:
    chart = picture(s.state, monitoring.items(), s.closed_at, s.zone) if s.closed_at else None
    if chart:
        drawing = Picture(session_chart.draw(chart), session_data.sentence(session_data.checked(chart)))
        yield Part("Course", picture=drawing)


def _grid(s: Sources) -> Iterator[Part]:
    if s.closed_at is None:
        return
    found = strips(grid(s.state, s.closed_at, 0, ALL_COLUMNS), ON_PAPER)
    tables = tuple(_strip(n, one, len(found)) for n, one in enumerate(found, 1))
    if tables:
        yield Part("Values by time", tables=tables)


def _strip(n: int, one: Grid, of: int) -> Table:
    caption = (
        f"Minutes from the start of the dose, part {n} of {of}"
        if of > 1
        else "Minutes from the start of the dose"
    )
    rows = tuple(
        (said(row.parameter.label, f"{row.parameter.label}, {row.parameter.unit}"), *map(_cell, row.cells))
        for row in one.rows
    )
    return Table(caption, ("Row", *(column.label for column in one.columns)), rows)


def _cell(cell: Cell) -> Field:
    entries = tuple(UUID(each) for each in (cell.entry, *cell.others) if each)
    note = ", ".join(filter(None, (cell.when, cell.marks, f"also {cell.also}" if cell.also else "")))
    if cell.state == "done":
        return Field("", cell.text, entries, note=note)
    if cell.state == "not_done":
        return Field("", f"not done: {cell.text}", entries, note=note)
    return Field(
        "", cell.state if cell.state in OPEN else "", state="missing" if cell.state == "missed" else ""
    )


def _left_open(s: Sources) -> Iterator[Part]:
    missed = _missed(s)
    crossed = [_crossing(c) for c in crossings(s.facts, monitoring.items()) if c.due]
    if missed or crossed:
        yield Part("Missed and crossed", lines=(*(Field("Missed", text) for text in missed), *crossed))


def _missed(s: Sources) -> list[str]:
    """Each row with the slots that nobody filled."""
    start, slots = s.facts.started_at, dict[str, list[str]]()
    for item in left_undone(s.state.due) if start else ():
        slots.setdefault(item.parameter.name, []).append(minutes(start, item.due_at) if start else "")
    return [f"{name} at {', '.join(times)}: missed, no reason given" for name, times in slots.items()]


def _crossing(c: Crossing) -> Field:
    answered, rule, told = c.answered, c.rule, c.told
    ends = f"answered: {answered.reason}" if answered else "not answered"
    entries = (answered.id,) if answered else ()
    return Field(
        "Crossed", f"{told}: {rule.id}, {rule.trigger_text}; {ends}", entries, unverified=not rule.verified
    )


def _entries(s: Sources) -> Part:
    rows = [_line(s, line) for line in lines(s.chart, s.facts, s.zone)[::-1]]
    rows += list(_struck(s))
    return Part(
        "Every entry",
        tables=(
            Table("Every entry of the session", ("Time", "Minutes", "What", "By", "Marks"), tuple(rows)),
        ),
    )


def _line(s: Sources, line: Line) -> tuple[Field, ...]:
    entry, marks = line.entry, list(line.marks)
    text = ", ".join(filter(None, (line.head, line.text)))
    was = f" (was: {'; '.join(line.was)}; corrected: {entry.reason})" if line.was else ""
    cells = (line.time, line.since, text + was, ", ".join(map(s.name, signed_by(entry))), ", ".join(marks))
    return tuple(Field("", cell, (entry.id,) if place == 2 else ()) for place, cell in enumerate(cells))


def _struck(s: Sources) -> Iterator[tuple[Field, ...]]:
    for line in s.chart.lines():
        if line[0].session == s.session and not stands(line[-1]):
            head, text = words(line[-2], s.zone)
            what = f"Entered in error: {', '.join(filter(None, (head, text)))} ({line[-1].reason or 'no reason'})"
            cells = (s.clock(line[0].at), "", what, s.name(line[-1].by), "entered in error")
            yield tuple(
                Field("", cell, (line[-1].id,) if place == 2 else ()) for place, cell in enumerate(cells)
            )
