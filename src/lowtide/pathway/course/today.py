"""Today's worklist: what is due in the whole clinic for one person's role, read from the projections in few queries.

No chart is loaded here. A row is seen only by who holds the permission it needs.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta, tzinfo
from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Case, Count, F, Min, Q, QuerySet, When, Window
from django.db.models.functions import RowNumber

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
    """What this person may do or should know, group by group, the earliest first: in three queries for all groups,
    however many charts there are.

    Every group shows its first page; `turned` is the one that shows another. A patient of whom several decisions
    wait stands where the earliest of them stands.
    """
    seen = DueRow.objects.filter(_seen_by(person), _timely(now)).exclude(group=Group.WORKUP)
    decided = _by_patient(seen.filter(group=Group.DECISION), page if turned is Group.DECISION else 1)
    found = _by_line(seen.exclude(group=Group.DECISION), turned, page)
    return found | ({Group.DECISION: decided} if decided.rows else {})


def _by_line(seen: QuerySet[DueRow], turned: Group, page: int) -> dict[Group, Section]:
    """Every row its own line: the gravest risk first, else by time."""
    first, last = (page - 1) * PAGE + 1, page * PAGE
    on_page = Q(group=turned, nth__gte=first, nth__lte=last) | (~Q(group=turned) & Q(nth__lte=PAGE))
    gravest = Case(When(group=Group.RISK, then=F("rank")), default=0)
    order = (gravest.asc(), F("due_at").asc(), F("key").asc())
    rows = (
        seen.annotate(
            nth=Window(RowNumber(), partition_by=F("group"), order_by=order),
            total=Window(Count("*"), partition_by=F("group")),
        )
        .filter(on_page)
        .order_by("group", "nth")
    )
    found: dict[Group, list[Any]] = {}
    for row in rows:
        found.setdefault(Group(row.group), []).append(row)
    return {
        group: Section(tuple(kept), kept[0].total, page if group is turned else 1, kept[0].total)
        for group, kept in found.items()
    }


def _by_patient(seen: QuerySet[DueRow], page: int) -> Section:
    """All rows of one patient are one line, which stands where the earliest of them stands."""
    found = _patients(seen)
    streams = [stream for stream, _ in found[(page - 1) * PAGE : page * PAGE]]
    return Section(_rows_of(seen, streams), sum(count for _, count in found), page, len(found))


def _patients(seen: QuerySet[DueRow]) -> list[tuple[str, int]]:
    """(stream, how many rows), by the earliest of each."""
    by_patient = seen.values("stream").annotate(first=Min("due_at"), rows=Count("key"))
    return [(one["stream"], one["rows"]) for one in by_patient.order_by("first", "stream")]


def _rows_of(seen: QuerySet[DueRow], streams: list[str]) -> tuple[DueRow, ...]:
    """Their rows in that order of patients, each patient's by time."""
    place = {stream: n for n, stream in enumerate(streams)}
    return tuple(
        sorted(
            seen.filter(stream__in=streams) if streams else (),
            key=lambda r: (place[r.stream], r.due_at, r.key),
        )
    )


class Workups(msgspec.Struct, frozen=True):
    """A page of patients with their tests, and of how many patients."""

    lines: tuple[tuple[DueRow, ...], ...]
    count: int


def workups(person: Person, now: datetime) -> Workups:
    """Tests of the work-up that fall due within a week: together for each patient, the earliest first."""
    seen = DueRow.objects.filter(
        _seen_by(person), _timely(now), group=Group.WORKUP, due_at__lte=now + WORKUP_HORIZON
    )
    found = _patients(seen)
    rows = _rows_of(seen, [stream for stream, _ in found[:PAGE]])
    lines = tuple(tuple(of_one) for _, of_one in groupby(rows, key=lambda row: row.stream))
    return Workups(lines, len(found))


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
