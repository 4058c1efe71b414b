"""Raised answers, and those left out, as tasks: how urgent, whose, until when, what was done (pure). Which are open is said
by `course.raised_forms`, for every page alike."""

from datetime import datetime
from uuid import UUID

import msgspec

from lowtide.data import schedules
from lowtide.data.instruments import Instrument
from lowtide.data.risk import closings, contacts, unanswered_rule
from lowtide.data.schedules import Rule
from lowtide.pathway.course.raised_forms import OpenRisk, known, left_open, raised_forms, risk_items
from lowtide.pathway.course.response import Outcome
from lowtide.pathway.course.scores import is_measure, item_nine
from lowtide.problems import Problem
from lowtide.record.chart import Chart, stands
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import Answers, RiskReviewed
from lowtide.science.instruments.answers import readable

CHAIR = "chair"


class Step(msgspec.Struct, frozen=True):
    """One line of the contact trail: what was done, by whom, who has it from then on. `contact` and `because` are words
    of the table of contacts and closings, where they were said."""

    at: datetime
    by: str
    action: str
    owner: str
    closes: bool
    contact: str = ""
    because: str = ""

    @property
    def reached(self) -> bool:
        return self.contact in contacts() and contacts()[self.contact].reached


class Risk(msgspec.Struct, frozen=True, kw_only=True):
    """A form with an answer that somebody has to act on, or one that was left out and has to be asked for.

    `form` is its first entry, `stream` the chart it lies in. `value` is the highest answer to the risk items of its
    instrument ever given in it: one that was changed back stays raised; `now_value` is what stands. Both are None for
    what was said at the chair. `items` are the answered risk items at their worst. `earlier` are the answers of up to
    four forms of the same instrument before it, the latest last. `raised_at` is when the record came to know;
    `unanswered`: the questions on suicide were left without an answer, and somebody asks from then on.
    """

    form: UUID
    stream: str
    instrument: str
    text: str
    answered_at: datetime
    raised_at: datetime
    value: int | None
    now_value: int | None
    earlier: tuple[int, ...]
    finished: bool
    withdrawn: bool
    mode: str
    trail: tuple[Step, ...]
    is_urgent: bool
    closed: bool
    items: dict[str, int] = {}
    unanswered: bool = False

    @property
    def rule(self) -> Rule:
        if self.unanswered:
            return schedules.rules()["risk_unanswered_urgent" if self.is_urgent else "risk_unanswered"]
        return schedules.rules()["risk_urgent" if self.is_urgent else "risk_standing"]

    def is_open(self, now: datetime) -> bool:
        return not self.closed and (not self.unanswered or self.raised_at <= now)

    @property
    def due_at(self) -> datetime:
        return self.raised_at + self.rule.span

    @property
    def owner(self) -> str:
        """Who has it, or nothing while it belongs to a role."""
        return self.trail[-1].owner if self.trail else ""


def risks(chart: Chart, measure: Instrument, outcome: Outcome = Outcome.UNKNOWN) -> tuple[Risk, ...]:
    """Every raised form and every one left without that answer, the latest last, closed ones included. `measure` is the
    course's own questionnaire: an answer to it that has not changed waits longer than any other. `outcome` is how the
    treatment stands: whoever got worse again is asked at once."""
    trails = _trails(chart)
    raised = (
        _risk(chart, one, closed, measure, trails.get(one.form, ())) for one, closed in raised_forms(chart)
    )
    asked = (
        _unanswered(chart, one, closed, outcome, trails.get(one.form, ())) for one, closed in left_open(chart)
    )
    return tuple(sorted((*raised, *asked), key=lambda risk: (risk.answered_at, risk.form)))


def open_risks(chart: Chart, measure: Instrument, outcome: Outcome = Outcome.UNKNOWN) -> tuple[Risk, ...]:
    return tuple(r for r in risks(chart, measure, outcome) if not r.closed)


def _unanswered(
    chart: Chart, left: OpenRisk, closed: bool, outcome: Outcome, trail: tuple[Step, ...]
) -> Risk:
    """Urgent where the data says so: by how the treatment stands, and by the last answer to the same questions."""
    entry, rule, own = chart.entries[left.answers], unanswered_rule(), known(left.instrument)
    answered = _answered(chart, own) if own else []
    earlier = tuple(v for at, form, v in answered if at <= entry.at and form != left.form)
    assert left.opens_at
    return Risk(
        form=left.form,
        stream=left.stream,
        instrument=left.instrument,
        text=left.text,
        answered_at=left.at,
        raised_at=left.opens_at,
        value=None,
        now_value=None,
        earlier=earlier[-4:],
        finished=entry.body.complete,
        withdrawn=False,
        mode=entry.body.mode,
        trail=trail,
        is_urgent=outcome.value in rule.urgent_outcomes
        or (earlier[-1:] or (0,))[0] >= schedules.thresholds()["unanswered_urgent_answer"].value,
        closed=closed,
        unanswered=True,
    )


def _risk(chart: Chart, raised: OpenRisk, closed: bool, measure: Instrument, trail: tuple[Step, ...]) -> Risk:
    worst, line = chart.entries[raised.answers], chart.line(raised.form)
    standing = next((e for e in reversed(line) if isinstance(e.body, Answers)), None)
    own = known(worst.body.instrument) if standing else None
    if standing is None or own is None:
        return _at_the_chair(raised, worst, closed, trail)
    value = item_nine(worst.body, own)
    answered = _answered(chart, own)
    earlier = tuple(v for at, form, v in answered if at <= worst.at and form != raised.form)
    return Risk(
        form=raised.form,
        stream=raised.stream,
        instrument=raised.instrument,
        text=raised.text,
        answered_at=worst.at,
        raised_at=worst.recorded_at,
        value=value,
        now_value=item_nine(standing.body, own),
        items=_worst_items(worst.body, own),
        earlier=earlier[-4:],
        finished=standing.body.complete,
        withdrawn=not stands(line[-1]),
        mode=standing.body.mode,
        trail=trail,
        is_urgent=value is None or own.id != measure.id or _is_urgent(value, earlier),
        closed=closed,
    )


def _worst_items(body: Answers, own: Instrument) -> dict[str, int]:
    values = readable(own, body.items).values
    return {item: values[item] for item in risk_items(own) if values.get(item)}


def closing_problem(trail: tuple[Step, ...], body: RiskReviewed) -> Problem | None:
    """Why this step may not close the task: no reason, or a reason that takes somebody who spoke with the patient."""
    if not body.closed:
        return None
    reason = closings().get(body.because or "")
    if reason is None:
        return Problem("it is not said why it is closed", "because", "Choose the reason.")
    way = contacts().get(body.contact or "")
    reached = bool(way and way.reached) or any(step.reached for step in trail)
    if reason.needs_contact and not reached:
        return Problem(
            "nobody has spoken with the patient yet",
            "because",
            "Leave it open, or choose a reason that does not need it.",
        )
    return None


def _at_the_chair(raised: OpenRisk, entry: Entry, closed: bool, trail: tuple[Step, ...]) -> Risk:
    """What was said or opened at the chair: always urgent, nothing to compare it with."""
    return Risk(
        form=raised.form,
        stream=raised.stream,
        instrument=raised.instrument,
        text=raised.text,
        answered_at=entry.at,
        raised_at=entry.recorded_at,
        value=None,
        now_value=None,
        earlier=(),
        finished=True,
        withdrawn=False,
        mode=CHAIR,
        trail=trail,
        is_urgent=True,
        closed=closed,
    )


def _answered(chart: Chart, measure: Instrument) -> list[tuple[datetime, UUID, int]]:
    """(when, form, answer to the risk item) of each standing form of the measure, in order of time."""
    return [
        (entry.at, chart.line(entry.id)[0].id, value)
        for entry, body in chart.said(Answers)
        if is_measure(body.instrument, measure) and (value := item_nine(body, measure)) is not None
    ]


def _trails(chart: Chart) -> dict[UUID, tuple[Step, ...]]:
    """The contact trail of each form, by the form's first entry."""
    trails: dict[UUID, tuple[Step, ...]] = {}
    for entry, body in chart.said(RiskReviewed):
        if body.answers in chart.entries:
            form = chart.line(body.answers)[0].id
            trails[form] = (*trails.get(form, ()), _step(entry, body))
    return trails


def _step(entry: Entry, body: RiskReviewed) -> Step:
    owner = body.owner or entry.by
    return Step(entry.at, entry.by, body.action, owner, body.closed, body.contact or "", body.because or "")


def _is_urgent(value: int, earlier: tuple[int, ...]) -> bool:
    """A first, higher or frequent answer is urgent; one that has stayed the same is reviewed within the day."""
    if not earlier or value > earlier[-1]:
        return True
    return value >= schedules.thresholds()["urgent_item_nine"].value
