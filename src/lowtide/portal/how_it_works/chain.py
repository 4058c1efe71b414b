"""The chain from receptor to mood as rows on one stretched time axis: when each step is thought to run, not how much.

Solid bands were seen in people, hatched ones in animals only or not found when looked for in people.
"""

import math
from collections.abc import Callable, Iterator

from lowtide.data.mechanism import Mechanism, Shown, Step
from lowtide.pathway.course.drawing import svg
from lowtide.pathway.course.drawing.bands import NARROW, SMALL, WIDE
from lowtide.pathway.course.drawing.labels import Place, text_tag
from lowtide.pathway.course.drawing.scale import Scale, plain
from lowtide.pathway.course.drawing.svg import Table

KEY = "chain"
WORDS: dict[Shown, str] = {
    "people": "seen in people",
    "animals": "seen in animals only",
    "contested": "seen in animals, in people unsure",
}
FIRST_H, LAST_H = 0.03, 700.0
TICKS = {
    5 / 60: "5 min",
    0.5: "30 min",
    2.0: "2 h",
    6.0: "6 h",
    24.0: "1 day",
    72.0: "3 days",
    336.0: "2 weeks",
}
NARROW_TICKS = ("5 min", "2 h", "1 day", "2 weeks")
BAR = 16.0
TITLE, ALONG = (
    "From receptor to mood: when each step is thought to run",
    "time from the start, stretched early on",
)
SPAN, DAYS, RUNS = "{low} to {high}", "{days} days", "begins after {begins}, ends after {ends}"
Say = Callable[[str], str]


def draw(found: Mechanism, *, narrow: bool = False, say: Say = str) -> str:
    """The drawing as SVG text; `say` turns its words into the reader's language."""
    width = NARROW if narrow else WIDE
    row = 58.0 if narrow else 44.0
    x = Scale(math.log(FIRST_H), math.log(LAST_H), 10, width - 10)
    axis = 8 + row * len(found.step)
    key = f"{KEY}-narrow" if narrow else KEY
    return svg.drawing(
        key,
        (width, axis + 40),
        say(TITLE),
        sentence(found, say),
        svg.hatch(key),
        *_axis(x, axis, say, narrow=narrow),
        *(
            mark
            for i, step in enumerate(found.step)
            for mark in _row(step, x, 8 + row * i, key, say, narrow=narrow)
        ),
        text_tag(
            say(ALONG),
            "c-lab",
            Place(width - 10, axis + 34, "end"),
            SMALL,
        ),
    )


def _axis(x: Scale, axis: float, say: Say, *, narrow: bool) -> Iterator[str]:
    for hours, text in TICKS.items():
        if not narrow or text in NARROW_TICKS:
            at = x(math.log(hours))
            yield svg.line((at, axis), (at, axis + 4), "c-axis")
            yield text_tag(say(text), "c-lab", Place(at, axis + 17), SMALL)
    yield svg.line((x.at_low, axis), (x.at_high, axis), "c-axis")


def _grid(x: Scale, bar: float) -> Iterator[str]:
    """Behind the bar only: the words stand free."""
    for hours in TICKS:
        at = x(math.log(hours))
        yield svg.line((at, bar - 2), (at, bar + BAR + 2), "c-grid")


def _row(step: Step, x: Scale, top: float, key: str, say: Say, *, narrow: bool) -> Iterator[str]:
    """Words, then the bar: light from the earliest beginning to the latest end, dark where every source has it run."""
    bar = top + (36 if narrow else 20)
    yield text_tag(say(step.label), "c-name", Place(10, top + 13, "start"), 13)
    status = Place(10, top + 29, "start") if narrow else Place(x.at_high, top + 13, "end")
    yield text_tag(say(WORDS[step.shown]), "c-key", status, SMALL)
    told = svg.tip(f"{say(step.label)}: {span_text(step, say)}, {say(WORDS[step.shown])}")
    (early, begun), (ending, late) = step.begins_h, step.ends_h
    solid = step.shown == "people"
    yield from _grid(x, bar)
    yield _bar(x, early, late, bar, "c-band1", told)
    if begun < ending:
        yield _bar(x, begun, ending, bar, "c-band2", told)
    if not solid:
        left, right = x(math.log(early)), x(math.log(late))
        yield svg.rect(
            (left, bar), right - left, BAR, "c-unknown", told, rx=BAR / 2, fill=f"url(#{key}-hatch)"
        )


def _bar(x: Scale, start_h: float, end_h: float, top: float, class_: str, told: str) -> str:
    left, right = x(math.log(start_h)), x(math.log(end_h))
    return svg.rect((left, top), right - left, BAR, class_, told, rx=BAR / 2)


def span_text(step: Step, say: Say = str) -> str:
    """When it runs, in words."""
    begins, ends = (
        say(SPAN).format(low=hours_text(low, say), high=hours_text(high, say))
        for low, high in (step.begins_h, step.ends_h)
    )
    return say(RUNS).format(begins=begins, ends=ends)


def hours_text(hours: float, say: Say = str) -> str:
    if hours < 1:
        return f"{plain(round(hours * 60))} min"
    return f"{plain(hours)} h" if hours < 48 else say(DAYS).format(days=plain(round(hours / 24)))


def sentence(found: Mechanism, say: Say = str) -> str:
    told = (f"{say(step.label)}: {span_text(step, say)} ({say(WORDS[step.shown])})" for step in found.step)
    return "; ".join(told) + "."


HEAD = ("Step", "Begins after", "Ends after", "Seen", "The times are")
TIMED = {"assumed": "a judgement"}
FROM = {
    "animals": "from animals",
    "trials in people": "from trials in people",
    "follows the level in the blood": "from the level in the blood",
}


def table(found: Mechanism, say: Say = str) -> Table:
    def span(hours: tuple[float, float]) -> str:
        low, high = (hours_text(each, say) for each in hours)
        return say(SPAN).format(low=low, high=high)

    return Table(
        head=tuple(map(say, HEAD)),
        rows=tuple(
            (
                say(step.label),
                span(step.begins_h),
                span(step.ends_h),
                say(WORDS[step.shown]),
                say(TIMED.get(step.timing) or FROM[step.timing]),
            )
            for step in found.step
        ),
    )
