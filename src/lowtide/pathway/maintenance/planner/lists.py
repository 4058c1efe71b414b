"""Who is due, overdue, drifting or lost from sight, read from the tables: no chart is loaded, no clock is stored.

A row stands in one list only, the gravest; what else is true of it is told beside it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from django.db.models import Q, QuerySet

from lowtide.data import pharmacology
from lowtide.pathway.course.models import DueRow
from lowtide.pathway.maintenance.due_rules import OTHER_DAY
from lowtide.pathway.maintenance.models import FadeRow, UpkeepRow

SHOWN = 40
SOON = timedelta(days=14)


class List(StrEnum):
    """The lists of the planner, the gravest first."""

    DRIFTING = "drifting"
    LOST = "lost"
    OVERDUE = "overdue"
    OTHER_DAY = "other_day"
    DUE = "due"
    PAUSED = "paused"


class Line(msgspec.Struct, frozen=True):
    """One treatment in a list, with its prediction where it is still of the last dose and score."""

    row: UpkeepRow
    fade: FadeRow | None

    @property
    def window(self) -> tuple[datetime, datetime | None] | None:
        """The predicted window where there is one, else the protocol's."""
        if self.fade and self.fade.opens_at:
            return self.fade.opens_at, self.fade.closes_at
        return (self.row.window_from, self.row.window_to) if self.row.window_from else None


class Found(msgspec.Struct, frozen=True):
    lines: tuple[Line, ...]
    count: int


def lists(now: datetime, shown: int = SHOWN) -> dict[List, Found]:
    """The first lines of each list and how many there are in all."""
    return {name: _found(_rows(name, now), shown) for name in List}


def _found(rows: QuerySet[UpkeepRow], shown: int) -> Found:
    first = list(rows[:shown])
    fades = fades_of([row.stream for row in first])
    count = len(first) if len(first) < shown else rows.count()
    return Found(tuple(Line(row, valid(row, fades)) for row in first), count)


def fades_of(streams: list[str] | None = None) -> dict[str, FadeRow]:
    rows = FadeRow.objects.filter(numbers=pharmacology.version())
    return {row.stream: row for row in (rows if streams is None else rows.filter(stream__in=streams))}


def valid(row: UpkeepRow, fades: Mapping[str, FadeRow]) -> FadeRow | None:
    """The prediction, where it was made after the last dose and the last score."""
    fade = fades.get(row.stream)
    newest = max(filter(None, (row.last_at, row.scored_at)))
    return fade if fade and fade.made_at >= newest else None


def _rows(name: List, now: datetime) -> QuerySet[UpkeepRow]:
    """Each list without those before it."""
    open_ = Q(next_at__isnull=True, again_at__isnull=True)
    drifting = Q(drifting=True) | Q(lost=True)
    lost = Q(lost_at__lte=now)
    passed = (open_ & Q(window_to__lt=now)) | Q(again_at__lt=now) | Q(next_at__lt=now - timedelta(hours=12))
    due = open_ & (Q(window_from__lte=now + SOON) | Q(window_from__isnull=True)) & ~Q(state="induction")
    other = Q(stream__in=DueRow.objects.filter(task=OTHER_DAY.name).values("stream"))
    paused = Q(again_at__isnull=False)
    asked = {
        List.DRIFTING: drifting,
        List.LOST: lost & ~drifting,
        List.OVERDUE: passed & ~drifting & ~lost,
        List.OTHER_DAY: other & ~passed & ~drifting & ~lost,
        List.DUE: due & ~passed & ~drifting & ~lost,
        List.PAUSED: paused & ~other & ~passed & ~drifting & ~lost,
    }[name]
    order = {
        List.DRIFTING: "-relapsed",
        List.LOST: "lost_at",
        List.OTHER_DAY: "next_at",
        List.PAUSED: "again_at",
    }.get(name, "window_from")
    return UpkeepRow.objects.filter(asked).order_by(order, "last_at", "key")
