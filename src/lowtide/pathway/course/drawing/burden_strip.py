"""Under the course: what each session cost. Peak dissociation, the pressure before and at its peak, and adverse events,
on the same time axis as the scores."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from lowtide.pathway.course.drawing import svg
from lowtide.pathway.course.drawing.scale import Scale
from lowtide.pathway.course.drawing.timeline_data import Timeline
from lowtide.pathway.course.drawing.timeline_sheet import LEFT, RIGHT, WIDTH, inside, sheet_of, ticks

TALL, LOW, GAP, TOP = 34.0, 18.0, 12.0, 14.0
WIDE, NARROW = 8.0, 26.0


class Peak(msgspec.Struct, frozen=True, kw_only=True):
    """The worst of one session on a scale up to `highest`."""

    at: datetime
    value: float
    highest: float
    text: str


class Rise(msgspec.Struct, frozen=True, kw_only=True):
    """A pressure before the dose, where it is known, and its peak."""

    at: datetime
    before: float | None
    peak: float
    text: str


class Event(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime
    grade: int
    text: str


class Strip(msgspec.Struct, frozen=True, kw_only=True):
    """`course` gives the time axis. A limit of the pressure is drawn where there is one."""

    course: Timeline
    peaks: tuple[Peak, ...]
    rises: tuple[Rise, ...]
    events: tuple[Event, ...]


def draw(strip: Strip) -> str:
    """The drawing as SVG text."""
    rows = _rows(strip)
    foot = max(rows.values(), default=TOP) + GAP
    return svg.drawing(
        f"{strip.course.key}-burden",
        (WIDTH, foot + 20),
        "What the sessions cost",
        sentence(strip),
        *_axis(strip, foot),
        *_named(rows),
        *(_peaks(strip, rows["dissociation, peak"]) if strip.peaks else ()),
        *(_rises(strip, rows["systolic, mmHg"]) if strip.rises else ()),
        *(_events(strip, rows["adverse events"]) if strip.events else ()),
    )


def sentence(strip: Strip) -> str:
    """What the drawing shows, for those who hear it."""
    parts = []
    if strip.peaks:
        worst = max(strip.peaks, key=lambda p: p.value / p.highest)
        parts.append(f"Highest dissociation {worst.text}.")
    if strip.rises:
        parts.append(f"Highest systolic pressure {max(r.peak for r in strip.rises):.0f} mmHg.")
    count = len(strip.events)
    parts.append(f"{count or 'No'} adverse event{'' if count == 1 else 's'}.")
    return " ".join(parts)


def _rows(strip: Strip) -> dict[str, float]:
    """Where each row stands on the sheet: its lower edge."""
    wanted = (
        ("dissociation, peak", TALL, strip.peaks),
        ("systolic, mmHg", TALL, strip.rises),
        ("adverse events", LOW, strip.events),
    )
    found, y = {}, TOP
    for name, height, marks in wanted:
        if marks:
            y += height + GAP
            found[name] = y
    return found


def _axis(strip: Strip, foot: float) -> Iterator[str]:
    sheet = sheet_of(strip.course)
    yield svg.line((LEFT, foot), (RIGHT, foot), "c-axis")
    for at, text in ticks(sheet):
        x = sheet.x(at)
        yield svg.line((x, foot), (x, foot + 4), "c-axis")
        if LEFT + 20 < x < RIGHT - 20:
            yield _text(text, "c-lab", x, foot + 16, "middle", 12)


def _named(rows: dict[str, float]) -> Iterator[str]:
    for name, y in rows.items():
        yield _text(name, "c-key", LEFT - 10, y - 4, "end", 12.5)
        yield svg.line((LEFT, y), (RIGHT, y), "c-grid")


def _text(said: str, class_: str, x: float, y: float, anchor: str, size: float) -> str:
    return svg.tag("text", svg.escape(said), class_=class_, x=x, y=y, text_anchor=anchor, font_size=size)


def _spots(strip: Strip, moments: list[datetime]) -> list[tuple[float, bool]]:
    """The place of each mark, and whether a word has room beside the one before."""
    x, last, found = sheet_of(strip.course).x, -NARROW, []
    for at in moments:
        place = inside(x(at), WIDE)
        told = place - last >= NARROW
        last = place if told else last
        found.append((place, told))
    return found


def _peaks(strip: Strip, y: float) -> Iterator[str]:
    for peak, (x, told) in zip(strip.peaks, _spots(strip, [p.at for p in strip.peaks]), strict=True):
        height = max(1.0, peak.value / peak.highest * (TALL - 10))
        yield svg.rect((x - 3, y - height), 6, height, "c-burden", svg.tip(peak.text))
        if told:
            yield _text(f"{peak.value:g}", "c-key", x, y - height - 3, "middle", 11)


def _rises(strip: Strip, y: float) -> Iterator[str]:
    values = [v for r in strip.rises for v in (r.before, r.peak) if v is not None]
    low, high = min(values), max(values)
    to_y = Scale(low - 5, max(high, low + 20), y - 2, y - TALL + 12)
    for rise, (x, told) in zip(strip.rises, _spots(strip, [r.at for r in strip.rises]), strict=True):
        if rise.before is not None:
            yield svg.line((x, to_y(rise.before)), (x, to_y(rise.peak)), "c-bp-stem")
        top = to_y(rise.peak)
        yield svg.path([(x - 4, top + 4), (x, top), (x + 4, top + 4)], "c-bp", svg.tip(rise.text))
        if told:
            yield _text(f"{rise.peak:.0f}", "c-key", x, top - 4, "middle", 11)


def _events(strip: Strip, y: float) -> Iterator[str]:
    for event, (x, _) in zip(strip.events, _spots(strip, [e.at for e in strip.events]), strict=True):
        yield svg.rect((x - 8, y - 17), 16, 16, "c-item9", svg.tip(event.text), rx=2)
        yield _text(str(event.grade), "c-item9-text", x, y - 4, "middle", 12)
