"""Today's worklist: what is due in the whole clinic for one person's role, read from the projections in few queries.

No chart is loaded here. A row is seen only by who holds the permission it needs.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta, tzinfo
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Case, Count, F, OuterRef, Q, Subquery, When, Window
from django.db.models.functions import DenseRank

from lowtide.pathway.course.due import Group
from lowtide.pathway.course.models import DueRow, SessionRow
from lowtide.pathway.course.sessions import Status
from lowtide.people.models import PatientIndex
from lowtide.people.roles import Permission
from lowtide.people.who import Person

PAGE = 12
CLOCK_HORIZON = timedelta(days=2)
WORKUP_HORIZON = timedelta(days=7)


class Section(msgspec.Struct, frozen=True):
    """Rows of one group, at most a page of them; how many there are in all, and of how many lines.

    Decisions are told patient by patient: all of one patient are one line.
    """

    rows: tuple[DueRow, ...]
    count: int
    page: int
    lines: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.lines // PAGE))


def due_sections(
    person: Person, now: datetime, turned: Group = Group.DECISION, page: int = 1
) -> dict[Group, Section]:
    """What this person may do or should know, group by group, the earliest first: one query for all groups.

    Every group shows its first page; `turned` is the one that shows another. A patient of whom several decisions
    wait stands where the earliest of them stands.
    """
    first, last = (page - 1) * PAGE + 1, page * PAGE
    on_page = Q(group=turned, nth__gte=first, nth__lte=last) | (~Q(group=turned) & Q(nth__lte=PAGE))
    seen = DueRow.objects.filter(_seen_by(person), _timely(now)).exclude(group=Group.WORKUP)
    of_patient = seen.filter(group=Group.DECISION, stream=OuterRef("stream")).order_by("due_at")
    line = (F("rank_first"), F("first_at"), F("line"))
    rows = (
        seen.annotate(
            first_at=Case(
                When(group=Group.DECISION, then=Subquery(of_patient.values("due_at")[:1])),
                default=F("due_at"),
            ),
            line=Case(When(group=Group.DECISION, then=F("stream")), default=F("key")),
            rank_first=Case(When(group=Group.RISK, then=F("rank")), default=0),
        )
        .annotate(
            nth=Window(DenseRank(), partition_by=F("group"), order_by=line),
            from_last=Window(DenseRank(), partition_by=F("group"), order_by=[each.desc() for each in line]),
            total=Window(Count("*"), partition_by=F("group")),
        )
        .filter(on_page)
        .order_by("group", "nth", "due_at", "key")
    )
    found: dict[Group, list[Any]] = {}
    for row in rows:
        found.setdefault(Group(row.group), []).append(row)
    return {
        group: Section(
            tuple(kept),
            kept[0].total,
            page if group is turned else 1,
            kept[0].nth + kept[0].from_last - 1,
        )
        for group, kept in found.items()
    }


def workups(person: Person, now: datetime) -> list[tuple[DueRow, ...]]:
    """Tests of the work-up that fall due within a week: together for each patient, the earliest first."""
    rows = DueRow.objects.filter(
        _seen_by(person), _timely(now), group=Group.WORKUP, due_at__lte=now + WORKUP_HORIZON
    ).order_by("due_at", "key")
    found: dict[str, list[DueRow]] = {}
    for row in rows:
        found.setdefault(row.stream, []).append(row)
    return [tuple(of_one) for of_one in found.values()]


def _seen_by(person: Person) -> Q:
    """What the person may do; clocks and the work-up of others are shown to whoever reads charts."""
    own = Q(needs__in=[p.name for p in person.may])
    return own | Q(group__in=[Group.CLOCK, Group.WORKUP]) if person.can(Permission.SEE_CHART) else own


def _timely(now: datetime) -> Q:
    """What can be done now; of the clocks what falls due soon; of sessions what was not held in time."""
    is_open = Q(opens_at__isnull=True) | Q(opens_at__lte=now)
    soon = ~Q(group=Group.CLOCK) | Q(due_at__lte=now + CLOCK_HORIZON)
    missed = ~Q(group=Group.SESSION) | Q(due_at__lte=now)
    return is_open & soon & missed


def sessions_on(day_of: datetime, zone: tzinfo) -> list[SessionRow]:
    """The sessions of the clinic's day that `day_of` lies in, by time; those that were given up are left out."""
    start = datetime.combine(day_of.astimezone(zone).date(), time(), zone)
    end = datetime.combine(start.date() + timedelta(days=1), time(), zone)
    return list(
        SessionRow.objects.filter(at__gte=start, at__lt=end)
        .exclude(status=Status.CANCELLED)
        .order_by("at", "key")
    )


def patients_of(rows: Iterable[DueRow | SessionRow]) -> dict[str, PatientIndex]:
    """stream -> who it is."""
    found = PatientIndex.objects.filter(stream__in={row.stream for row in rows})
    return {patient.stream: patient for patient in found}


def patient_id(stream: str) -> UUID:
    return UUID(stream.removeprefix("chart:"))
