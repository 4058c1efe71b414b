"""What stands in a calendar: a patient's own appointments, or the clinic's taken chairs. No word says what is treated, and
none says who somebody else is."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from lowtide.data.chair import numbers
from lowtide.data.maintenance import maintenance
from lowtide.pathway.maintenance.feeds.ics import Event, calendar
from lowtide.pathway.session.actions.booking import duration
from lowtide.pathway.session.rules.facts import sessions
from lowtide.people.charts import stream_of, whole_chart
from lowtide.people.clinic import CALENDAR, chairs, zone
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.clinic import Booked

DAY = timedelta(days=1)


def feed(owner: str, now: datetime, address: str) -> str:
    """The calendar of a patient or of a member of staff. `address` is where somebody signs in for the rest."""
    kind, _colon, key = owner.partition(":")
    events = _of_patient(UUID(key), now, address) if kind == "patient" else _of_clinic(now, address)
    name = _(maintenance().feed.patient_summary) if kind == "patient" else "Chairs"
    return calendar(name, events, zone())


def _span(now: datetime) -> tuple[datetime, datetime]:
    words = maintenance().feed
    return now - words.past_days * DAY, now + words.ahead_days * DAY


def _of_patient(patient: UUID, now: datetime, address: str) -> list[Event]:
    """Booked sessions, from when they come in until they go home."""
    chart, (first, last) = whole_chart(stream_of(patient)), _span(now)
    before, words = timedelta(minutes=int(numbers().prepare_min)), maintenance().feed
    found = []
    for facts in sessions(chart).values():
        if facts.scheduled is None or facts.cancelled or facts.abandoned:
            continue
        entry, body = facts.scheduled
        if first <= body.planned_at <= last:
            found.append(
                Event(
                    uid=f"{facts.session}@lowtide",
                    starts_at=body.planned_at - before,
                    ends_at=body.planned_at + duration(chart, body.course),
                    summary=_(words.patient_summary),
                    description=_(words.patient_text),
                    url=address,
                    alarm_before=timedelta(hours=words.alarm_before_h),
                    alarm=_(words.alarm_text),
                    **_said(chart, entry),
                )
            )
    return found


def _of_clinic(now: datetime, address: str) -> list[Event]:
    """Every chair that is taken, by its name and nobody's."""
    chart, (first, last) = store.load(CALENDAR), _span(now)
    labels, words = {body.chair: body.label for _, body in chairs()}, maintenance().feed
    return [
        Event(
            uid=f"{body.session_id}@lowtide",
            starts_at=body.starts_at,
            ends_at=body.ends_at,
            summary=f"{words.staff_summary}: {labels.get(body.chair, body.chair)}",
            url=address,
            transparent=True,
            **_said(chart, entry),
        )
        for entry, body in chart.said(Booked)
        if first <= body.starts_at <= last
    ]


def _said(chart: Chart, entry: Entry) -> dict[str, Any]:
    """How often it was moved, and when it was last said."""
    return {"sequence": len(chart.line(entry.id)) - 1, "stamp": entry.recorded_at}
