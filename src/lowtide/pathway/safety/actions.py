"""The verbs of safety: an adverse event, how it goes on, a report on it, the call to somebody who left."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from lowtide.data import own, programs, reports
from lowtide.data.protocols import protocols
from lowtide.pathway.course.programs import product_of
from lowtide.pathway.safety.rules import Event, event_of
from lowtide.people import retry
from lowtide.people.charts import linked, stream_of, whole_chart
from lowtide.people.clinic import this_clinic
from lowtide.people.roles import Permission
from lowtide.people.who import Person
from lowtide.problems import bad, refuse
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer, Body, Draft, Entry
from lowtide.record.entries.care import CoursePlanned
from lowtide.record.entries.chair import Discharged
from lowtide.record.entries.events import (
    AdverseEvent,
    AdverseEventFollowed,
    FollowUpCall,
    ReportSent,
    ReportTaken,
)


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Who does something about which patient; `at` is when it happened, `now` the server's clock. `made_so` says in the
    envelope how an entry was made that waited for the network."""

    person: Person
    patient_id: UUID
    entry_id: UUID = msgspec.field(default_factory=uuid4)
    session: UUID | None = None
    at: datetime | None = None
    now: datetime = msgspec.field(default_factory=lambda: datetime.now(UTC))
    made_so: dict[str, Any] = msgspec.field(default_factory=dict)

    @property
    def stream(self) -> str:
        return stream_of(self.patient_id)


def record(act: Act, body: AdverseEvent) -> Entry:
    """Write an event down. A serious one asks for its reports by the clinic's country, the product and the policy."""
    _may(act)
    return _append(act, [_draft(act, _with_reports(act, body))])


def correct(act: Act, event: Event, body: AdverseEvent, reason: str) -> Entry:
    """Put an event right; what was said first stays readable."""
    _may(act)
    if not reason.strip():
        raise bad("a correction needs its reason", "reason", "Say in a few words why.")
    draft = msgspec.structs.replace(
        _draft(act, _with_reports(act, body, event)),
        at=act.at or event.entry.at,
        reason=reason.strip(),
    )
    return _append(act, [draft.correcting(event.entry)])


def follow(act: Act, event: Event, body: AdverseEventFollowed) -> Entry:
    """How it stands now. One that turns out serious asks for its reports from now on."""
    _may(act)
    if body.ended_at and body.ended_at < event.onset_at:
        raise bad("it cannot end before it began", "ended", "Look at both times.")
    if body.serious is Answer.YES and event.serious is not Answer.YES:
        body = msgspec.structs.replace(body, reports=_owed(act, event.session))
    return _append(act, [_draft(msgspec.structs.replace(act, session=event.session), body)])


def take_report(act: Act, event: UUID, report: str) -> Entry:
    """Take a report on by name."""
    _asked_for(act, event, report)
    return _append(act, [_draft(act, ReportTaken(event=event, report=report))])


def tell(act: Act, body: ReportSent) -> Entry:
    """Say how a report stands: sent with its proof, failed, acknowledged, or not needed (a prescriber's word)."""
    _asked_for(act, body.event, body.report)
    if body.state == "not_needed" and not act.person.can(Permission.DECIDE):
        raise refuse("a prescriber decides that a report is not needed", "state", "Ask one.")
    return _append(act, [_draft(act, body)])


def call(act: Act, body: FollowUpCall) -> Entry:
    """Write down the call to somebody who left against advice."""
    _may(act)
    left = whole_chart(act.stream).entries.get(body.about)
    if left is None or not isinstance(left.body, Discharged):
        raise refuse("nobody left with this entry", "about", "Open the call from the list.")
    return _append(act, [_draft(msgspec.structs.replace(act, session=left.session), body)])


def _asked_for(act: Act, event: UUID, report: str) -> None:
    _may(act)
    known = event_of(whole_chart(act.stream), event)
    if known is None or report not in {one.key for one in known.reports}:
        raise refuse("this event asks for no such report", "report", "Open it from the event.")


def _with_reports(act: Act, body: AdverseEvent, event: Event | None = None) -> AdverseEvent:
    """The reports that it asks for; what was owed before its correction stays owed."""
    if body.serious is not Answer.YES:
        return msgspec.structs.replace(body, reports=())
    kept = event.body.reports if event and event.body.serious is Answer.YES else ()
    return msgspec.structs.replace(
        body, reports=kept or _owed(act, act.session or (event.session if event else None))
    )


def _owed(act: Act, session: UUID | None) -> tuple[str, ...]:
    """Which reports a serious event asks for here."""
    clinic, product = this_clinic(), _product(whole_chart(act.stream), session)
    country = clinic.country if clinic and clinic.country else ""
    asked = programs.required(country, product)
    return reports.owed(country, asked, own.laid().policy)


def _product(chart: Chart, session: UUID | None) -> str:
    """Of the session, else of the latest course."""
    found = product_of(chart, session) if session else ""
    planned = chart.last(CoursePlanned)
    if found or planned is None:
        return found
    protocol = protocols().get(planned[1].protocol)
    return protocol.product if protocol else ""


def _may(act: Act) -> None:
    if not act.person.can(Permission.CHART_SESSION):
        raise refuse(
            f"{act.person.name} may not {Permission.CHART_SESSION.value}",
            "person",
            "Ask a nurse or a prescriber.",
        )


def _draft(act: Act, body: Body) -> Draft:
    return Draft(
        id=act.entry_id,
        stream=act.stream,
        body=body,
        by=act.person.by,
        at=act.at or act.now,
        session=act.session,
        **act.made_so,
    )


def _append(act: Act, drafts: list[Draft]) -> Entry:
    def guard(charts: Mapping[str, Chart]) -> None:
        chart = Chart.union(charts[name] for name in own_charts)
        if act.session and not chart.session(act.session):
            raise refuse("this patient has no such session", "session", "Open the event from the session.")

    own_charts = linked(act.stream)
    return retry.append(drafts, guard, also_lock=own_charts, now=act.now)[0]
