"""How fast a response was lost in each group that a trial followed: the hazard and the half-time behind each printed share.

One printed share gives a steady hazard from the day on which people counted as well; several of one group say, too, how far
it was from steady. Where nobody printed of how many people the share is, there are no limits.
"""

import re
from collections.abc import Iterable, Iterator
from math import log

import msgspec

from lowtide.data.evidence import Durability
from lowtide.data.evidence_words import words
from lowtide.science.evidence.absolute import Interval
from lowtide.science.evidence.lasting import Kept, days_until_half, hazard, steadiness

LOST, KEPT = "relapse_cum", "retained_response"
SINCE = re.compile(r"\bday[ -](\d+)")
"""The day on which a group of people was found well, where its name tells it."""


class Faded(msgspec.Struct, frozen=True, kw_only=True):
    """`kept` of 100 after `days` of which `since` had passed when they were found well.

    `losses_per_day` and `half_days` hold a value and its limits, or the value alone three times where `limits` is false;
    None where nobody, or everybody, was left and of how many is not known. `shape` is Weibull's over all times of the group:
    below 1 most was lost early.
    """

    row: Durability
    days: float
    since: float
    kept: float
    limits: bool
    losses_per_day: Interval | None
    half_days: Interval | None
    shape: float | None


def faded(rows: Iterable[Durability], *, unverified: bool = False) -> tuple[Faded, ...]:
    """Every printed share of people who had been well, at a day, in the order of the table."""
    its = [r for r in rows if _tells(r) and (r.verified or unverified)]
    return tuple(_faded(row, its) for row in its)


def _tells(row: Durability) -> bool:
    shared = row.metric in (LOST, KEPT) and row.percent is not None
    return shared and _days(row) > 0 and any(word in row.population_at_risk for word in words().well_before)


def _faded(row: Durability, every: Iterable[Durability]) -> Faded:
    group = [r for r in every if _group(r) == _group(row)]
    rate = _rate(row)
    return Faded(
        row=row,
        days=_days(row),
        since=_since(row),
        kept=_kept(row),
        limits=bool(row.n_at_risk),
        losses_per_day=rate,
        half_days=days_until_half(rate) if rate else None,
        shape=steadiness([Kept(_days(r), _kept(r), 100) for r in group]) if len(group) > 1 else None,
    )


def _rate(row: Durability) -> Interval | None:
    share, n = _kept(row), row.n_at_risk
    if n:
        return hazard(Kept(_days(row), share * n / 100, n))
    if not 0 < share < 100:
        return None
    value = -log(share / 100) / _days(row)
    return Interval(value, value, value)


def _group(row: Durability) -> tuple[str, str, str, str]:
    return row.study_id, row.arm_id, row.population_at_risk, row.metric


def _since(row: Durability) -> float:
    found = SINCE.search(row.population_at_risk)
    return float(found[1]) if found else 0.0


def _days(row: Durability) -> float:
    return float(row.time_days or 0) - _since(row)


def _kept(row: Durability) -> float:
    share = float(row.percent or 0)
    return 100 - share if row.metric == LOST else share


def half_told(one: Faded) -> str:
    """The half-time in words."""
    if one.half_days is None:
        return "not worked out: nobody, or everybody, was left, of how many is not printed"
    value = f"{one.half_days.value:.0f} days"
    return f"{value} ({one.half_days.lower:.0f} to {one.half_days.upper:.0f})" if one.limits else value


def told(found: Iterable[Faded]) -> Iterator[tuple[str, ...]]:
    """A line a share: whom, what was given meanwhile, how many were left, the half-time, how steady."""
    for one in found:
        row = one.row
        after = f"{one.days:g} days{f' (from day {one.since:g})' if one.since else ''}"
        shape = "" if one.shape is None else f"{one.shape:.2f}"
        yield (
            row.study_id,
            f"{row.arm_id}: {row.population_at_risk}",
            row.maintenance_schedule or "",
            after,
            f"{one.kept:g}",
            half_told(one),
            shape,
        )
