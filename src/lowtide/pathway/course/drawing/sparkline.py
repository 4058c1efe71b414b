"""A score in the width of a word, for lists: shape, last value, nothing else."""

from datetime import datetime, timedelta

import msgspec

from lowtide.pathway.course.drawing import scale, svg
from lowtide.pathway.course.drawing.scale import Scale
from lowtide.pathway.course.drawing.svg import Table
from lowtide.problems import bad

WIDTH, HEIGHT, MARGIN = 96.0, 24.0, 4.0


class Spark(msgspec.Struct, frozen=True, kw_only=True):
    """`points`: (instant with zone, value) in any order; `low` to `high` is the whole scale of the instrument."""

    key: str
    title: str
    points: tuple[tuple[datetime, float], ...]
    low: float
    high: float
    goal: float | None = None
    join_within_days: int = 60


def draw(spark: Spark) -> str:
    """The drawing as SVG text. Raises BadInput for a time without zone or a value off the scale."""
    points = _checked(spark)
    y = Scale(spark.low, spark.high, HEIGHT - MARGIN, MARGIN)
    places = [(x, y(value)) for x, (_, value) in zip(_across(points), points, strict=True)]
    stretches = scale.runs(places, [at for at, _ in points], timedelta(days=spark.join_within_days))
    marks = [svg.path(stretch, "c-line c-mood") for stretch in stretches]
    marks += [_dot(stretch[0], 1.5) for stretch in stretches if len(stretch) == 1]
    marks += [_dot(places[-1], 3.0)] if places else []
    goal = (
        [svg.line((MARGIN, y(spark.goal)), (WIDTH - MARGIN, y(spark.goal)), "c-grid")]
        if spark.goal is not None
        else []
    )
    return svg.drawing(spark.key, (WIDTH, HEIGHT), spark.title, sentence(spark), *goal, *marks, fixed=True)


def sentence(spark: Spark) -> str:
    points = _checked(spark)
    if not points:
        return "No value yet."
    (first_at, first), (last_at, last) = points[0], points[-1]
    if len(points) == 1:
        return f"{scale.plain(first)} on {_day(first_at)}."
    return f"{len(points)} values from {_day(first_at)} to {_day(last_at)}: {scale.plain(first)} at first, {scale.plain(last)} last."


def table(spark: Spark) -> Table:
    rows = tuple((_day(at), scale.plain(value)) for at, value in _checked(spark))
    return Table(head=("Date", spark.title), rows=rows)


def _checked(spark: Spark) -> tuple[tuple[datetime, float], ...]:
    if not spark.low < spark.high:
        raise bad("a scale needs two different ends", spark.title, "Give the lowest and the highest score.")
    for at, value in spark.points:
        scale.aware(at, spark.title)
        if not spark.low <= value <= spark.high:
            raise bad(
                f"{scale.plain(value)} is off the scale",
                spark.title,
                f"It runs from {scale.plain(spark.low)} to {scale.plain(spark.high)}.",
            )
    return tuple(sorted(spark.points))


def _across(points: tuple[tuple[datetime, float], ...]) -> list[float]:
    if not points or points[0][0] == points[-1][0]:
        return [WIDTH - MARGIN] * len(points)
    x = scale.instants(points[0][0], points[-1][0], MARGIN, WIDTH - MARGIN)
    return [x(at) for at, _ in points]


def _dot(at: svg.Point, radius: float) -> str:
    return svg.tag("circle", class_="c-dot c-mood", cx=at[0], cy=at[1], r=radius)


def _day(at: datetime) -> str:
    return scale.day(at, at.tzinfo, year=True)
