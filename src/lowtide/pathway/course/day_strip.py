"""The day by chair: who sits where, from when to when, dosing dark and observation light (pure)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo

import msgspec

from lowtide.pathway.course.drawing import svg
from lowtide.pathway.course.drawing.labels import text_width
from lowtide.pathway.course.drawing.scale import instants

LEFT, WIDTH, TOP, LANE, BAR = 96.0, 884.0, 22.0, 27.0, 21.0
OPENS_H, CLOSES_H = 8, 18
GUESS_MIN = 30  # a bar of unknown length is drawn this long, dashed: it must be seen, not believed


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """One session on a chair. `dose_min` None: not shown or not known; `whole_min` 0: its end is not known."""

    lane: str
    start: datetime
    dose_min: int | None
    whole_min: int
    name: str
    text: str


def draw(slots: Sequence[Slot], now: datetime, zone: tzinfo) -> str:
    """The drawing as SVG text."""
    day = _Day(slots, zone)
    return svg.drawing(
        "day",
        (WIDTH, day.height),
        "Today by chair",
        sentence(slots, zone),
        *_hours(day, now),
        *(_text((0, day.middle(lane)), lane, "c-key") for lane in day.lanes),
        *(part for slot in slots for part in _bar(slot, day)),
        *_now(day, now),
    )


def sentence(slots: Sequence[Slot], zone: tzinfo) -> str:
    """What the drawing shows, for those who hear it."""
    if not slots:
        return "No session today."
    first = min(slot.start for slot in slots).astimezone(zone)
    chairs = len({slot.lane for slot in slots})
    return (
        f"{len(slots)} session{'s' * (len(slots) != 1)} on {chairs} chair{'s' * (chairs != 1)}, the first at"
        f" {first:%H:%M}. The darker part of a bar is dosing, the lighter part observation."
    )


class _Day:
    """The lanes and the hours of the sheet: the clinic's usual day, or longer where a session needs it."""

    def __init__(self, slots: Sequence[Slot], zone: tzinfo) -> None:
        starts = [slot.start.astimezone(zone) for slot in slots]
        ends = [at + timedelta(minutes=s.whole_min or GUESS_MIN) for at, s in zip(starts, slots, strict=True)]
        midnight = min(starts).replace(hour=0, minute=0, second=0, microsecond=0)
        opens = min(
            midnight + timedelta(hours=OPENS_H), min(starts).replace(minute=0, second=0, microsecond=0)
        )
        self.first, self.last = opens, max(midnight + timedelta(hours=CLOSES_H), *ends)
        self.lanes = sorted({slot.lane for slot in slots})
        self.x = instants(self.first, self.last, LEFT, WIDTH - 24)
        self.height = TOP + LANE * len(self.lanes) + 8

    def top(self, lane: str) -> float:
        return TOP + 6 + LANE * self.lanes.index(lane)

    def middle(self, lane: str) -> float:
        return self.top(lane) + BAR - 6


def _hours(day: _Day, now: datetime) -> Iterator[str]:
    at = day.first
    while at <= day.last:
        x = day.x(at)
        yield svg.line((x, TOP), (x, day.height - 4), "c-grid")
        if at.hour % 2 == 0 and abs(x - day.x(now)) > 44:
            yield _text((x, 14), f"{at:%H:%M}", "c-lab", anchor="middle")
        at += timedelta(hours=1)


def _bar(slot: Slot, day: _Day) -> Iterator[str]:
    left, top = day.x(slot.start), day.top(slot.lane)
    width = day.x(slot.start + timedelta(minutes=slot.whole_min or GUESS_MIN)) - left
    yield svg.rect((left, top), width, BAR, "c-watch" if slot.whole_min else "c-unknown c-open", rx=4)
    dosing = 0.0
    if slot.dose_min:
        dosing = day.x(slot.start + timedelta(minutes=slot.dose_min)) - left
        yield svg.rect((left, top), dosing, BAR, "c-drug", rx=4)
    name = svg.tag("tspan", svg.escape(slot.name), class_="c-val")
    # the table below says the dose as well: here it is written only where the bar holds it
    taken = text_width(slot.name, 12.0, bold=True) + text_width(slot.text, 12.0) + 18
    text = svg.tag("tspan", svg.escape(slot.text), dx=6.0) if slot.text and taken <= width - dosing else ""
    yield svg.tag(
        "text", name + text, class_="c-key", x=left + dosing + 6, y=day.middle(slot.lane), font_size=12.0
    )


def _now(day: _Day, now: datetime) -> Iterator[str]:
    if day.first <= now <= day.last:
        x = day.x(now)
        yield svg.line((x, 18), (x, day.height - 2), "c-now")
        yield svg.rect((x - 20, 2), 40, 17, "c-pill", rx=3)
        yield _text((x, 15), f"{now.astimezone(day.first.tzinfo):%H:%M}", "c-pill-text", anchor="middle")


def _text(at: svg.Point, words: str, class_: str, anchor: str | None = None) -> str:
    return svg.tag(
        "text", svg.escape(words), class_=class_, x=at[0], y=at[1], text_anchor=anchor, font_size=12.5
    )
