"""A funnel: each trial by its effect and its standard error, with the lines between which 95 of 100 would lie by chance alone.

The largest trials stand at the top. Where small ones lie to one side only, they may find more, or others were never published.
"""

import math
from collections.abc import Iterator, Sequence

import msgspec

from lowtide.pathway.course.drawing import svg
from lowtide.pathway.course.drawing.bands import nice, wrapped
from lowtide.pathway.course.drawing.labels import Place, text_tag
from lowtide.pathway.course.drawing.scale import Scale
from lowtide.site.evidence_pages.drawing import lanes
from lowtide.site.evidence_pages.drawing.lanes import LABEL, NARROW, SIZE, SMALL, WIDE, Axis

HEIGHT, TOP, LINE, TRIAL = 280.0, 30.0, 17.0, 4.5
WIDTH_95 = 1.959963984540054


class Trial(msgspec.Struct, frozen=True):
    """`at` is the effect on the scale of the axis; `se` on that of the analysis (of the logarithm for ratios)."""

    name: str
    at: float
    se: float
    tip: str
    verified: bool = True


class Funnel(msgspec.Struct, frozen=True):
    """`centre` is what the trials say together; `words` stand beside the drawing."""

    key: str
    title: str
    sentence: str
    axis: Axis
    trials: tuple[Trial, ...]
    centre: float
    words: tuple[str, ...]


def draw(funnel: Funnel, *, narrow: bool = False, fixed: bool = False) -> str:
    """The drawing as SVG text; `fixed` at its own size, to stand alone."""
    key = f"{funnel.key}-narrow" if narrow else funnel.key
    x = lanes.scale(funnel.axis, narrow=narrow)
    words = _wrapped(funnel, narrow=narrow)
    top = TOP + (LINE * len(words) if narrow else 0)
    highest = max(trial.se for trial in funnel.trials)
    step = nice(highest)
    y = Scale(0, step * math.ceil(highest / step - 1e-9), top, top + HEIGHT)
    parts = [
        *lanes.ruler(funnel.axis, x, (y.at_low, y.at_high), narrow=narrow),
        *_errors(x, y, step, narrow=narrow),
        *_expected(funnel, x, y),
        *(_trial(trial, funnel, x, y, key) for trial in funnel.trials),
        *(text_tag(text, "c-key", Place(4, 16 + LINE * i, "start"), SIZE) for i, text in enumerate(words)),
    ]
    size = (NARROW if narrow else WIDE, y.at_high + lanes.foot(funnel.axis))
    return svg.drawing(key, size, funnel.title, funnel.sentence, svg.hatch(key), *parts, fixed=fixed)


def _wrapped(funnel: Funnel, *, narrow: bool) -> Sequence[str]:
    width = NARROW - 16 if narrow else LABEL - 70
    return [line for text in funnel.words for line in wrapped(text, width, SIZE)]


def _errors(x: Scale, y: Scale, step: float, *, narrow: bool) -> Iterator[str]:
    """The standard errors as levels, none at the top."""
    yield text_tag("standard error", "c-key", Place(x.at_low, y.at_low - 10, "start"), SMALL)
    for count in range(round(y.high / step) + 1):
        level = y(count * step)
        yield svg.line((x.at_low, level), (x.at_high, level), "c-grid")
        spot = Place(x.at_low + 2, level - 3, "start") if narrow else Place(x.at_low - 6, level + 4, "end")
        if count or not narrow:
            yield text_tag(f"{count * step:g}", "c-lab", spot, SMALL)


def _expected(funnel: Funnel, x: Scale, y: Scale) -> Iterator[str]:
    """The line of the effect that all share, and the two between which chance alone would spread the trials."""
    centre = _analysed(funnel.centre, funnel.axis)
    top, foot = (x(centre), y.at_low), (x(centre), y.at_high)
    yield svg.line(top, foot, "c-funnel")
    for end in (x.low, x.high):
        reached = min(abs(end - centre) / WIDTH_95, y.high)
        side = centre + math.copysign(WIDTH_95 * reached, end - centre)
        yield svg.line(top, (x(side), y(reached)), "c-funnel")


def _trial(trial: Trial, funnel: Funnel, x: Scale, y: Scale, key: str) -> str:
    at, level = x(_analysed(trial.at, funnel.axis)), y(trial.se)
    fill = None if trial.verified else f"url(#{key}-hatch)"
    class_ = "c-trial" if trial.verified else "c-recalled"
    corner = (at - TRIAL, level - TRIAL)
    return svg.rect(corner, 2 * TRIAL, 2 * TRIAL, class_, svg.tip(trial.tip), fill=fill)


def _analysed(value: float, axis: Axis) -> float:
    return math.log(max(value, axis.low)) if axis.log else value
