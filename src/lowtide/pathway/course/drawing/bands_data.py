"""What a picture of bands over time shows: quantities with their spread, doses and events, whose estimate it is.

Values are in the unit of their panel, times in the unit of the picture, from the first dose. One shape serves levels,
effects and the response over days.
"""

import math
from collections.abc import Callable
from typing import Literal

import msgspec

from lowtide.pathway.course.drawing.scale import plain
from lowtide.pathway.course.drawing.svg import Table
from lowtide.problems import bad

ESTIMATE = "Population estimate, not a measurement."
ROWS = 13
Time = Literal["min", "h", "days"]
TIMES: dict[Time, str] = {"min": "minutes", "h": "hours", "days": "days"}


class Band(msgspec.Struct, frozen=True):
    """The spread at one moment: the median, the middle half and the middle nine tenths of people."""

    at: float
    median: float
    p5: float
    p25: float
    p75: float
    p95: float

    @property
    def ordered(self) -> bool:
        values = (self.p5, self.p25, self.median, self.p75, self.p95)
        return all(map(math.isfinite, (self.at, *values))) and list(values) == sorted(values)


class Series(msgspec.Struct, frozen=True):
    """One quantity; a panel holds at most two of one unit. `peak` in words, where the caller knows it better."""

    name: str
    bands: tuple[Band, ...]
    peak: str = ""


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """One scale: its unit, what of it can be trusted (`status`), and the least it runs to."""

    unit: str
    series: tuple[Series, ...]
    status: str = ""
    low: float = 0.0
    high: float = 0.0


class Dose(msgspec.Struct, frozen=True):
    start: float
    end: float
    text: str


class Words(msgspec.Struct, frozen=True):
    """The words that the drawing itself says, for a page in another language."""

    legend: tuple[str, str, str] = ("5 to 95 % of people", "25 to 75 %", "median")
    along: str = "{time} from the first dose"
    between: str = "{low} to {high}"
    peak: str = "peak {top} ({between}) {unit} at {moment}"
    given: str = "Given: {doses}."
    estimate: str = ESTIMATE
    head: tuple[str, str] = ("Quantity", "Median")
    times: tuple[str, str, str] = ("minutes", "hours", "days")

    def time(self, of: Time) -> str:
        return self.times[list(TIMES).index(of)]

    def told(self, say: Callable[[str], str]) -> "Words":
        """Each of them in the words of `say`."""
        fields = {
            name: tuple(map(say, said)) if isinstance(said, tuple) else say(said)
            for name, said in msgspec.structs.asdict(self).items()
        }
        return msgspec.convert(fields, Words)


OWN_WORDS = Words()


class Mark(msgspec.Struct, frozen=True):
    """Something that happens at a moment: a session, a reading, a limit of time."""

    at: float
    text: str


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """`key` is unique on the page; `caption` says models, members and seed; `words` are those of the drawing itself."""

    key: str
    title: str
    time: Time
    panels: tuple[Panel, ...]
    doses: tuple[Dose, ...] = ()
    marks: tuple[Mark, ...] = ()
    caption: str = ""
    words: Words = OWN_WORDS

    @property
    def span(self) -> tuple[float, float]:
        """From the first to the last moment drawn."""
        moments = [band.at for panel in self.panels for series in panel.series for band in series.bands]
        moments += [at for dose in self.doses for at in (dose.start, dose.end)]
        return min(moments), max(moments)


def checked(picture: Picture) -> Picture:
    """The picture itself. Raises BadInput for a line without a spread, for disorder, and for what cannot be drawn."""
    if not picture.panels:
        raise bad("there is nothing to draw", picture.title, "Give at least one quantity.")
    for panel in picture.panels:
        for series in panel.series:
            _check(series)
    return picture


def _check(series: Series) -> None:
    if len(series.bands) < 2 or not all(band.ordered for band in series.bands):
        raise bad(
            "its band is too short or out of order", series.name, "Give at least two moments, 5 % to 95 %."
        )
    if all(band.p5 == band.p95 for band in series.bands) and any(band.median for band in series.bands):
        raise bad("a forecast without a spread is not drawn", series.name, "Give its band.")


def sentence(picture: Picture) -> str:
    """What the picture says, for who cannot see it."""
    said = "; ".join(
        f"{s.name}: {s.peak or peak_text(s.bands, panel.unit, picture.time, picture.words)}"
        for panel in picture.panels
        for s in panel.series
    )
    doses = ", ".join(dose.text for dose in picture.doses)
    given = f"{picture.words.given.format(doses=doses)} " if doses else ""
    return f"{said}. {given}{picture.words.estimate}"


def peak_text(bands: tuple[Band, ...], unit: str, time: Time, words: Words = OWN_WORDS) -> str:
    """The highest median with its band and its moment, as far as the moments drawn tell."""
    top = max(bands, key=lambda band: band.median)
    between = words.between.format(low=figure(top.p5), high=figure(top.p95))
    return words.peak.format(
        top=figure(top.median), between=between, unit=unit, moment=moment_text(top.at, time)
    )


def moment_text(at: float, time: Time) -> str:
    """A moment as a person says it: minutes where hours would be a fraction."""
    if time == "h" and at < 2:
        return f"{plain(round(at * 60))} min"
    return f"{plain(round(at, 1))} {time}"


def table(picture: Picture) -> Table:
    """The twin: each quantity at some moments of the picture, its highest among them."""
    quantity, median = picture.words.head
    time = picture.words.time(picture.time).capitalize()
    head = (quantity, time, "5 %", "25 %", median, "75 %", "95 %")
    return Table(
        head=head,
        rows=tuple(
            (f"{series.name}, {panel.unit}", *_cells(band))
            for panel in picture.panels
            for series in panel.series
            for band in _thinned(series.bands)
        ),
    )


def _cells(band: Band) -> tuple[str, ...]:
    return plain(round(band.at, 2)), *map(figure, (band.p5, band.p25, band.median, band.p75, band.p95))


def _thinned(bands: tuple[Band, ...]) -> list[Band]:
    step = max(1, math.ceil(len(bands) / ROWS))
    top = max(bands, key=lambda band: band.median)
    kept = {id(band) for band in (*bands[::step], bands[-1], top)}
    return [band for band in bands if id(band) in kept]


def figure(value: float) -> str:
    """Two or three digits, as far as an estimate deserves them."""
    if value == 0:
        return "0"
    digits = max(0, (1 if abs(value) < 10 else 0) - min(0, math.floor(math.log10(abs(value)))))
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
