"""Forms that ask about suicide and call for a person: by an answer that was given, or by one that was left out (pure,
hazard H026)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

import msgspec

from lowtide.data.instruments import Instrument, instrument
from lowtide.data.schedules import thresholds
from lowtide.pathway.course.raised import raised_entries
from lowtide.problems import BadInput
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import Answers, RiskReviewed
from lowtide.science.instruments.answers import readable
from lowtide.science.instruments.score import unanswered, urgent

SUICIDALITY = "suicidality"
"""The flag that answers on suicide raise, in every instrument that asks about it."""


class OpenRisk(msgspec.Struct, frozen=True, kw_only=True):
    """A form that raises an urgent flag, or that was left without the answer which could.

    `form` is the first entry of the form, `answers` the version that raised it most; `at` is when it was answered.
    `opens_at` is set where the answer was left out: from then on somebody asks.
    """

    form: UUID
    answers: UUID
    stream: str
    at: datetime
    instrument: str
    text: str
    opens_at: datetime | None = None


def open_risks(chart: Chart) -> tuple[OpenRisk, ...]:
    """Every form that raises an urgent flag and waits for a person, the latest last.

    Finished or not, corrected back or retracted afterwards: what was answered once stays raised until a step closes
    it. A closing step closes the form it names and every earlier one; a higher answer recorded later opens it again.
    """
    return tuple(risk for risk, closed in raised_forms(chart) if not closed)


def raised_forms(chart: Chart) -> tuple[tuple[OpenRisk, bool], ...]:
    """Every form that ever raised an urgent flag, the latest last, and whether it was closed since."""
    found = sorted(
        [*_raised(chart), *raised_at_the_chair(chart)], key=lambda pair: (pair[0].at, pair[0].form)
    )
    return _closed_with_later(found)


def _closed_with_later(found: list[tuple[OpenRisk, bool]]) -> tuple[tuple[OpenRisk, bool], ...]:
    last_closed = max((n for n, (_, closed) in enumerate(found) if closed), default=-1)
    return tuple((risk, n <= last_closed) for n, (risk, _) in enumerate(found))


def _raised(chart: Chart) -> Iterator[tuple[OpenRisk, bool]]:
    """Each raised form, and whether a step closed it."""
    steps = [(entry, body) for entry, body in chart.said(RiskReviewed) if body.closed]
    for form in {chart.line(e.id)[0].id for e in chart.entries.values() if isinstance(e.body, Answers)}:
        line = chart.line(form)
        said, worst = _worst(line)
        if said.severity:
            ids = {e.id for e in line}
            closed = any(b.answers in ids and e.recorded_at >= worst.recorded_at for e, b in steps)
            yield _of(worst, form, said.instrument, said.text), closed


def _worst(line: Sequence[Entry]) -> tuple["_Said", Entry]:
    """The version of a form that raises most."""
    weighed = [(_said(e.body), e) for e in line if isinstance(e.body, Answers)]
    return max(weighed, key=lambda pair: pair[0].severity)


def raised_at_the_chair(chart: Chart) -> Iterator[tuple[OpenRisk, bool]]:
    """What was answered or opened at the chair that calls for the same people, and whether a step closed it."""
    steps = [body.answers for _, body in chart.said(RiskReviewed) if body.closed]
    for entry, text in raised_entries(chart):
        form, ids = chart.line(entry.id)[0].id, {e.id for e in chart.line(entry.id)}
        yield _of(entry, form, "At the chair", text), not ids.isdisjoint(steps)


def left_open(chart: Chart) -> tuple[tuple[OpenRisk, bool], ...]:
    """Every form that asks about suicide and came without that answer, the latest last, and whether a step closed it:
    unknown is not no. Gone as soon as the answer is there, in the form or in a later one. What came from another record
    was not asked here."""
    steps = {body.answers for _, body in chart.said(RiskReviewed) if body.closed}
    said = [(entry, body, left_out(body)) for entry, body in chart.said(Answers) if body.mode != "import"]
    answered_at = max((entry.at for entry, _, items in said if items == ()), default=None)
    found = []
    for entry, body, items in said:
        line, is_last = chart.line(entry.id), answered_at is None or entry.at > answered_at
        if items and is_last and not _worst(line)[0].severity:
            one = _unanswered(body, entry, line[0].id, items)
            found.append((one, not steps.isdisjoint(e.id for e in line)))
    return _closed_with_later(found)


def left_out(body: Answers) -> tuple[str, ...] | None:
    """The questions about suicide that were asked and have no answer; None for a form that has no such question."""
    return _left_out(body.instrument, tuple(body.items.items()), (*body.not_applicable, *body.unread))


@lru_cache(maxsize=8192)
def _left_out(
    name: str, items: tuple[tuple[str, int], ...], excused: tuple[str, ...]
) -> tuple[str, ...] | None:
    one = known(name)
    asked = {i for f in one.flags if f.id == SUICIDALITY for n in f.needs for i in n.items} if one else set()
    if one is None or not asked:
        return None
    open_ = unanswered(one, readable(one, dict(items)).values)
    return tuple(item for item in open_ if item in asked and item not in excused)


def _unanswered(body: Answers, entry: Entry, form: UUID, items: tuple[str, ...]) -> OpenRisk:
    one = known(body.instrument)
    wait = timedelta(0) if body.left_open else timedelta(minutes=thresholds()["unanswered_quiet_min"].value)
    text = f"{_which(items)} on suicide {'were' if len(items) > 1 else 'was'} not answered"
    return _of(entry, form, one.name if one else body.instrument, text, entry.recorded_at + wait)


def _of(entry: Entry, form: UUID, instrument: str, text: str, opens_at: datetime | None = None) -> OpenRisk:
    return OpenRisk(
        form=form,
        answers=entry.id,
        stream=entry.stream,
        at=entry.at,
        instrument=instrument,
        text=text,
        opens_at=opens_at,
    )


class _Said(msgspec.Struct, frozen=True):
    """What a set of answers raises: how much the items of its urgent flags add up to (0 for nothing), and in words."""

    severity: int
    instrument: str
    text: str


def _said(body: Answers) -> _Said:
    found = _weighed(body.instrument, tuple(body.items.items()))
    return found if found.severity else _unread(body, found)


def _unread(body: Answers, found: _Said) -> _Said:
    """An answer to a risk item that could not be read raises as one above the threshold would: unknown is not no."""
    one = known(body.instrument) if body.unread else None
    items = [item for item in risk_items(one) if item in body.unread] if one else []
    if one is None or not items:
        return found
    return _Said(1, one.name, f"{_which(items)} could not be read: read the form itself and ask")


def _which(items: Sequence[str]) -> str:
    return f"item{'s' * (len(items) > 1)} {', '.join(items)}"


@lru_cache(maxsize=8192)
def _weighed(name: str, items: tuple[tuple[str, int], ...]) -> _Said:
    one = known(name)
    flags = urgent(one, dict(items)) if one else ()
    if one is None or not flags:
        return _Said(0, name, "")
    given = readable(one, dict(items)).values
    severity = max(1, sum(value for item, value in given.items() if item in risk_items(one)))
    return _Said(severity, one.name, " ".join(flag.text for flag in flags))


def risk_items(measure: Instrument) -> tuple[str, ...]:
    """The items that raise a patient when they are answered high enough."""
    needs = (need for flag in measure.flags if flag.level == "urgent" for need in flag.needs)
    return tuple(dict.fromkeys(item for need in needs for item in need.items))


def known(name: str) -> Instrument | None:
    """The instrument of that name, in any spelling."""
    try:
        return instrument(name)
    except BadInput:
        return None
