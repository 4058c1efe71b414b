"""A site certification that is missing or lapses before sessions that need it: what whoever manages the clinic is told.

It belongs to no patient, so it is no row of a chart: it is worked out from the clinic's stream and the sessions ahead.
"""

from datetime import UTC, date, datetime, time, tzinfo

import msgspec
from django.db.models import Count, Min
from django.utils import timezone

from lowtide.data import schedules
from lowtide.data.programs import programs
from lowtide.data.schedules import Rule
from lowtide.pathway.course.models import SessionRow
from lowtide.pathway.course.notices import Notice
from lowtide.pathway.course.programs import certified
from lowtide.pathway.course.sessions import AHEAD
from lowtide.people.clinic import clinic_chart, zone
from lowtide.people.roles import Permission
from lowtide.people.who import Person
from lowtide.record.chart import Chart
from lowtide.record.dates import earliest
from lowtide.record.entries.words import day


class Lapse(msgspec.Struct, frozen=True, kw_only=True):
    """Sessions ahead that the certification does not reach: how many, the first of them, and until when it stands."""

    program: str
    sessions: int
    first_at: datetime
    until: date | None
    rule: Rule

    @property
    def due_at(self) -> datetime:
        return self.first_at - self.rule.span

    @property
    def text(self) -> str:
        label = programs()[self.program].label
        stands = f"ends {day(self.until.isoformat())}" if self.until else "is not recorded"
        count = f"{self.sessions} session{' lies' if self.sessions == 1 else 's lie'}"
        after = " after that" if self.until else " ahead"
        return f"The site’s certification in the {label} {stands}; {count}{after}, and cannot start."


def lapses(clinic: Chart, now: datetime, here: tzinfo) -> list[Lapse]:
    """One a programme, where a session lies ahead that needs it and is not covered."""
    ahead = SessionRow.objects.filter(status__in=AHEAD, at__gte=now)
    found = []
    for key in programs():
        known = certified(clinic, key)
        until = earliest(known[1].expires_on) if known and known[1].expires_on else None
        needing = ahead.filter(programs__contains=f" {key} ")
        if known:
            if until is None:
                continue
            needing = needing.filter(at__gte=_day_after(until, here))
        said = needing.aggregate(count=Count("key"), first=Min("at"))
        if said["count"]:
            found.append(
                Lapse(
                    program=key,
                    sessions=said["count"],
                    first_at=said["first"],
                    until=until,
                    rule=schedules.rules()["site_certification"],
                )
            )
    return found


def _day_after(until: date, here: tzinfo) -> datetime:
    """The certification holds through its last day."""
    return datetime.combine(date.fromordinal(until.toordinal() + 1), time(), here).astimezone(UTC)


def notice(person: Person) -> Notice | None:
    """What the worklist says to whoever manages the clinic, from the rule's distance before the first such session."""
    if not person.can(Permission.MANAGE_STAFF):
        return None
    now = timezone.now()
    waiting = lapses(clinic_chart(), now, zone())
    if not waiting:
        return None
    return Notice(
        "Site certification", " ".join(one.text for one in waiting), "Record it", "plan:site_programs"
    )
