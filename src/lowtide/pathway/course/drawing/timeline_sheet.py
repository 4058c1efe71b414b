"""Where things stand on the course timeline: scales, rows, and the places of its marks."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import msgspec

from lowtide.pathway.course.drawing import scale, svg
from lowtide.pathway.course.drawing.labels import Box, Labels
from lowtide.pathway.course.drawing.scale import Scale, TimeScale
from lowtide.pathway.course.drawing.timeline_data import Flag, Score, Session, Timeline, span

WIDTH = 1016.0
LEFT, RIGHT = 138.0, 1012.0
TOP, BOTTOM = 46.0, 226.0
DOSE_TOP, DOSE_AXIS = 247.0, 271.0
ROW = 26.0


class Sheet(msgspec.Struct, frozen=True):
    """Where things stand on one drawing; `rows_end` is the time axis."""

    course: Timeline
    x: TimeScale
    y: Scale
    rows_end: float
    labels: Labels
    pattern: str


def sheet_of(course: Timeline) -> Sheet:
    first, last = span(course)
    rows_end = DOSE_AXIS + 4 + ROW * (course.has_item_nine + (course.window is not None))
    return Sheet(
        course=course,
        x=scale.instants(first, last, LEFT, RIGHT),
        y=Scale(course.low - 0.5, course.high + 0.5, BOTTOM, TOP),
        rows_end=rows_end,
        labels=Labels(Box(0, 0, WIDTH, rows_end + 22)),
        pattern=f"url(#{svg.identifier(course.key)}-hatch)",
    )


def item_row(sheet: Sheet) -> float:
    return DOSE_AXIS + 6


def window_row(sheet: Sheet) -> float:
    return DOSE_AXIS + 5 + ROW * sheet.course.has_item_nine


def ticks(sheet: Sheet) -> list[tuple[datetime, str]]:
    return scale.date_ticks(*span(sheet.course), sheet.course.zone)


def brackets(sheet: Sheet) -> Iterator[tuple[float, float, str]]:
    for phase in sheet.course.phases:
        start, end = sheet.x(phase.start), sheet.x(phase.end) if phase.end else RIGHT
        if end - start > 8:
            yield start + 2, end - 2, phase.label


def points(sheet: Sheet) -> list[svg.Point]:
    return [spot(sheet, score) for score in sheet.course.scores]


def spot(sheet: Sheet, score: Score) -> svg.Point:
    return sheet.x(score.at), sheet.y(score.value)


def stretches(sheet: Sheet) -> list[list[svg.Point]]:
    within = timedelta(days=sheet.course.join_within_days)
    return scale.runs(points(sheet), [score.at for score in sheet.course.scores], within)


def tip_of(sheet: Sheet, at: datetime, what: str, value: str) -> str:
    return svg.tip(f"{scale.day(at, sheet.course.zone, year=True)}: {what} {value}")


def bar_width(sheet: Sheet) -> float:
    """Bars never touch: at most 8 wide, and 0.7 of the closest pair."""
    places = [sheet.x(session.at) for session in sheet.course.sessions]
    closest = min((b - a for a, b in pairwise(places) if b > a), default=12.0)
    return max(1.0, min(8.0, closest * 0.7))


def bar_height(sheet: Sheet, session: Session) -> float:
    largest = max((each.dose_mg for each in sheet.course.sessions if each.dose_mg), default=None)
    full = DOSE_AXIS - DOSE_TOP
    return float(session.dose_mg / largest) * full if session.dose_mg and largest else full


def inside(x: float, width: float) -> float:
    return min(max(x, LEFT + width / 2), RIGHT - width / 2)


def pill(x: float) -> float:
    return min(max(x, LEFT + 22), RIGHT - 22)


def flag_foot(sheet: Sheet, flag: Flag) -> float:
    """The pole ends just above the score of that day, or at the foot of the scale."""
    same_day = [score for score in sheet.course.scores if abs(score.at - flag.at) < timedelta(days=1)]
    return max(52.0, sheet.y(same_day[0].value) - 6) if same_day else BOTTOM
