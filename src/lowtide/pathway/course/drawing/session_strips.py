"""The strip under the pressure: dissociation with its forecast, and a lane of sedation scores. Both only where there
is something to draw."""

from collections.abc import Iterator

from lowtide.pathway.course.drawing import scale, svg
from lowtide.pathway.course.drawing.labels import Box, Labels, Place
from lowtide.pathway.course.drawing.scale import Scale, TimeScale
from lowtide.pathway.course.drawing.session_data import BandPoint, SessionChart, clock, minutes, moaas, score

STRIP, LANE, GAP = 34.0, 20.0, 8.0
SIZE, SMALL = 14.0, 13.0
TOP_SCORE = 10.0


def has_dissociation(chart: SessionChart) -> bool:
    return bool(chart.dissociation.readings or chart.dissociation_forecast)


def height(chart: SessionChart) -> float:
    """How much room both need."""
    strip = STRIP + GAP if has_dissociation(chart) else 0.0
    return strip + (LANE if chart.sedation.readings else 0.0)


def draw(
    chart: SessionChart, x: TimeScale, top: float, ends: tuple[float, float], labels: Labels
) -> Iterator[str]:
    """Marks and words from `top` down, between the two ends."""
    if has_dissociation(chart):
        place = Scale(0.0, TOP_SCORE, top + STRIP, top)
        yield from _dissociation(chart, x, place, ends, labels)
        top += STRIP + GAP
    if chart.sedation.readings:
        yield from _sedation(chart, x, top + LANE / 2, ends[0], labels)


def _dissociation(
    chart: SessionChart, x: TimeScale, y: Scale, ends: tuple[float, float], labels: Labels
) -> Iterator[str]:
    left, right = ends
    yield svg.rect((left, y.at_high), right - left, STRIP, "c-zone")
    yield from band(chart.dissociation_forecast, x, y)
    for each in chart.dissociation.readings:
        at = (x(each.at), y(each.value))
        told = svg.tip(
            f"{clock(chart, each.at)}, {minutes(chart, each.at)}: dissociation {score(each.value)}"
        )
        yield svg.tag("circle", told, class_="c-dot c-dis", cx=at[0], cy=at[1], r=4.0)
        labels.block(Box(at[0] - 5, at[1] - 5, at[0] + 5, at[1] + 5))
    for value in (0.0, TOP_SCORE):
        baseline = y(value) + (5 if not value else 8)
        yield labels.put(scale.plain(value), "c-lab", [Place(left - 8, baseline, "end")], SMALL)
    heights = (y.at_high + 13, y.at_low - 4)
    places = [Place(right - 4, h, "end") for h in heights] + [Place(left + 4, h, "start") for h in heights]
    yield labels.put("dissociation, 0–10", "c-band-text", places, SMALL)


def _sedation(chart: SessionChart, x: TimeScale, y: float, left: float, labels: Labels) -> Iterator[str]:
    """A dot a score, the number beside it."""
    yield labels.put("Sed.", "c-lab", [Place(left - 8, y + 5, "end")], SMALL)
    for each in chart.sedation.readings:
        at = x(each.at)
        told = svg.tip(f"{clock(chart, each.at)}, {minutes(chart, each.at)}: sedation {moaas(each.value)}")
        yield svg.tag("circle", told, class_="c-dot c-sed", cx=at, cy=y, r=3.0)
        labels.block(Box(at - 4, y - 4, at + 4, y + 4))
    for each in chart.sedation.readings:
        sides = [Place(x(each.at) + 6, y + 5, "start"), Place(x(each.at) - 6, y + 5, "end")]
        yield labels.put(scale.plain(each.value), "c-val", sides, SMALL, bold=True)


def band(points: tuple[BandPoint, ...], x: TimeScale, y: Scale) -> Iterator[str]:
    """The middle nine tenths, the middle half and the median."""
    for class_, low, high in (("c-band1", "p5", "p95"), ("c-band2", "p25", "p75")):
        upper = [(x(point.at), y(getattr(point, high))) for point in points]
        lower = [(x(point.at), y(getattr(point, low))) for point in reversed(points)]
        if len(points) > 1:
            yield svg.path(upper + lower, class_, closed=True)
    yield svg.path([(x(point.at), y(point.median)) for point in points], "c-mid")
