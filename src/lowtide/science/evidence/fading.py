"""How fast a response was lost in each group that a trial followed: the hazard and the half-time behind what was printed.

A printed median is a half-time as it stands. One printed share gives a steady hazard from the day on which people counted as
well; several of one group say, too, how far it was from steady, and where half was lost between two of them the half-time is
read there, along Weibull's curve. Where nobody printed of how many people a share is, the people of the arm who became well
are the most there can have been: the true limits are no narrower. Without them, too, there are no limits.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from math import exp, isfinite, log

import msgspec

from lowtide.data.evidence import Durability, Tables
from lowtide.data.evidence_words import words
from lowtide.science.evidence.absolute import Interval
from lowtide.science.evidence.lasting import Kept, days_until_half, hazard, steadiness
from lowtide.science.evidence.shares import of_100, share

LOST, KEPT = "relapse_cum", "retained_response"
MEDIANS = ("median_time_to_relapse", "median_time_to_loss_of_response")
OF_THE_LOST = "median_days_in_remission"
"""The median among those who relapsed: by then half of all that was lost was lost."""
SINCE = re.compile(r"\bday[ -](\d+)")
"""The day on which a group of people was found well, where its name tells it."""
HALF = 50.0
Point = tuple[float, float]
"""Days, and how many of 100 were still well."""


class Faded(msgspec.Struct, frozen=True, kw_only=True):
    """`kept` of 100 after `days` of which `since` had passed when they were found well.

    `people` were followed: as printed, or (`at_most`) all whom the trial counted as well; None where neither is known.
    `losses_per_day` and `half_days` hold a value and its limits, or the value alone three times where `limits` is false;
    None where nobody, or everybody, was left and of how many is not known. An upper limit without end is infinite. `shape`
    is Weibull's over all times of the group: below 1 most was lost early; `between` are the two times around the half. `printed` medians are half-times themselves.
    """

    row: Durability
    days: float
    since: float
    kept: float
    people: int | None
    at_most: bool
    limits: bool
    losses_per_day: Interval | None
    half_days: Interval | None
    shape: float | None
    between: tuple[Point, Point] | None = None
    printed: bool = False


def faded(tables: Tables, *, unverified: bool = False) -> tuple[Faded, ...]:
    """Every printed share at a day, and every printed median, of people who had been well, in the order of the table."""
    seen = [r for r in tables.durability if _well_before(r) and (r.verified or unverified)]
    shared = [r for r in seen if _shared(r)]
    return tuple(
        _median(row) if row.metric in MEDIANS else _faded(row, shared, tables)
        for row in seen
        if row in shared or (row.metric in MEDIANS and row.value.exact)
    )


def latest(found: Iterable[Faded]) -> tuple[Faded, ...]:
    """Of each group the longest it was followed: the earlier shares are in its shape."""
    last: dict[tuple[str, ...], Faded] = {}
    for one in found:
        key = _group(one.row)
        if key not in last or one.days > last[key].days:
            last[key] = one
    return tuple(last.values())


def _well_before(row: Durability) -> bool:
    return any(word in row.population_at_risk for word in words().well_before)


def _shared(row: Durability) -> bool:
    return row.metric in (LOST, KEPT) and row.percent is not None and _days(row) > 0


def _median(row: Durability) -> Faded:
    """The number as it stands, with its limits where both were printed; one that was not reached has no end."""
    days = row.value.exact or 0.0
    high = row.ci_high.exact or float("inf") if row.ci_high else days
    limits = row.ci_low is not None and row.ci_high is not None
    half = Interval(days, float(row.ci_low or 0), high) if limits else Interval(days, days, days)
    return Faded(
        row=row,
        days=days,
        since=_since(row),
        kept=HALF,
        people=row.n_at_risk,
        at_most=False,
        limits=limits,
        losses_per_day=None,
        half_days=half,
        shape=None,
        printed=True,
    )


def _faded(row: Durability, every: Sequence[Durability], tables: Tables) -> Faded:
    points = sorted(_points(row, every, tables))
    people = row.n_at_risk or _became_well(row, tables)
    rate = _rate(row, people)
    half, between = days_until_half(rate) if rate else None, _around_half(points, _days(row))
    if half and between:
        half = half.scaled(_between(*between) / half.value)
    return Faded(
        row=row,
        days=_days(row),
        since=_since(row),
        kept=_kept(row),
        people=people,
        at_most=not row.n_at_risk and people is not None,
        limits=bool(people),
        losses_per_day=rate,
        half_days=half,
        shape=steadiness([Kept(days, kept, 100) for days, kept in points]),
        between=between,
    )


def _points(row: Durability, every: Sequence[Durability], tables: Tables) -> Iterator[Point]:
    """What is known of the group at any time: its shares, and when half of those whom it lost had gone."""
    group = [r for r in every if _group(r) == _group(row)]
    yield from ((_days(r), _kept(r)) for r in group)
    last = max(group, key=_days)
    for r in tables.durability:
        told = r.metric == OF_THE_LOST and r.verified and same_group(r, row)
        if told and r.value.exact and r.value.exact < _days(last):
            yield r.value.exact, 50 + _kept(last) / 2


def _around_half(points: Sequence[Point], until: float) -> tuple[Point, Point] | None:
    above = [p for p in points if HALF < p[1] < 100]
    below = [p for p in points if p[1] < HALF and above and above[-1][0] < p[0] <= until]
    return (above[-1], below[0]) if below and below[0][1] > 0 else None


def _between(one: Point, two: Point) -> float:
    """The day of the half on Weibull's curve through two points."""
    (first, high), (second, low) = one, two
    g = [log(-log(share / 100)) for share in (high, HALF, low)]
    return first * exp(log(second / first) * (g[1] - g[0]) / (g[2] - g[0]))


def _became_well(row: Durability, tables: Tables) -> int | None:
    """How many people of the arm the trial counted as well, by the word for the group: verified counts of the whole arm."""
    outcomes = {outcome for word, outcome in words().well_before.items() if word in row.population_at_risk}
    counts = [
        r.events
        for r in tables.outcomes
        if (r.study_id, r.arm_id) == (row.study_id, row.arm_id)
        and r.metric in outcomes
        and r.part is None
        and r.verified
    ]
    return max((n for n in counts if n), default=None)


def most_well(row: Durability, tables: Tables) -> tuple[int, bool] | None:
    """The most people that a group can have been, where nobody printed how many; and whether those of other arms are among
    them. None where it is printed, or nothing is known."""
    if row.n_at_risk:
        return None
    if own := _became_well(row, tables):
        return own, False
    for r in tables.outcomes:
        if r.study_id == row.study_id and "+" in r.arm_id and row.arm_id in r.arm_id.split("+"):
            joint = msgspec.structs.replace(row, arm_id=r.arm_id)
            if found := _became_well(joint, tables):
                return found, True
    return None


def _rate(row: Durability, people: int | None) -> Interval | None:
    kept = _kept(row)
    if people:
        return hazard(Kept(_days(row), kept * people / 100, people))
    if not 0 < kept < 100:
        return None
    value = -log(kept / 100) / _days(row)
    return Interval(value, value, value)


def _group(row: Durability) -> tuple[str, str, str, str]:
    return row.study_id, row.arm_id, row.population_at_risk, row.metric


def same_group(one: Durability, two: Durability) -> bool:
    """Whether two rows are on the same people."""
    return _group(one)[:3] == _group(two)[:3]


def _since(row: Durability) -> float:
    found = SINCE.search(row.population_at_risk)
    return float(found[1]) if found else 0.0


def _days(row: Durability) -> float:
    return float(row.time_days or 0) - _since(row)


def _kept(row: Durability) -> float:
    """As counted where a count is printed, else the printed percentage."""
    its = share(row.n_at_risk, row.n_events, float(row.percent or 0)) or 0.0
    return 100 - its if row.metric == LOST else its


def half_told(one: Faded) -> str:
    """The half-time in words."""
    half = one.half_days
    if half is None:
        return "not worked out: nobody, or everybody, was left, of how many is not printed"
    value = f"{half.value:{'g' if one.printed else '.0f'}} days"
    end = f"{half.upper:.0f}" if isfinite(half.upper) else "no end in sight"
    return f"{value} ({half.lower:.0f} to {end})" if one.limits else value


def basis_told(one: Faded) -> str:
    """What the half-time was worked out from, and what its limits rest on."""
    return "; ".join(_basis(one))


def _basis(one: Faded) -> Iterator[str]:
    if one.printed:
        yield "the median, as printed"
    elif one.between:
        (first, high), (second, low) = one.between
        yield f"{of_100(high)} of 100 still well after {first:g} days and {of_100(low)} after {second:g}, read between them"
    else:
        since = f"after day {one.since:g}" if one.since else "later"
        yield f"{of_100(one.kept)} of 100 still well {one.days:g} days {since}, taken as a steady loss"
    if one.half_days and one.half_days.value > one.days:
        yield "longer than they were followed"
    if one.at_most:
        yield f"at most {one.people} people, all who became well: the true limits are no narrower"
    elif one.people:
        yield f"{one.people} people"
    if not one.limits:
        yield "no limits are printed" if one.printed else "of how many is not printed"


def told(found: Iterable[Faded]) -> Iterator[tuple[str, ...]]:
    """A line each: whom, what was given meanwhile, the half-time, from what, how steady."""
    for one in found:
        row = one.row
        shape = "" if one.shape is None else f"{one.shape:.2f}"
        whom = f"{row.arm_id}: {row.population_at_risk}"
        given = row.maintenance_schedule or ""
        yield row.study_id, whom, given, half_told(one), basis_told(one), shape
