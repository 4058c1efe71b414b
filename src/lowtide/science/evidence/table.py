"""Rows of trials as they are published: an arm with its events or its mean, or a contrast between two arms.

Three forms of table are read, told apart by their columns: `study,treatment,events,n`, `study,treatment,mean,sd,n`
and `study,treatment1,treatment2,estimate,se` (ratios on the log scale).
"""

from collections.abc import Iterable, Iterator, Mapping
from math import isfinite, sqrt

import msgspec

from lowtide.problems import BadInput, Problem, bad

EVENTS = ("study", "treatment", "events", "n")
MEANS = ("study", "treatment", "mean", "sd", "n")
CONTRASTS = ("study", "treatment1", "treatment2", "estimate", "se")
FORMS = (EVENTS, MEANS, CONTRASTS)
RATIOS = ("OR", "RR")
MEASURES = {"OR": EVENTS, "RR": EVENTS, "RD": EVENTS, "MD": MEANS, "SMD": MEANS}


class EventArm(msgspec.Struct, frozen=True):
    """`events` of `n` people; 0 <= events <= n."""

    study: str
    treatment: str
    events: int
    n: int


class MeanArm(msgspec.Struct, frozen=True):
    """Mean and standard deviation of `n` people, on the outcome's own scale; sd > 0, n > 1."""

    study: str
    treatment: str
    mean: float
    sd: float
    n: int


class Contrast(msgspec.Struct, frozen=True):
    """`first` minus `second`, with its standard error; the logarithm for ratios."""

    study: str
    first: str
    second: str
    estimate: float
    se: float


Row = EventArm | MeanArm | Contrast
Line = Mapping[str, str | None]


def read(columns: Iterable[str], lines: Iterable[Line], measure: str, where: str) -> list[Row]:
    """The rows of one table. Raises BadInput with every fault: which line, which column, how to mend it."""
    form = _form([c.strip() for c in columns], measure, where)
    rows: list[Row] = []
    problems: list[Problem] = []
    for number, line in enumerate(lines, start=2):
        if not any((v or "").strip() for v in line.values() if not isinstance(v, list)):
            continue
        try:
            rows.append(_row(form, line, f"{where}, line {number}"))
        except BadInput as error:
            problems.extend(error.problems)
    problems.extend(_as_a_whole(rows, where) if not problems else ())
    if problems:
        raise BadInput(*problems)
    return rows


def _form(columns: list[str], measure: str, where: str) -> tuple[str, ...]:
    found = next((form for form in FORMS if set(form) <= set(columns)), None)
    if found is None:
        wanted = " or ".join(",".join(form) for form in (MEASURES[measure], CONTRASTS))
        raise bad(f"the columns are {','.join(columns) or 'missing'}", where, f"Give {wanted}.")
    if found is not CONTRASTS and found is not MEASURES[measure]:
        fits = [name for name, form in MEASURES.items() if form is found]
        raise bad(
            f"{measure} cannot be worked out from {','.join(found)}",
            where,
            f"Use --measure {' or '.join(fits)}, or give {','.join(MEASURES[measure])}.",
        )
    return found


def _row(form: tuple[str, ...], line: Line, where: str) -> Row:
    study = _name(line, "study", where)
    if form is CONTRASTS:
        first, second = _name(line, "treatment1", where), _name(line, "treatment2", where)
        if first == second:
            raise bad(f"“{first}” is compared with itself", where, "Name two treatments.")
        return Contrast(study, first, second, _number(line, "estimate", where), _positive(line, "se", where))
    treatment = _name(line, "treatment", where)
    if form is MEANS:
        n = _count(line, "n", where, least=2)
        return MeanArm(study, treatment, _number(line, "mean", where), _positive(line, "sd", where), n)
    n, events = _count(line, "n", where, least=1), _count(line, "events", where, least=0)
    if events > n:
        raise bad(f"{events} events in {n} people", f"{where}, events", "There can be one a person at most.")
    return EventArm(study, treatment, events, n)


def _text(line: Line, column: str) -> str:
    return (line.get(column) or "").strip()


def _name(line: Line, column: str, where: str) -> str:
    if not _text(line, column):
        raise bad("it is empty", f"{where}, {column}", "Give its name.")
    return " ".join(_text(line, column).split())


def _number(line: Line, column: str, where: str) -> float:
    try:
        value = float(_text(line, column))
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        given = _text(line, column) or "nothing"
        raise bad(
            f"“{given}” is not a number", f"{where}, {column}", "Write digits with a point, such as -0.52."
        )
    return value


def _positive(line: Line, column: str, where: str) -> float:
    value = _number(line, column, where)
    if value <= 0:
        raise bad(f"it is {value:g}", f"{where}, {column}", "It must be above 0.")
    return value


def _count(line: Line, column: str, where: str, least: int) -> int:
    value = _number(line, column, where)
    if value != int(value) or value < least:
        raise bad(f"it is {value:g}", f"{where}, {column}", f"It must be a whole number from {least}.")
    return int(value)


def _as_a_whole(rows: list[Row], where: str) -> Iterator[Problem]:
    if not rows:
        yield Problem("there are no rows", where, "Give one line an arm, or one a contrast.")
    contrasts = [row for row in rows if isinstance(row, Contrast)]
    for study in dict.fromkeys(row.study for row in contrasts):
        yield from _pairs_complete(study, [row for row in contrasts if row.study == study], where)


def _pairs_complete(study: str, rows: list[Contrast], where: str) -> Iterator[Problem]:
    """A study of several arms must give every pair: its correlations are worked out from them."""
    pairs = [frozenset((row.first, row.second)) for row in rows]
    arms = set().union(*pairs)
    if len(set(pairs)) < len(pairs):
        yield Problem(
            "two treatments are compared twice", f"{where}, study {study}", "Give each pair one line."
        )
    elif len(pairs) < len(arms) * (len(arms) - 1) // 2:
        yield Problem(
            f"{len(pairs)} of the {len(arms) * (len(arms) - 1) // 2} pairs of its {len(arms)} arms are given",
            f"{where}, study {study}",
            "Give all pairs, or arm by arm.",
        )


def merged(arms: Iterable[EventArm | MeanArm]) -> dict[str, EventArm | MeanArm]:
    """The arms of one study by treatment; arms of the same treatment are taken as one group of people."""
    found: dict[str, EventArm | MeanArm] = {}
    for arm in arms:
        before = found.get(arm.treatment)
        found[arm.treatment] = arm if before is None else _together(before, arm)
    return found


def _together(one: EventArm | MeanArm, two: EventArm | MeanArm) -> EventArm | MeanArm:
    """Two groups as one: counts add; means and spreads combine exactly (Cochrane Handbook 6.5.2.10)."""
    if isinstance(one, EventArm) and isinstance(two, EventArm):
        return EventArm(one.study, one.treatment, one.events + two.events, one.n + two.n)
    assert isinstance(one, MeanArm)
    assert isinstance(two, MeanArm)
    n = one.n + two.n
    mean = (one.n * one.mean + two.n * two.mean) / n
    squares = (one.n - 1) * one.sd**2 + (two.n - 1) * two.sd**2
    apart = one.n * two.n / n * (one.mean - two.mean) ** 2
    return MeanArm(one.study, one.treatment, mean, sqrt((squares + apart) / (n - 1)), n)
