"""One small picture a quantity and a dose, all of a row on the same axes, and a hundred dots for a chance (pure)."""

from collections.abc import Sequence
from itertools import chain as joined

from lowtide.pathway.course.drawing import svg
from lowtide.record.entries.forecast import Forecast, ForecastQuantity

WIDTH, HEIGHT = 254.0, 121.0
LEFT, RIGHT, TOP, BOTTOM = 34.0, 248.0, 10.0, 96.0
FLOOR = 20.0
NICE = (2, 5, 10, 20, 40, 60, 100, 150, 200, 300, 500, 800, 1200, 2000, 5000)
DOT, STEP, ACROSS = 7.5, 10.0, 20
Reading = tuple[float, float]


def axis(rows: Sequence[ForecastQuantity], base: float, read: Sequence[float]) -> tuple[float, float]:
    """Where the common axis of a row begins and how far it reaches, in round numbers around all that is drawn."""
    low = base - base % FLOOR
    highest = max([base + max(joined.from_iterable(row.p95 for row in rows), default=1.0), *read])
    lowest = min([low, *(value - value % FLOOR for value in read)])
    return lowest, float(next((n for n in NICE if n >= highest - lowest), highest - lowest))


def small(
    row: ForecastQuantity,
    found: Forecast,
    *,
    base: float,
    along: tuple[float, float],
    until: float,
    words: str,
    limit: float | None = None,
    readings: Sequence[Reading] = (),
) -> str:
    """The band of one quantity; `base` is added to every value, `along` is where the row's axis begins and its length."""
    low, top = along

    def at(minute: float, value: float) -> svg.Point:
        return LEFT + (RIGHT - LEFT) * minute / until, BOTTOM - (BOTTOM - TOP) * (value - low) / top

    shown = [i for i, minute in enumerate(found.minutes) if minute <= until]

    def edge(name: str) -> list[svg.Point]:
        return [at(found.minutes[i], base + getattr(row, name)[i]) for i in shown]

    over = min(until, found.doses[-1].at_h * 60 + found.doses[-1].over_min)
    marks = [
        *_grid(low, top),
        svg.rect((LEFT, BOTTOM), max(3.0, at(over, low)[0] - LEFT), 6, "c-drug"),
        svg.path([*edge("p95"), *reversed(edge("p5"))], "c-band1", closed=True),
        svg.path([*edge("p75"), *reversed(edge("p25"))], "c-band2", closed=True),
        svg.path(edge("median"), "c-mid"),
        *_limit(limit, low, top),
        *(svg.tag("circle", class_="c-read", cx=x, cy=y, r=3) for x, y in _inside(readings, at, until)),
        *_minutes(until),
    ]
    box = f"0 0 {WIDTH:g} {HEIGHT:g}"
    return svg.tag("svg", *marks, class_="c", viewBox=box, role="img", aria_label=words)


def _grid(base: float, top: float) -> list[str]:
    marks = []
    for share in (0.0, 0.5, 1.0):
        y = BOTTOM - (BOTTOM - TOP) * share
        marks.append(svg.line((LEFT, y), (RIGHT, y), "c-grid"))
        marks.append(_text(f"{base + top * share:g}", LEFT - 5, y + 4, "end"))
    return marks


def _minutes(until: float) -> list[str]:
    places = ((0.0, "start"), (1 / 3, "middle"), (2 / 3, "middle"), (1.0, "end"))
    return [
        _text(f"{until * share:g}{' min' if share == 1 else ''}", LEFT + (RIGHT - LEFT) * share, 116, anchor)
        for share, anchor in places
    ]


def _limit(limit: float | None, base: float, top: float) -> list[str]:
    if limit is None or not base < limit <= base + top:
        return []
    y = BOTTOM - (BOTTOM - TOP) * (limit - base) / top
    return [
        svg.line((LEFT, y), (RIGHT, y), "c-limit"),
        _text(f"{limit:g}", RIGHT, y - 3, "end", "c-limit-text"),
    ]


def _inside(readings: Sequence[Reading], at: object, until: float) -> list[svg.Point]:
    assert callable(at)
    return [at(minute, value) for minute, value in readings if 0 <= minute <= until]


def _text(words: str, x: float, y: float, anchor: str, class_: str = "c-lab") -> str:
    return svg.tag("text", svg.escape(words), class_=class_, x=x, y=y, text_anchor=anchor)


def hundred(count: int) -> str:
    """A hundred dots, `count` of them filled; the number stands beside it in words."""
    dots = (
        svg.rect(
            (i % ACROSS * STEP, i // ACROSS * STEP), DOT, DOT, "od-on" if i < count else "od-off", rx=1.5
        )
        for i in range(100)
    )
    return svg.tag("svg", *dots, class_="hundred", viewBox="0 0 198 48", aria_hidden="true")


def in_words(median: float) -> str:
    """5 in 100; what rounds to none is said as fewer than one."""
    return "< 1" if 0 < median < 0.5 or median == 0 else f"{median:.0f}"
