"""Problems that are new since the first dose: there now, and not there when treatment began (pure).

A problem that was over before the first dose and is there again is new. What a coarse code or word leaves open is not
“no”: it may be what stops.
"""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from lowtide.data import codes
from lowtide.record.chart import Chart
from lowtide.record.dates import is_partial_date, latest
from lowtide.record.entries.base import Entry
from lowtide.record.entries.history import Diagnosis, ProblemStatus

THERE = (ProblemStatus.ACTIVE, ProblemStatus.UNKNOWN)


class NewProblem(msgspec.Struct, frozen=True):
    """A problem, the entry that says it, and the conditions that it is or may be."""

    entry: Entry
    body: Diagnosis
    keys: frozenset[str]


def new_problems(chart: Chart, began: datetime) -> Iterator[NewProblem]:
    """Those of which somebody told since the first dose, without what stood as active before it."""
    before = _active_before(chart, began)
    for entry, body in chart.said(Diagnosis):
        if entry.recorded_at >= began and _is_there(body, began):
            new = named(body) - before
            if new:
                yield NewProblem(entry, body, codes.perhaps(new))


def named(body: Diagnosis) -> frozenset[str]:
    """The conditions of a problem by its keys and codes, and those that its words name beside them."""
    found = codes.recognise_problem(body.keys, [(c.system, c.code) for c in body.codings]).keys
    return found | codes.conditions_beside(found, body.label)


def problems_in(text: str) -> frozenset[str]:
    """The conditions that words name, or may name."""
    return codes.perhaps(codes.conditions_named(text)) if text.strip() else frozenset()


def _is_there(body: Diagnosis, began: datetime) -> bool:
    """There now; or over, and begun or ended since the first dose."""
    if body.status in THERE:
        return True
    dates = [one for one in (body.onset, body.ended) if one and is_partial_date(one)]
    return body.status is ProblemStatus.PAST and any(latest(one) >= began.date() for one in dates)


def _active_before(chart: Chart, began: datetime) -> frozenset[str]:
    """The conditions whose last word before the first dose was that they are active, as it stood then."""
    standing: dict[str, ProblemStatus] = {}
    for entry, _ in chart.said(Diagnosis):
        known = [one for one in chart.line(entry.id) if one.recorded_at < began]
        body = known[-1].body if known else None
        if isinstance(body, Diagnosis):
            standing |= dict.fromkeys(named(body), body.status)
    return frozenset(key for key, status in standing.items() if status is ProblemStatus.ACTIVE)
