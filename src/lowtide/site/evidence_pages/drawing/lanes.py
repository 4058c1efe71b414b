"""Rows on one shared scale: a forest of trials, what was kept after weeks, how often a side effect came, when it set in.

Each lane has its words, its marks and its figures. On a desk they stand side by side, on a telephone one above the other.
Solid marks were read in a source; hatched and dashed ones are recalled or were looked for and not shown.
"""

import math
from collections.abc import Iterator
from typing import Literal

import msgspec

from lowtide.pathway.course.drawing import svg
from lowtide.pathway.course.drawing.bands import wrapped
from lowtide.pathway.course.drawing.labels import Place, text_tag, text_width
from lowtide.pathway.course.drawing.scale import Scale

WIDE, NARROW = 1120.0, 350.0
SIZE, SMALL = 13.0, 12.0
LABEL, VALUE, GAP = 340.0, 300.0, 14.0
ROW, LINE, HEAD = 34.0, 15.0, 30.0

MarkKind = Literal["trial", "pooled", "beside", "absent"]


class Axis(msgspec.Struct, frozen=True):
    """`ticks` are (value, text); `null` is where there is no difference; `left` and `right` say what a side means."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    title: str
    log: bool = False
    null: float | None = None
    left: str = ""
    right: str = ""


class Mark(msgspec.Struct, frozen=True):
    """`trial` is a square, `pooled` a diamond over its limits, `beside` the open circle of a control, `absent` a dashed
    ring: looked for and not shown. `weight` (0 to 1) sizes the square."""

    at: float
    kind: MarkKind = "trial"
    low: float | None = None
    high: float | None = None
    text: str = ""
    weight: float = 0.5
    verified: bool = True
    tip: str = ""


class Lane(msgspec.Struct, frozen=True):
    """`figures` is the text at the right. Without marks, `nothing` says why; a `head` is a heading over lanes. `whence` says
    where its numbers come from, if they are not all read in a source or all recalled; `sure`, in the twin alone, how sure it is."""

    label: str
    marks: tuple[Mark, ...] = ()
    figures: str = ""
    nothing: str = ""
    head: bool = False
    whence: str = ""
    sure: str = ""


class Sheet(msgspec.Struct, frozen=True):
    """`undrawn` are further lanes that only the table twin shows."""

    key: str
    title: str
    sentence: str
    axis: Axis
    lanes: tuple[Lane, ...]
    row: float = ROW
    undrawn: tuple[Lane, ...] = ()


def draw(sheet: Sheet, *, narrow: bool = False) -> str:
    """The drawing as SVG text."""
    key = f"{sheet.key}-narrow" if narrow else sheet.key
    width = NARROW if narrow else WIDE
    x = scale(sheet.axis, narrow=narrow)
    tops, bottom = _tops(sheet, narrow=narrow)
    body = [
        part
        for lane, top in zip(sheet.lanes, tops, strict=True)
        for part in _lane(lane, (top, sheet.row), x, sheet.axis, key, narrow=narrow)
    ]
    axis = list(ruler(sheet.axis, x, (tops[0] if tops else 0.0, bottom), narrow=narrow))
    height = bottom + foot(sheet.axis)
    return svg.drawing(key, (width, height), sheet.title, sheet.sentence, svg.hatch(key), *axis, *body)


def scale(axis: Axis, *, narrow: bool) -> Scale:
    low, high = (math.log(axis.low), math.log(axis.high)) if axis.log else (axis.low, axis.high)
    return Scale(low, high, 12, NARROW - 12) if narrow else Scale(low, high, LABEL + GAP, WIDE - VALUE - GAP)


def place(value: float, x: Scale, axis: Axis) -> float:
    if not axis.log:
        return x(value)
    return x(math.log(max(value, axis.low)))


# -- lanes ------------------------------------------------------------------------------------------------------------


def _lines(lane: Lane, *, narrow: bool) -> list[str]:
    width = (NARROW if narrow else WIDE) - 16 if narrow or lane.head else LABEL - 4
    return wrapped(lane.label, width, SIZE, bold=lane.head)


def _figures(lane: Lane, *, narrow: bool) -> list[str]:
    return wrapped(lane.figures, (NARROW - 16) if narrow else VALUE, SMALL) if lane.figures else []


def _height(lane: Lane, row: float, *, narrow: bool) -> float:
    words = LINE * len(_lines(lane, narrow=narrow))
    if lane.head:
        return words + HEAD - LINE
    lifted = 16.0 if any(mark.text for mark in lane.marks) else 0.0
    figures = LINE * len(_figures(lane, narrow=narrow))
    if narrow:
        return words + figures + lifted + 36
    return max(row + lifted, words + row - ROW + 14, figures + row - ROW + 14)


def _tops(sheet: Sheet, *, narrow: bool) -> tuple[list[float], float]:
    tops, at = [], 4.0
    for lane in sheet.lanes:
        tops.append(at)
        at += _height(lane, sheet.row, narrow=narrow)
    return tops, at


def _lane(
    lane: Lane, spot: tuple[float, float], x: Scale, axis: Axis, key: str, *, narrow: bool
) -> Iterator[str]:
    """Words, marks and figures of one lane. `spot` is its top and the least height of a row."""
    top = spot[0]
    height = _height(lane, spot[1], narrow=narrow)
    words, figures = _lines(lane, narrow=narrow), _figures(lane, narrow=narrow)
    if lane.head:
        yield from _stack(words, "c-head", Place(4, top + HEAD - 10, "start"), SIZE)
        return
    middle = top + (
        LINE * (len(words) + len(figures)) + _lift(lane) + 14 if narrow else _centre(lane, height)
    )
    start = top + 13 if narrow else middle - LINE * (len(words) - 1) / 2 + 4.5
    yield from _stack(words, "c-lane", Place(4, start, "start"), SIZE)
    beside = start + LINE * len(words) if narrow else middle - LINE * (len(figures) - 1) / 2 + 4
    at = Place(4, beside, "start") if narrow else Place(WIDE - 4, beside, "end")
    yield from _stack(figures, "c-key", at, SMALL)
    if lane.nothing:
        yield _gap(x, middle, key)
        yield text_tag(lane.nothing, "c-key", Place((x.at_low + x.at_high) / 2, middle + 4), SMALL)
    for mark in lane.marks:
        yield from _mark(mark, x, axis, middle, key)


def _lift(lane: Lane) -> float:
    return 16.0 if any(mark.text for mark in lane.marks) else 0.0


def _centre(lane: Lane, height: float) -> float:
    return (height + _lift(lane)) / 2


def _stack(lines: list[str], class_: str, first: Place, size: float) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield text_tag(line, class_, msgspec.structs.replace(first, y=first.y + LINE * number), size)


def _gap(x: Scale, middle: float, key: str) -> str:
    return svg.rect(
        (x.at_low, middle - 10), x.at_high - x.at_low, 20, "c-unknown", rx=4, fill=f"url(#{key}-hatch)"
    )


# -- marks ------------------------------------------------------------------------------------------------------------


def _mark(mark: Mark, x: Scale, axis: Axis, y: float, key: str) -> Iterator[str]:
    at, told = place(mark.at, x, axis), svg.tip(mark.tip) if mark.tip else ""
    if mark.kind == "pooled" and mark.low is not None and mark.high is not None:
        yield from _diamond(mark, x, axis, y, key, told)
    else:
        yield from _interval(mark, x, axis, y)
        yield _sign(mark, at, y, key, told)
    if mark.text:
        room = text_width(mark.text, SMALL) / 2
        held = min(max(at, x.at_low - 8 + room), x.at_high + 8 - room)
        yield text_tag(mark.text, "c-val", Place(held, y - 11), SMALL)


def _sign(mark: Mark, at: float, y: float, key: str, told: str) -> str:
    content = (told,) if told else ()
    if mark.kind == "beside":
        return svg.tag("circle", *content, class_="c-beside", cx=at, cy=y, r=5.0)
    if mark.kind == "absent":
        return svg.tag("circle", *content, class_="c-absent", cx=at, cy=y, r=6.0)
    half = 3.5 + 4.5 * mark.weight
    if mark.verified:
        return svg.rect((at - half, y - half), 2 * half, 2 * half, "c-trial", *content)
    fill = f"url(#{key}-hatch)"
    return svg.rect((at - half, y - half), 2 * half, 2 * half, "c-recalled", *content, fill=fill)


def _interval(mark: Mark, x: Scale, axis: Axis, y: float) -> Iterator[str]:
    """The limits; an arrowhead where they go on beyond the axis."""
    if mark.low is None or mark.high is None:
        return
    left, right = place(mark.low, x, axis), place(mark.high, x, axis)
    yield svg.line((left, y), (right, y), "c-limits" if mark.verified else "c-limits-recalled")
    for beyond, at, way in ((mark.low < axis.low, left, 1), (mark.high > axis.high, right, -1)):
        if beyond:
            yield svg.path([(at, y), (at + 7 * way, y - 4), (at + 7 * way, y + 4)], "c-arrow", closed=True)


def _diamond(mark: Mark, x: Scale, axis: Axis, y: float, key: str, told: str) -> Iterator[str]:
    assert mark.low is not None
    assert mark.high is not None
    left, at, right = (place(v, x, axis) for v in (mark.low, mark.at, mark.high))
    points = [(left, y), (at, y - 7), (right, y), (at, y + 7)]
    content = (told,) if told else ()
    class_ = "c-pooled" if mark.verified else "c-pooled-recalled"
    yield svg.path(points, class_, *content, closed=True)


# -- the axis -----------------------------------------------------------------------------------------------------------


def foot(axis: Axis) -> float:
    """The room under the lanes for ticks, sides and title."""
    return 58 if axis.left or axis.right else 42


def ruler(axis: Axis, x: Scale, ends: tuple[float, float], *, narrow: bool) -> Iterator[str]:
    """Grid from top to bottom, ticks, the line of no difference, and what each side means."""
    top, bottom = ends
    after = -math.inf
    for value, text in axis.ticks:
        at = place(value, x, axis)
        yield svg.line((at, top), (at, bottom), "c-grid")
        room = text_width(text, SMALL) / 2
        if at - room > after:
            held = min(max(at, room), (NARROW if narrow else WIDE) - room)
            yield text_tag(text, "c-lab", Place(held, bottom + 16), SMALL)
            after = held + room + 4
    yield svg.line((x.at_low, bottom), (x.at_high, bottom), "c-axis")
    if axis.null is not None:
        at = place(axis.null, x, axis)
        yield svg.line((at, top), (at, bottom), "c-null")
    yield from _sides(axis, x, bottom)
    yield text_tag(axis.title, "c-key", Place((x.at_low + x.at_high) / 2, bottom + _title(axis)), SMALL)


def _title(axis: Axis) -> float:
    return 50 if axis.left or axis.right else 34


def _sides(axis: Axis, x: Scale, bottom: float) -> Iterator[str]:
    if axis.left:
        yield text_tag(f"← {axis.left}", "c-lab", Place(x.at_low - 8, bottom + 33, "start"), SMALL)
    if axis.right:
        yield text_tag(f"{axis.right} →", "c-lab", Place(x.at_high + 8, bottom + 33, "end"), SMALL)
