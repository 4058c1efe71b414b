"""A network's trials as a forest: each pair that trials compared, each trial, and what the network makes of them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from math import exp

import msgspec

from lowtide.data.evidence import Tables
from lowtide.science.evidence.analysis import interval
from lowtide.science.evidence.answering import Comparison
from lowtide.science.evidence.effects import contrasts
from lowtide.science.evidence.joining import Between, Network, as_stated, between
from lowtide.science.evidence.table import Contrast, EventArm, MeanArm
from lowtide.science.evidence.taking import Unit
from lowtide.site.evidence_pages.analysed import RATIOS, control_type, label, ordered
from lowtide.site.evidence_pages.drawing.lanes import Axis, Lane, Mark, Sheet

STEPS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
NAMES = {
    "OR": "odds ratio",
    "RR": "risk ratio",
    "HR": "hazard ratio",
    "MD": "mean difference",
    "SMD": "standardised mean difference",
}


LETTERS = "abcdefgh"
INITIALS = re.compile(r"[A-Z]{1,3},?")
YEAR = re.compile(r"\b(?:19|20)\d\d\b")


class Trial(msgspec.Struct, frozen=True):
    """One trial's estimate of one pair, on the scale of the answer."""

    unit: Unit
    value: float
    lower: float
    upper: float
    precision: float
    counts: str


Pair = tuple[str, str]


def trials(network: Network, tables: Tables) -> dict[Pair, list[Trial]]:
    """Each compared pair, ketamine first and the control last, with its trials."""
    found: dict[Pair, list[Trial]] = defaultdict(list)
    for unit in network.units:
        for one in contrasts(unit.rows, network.measure)[0]:
            first, second = ordered((one.first, one.second), tables)
            turned = one if one.first == first else one.turned()
            found[first, second].append(_trial(unit, turned, network.measure))
    return dict(found)


def _trial(unit: Unit, one: Contrast, measure: str) -> Trial:
    ends = (one.estimate, *interval(one.estimate, one.se))
    worked_out = tuple(exp(v) for v in ends) if measure in RATIOS else ends
    value, lower, upper = as_stated(measure, (unit,), one.first) or worked_out
    return Trial(unit, value, lower, upper, 1 / one.se, _counts(unit, one))


def _counts(unit: Unit, one: Contrast) -> str:
    """What was counted in each arm; of several arms of one treatment, together."""
    told = []
    for node in (one.first, one.second):
        arms = [row for row in unit.rows if getattr(row, "treatment", "") == node]
        events = [row for row in arms if isinstance(row, EventArm)]
        means = [row for row in arms if isinstance(row, MeanArm)]
        if events:
            told.append(f"{sum(r.events for r in events)} of {sum(r.n for r in events)}")
        elif len(means) == 1:
            told.append(f"{means[0].mean:g} (SD {means[0].sd:g}, {means[0].n} people)")
    return " against ".join(told) if len(told) == 2 else ""


def sheet(network: Network, tables: Tables, key: str, title: str, *, more_is_better: bool) -> Sheet:
    pairs = trials(network, tables)
    lanes = tuple(_lanes(network, tables, pairs))
    marks = [
        m for lane in lanes for m in lane.marks if m.kind != "beside"
    ]  # wider limits may run off, as arrows
    axis = axis_of(network.measure, marks, more_is_better=more_is_better)
    said = "; ".join(f"{lane.label}: {lane.figures}" for lane in lanes if lane.figures)
    return Sheet(key, title, f"{title}. {said}.", axis, lanes)


def _lanes(network: Network, tables: Tables, pairs: dict[Pair, list[Trial]]) -> Iterator[Lane]:
    most = max((t.precision for its in pairs.values() for t in its), default=1.0)
    for (first, second), its in pairs.items():
        sort = control_type(tables, second)
        beside = f" (control: {sort})" if sort and sort not in label(tables, second) else ""
        yield Lane(f"{_capital(label(tables, first))} against {label(tables, second)}{beside}", head=True)
        for one in sorted(its, key=lambda t: t.unit.study):
            yield _lane(one, tables, one.precision / most)
        found = between(network, first, second)
        if found and (len(its) > 1 or found.parts):
            value, lower, upper = found.effect
            sure = all(t.unit.verified for t in its)
            mark = Mark(value, "pooled", lower, upper, verified=sure, tip=_figures(value, lower, upper))
            yield Lane("Together (random effects)", (mark,), _figures(value, lower, upper), worked=True)
            yield from _wider(found, sure=sure)


def _wider(found: Between, *, sure: bool) -> Iterator[Lane]:
    """The same with the wider limits of few trials; and where a new trial would lie."""
    for what, ends in (
        ("The same, Hartung and Knapp’s limits for few trials", found.knapp),
        ("A new trial would lie in", found.spread.prediction),
    ):
        if ends:
            said = f"{number(ends[0])} to {number(ends[1])}"
            mark = Mark(found.effect[0], "beside", *ends, verified=sure, tip=f"{what}: {said}")
            yield Lane(what, (mark,), said, worked=True)


def _lane(one: Trial, tables: Tables, weight: float) -> Lane:
    figures = _figures(one.value, one.lower, one.upper)
    mark = Mark(
        one.value, "trial", one.lower, one.upper, weight=weight, verified=one.unit.verified, tip=figures
    )
    return Lane(
        f"{named(tables, one.unit.study)}, {one.unit.at}{'' if one.unit.verified else ' (recalled)'}",
        (mark,),
        "; ".join(part for part in (figures, one.counts) if part),
    )


@lru_cache(maxsize=512)
def named(tables: Tables, study: str) -> str:
    """A study by its first author and year, with its own name where that is another; a letter parts two of one year."""
    known = tables.study.get(study)
    if known is None:
        return study
    first = author(known.citation)
    if not study.startswith(first.replace(" ", "")):
        return f"{first} {known.year}, {study}"
    same = [s.study_id for s in tables.studies if (author(s.citation), s.year) == (first, known.year)]
    return f"{first} {known.year}{LETTERS[same.index(study)] if len(same) > 1 else ''}"


def author(citation: str) -> str:
    """The first author's name, which may be of several words; the first word where no initials follow."""
    words = citation.split()
    ends = next((at for at, word in enumerate(words[:5]) if at and INITIALS.fullmatch(word)), 1)
    return " ".join(words[:ends]).rstrip(",")


@lru_cache(maxsize=512)
def reviewed(tables: Tables, key: str) -> str:
    """A published pooled result by first author and year."""
    citation = ""
    for row in tables.pooled:
        citation = citation if row.citation.startswith("as above") else row.citation
        if row.pooled_id == key:
            break
    year = YEAR.search(citation)
    return f"{author(citation)} {year[0]}, review" if year else f"{author(citation)}, review"


def _figures(value: float, lower: float, upper: float) -> str:
    return f"{number(value)} ({number(lower)} to {number(upper)})"


def effect_told(one: Comparison) -> str:
    """An effect with its measure and limits."""
    assert one.effect is not None
    assert one.lower is not None
    assert one.upper is not None
    return f"{one.measure} {_figures(one.effect, one.lower, one.upper)}"


def number(value: float) -> str:
    """Two places, none that says nothing for large ones."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 20 else f"{value:.2f}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def published(found: Iterable[Comparison], tables: Tables, key: str, *, more_is_better: bool) -> list[Sheet]:
    """What reviews printed, one drawing a measure: each comparison with its control as a diamond over its limits."""
    by_measure: dict[str, list[Comparison]] = defaultdict(list)
    for one in found:
        if one.evidence == "published" and one.measure and one.effect is not None:
            by_measure[one.measure].append(one)
    sheets = []
    for number_, (measure, its) in enumerate(by_measure.items(), start=1):
        lanes = tuple(lane for one in its for lane in _published(one, tables))
        title = f"Published pooled results, {NAMES.get(measure, measure)}"
        marks = [mark for lane in lanes for mark in lane.marks]
        said = "; ".join(f"{lane.label}: {lane.figures}" for lane in lanes)
        axis = axis_of(measure, marks, more_is_better=more_is_better)
        sheets.append(Sheet(f"{key}-{number_}", title, f"{title}. {said}.", axis, lanes))
    return sheets


def _published(one: Comparison, tables: Tables) -> Iterator[Lane]:
    assert one.effect is not None
    assert one.lower is not None
    assert one.upper is not None
    figures = _figures(one.effect, one.lower, one.upper)
    mark = Mark(one.effect, "pooled", one.lower, one.upper, verified=one.verified, tip=figures)
    people = f", {one.people} people" if one.people else ""
    who = f"{_capital(label(tables, one.treatment))} against {label(tables, one.versus)}, {', '.join(one.at)}"
    yield Lane(who, (mark,), f"{figures}{people}")


def axis_of(measure: str, marks: Sequence[Mark], *, more_is_better: bool) -> Axis:
    """An axis on which all marks have room, with what each side means."""
    ends = [v for m in marks for v in (m.at, m.low, m.high) if v is not None] or [1.0]
    right, left = "better with the first", "better with the second"
    sides = (left, right) if more_is_better else (right, left)
    if measure in RATIOS:
        low, high = _log_ends(min(ends), max(ends))
        ticks = tuple((v, f"{v:g}") for v in STEPS if low <= v <= high)
        return Axis(low, high, ticks, f"{NAMES[measure]}, logarithmic", True, 1.0, *sides)
    step = next(s for s in (0.5, 1, 2, 5, 10, 20, 50) if (max(*ends, 0) - min(*ends, 0)) / s <= 7)
    first, last = int(min(*ends, 0) // step), int(-(-max(*ends, 0) // step))
    ticks = tuple((i * step, f"{i * step:g}") for i in range(first, last + 1))
    return Axis(
        first * step,
        max(last * step, first * step + step),
        ticks,
        NAMES.get(measure, measure),
        False,
        0.0,
        *sides,
    )


def _log_ends(low: float, high: float) -> tuple[float, float]:
    """The steps around the data, within what can be looked at; limits beyond are drawn as arrows."""
    first = max((s for s in STEPS if s <= min(low, 0.5)), default=STEPS[0])
    last = min((s for s in STEPS if s >= max(high, 2.0)), default=STEPS[-1])
    return first, last
