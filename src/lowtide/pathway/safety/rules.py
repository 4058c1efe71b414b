"""Adverse events of a chart as they stand: how grave, whether serious, what became of them, who is to be told (pure)."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from lowtide.data import reports as tables
from lowtide.data import schedules
from lowtide.data.events import events as words
from lowtide.data.events import is_over
from lowtide.data.schedules import Rule
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.events import AdverseEvent, AdverseEventFollowed, ReportSent, ReportTaken

OPEN, SENT, FAILED, ACKNOWLEDGED, NOT_NEEDED = "open", "sent", "failed", "acknowledged", "not_needed"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A report that a serious event asks for. `since` is when the record came to know that it is serious; `owner` has
    it by name, or nobody has; `trail` are the words on it, the latest last."""

    key: str
    event: UUID
    since: datetime
    rule: Rule
    state: str = OPEN
    owner: str = ""
    sent_at: datetime | None = None
    reference: str = ""
    trail: tuple[Entry, ...] = ()

    @property
    def label(self) -> str:
        return tables.label(self.key)

    @property
    def due_at(self) -> datetime:
        return self.since + self.rule.span

    @property
    def to_send(self) -> bool:
        """Nobody has sent it, or the sending failed."""
        return self.state in (OPEN, FAILED)

    def is_late(self, now: datetime) -> bool:
        return self.to_send and self.due_at < now


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An adverse event: `id` is the first entry of its line, `entry` the one that stands.

    `grade` is the gravest that was said, `outcome` and `relation` the latest; `serious` is yes once anybody said so.
    """

    id: UUID
    entry: Entry
    body: AdverseEvent
    followed: tuple[tuple[Entry, AdverseEventFollowed], ...]
    grade: int
    serious: Answer
    criteria: tuple[str, ...]
    relation: str
    outcome: str
    ended_at: datetime | None
    reports: tuple[Report, ...]

    @property
    def onset_at(self) -> datetime:
        return self.entry.at

    @property
    def session(self) -> UUID | None:
        return self.entry.session

    @property
    def is_over(self) -> bool:
        return is_over(self.outcome)

    @property
    def last_at(self) -> datetime:
        """When it was last asked about."""
        return max([self.entry.at, *(entry.at for entry, _ in self.followed)])

    @property
    def lasted(self) -> timedelta | None:
        """How long, where onset and end are both known to the minute."""
        return self.ended_at - self.onset_at if self.ended_at and not self.body.dated else None

    @property
    def follow_up(self) -> Rule:
        """By which rule it is asked about again."""
        return schedules.rules()[words().grades[str(self.grade)].follow_up]


def events(chart: Chart) -> tuple[Event, ...]:
    """Every event that stands, the latest onset last."""
    said: dict[UUID, list[tuple[Entry, AdverseEventFollowed]]] = {}
    for entry, body in chart.said(AdverseEventFollowed):
        said.setdefault(_root(chart, body.event), []).append((entry, body))
    return tuple(
        _event(chart, entry, body, tuple(said.get(_root(chart, entry.id), ())))
        for entry, body in chart.said(AdverseEvent)
    )


def event_of(chart: Chart, event: UUID) -> Event | None:
    """The event with this id; None where there is none, or it was taken back."""
    return next((one for one in events(chart) if one.id == event), None)


def of_session(chart: Chart, session: UUID) -> tuple[Event, ...]:
    return tuple(one for one in events(chart) if one.session == session)


def _root(chart: Chart, entry: UUID) -> UUID:
    return chart.line(entry)[0].id if entry in chart.entries else entry


def _event(
    chart: Chart,
    entry: Entry,
    body: AdverseEvent,
    followed: tuple[tuple[Entry, AdverseEventFollowed], ...],
) -> Event:
    known: list[Said] = [(entry, body), *followed]
    said = [b for _, b in known]
    ends = [b.ended_at for b in said if b.ended_at]
    serious, criteria = _serious(known)
    return Event(
        id=_root(chart, entry.id),
        entry=entry,
        body=body,
        followed=followed,
        grade=max(b.grade for b in said if b.grade is not None),
        serious=serious,
        criteria=criteria,
        relation=[b.relation for b in said if b.relation][-1],
        outcome=said[-1].outcome,
        ended_at=ends[-1] if ends and is_over(said[-1].outcome) else None,
        reports=_reports(chart, _root(chart, entry.id), known, criteria),
    )


Said = tuple[Entry, AdverseEvent | AdverseEventFollowed]


def _serious(known: list[Said]) -> tuple[Answer, tuple[str, ...]]:
    """Serious once said stays serious while that word stands; else the latest judgement."""
    judged = [b.serious for _, b in known if b.serious is not None]
    criteria = tuple(dict.fromkeys(c for _, b in known for c in b.criteria))
    return (Answer.YES if Answer.YES in judged else judged[-1]), criteria


def _reports(chart: Chart, event: UUID, known: list[Said], criteria: tuple[str, ...]) -> tuple[Report, ...]:
    since: dict[str, datetime] = {}
    for entry, body in known:
        for key in _asked(body):
            since.setdefault(key, _first_known(chart, entry, key))
    return tuple(
        _report(chart, event, key, at, criteria) for key, at in since.items() if key in tables.reports()
    )


def _asked(body: AdverseEvent | AdverseEventFollowed) -> tuple[str, ...]:
    return body.reports if body.serious is Answer.YES else ()


def _first_known(chart: Chart, entry: Entry, key: str) -> datetime:
    """When the clinic first knew that this report is owed: a later correction does not turn its clock back."""
    kinds = AdverseEvent | AdverseEventFollowed
    line = (e for e in chart.line(entry.id) if isinstance(e.body, kinds) and key in _asked(e.body))
    return min((e.recorded_at for e in line), default=entry.recorded_at)


def _report(chart: Chart, event: UUID, key: str, since: datetime, criteria: tuple[str, ...]) -> Report:
    taken = [e for e, b in chart.said(ReportTaken) if b.report == key and _root(chart, b.event) == event]
    words = [(e, b) for e, b in chart.said(ReportSent) if b.report == key and _root(chart, b.event) == event]
    sent = [e.at for e, b in words if b.state == SENT]
    return Report(
        key=key,
        event=event,
        since=since,
        rule=schedules.rules()[tables.rule(key, criteria)],
        state=words[-1][1].state if words else OPEN,
        owner=taken[-1].by if taken else "",
        sent_at=sent[-1] if sent else None,
        reference=next((b.reference for _, b in reversed(words) if b.reference), ""),
        trail=tuple(sorted([*taken, *(e for e, _ in words)], key=lambda e: e.order)),
    )
