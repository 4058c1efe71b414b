"""Long-term safety of the whole clinic from the look-up tables: who is held, overdue, or has had much. No chart is
loaded here."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from django.db.models import Count, Max, Q, Sum

from lowtide.data import monitoring
from lowtide.pathway.course.models import DueRow
from lowtide.pathway.safety.models import ExposureRow
from lowtide.people.models import LinkIndex, PatientIndex

WINDOWS = (30, 90, 365)
LIMIT = "M38"
RESULTS = "results"


class Line(msgspec.Struct, kw_only=True):
    """One person: sessions in 30, 90, 365 days (at most, with those elsewhere), mg a drug and way in 365 days with how many
    doses of these were not read off, what is open."""

    stream: str
    name: str = ""
    counts: dict[int, int] = {}
    mg: dict[tuple[str, str], Decimal] = {}
    unread: int = 0
    last_at: datetime | None = None
    unknown: int = 0
    held: tuple[str, ...] = ()
    overdue: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    over: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[bool, bool, int, int, str]:
        return (not self.held, not self.over, -len(self.overdue), -self.counts.get(365, 0), self.name)


def limits() -> dict[int, Decimal]:
    """Days -> the number of sessions over which a second clinician looks at it."""
    trigger = monitoring.items()[LIMIT].trigger
    bounds = (c for one in (trigger.when if trigger else ()) for c in one if c.above is not None)
    return {int("".join(x for x in c.value if x.isdigit())): c.above for c in bounds if c.above is not None}


def lines(now: datetime) -> list[Line]:
    """Everybody with a dose or an open item, the most pressing first."""
    found: dict[str, Line] = {}
    home = _joined()
    bounds = limits()
    days = sorted({*WINDOWS, *bounds})

    def line(stream: str) -> Line:
        own = home.get(stream, stream)
        return found.setdefault(own, Line(stream=own, counts=dict.fromkeys(days, 0)))

    for row in _here(now, days):
        _count(line(row["stream"]), row, days)
    for other in _elsewhere():
        _add_elsewhere(line(other.stream), other, now, days)
    for stream, labels in _open(now, "stop_").items():
        line(stream).held += labels
    for stream, labels in _open(now, "longterm_").items():
        line(stream).overdue += labels
    for stream, labels in _open(now, RESULTS).items():
        if home.get(stream, stream) in found:  # of whoever was never treated the worklist tells
            line(stream).results += labels
    for one in found.values():
        one.over = tuple(f"{n} in {d} days" for d, most in bounds.items() if (n := one.counts[d]) > most)
    _name(found.values())
    return sorted((one for one in found.values() if one.name), key=lambda one: one.order)


def _here(now: datetime, days: Iterable[int]) -> Iterable[dict[str, Any]]:
    """A row a person, drug and way: how many doses in each window, how much in the longest of the page."""
    counts = {f"n{d}": Count("key", filter=Q(first_at__gt=now - timedelta(days=d))) for d in days}
    year = Q(first_at__gt=now - timedelta(days=max(WINDOWS)))
    sums = {"total_mg": Sum("mg", filter=year), "unread": Count("key", filter=year & Q(mg__isnull=True))}
    given = ExposureRow.objects.filter(elsewhere=False, first_at__lte=now)
    rows = given.values("stream", "drug", "route").annotate(**sums, latest=Max("first_at"), **counts)
    return [dict(row) for row in rows]


def _elsewhere() -> list[ExposureRow]:
    """Each session that others gave, once: charts that are joined may tell it twice, or hold it as their own."""
    told = {
        row.key.partition("|")[2].partition("|")[2] or row.key: row
        for row in ExposureRow.objects.filter(elsewhere=True).order_by("key")
    }
    doses = [f"dose|{session}" for session, row in told.items() if session != row.key]
    ours = set(ExposureRow.objects.filter(elsewhere=False, key__in=doses).values_list("key", flat=True))
    return [row for session, row in told.items() if f"dose|{session}" not in ours]


def _count(line: Line, row: dict[str, Any], days: Iterable[int]) -> None:
    for d in days:
        line.counts[d] += row[f"n{d}"]
    if row["total_mg"]:
        way = (row["drug"], row["route"])
        line.mg = {**line.mg, way: line.mg.get(way, Decimal(0)) + row["total_mg"]}
    line.unread += row["unread"]
    line.last_at = max(filter(None, (line.last_at, row["latest"])))


def _add_elsewhere(line: Line, row: ExposureRow, now: datetime, days: Iterable[int]) -> None:
    line.unknown += row.sessions is None or row.mg is None or row.first_at is None
    for d in days:
        if row.last_at is None or row.last_at > now - timedelta(days=d):
            line.counts[d] += row.sessions or 1


def _open(now: datetime, task: str) -> dict[str, tuple[str, ...]]:
    rows = DueRow.objects.filter(task__startswith=task)
    if task == "longterm_":
        rows = rows.filter(due_at__lt=now)
    found: dict[str, tuple[str, ...]] = {}
    for stream, label in rows.order_by("due_at").values_list("stream", "label"):
        found[stream] = (*found.get(stream, ()), label.removesuffix(": next session held"))
    return found


def _joined() -> dict[str, str]:
    """stream -> the first stream of the same person, for charts that are joined."""
    home: dict[str, str] = {}
    for stream, other in LinkIndex.objects.order_by("stream", "other").values_list("stream", "other"):
        first = min(home.get(stream, stream), home.get(other, other))
        home[stream] = home[other] = first
    return home


def _name(found: Iterable[Line]) -> None:
    by_stream = {one.stream: one for one in found}
    for row in PatientIndex.objects.filter(stream__in=by_stream).values_list("stream", "given", "family"):
        by_stream[row[0]].name = f"{row[1]} {row[2]}".strip()
