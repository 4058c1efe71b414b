"""Problems that are new since the first dose: there now, and not there when treatment began (pure).

A problem that was over before the first dose and is there again is new. What a coarse code or word leaves open is not
“no”: it may be what stops.
"""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from lowtide.data import codes
from lowtide.record.chart import Chart
from lowtide.record.dates import PartialDate, is_partial_date, latest
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.history import Diagnosis, HistoryItem, ProblemStatus

THERE = (ProblemStatus.ACTIVE, ProblemStatus.UNKNOWN)
ASKED = "dx."
"""How an item of the history that asks for a condition begins; its value says whether it is there now."""


class Problem(msgspec.Struct, frozen=True):
    """A problem as one entry tells it, and the conditions that it is (of a new one also those that it may be)."""

    entry: Entry
    label: str
    status: ProblemStatus
    keys: frozenset[str]
    dates: tuple[PartialDate, ...] = ()


def new_problems(chart: Chart, began: datetime) -> Iterator[Problem]:
    """Those of which somebody told since the first dose, without what stood as active before it."""
    before = _active_before(chart, began)
    for entry in _entries(chart):
        one = _read(entry)
        if one and entry.recorded_at >= began and _is_there(one, began) and (new := one.keys - before):
            yield msgspec.structs.replace(one, keys=codes.perhaps(new))


def problems_in(text: str) -> frozenset[str]:
    """The conditions that words name, or may name."""
    return codes.perhaps(codes.conditions_named(text)) if text.strip() else frozenset()


def _entries(chart: Chart) -> list[Entry]:
    """What stands of problems, on the list and among the answers of the history, in the order of time."""
    said = [e for e, b in chart.said(HistoryItem) if b.item.startswith(ASKED)]
    return sorted([*(e for e, _ in chart.said(Diagnosis)), *said], key=lambda e: e.order)


def _read(entry: Entry) -> Problem | None:
    body = entry.body
    if isinstance(body, Diagnosis):
        found = codes.recognise_problem(body.keys, [(c.system, c.code) for c in body.codings]).keys
        keys = found | codes.conditions_beside(found, body.label)
        dates = tuple(one for one in (body.onset, body.ended) if one and is_partial_date(one))
        return Problem(entry, body.label, body.status, keys, dates)
    if isinstance(body, HistoryItem) and body.answer is not Answer.NOT_KNOWN:
        key = body.item.removeprefix(ASKED)
        known = codes.conditions().get(key)
        keys = codes.recognise_problem([key]).keys
        return Problem(entry, known.label if known else key, _status(body), keys)
    return None


def _status(body: HistoryItem) -> ProblemStatus:
    if body.answer is Answer.NO:
        return ProblemStatus.REFUTED
    return ProblemStatus.PAST if body.value == ProblemStatus.PAST.value else ProblemStatus.ACTIVE


def _is_there(one: Problem, began: datetime) -> bool:
    """There now; or over, and begun or ended since the first dose."""
    if one.status in THERE:
        return True
    return one.status is ProblemStatus.PAST and any(latest(day) >= began.date() for day in one.dates)


def _active_before(chart: Chart, began: datetime) -> frozenset[str]:
    """The conditions whose last word before the first dose was that they are active, as it stood then."""
    standing: dict[str, ProblemStatus] = {}
    for entry in _entries(chart):
        known = [one for one in chart.line(entry.id) if one.recorded_at < began]
        if known and (one := _read(known[-1])):
            standing |= dict.fromkeys(one.keys, one.status)
    return frozenset(key for key, status in standing.items() if status is ProblemStatus.ACTIVE)
