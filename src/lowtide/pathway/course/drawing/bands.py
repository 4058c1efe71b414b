"""Bands over time: nine tenths and the middle half of people with the median, one panel a scale, doses as bars below.

A median is never drawn without its band, and every drawing says how to read one.
"""

import math
from collections.abc import Iterator

import msgspec

from lowtide.pathway.course.drawing import svg
from lowtide.pathway.course.drawing.bands_data import (
    Band,
    Panel,
    Picture,
    Series,
    checked,
    peak_text,
    sentence,
)
from lowtide.pathway.course.drawing.labels import Box, Labels, Place, text_tag, text_width
from lowtide.pathway.course.drawing.scale import Scale, plain

WIDE, NARROW = 720.0, 350.0
SIZE, SMALL = 13.0, 12.0
LINE = 17.0
BARS, BAR = 24.0, 10.0
SHADES = ("c-band1", "c-band2", "c-mid"), ("c-other1", "c-other2", "c-other-mid")
STEPS = {"min": (5, 10, 15, 20, 30, 60, 120, 240, 480, 1440), "h": (1, 2, 3, 4, 6, 12, 24, 48, 72, 168)}
DAYS = (1, 2, 7, 14, 28, 56, 91, 182, 365)


class Room(msgspec.Struct, frozen=True):
    """One panel's place: its first line of words, the plot under them, and the words themselves."""

    panel: Panel
    y: Scale
    top: float
    lines: tuple[str, ...]
    beside: str = ""


class Sheet(msgspec.Struct, frozen=True):
    """Where everything stands on one drawing."""

    picture: Picture
    width: float
    x: Scale
    legend: tuple[tuple[str, float, float], ...]
    rooms: tuple[Room, ...]
    bars: float
    axis: float
    caption: tuple[str, ...]
    labels: Labels

    @property
    def left(self) -> float:
        return self.x.at_low

    @property
    def right(self) -> float:
        return self.x.at_high

    @property
    def height(self) -> float:
        return self.axis + 38 + LINE * len(self.caption) + (6 if self.caption else 0)


def draw(picture: Picture, *, narrow: bool = False, captioned: bool = True, fixed: bool = False) -> str:
    """The drawing as SVG text. `narrow` fits a telephone; without `captioned` the page says the caption itself.

    Raises BadInput for a line without a spread.
    """
    sheet = sheet_of(checked(picture), NARROW if narrow else WIDE, captioned=captioned)
    return svg.drawing(
        picture.key,
        (sheet.width, sheet.height),
        picture.title,
        sentence(picture),
        *_legend(sheet),
        *(mark for room in sheet.rooms for mark in _panel(sheet, room)),
        *_doses(sheet),
        *_marks(sheet),
        *_axis(sheet),
        *_caption(sheet),
        fixed=fixed,
    )


# ---------- places ----------


def sheet_of(picture: Picture, width: float, *, captioned: bool) -> Sheet:
    """Everything's place, from the top down."""
    first, last = picture.span
    x = Scale(first, last, _margin(picture, 44 if width == NARROW else 56), width - 14)
    legend = tuple(_legend_places(picture.words.legend, width))
    below = legend[-1][2] + 12
    rooms = []
    for panel in picture.panels:
        rooms.append(_room(panel, picture, below, width))
        below = rooms[-1].y.at_low + 20
    bars = below - 8
    axis = bars + (BARS if picture.doses else 0) + (LINE if picture.marks else 0)
    lines = [f"{picture.words.estimate} {picture.caption}".strip()] if captioned else []
    caption = tuple(part for line in lines for part in wrapped(line, width - 16, SMALL))
    bottom = axis + 60 + LINE * len(caption)
    return Sheet(
        picture, width, x, legend, tuple(rooms), bars, axis, caption, Labels(Box(0, 0, width, bottom))
    )


def _margin(picture: Picture, least: float) -> float:
    """Room for the widest number of the scales."""
    tops = [(panel.low, top_of(panel)) for panel in picture.panels]
    widest = max(text_width(_number(value), SMALL) for low, high in tops for value in _levels(low, high))
    return max(least, widest + 12)


def _legend_places(words: tuple[str, ...], width: float) -> Iterator[tuple[str, float, float]]:
    """Each word of the legend with its place, on as many lines as it takes."""
    x, y = 8.0, 16.0
    for text in words:
        needs = 34 + text_width(text, SMALL)
        if x > 8 and x + needs > width - 8:
            x, y = 8.0, y + LINE
        yield text, x, y
        x += needs + 14


def _room(panel: Panel, picture: Picture, top: float, width: float) -> Room:
    tall = 128.0 if len(picture.panels) < 4 else 104.0
    says = [
        f"{s.name}: {s.peak or peak_text(s.bands, panel.unit, picture.time, picture.words)}"
        for s in panel.series
    ]
    shift = 20 if len(panel.series) > 1 else 0
    lines = [part for one in says for part in _marked(one, width - 16 - shift)]
    fits = text_width(lines[0], SIZE, bold=True) + text_width(panel.status, SMALL) < width - 40 - shift
    lines += [] if fits or not panel.status else wrapped(panel.status, width - 16, SMALL)
    plot = top + LINE * len(lines) + 8
    y = Scale(panel.low, top_of(panel), plot + tall, plot)
    return Room(panel, y, top, tuple(lines), panel.status if fits else "")


def _marked(text: str, width: float) -> list[str]:
    """A line about a series, its later parts indented by a space so that they are not taken for another series."""
    first, *others = wrapped(text, width, SIZE, bold=True)
    return [first, *(f"\u00a0{part}" for part in others)]


def top_of(panel: Panel) -> float:
    """A round number that holds every band."""
    highest = max(panel.high, *(band.p95 for series in panel.series for band in series.bands), 1e-9)
    step = nice(highest - panel.low)
    return panel.low + step * math.ceil((highest - panel.low) / step - 1e-9)


def nice(span: float, at_most: int = 4) -> float:
    """A step of 1, 2 or 5 by a power of ten that cuts the span into at most so many parts, the last not whole."""
    power = 10.0 ** math.floor(math.log10(span / at_most))
    return next(power * by for by in (1, 2, 5, 10) if span / (power * by) <= at_most)


def wrapped(text: str, width: float, size: float, bold: bool = False) -> list[str]:
    """Words in lines no wider than `width`."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


# ---------- marks ----------


def _legend(sheet: Sheet) -> Iterator[str]:
    for (text, x, y), class_ in zip(sheet.legend, ("c-band1", "c-band2", "c-mid"), strict=True):
        if class_ == "c-mid":
            yield svg.line((x, y - 4), (x + 24, y - 4), class_)
        else:
            yield svg.rect((x, y - 10), 24, 11, class_)
        yield text_tag(text, "c-key", Place(x + 30, y, "start"), SMALL)


def _panel(sheet: Sheet, room: Room) -> Iterator[str]:
    yield from _words(room)
    if room.beside:
        yield text_tag(room.beside, "c-lab", Place(sheet.right, room.top + 12, "end"), SMALL)
    for value in _levels(room.y.low, room.y.high):
        y = room.y(value)
        yield svg.line((sheet.left, y), (sheet.right, y), "c-grid" if value > room.y.low else "c-axis")
        yield text_tag(_number(value), "c-lab", Place(sheet.left - 7, y + 4, "end"), SMALL)
    for series, shades in zip(room.panel.series, SHADES, strict=False):
        yield from _bands(sheet, room, series, shades)


def _levels(low: float, high: float) -> list[float]:
    step = nice(high - low)
    return [low + step * i for i in range(round((high - low) / step) + 1)]


def _number(value: float) -> str:
    return plain(float(f"{value:.6g}"))


def _words(room: Room) -> Iterator[str]:
    """Each series by name with its peak, with a swatch where there are two; then what can be trusted of it."""
    two = len(room.panel.series) > 1
    shades = iter(SHADES)
    names = {series.name for series in room.panel.series}
    for number, line in enumerate(room.lines):
        y = room.top + LINE * number + 12
        begins = any(line.startswith(name) for name in names)
        if two and begins:
            outer, inner, middle = next(shades)
            yield svg.rect((8, y - 10), 14, 12, outer)
            yield svg.rect((8, y - 10), 14, 12, inner)
            yield svg.line((8, y - 4), (22, y - 4), middle)
        indent = 20 if two and (begins or line.startswith("\u00a0")) else 0
        class_ = "c-name" if begins or line.startswith("\u00a0") else "c-lab"
        yield text_tag(
            line.strip("\u00a0"), class_, Place(8 + indent, y, "start"), SMALL if class_ == "c-lab" else SIZE
        )


def _bands(sheet: Sheet, room: Room, series: Series, shades: tuple[str, str, str]) -> Iterator[str]:
    def along(name: str) -> list[svg.Point]:
        return [(sheet.x(band.at), room.y(getattr(band, name))) for band in series.bands]

    for class_, low, high in ((shades[0], "p5", "p95"), (shades[1], "p25", "p75")):
        yield svg.path(along(high) + along(low)[::-1], class_, closed=True)
    yield svg.path(along("median"), shades[2])
    for band in _told(series.bands):
        yield _hover(sheet, room, series, band)


def _told(bands: tuple[Band, ...]) -> tuple[Band, ...]:
    return bands[:: max(1, len(bands) // 24)]


def _hover(sheet: Sheet, room: Room, series: Series, band: Band) -> str:
    """An invisible mark that tells the numbers to a resting pointer."""
    says = f"{plain(round(band.at, 2))} {sheet.picture.time}: {series.name} {_number(round(band.median, 2))} {room.panel.unit}"
    low, high = (_number(round(value, 2)) for value in (band.p5, band.p95))
    span = sheet.picture.words.between
    told = svg.tip(f"{says} ({span.format(low='5', high='95 %')}: {span.format(low=low, high=high)})")
    x, top, bottom = sheet.x(band.at), room.y(band.p95), room.y(band.p5)
    return svg.rect((x - 4, top), 8, max(bottom - top, 4), "c-touch", told)


def _doses(sheet: Sheet) -> Iterator[str]:
    if not sheet.picture.doses:
        return
    top = sheet.bars + 4
    for dose in sheet.picture.doses:
        left, right = sheet.x(dose.start), sheet.x(dose.end)
        wide = max(right - left, 4.0)
        sheet.labels.block(Box(left, top, left + wide, top + BAR))
        yield svg.rect(
            (min(left, sheet.right - wide), top), wide, BAR, "c-drug-full", svg.tip(dose.text), rx=2
        )
    for dose in sheet.picture.doses:
        left, right = sheet.x(dose.start), max(sheet.x(dose.end), sheet.x(dose.start) + 4)
        places = [Place(right + 6, top + BAR - 1, "start"), Place(left - 6, top + BAR - 1, "end")]
        yield sheet.labels.put(dose.text, "c-drug-text", places, SMALL, bold=True)


def _marks(sheet: Sheet) -> Iterator[str]:
    for mark in sheet.picture.marks:
        x = sheet.x(mark.at)
        for room in sheet.rooms:
            yield svg.line((x, room.y.at_high), (x, room.y.at_low), "c-event", svg.tip(mark.text))
        y = sheet.axis - 5
        places = [Place(x + 4, y, "start"), Place(x - 4, y, "end")]
        yield sheet.labels.put(mark.text, "c-key", places, SMALL)


def _axis(sheet: Sheet) -> Iterator[str]:
    y = sheet.axis
    yield svg.line((sheet.left, y), (sheet.right, y), "c-axis")
    for at in ticks(sheet):
        x = sheet.x(at)
        yield svg.line((x, y), (x, y + 4), "c-axis")
        wanted = Place(x, y + 17), Place(sheet.width - 2, y + 17, "end")
        yield sheet.labels.put(plain(at), "c-lab", wanted, SMALL)
    words = sheet.picture.words
    says = words.along.format(time=words.time(sheet.picture.time))
    yield text_tag(says, "c-lab", Place(sheet.right, y + 33, "end"), SMALL)


def ticks(sheet: Sheet) -> list[float]:
    """Moments at a step that a clock has, as many as stand apart."""
    first, last = sheet.x.low, sheet.x.high
    at_most = max(2, int((sheet.right - sheet.left) / 58))
    steps = STEPS.get(sheet.picture.time, DAYS)
    step = next((s for s in steps if (last - first) / s <= at_most), steps[-1])
    return [float(n * step) for n in range(math.ceil(first / step), math.floor(last / step + 1e-9) + 1)]


def _caption(sheet: Sheet) -> Iterator[str]:
    for number, line in enumerate(sheet.caption):
        yield text_tag(line, "c-lab", Place(8, sheet.axis + 54 + LINE * number, "start"), SMALL)
