"""The verbs of risk programmes: the site is certified, the patient is enrolled; a correction names what it corrects."""

from datetime import datetime
from uuid import UUID

from lowtide.people import retry
from lowtide.people.clinic import CLINIC
from lowtide.people.roles import Permission
from lowtide.people.who import Person
from lowtide.problems import bad, refuse
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Body, Draft, Entry
from lowtide.record.entries.care import ProgramEnrolled
from lowtide.record.entries.clinic import SiteCertified


def certify(
    person: Person, entry_id: UUID, body: SiteCertified, *, corrects: Entry | None, reason: str, now: datetime
) -> Entry:
    _may(person, Permission.MANAGE_STAFF)
    return _say(person, entry_id, CLINIC, body, corrects, reason, now)


def enrol(
    person: Person,
    entry_id: UUID,
    stream: str,
    body: ProgramEnrolled,
    *,
    corrects: Entry | None,
    reason: str,
    now: datetime,
) -> Entry:
    _may(person, Permission.BOOK)
    return _say(person, entry_id, corrects.stream if corrects else stream, body, corrects, reason, now)


def shown(chart: Chart, corrects: UUID | None) -> Entry | None:
    """The entry that the form showed. Raises BadInput when it is not here."""
    if corrects is None:
        return None
    if corrects not in chart.entries:
        raise bad("what is corrected is not here", "corrects", "Load the page again.")
    return chart.entries[corrects]


def _may(person: Person, permission: Permission) -> None:
    if not person.can(permission):
        raise refuse(
            f"{person.name} may not {permission.value}", "person", "Ask somebody whose role includes it."
        )


def _say(
    person: Person,
    entry_id: UUID,
    stream: str,
    body: Body,
    corrects: Entry | None,
    reason: str,
    now: datetime,
) -> Entry:
    draft = Draft(id=entry_id, stream=stream, body=body, by=person.by, at=now, reason=reason.strip() or None)
    return retry.append([draft.correcting(corrects) if corrects else draft], now=now)[0]
