"""Answers to the suicidality item that somebody has to act on: raised by the first non-zero answer, finished form
or not, and closed only by a person (pure)."""

from datetime import datetime
from uuid import UUID

import msgspec

from lowtide.data import schedules
from lowtide.data.instruments import Instrument
from lowtide.data.schedules import Rule
from lowtide.pathway.course.scores import is_measure, item_nine
from lowtide.record.chart import Chart, by_order
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import Answers, RiskReviewed


class Step(msgspec.Struct, frozen=True):
    """One line of the contact trail: what was done, by whom, who has it from then on."""

    at: datetime
    by: str
    action: str
    owner: str
    closes: bool


class Risk(msgspec.Struct, frozen=True, kw_only=True):
    """A form with item 9 above zero.

    `form` is its first entry, `stream` the chart it lies in. `value` is the highest answer ever given in it: an
    answer that was changed back to zero stays raised. `now_value` is the standing one. `earlier` are the answers of
    up to four forms before it, the latest last. `raised_at` is when the record came to know of the highest answer.
    """

    form: UUID
    stream: str
    answered_at: datetime
    raised_at: datetime
    value: int
    now_value: int | None
    earlier: tuple[int, ...]
    finished: bool
    mode: str
    trail: tuple[Step, ...]
    is_urgent: bool
    closed: bool

    @property
    def rule(self) -> Rule:
        return schedules.rules()["risk_urgent" if self.is_urgent else "risk_standing"]

    @property
    def due_at(self) -> datetime:
        return self.raised_at + self.rule.span

    @property
    def owner(self) -> str:
        """Who has it, or nothing while it belongs to a role."""
        return self.trail[-1].owner if self.trail else ""


def risks(chart: Chart, measure: Instrument) -> tuple[Risk, ...]:
    """Every raised form, the latest last, closed ones included.

    A closing step closes the form it names and every form raised before it; a higher answer afterwards opens the
    form again.
    """
    lines = _lines(chart, measure)
    steps = _steps(chart)
    found: list[Risk] = []
    earlier: list[int] = []
    for line in lines:
        raised = [e for e in line if item_nine(e.body, measure)]
        if raised:
            found.append(_risk(line, raised, earlier, steps, measure))
        answer = item_nine(line[-1].body, measure)
        if answer is not None:
            earlier.append(answer)
    return tuple(_closed_by_later(found))


def open_risks(chart: Chart, measure: Instrument) -> tuple[Risk, ...]:
    return tuple(r for r in risks(chart, measure) if not r.closed)


def _lines(chart: Chart, measure: Instrument) -> list[list[Entry]]:
    """The answered forms of the measure with all their versions, in order of when they were last answered.

    A retracted form keeps its earlier answers: who marks it as entered in error closes it by a step, not by silence.
    """
    lines: dict[UUID, list[Entry]] = {}
    said = [e for e in chart.entries.values() if isinstance(e.body, Answers)]
    for entry in sorted(said, key=by_order):
        if is_measure(entry.body.instrument, measure):
            lines.setdefault(chart.line(entry.id)[0].id, []).append(entry)
    return sorted(lines.values(), key=lambda line: line[-1].order)


def _steps(chart: Chart) -> dict[UUID, list[Entry]]:
    """The contact trail of each form, by the form's first entry."""
    trail: dict[UUID, list[Entry]] = {}
    for entry, body in chart.said(RiskReviewed):
        if body.answers in chart.entries:
            trail.setdefault(chart.line(body.answers)[0].id, []).append(entry)
    return trail


def _risk(
    line: list[Entry],
    raised: list[Entry],
    earlier: list[int],
    steps: dict[UUID, list[Entry]],
    measure: Instrument,
) -> Risk:
    form, standing = line[0].id, line[-1]
    trail = steps.get(form, [])
    worst = max(raised, key=lambda e: item_nine(e.body, measure) or 0)
    value = item_nine(worst.body, measure) or 0
    return Risk(
        form=form,
        stream=line[0].stream,
        answered_at=worst.at,
        raised_at=worst.recorded_at,
        value=value,
        now_value=item_nine(standing.body, measure),
        earlier=tuple(earlier[-4:]),
        finished=standing.body.complete,
        mode=standing.body.mode,
        trail=tuple(_step(e) for e in trail),
        is_urgent=_is_urgent(value, earlier),
        closed=any(e.body.closed and e.at >= worst.at for e in trail),
    )


def _is_urgent(value: int, earlier: list[int]) -> bool:
    """A first, higher or frequent answer is urgent; one that has stayed the same is reviewed within the day."""
    if not earlier or value > earlier[-1]:
        return True
    return value >= schedules.thresholds()["urgent_item_nine"].value


def _step(entry: Entry) -> Step:
    body: RiskReviewed = entry.body
    return Step(entry.at, entry.by, body.action, body.owner or entry.by, body.closed)


def _closed_by_later(found: list[Risk]) -> list[Risk]:
    """Who closed the latest answer has seen the ones before it."""
    kept, later_closed = [], False
    for risk in reversed(found):
        kept.append(msgspec.structs.replace(risk, closed=risk.closed or later_closed))
        later_closed = later_closed or risk.closed
    return kept[::-1]
