"""When doses went in and how much, whatever the route: from a pump, or part by part (pure)."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import OrderSigned
from lowtide.record.entries.chair import DoseGiven, DoseStarted, DosingEnded, SessionAbandoned


def first_doses(chart: Chart) -> dict[UUID, Entry]:
    """session -> the entry with which its dose began, in order of time."""
    began = [*(e for e, _ in chart.said(DoseStarted)), *(e for e, _ in chart.said(DoseGiven))]
    found: dict[UUID, Entry] = {}
    for entry in sorted(began, key=lambda e: e.order):
        if entry.session:
            found.setdefault(entry.session, entry)
    return dict(sorted(found.items(), key=lambda item: item[1].order))


class Parts(msgspec.Struct, frozen=True):
    """The parts of one dose that went in, in order of time; what was ordered, and why nothing more comes."""

    parts: tuple[tuple[Entry, DoseGiven], ...]
    order: OrderSigned | None
    ended: Entry | None = None

    @property
    def given_mg(self) -> Decimal:
        return sum((body.mg for _, body in self.parts), Decimal(0))

    @property
    def ordered_mg(self) -> Decimal | None:
        return self.order.dose_mg if self.order else None

    @property
    def open_mg(self) -> Decimal:
        """What the order still has to give; nothing where no order says how much."""
        return max(Decimal(0), (self.ordered_mg or Decimal(0)) - self.given_mg)

    @property
    def whole(self) -> bool:
        """All that was ordered went in."""
        return self.ordered_mg is not None and self.open_mg == 0

    @property
    def over_at(self) -> datetime | None:
        """When the last of it went in; None while more is to come. A correction opens or closes it by itself."""
        return self.last[0].at if self.whole or self.ended else None

    @property
    def first(self) -> tuple[Entry, DoseGiven]:
        return self.parts[0]

    @property
    def last(self) -> tuple[Entry, DoseGiven]:
        return self.parts[-1]

    @property
    def used(self) -> Decimal:
        """How many units were used up, whole or failed."""
        return sum((body.count or Decimal(1) for _, body in self.parts), Decimal(0))


def parts(entries: Iterable[Entry], order: OrderSigned | None) -> Parts | None:
    """The parts among the entries of one session; None without any."""
    ordered = sorted(entries, key=lambda e: e.order)
    given = tuple((e, e.body) for e in ordered if isinstance(e.body, DoseGiven))
    ended = [e for e in ordered if isinstance(e.body, DosingEnded | SessionAbandoned)]
    return Parts(given, order, ended[-1] if ended else None) if given else None
