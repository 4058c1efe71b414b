"""What the charts say of a lot beside the books of the safes: read off a vial or a container, and never drawn here.

A recall has to find it all the same, because it is in a patient (hazard H036). The charts are read, never written.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from lowtide.data.vocabulary import label
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import DoseGiven, DoseStarted
from lowtide.record.entries.longrun import ContainerChanged, ContainerPrepared
from lowtide.safe.lots import lots_of
from lowtide.science.units import plain

CHARTS = "chart:"


class Charted(msgspec.Struct, frozen=True):
    """One thing of the lot in one session: what it was, and whether it was begun."""

    patient: UUID
    session: UUID
    at: datetime
    what: str
    given: bool


def charted(lot: str) -> list[Charted]:
    """Everything of the lot in any chart, the latest first."""
    found = [one for chart in store.load_under(CHARTS).values() for one in _of(chart, lots_of(lot))]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _of(chart: Chart, wanted: frozenset[str]) -> Iterator[Charted]:
    begun: dict[UUID | None, datetime] = {}
    given: list[tuple[Entry, DoseStarted | DoseGiven]] = [*chart.said(DoseStarted), *chart.said(DoseGiven)]
    begun |= {body.container: entry.at for entry, body in given}
    begun |= {body.begun: entry.at for entry, body in chart.said(ContainerChanged)}
    for entry, made in chart.said(ContainerPrepared):
        if lots_of(made.lot) & wanted and entry.session:
            at = next((begun[e.id] for e in chart.line(entry.id) if e.id in begun), None)
            holds = f"{plain(made.mg)} mg in {plain(made.final_volume_ml)} mL"
            what = f"{made.container} {made.number}, {holds}"
            yield Charted(_patient(chart), entry.session, at or entry.at, what, at is not None)
    for entry, body in given:
        if body.container is None and lots_of(body.lot or "") & wanted and entry.session:
            yield Charted(_patient(chart), entry.session, entry.at, _dose(body), True)


def _dose(body: DoseStarted | DoseGiven) -> str:
    mg: Decimal = body.mg if isinstance(body, DoseGiven) else body.mg_per_ml * body.volume_ml
    way = label("route", body.route) if isinstance(body, DoseGiven) else "infusion"
    return f"{way}, {plain(mg)} mg"


def _patient(chart: Chart) -> UUID:
    return UUID(chart.stream.removeprefix(CHARTS))
