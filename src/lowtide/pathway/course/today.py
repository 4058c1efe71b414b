"""Today's worklist: what is due in the whole clinic for one person's role, read from the projections in few queries.

No chart is loaded here. A row is seen only by who holds the permission it needs.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta, tzinfo
from functools import reduce
from itertools import groupby
from operator import or_
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


TOGETHER = (Group.DECISION, Group.WORKUP)
"""Groups in which all rows of one patient are one line, which stands where the earliest of them stands."""


def due_sections(
    person: Person, now: datetime, turned: Group = Group.DECISION, page: int = 1
) -> dict[Group, Section]:
    """What this person may do or should know, group by group, the earliest first: in two queries for all groups,
    however many charts there are. Tests of the work-up are those that fall due within a week.

    Every group shows its first page; `turned` is the one that shows another.
    """
    soon = ~Q(group=Group.WORKUP) | Q(due_at__lte=now + WORKUP_HORIZON)
    seen = DueRow.objects.filter(_seen_by(person), _timely(now), soon)
    lines = _patients(seen.filter(group__in=TOGETHER))
    at = {group: page if group is turned else 1 for group in Group}
    named = {g: [s for s, _ in found[(at[g] - 1) * PAGE : at[g] * PAGE]] for g, found in lines.items()}
    rows = _rows(seen, named, turned, page)
    sections = {g: Section(tuple(kept), kept[0].total, at[g], kept[0].total) for g, kept in rows.items()}
    for group, found in lines.items():
        kept = _in_turn(rows.get(group, []), named[group])
        sections[group] = Section(kept, sum(count for _, count in found), at[group], len(found))
    return sections


def risks(person: Person, now: datetime) -> Section | None:
    """The raised answers alone."""
    seen = DueRow.objects.filter(_seen_by(person), _timely(now), group=Group.RISK)
    kept = _rows(seen, {}, Group.RISK, 1).get(Group.RISK)
    return Section(tuple(kept), kept[0].total, 1, kept[0].total) if kept else None


def _patients(seen: QuerySet[DueRow]) -> dict[Group, list[tuple[str, int]]]:
    """By group: (stream, how many rows), by the earliest of each."""
    by_patient = seen.values("group", "stream").annotate(first=Min("due_at"), rows=Count("key"))
    found: dict[Group, list[tuple[str, int]]] = {}
    for one in by_patient.order_by("first", "stream"):
        found.setdefault(Group(one["group"]), []).append((one["stream"], one["rows"]))
    return found


def _rows(
    seen: QuerySet[DueRow], named: dict[Group, list[str]], turned: Group, page: int
) -> dict[Group, list[Any]]:
    """The rows of the patients that are named, and of the other groups a page each: the gravest risk first, else by time."""
    alone = ~Q(group__in=TOGETHER)
    wanted = reduce(or_, (Q(group=group, stream__in=streams) for group, streams in named.items()), alone)
    first, last = (page - 1) * PAGE + 1, page * PAGE
    on_page = Q(group=turned, nth__gte=first, nth__lte=last) | (~Q(group=turned) & Q(nth__lte=PAGE))
    gravest = Case(When(group=Group.RISK, then=F("rank")), default=0)
    order = (gravest.asc(), F("due_at").asc(), F("key").asc())
    rows = (
        seen.filter(wanted)
        .annotate(
            nth=Window(RowNumber(), partition_by=F("group"), order_by=order),
            total=Window(Count("*"), partition_by=F("group")),
        )
        .filter(Q(group__in=TOGETHER) | on_page)
        .order_by("group", "nth")
    )
    found: dict[Group, list[Any]] = {}
    for row in rows:
        found.setdefault(Group(row.group), []).append(row)
    return found


def _in_turn(rows: list[DueRow], streams: list[str]) -> tuple[DueRow, ...]:
    """Rows in the order of their patients, each patient's by time."""
    place = {stream: n for n, stream in enumerate(streams)}
    return tuple(sorted(rows, key=lambda row: (place[row.stream], row.due_at, row.key)))


def of_one_each(section: Section | None) -> list[tuple[DueRow, ...]]:
    """The rows of a section, patient by patient."""
    rows = section.rows if section else ()
    return [tuple(of_one) for _, of_one in groupby(rows, key=lambda row: row.stream)]


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
