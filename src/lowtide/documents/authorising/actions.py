"""The verbs of a payer's agreement: it was asked, it answered, the clinic objected, or no agreement is needed."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from lowtide.pathway.course.authorised import Case, Standing, cases
from lowtide.people import retry
from lowtide.people.charts import linked, stream_of
from lowtide.people.roles import Permission
from lowtide.people.who import Person
from lowtide.problems import refuse
from lowtide.record.chart import Chart
from lowtide.record.entries.authorising import (
    WITHDRAWN,
    AuthorisationAnswered,
    AuthorisationAppealed,
    AuthorisationAsked,
    AuthorisationNotNeeded,
)
from lowtide.record.entries.base import Body, Draft, Entry

MEND = "Look at the page again: it may have moved on."
WAITS = (Standing.ASKED, Standing.MORE, Standing.APPEALED)


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Who says it of whom."""

    person: Person
    patient: UUID
    entry_id: UUID
    now: datetime


def asked(act: Act, body: AuthorisationAsked) -> Entry:
    return _write(act, body, None)


def answered(act: Act, body: AuthorisationAnswered) -> Entry:
    return _write(act, body, None)


def appealed(act: Act, body: AuthorisationAppealed) -> Entry:
    return _write(act, body, None)


def not_needed(act: Act, body: AuthorisationNotNeeded, reason: str) -> Entry:
    return _write(act, body, reason)


def _write(act: Act, body: Body, reason: str | None) -> Entry:
    if not act.person.can(Permission.SEND_DOCUMENTS):
        raise refuse(
            f"{act.person.name} may not record this", "person", "Ask somebody whose role includes it."
        )
    own = linked(stream_of(act.patient))
    draft = Draft(
        id=act.entry_id,
        stream=stream_of(act.patient),
        body=body,
        by=act.person.by,
        at=act.now,
        reason=reason,
    )

    def guard(charts: Mapping[str, Chart]) -> None:
        _may(Chart.union(charts[name] for name in own), body)

    return retry.append([draft], guard, also_lock=own, now=act.now)[0]


def _may(chart: Chart, body: Body) -> None:
    """Under the lock: an answer is to a request that waits for one, an objection to a refusal."""
    if isinstance(body, AuthorisationAnswered):
        case = _case(chart, body.case)
        if body.answer != WITHDRAWN and case.standing not in (*WAITS, Standing.GRANTED, Standing.DENIED):
            raise refuse("this request was taken back", "answer", "Ask anew.")
    if isinstance(body, AuthorisationAppealed):
        case = _case(chart, body.case)
        if case.standing is not Standing.DENIED:
            raise refuse("nobody has refused this request", "case", MEND)


def _case(chart: Chart, name: UUID) -> Case:
    found = next((case for case in cases(chart) if case.id == name), None)
    if found is None:
        raise refuse("this request is not in the chart", "case", MEND)
    return found
