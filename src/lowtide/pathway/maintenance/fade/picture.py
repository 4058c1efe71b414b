"""The prediction as a picture: own scores, the band of the weeks to come, the relapse cut, the two windows (pure)."""

from datetime import datetime, timedelta, tzinfo

import msgspec

from lowtide.pathway.course.drawing import scale, svg
from lowtide.pathway.course.drawing.scale import Scale
from lowtide.pathway.course.drawing.svg import Point, Table
from lowtide.pathway.outcomes.fade.asking import DAY, Fade

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 720.0, 34.0, 712.0, 14.0, 190.0
LANES = (206.0, 226.0)
AXIS, HEIGHT = 250.0, 272.0
BEFORE = timedelta(days=42)
Window = tuple[datetime, datetime]


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """What the picture shows; the protocol's window may be absent."""

    found: Fade
    first_at: datetime
    name: str
    high: float
    cut_text: str
    protocol: str
    proposed: Window | None
    now: datetime
    zone: tzinfo

    @property
    def start(self) -> datetime:
        return max(self.first_at - 3 * DAY, self.found.from_at - BEFORE)

    @property
    def predicted(self) -> Window | None:
        opens = self.found.opens_at
        return (opens, self.found.closes_at or self.found.until_at) if opens else None


def draw(d: Drawn) -> str:
    x = scale.instants(d.start, d.found.until_at, LEFT, RIGHT)
    y = Scale(0, d.high, BOTTOM, TOP)
    title = f"{d.name} if nothing more is given"
    return svg.drawing("fade", (WIDTH, HEIGHT), title, sentence(d), *_axis(d, x, y), *_band(d, x, y), *_scores(d, x, y), *_lanes(d, x))  # fmt: skip


def sentence(d: Drawn) -> str:
    weeks = "; ".join(f"by week {n} in {pct} of 100" for n, _, pct in d.found.weeks[:4])
    opens = (
        f" The predicted window opens on {scale.day(d.found.opens_at, d.zone)}." if d.found.opens_at else ""
    )
    return f"Without another session a relapse ({d.cut_text}) is predicted {weeks}.{opens}"


def table(d: Drawn) -> Table:
    rows = tuple((f"week {n}", scale.day(at, d.zone), f"{pct} of 100") for n, at, pct in d.found.weeks)
    return Table(head=("After the last dose", "By", "Relapsed"), rows=rows)


def _axis(d: Drawn, x: scale.TimeScale, y: Scale) -> list[str]:
    cut = y(d.found.asked.cut)
    marks = [svg.line((LEFT, BOTTOM), (RIGHT, BOTTOM), "c-axis")]
    for value in range(0, int(d.high) + 1, 9 if d.high <= 30 else 20):
        marks.append(svg.line((LEFT, y(value)), (RIGHT, y(value)), "c-grid"))
        marks.append(_text((LEFT - 6, y(value) + 4), str(value), "c-lab", "end"))
    for at, name in scale.date_ticks(d.start, d.found.until_at, d.zone):
        if x(at) < RIGHT - 30:
            marks += [
                svg.line((x(at), AXIS - 4), (x(at), AXIS), "c-tick"),
                _text((x(at), AXIS + 14), name, "c-lab"),
            ]
    marks.append(svg.line((LEFT, cut), (RIGHT, cut), "c-limit"))
    marks.append(_text((RIGHT, cut + 15), f"relapse: {d.cut_text}", "c-limit-text", "end"))
    if d.start < d.now < d.found.until_at:
        marks += [svg.line((x(d.now), TOP), (x(d.now), AXIS - 4), "c-now"), _text((x(d.now) + 4, TOP + 8), "today", "c-key")]  # fmt: skip
    return marks


def _band(d: Drawn, x: scale.TimeScale, y: Scale) -> list[str]:
    days = [(x(d.first_at + day * DAY), *map(y, rest)) for day, *rest in (row[:6] for row in d.found.days)]
    outer = [(p[0], p[1]) for p in days] + [(p[0], p[5]) for p in reversed(days)]
    inner = [(p[0], p[2]) for p in days] + [(p[0], p[4]) for p in reversed(days)]
    return [
        svg.path(outer, "c-band1", closed=True),
        svg.path(inner, "c-band2", closed=True),
        svg.path([(p[0], p[3]) for p in days], "c-mid"),
    ]


def _scores(d: Drawn, x: scale.TimeScale, y: Scale) -> list[str]:
    own = [(0.0, d.found.asked.baseline), *d.found.asked.seen]
    places = [(x(at), y(v)) for day, v in own if (at := d.first_at + day * DAY) >= d.start]
    dots = [svg.tag("circle", class_="c-dot c-mood", cx=px, cy=py, r=3.0) for px, py in places]
    return [svg.path(places, "c-line c-mood"), *dots]


def _lanes(d: Drawn, x: scale.TimeScale) -> list[str]:
    """The predicted window above the protocol's, on the same axis."""
    rows = (("predicted", d.predicted, "c-window"), (d.protocol, d.proposed, "c-protocol"))
    marks = []
    for (name, span, kind), at in zip(rows, LANES, strict=True):
        if span is None or span[1] <= d.start:
            continue
        left, right = x(max(span[0], d.start)), x(min(span[1], d.found.until_at))
        marks.append(svg.rect((left, at), max(right - left, 4.0), 12, kind, rx=6))
        marks.append(_text((left - 6, at + 10), name, "c-key", "end"))
    return marks


def _text(at: Point, text: str, kind: str, anchor: str | None = None) -> str:
    return svg.tag("text", svg.escape(text), class_=kind, x=at[0], y=at[1], text_anchor=anchor)
