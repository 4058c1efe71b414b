"""The sessions that something may be drawn for: read from the calendar and the charts, never written."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from lowtide.data.safe import Product, is_counted, products
from lowtide.data.vocabulary import label
from lowtide.people.charts import whole_chart
from lowtide.people.models import PatientIndex
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.care import OrderSigned
from lowtide.record.entries.chair import SessionCancelled, SessionScheduled, SessionSigned
from lowtide.record.entries.clinic import Booked
from lowtide.science.units import plain

CALENDAR = "calendar:main"
SIGNED = "this session is signed"
BACK, AHEAD = timedelta(hours=36), timedelta(hours=14)


class Session(msgspec.Struct, frozen=True):
    """A session near now: whose, in which chair, when."""

    id: UUID
    patient: UUID
    name: str
    number: str
    chair: str
    starts_at: datetime
    ordered: str = ""


def near(now: datetime) -> list[Session]:
    """The booked sessions around now that are not closed, by time."""
    booked = [
        b
        for _, b in store.load(CALENDAR).said(Booked)
        if b.starts_at <= now + AHEAD and now - BACK <= b.ends_at
    ]
    names = {p.stream: p for p in PatientIndex.objects.filter(stream__in={b.chart for b in booked})}
    return [
        _session(b, names.get(b.chart))
        for b in sorted(booked, key=lambda b: b.starts_at)
        if not closed_because(whole_chart(b.chart), b.session_id)
    ]


def _session(booked: Booked, who: PatientIndex | None) -> Session:
    """The chair is taken for the preparation, too: people know the session by the time of its dose."""
    chart = whole_chart(booked.chart)
    planned = [
        e.body.planned_at for e in chart.session(booked.session_id) if isinstance(e.body, SessionScheduled)
    ]
    return Session(
        id=booked.session_id,
        patient=UUID(booked.chart.removeprefix("chart:")),
        name=f"{who.given} {who.family}" if who else "unknown patient",
        number=who.number if who else "",
        chair=booked.chair,
        starts_at=planned[-1],
        ordered=_ordered(chart, booked.session_id),
    )


def misfit(chart: Chart, session: UUID | None, product: Product) -> str:
    """Why this product is not what was ordered for the session: another drug, or another strength (hazards H004, H012).

    A rescue drug fits beside any order; where nothing is ordered yet nothing can be held against it.
    """
    orders = [e.body for e in chart.session(session) if isinstance(e.body, OrderSigned)] if session else []
    if not orders or product.rescue:
        return ""
    order = orders[-1]
    if order.drug != product.drug:
        return f"{label('drug', order.drug)} is ordered, this is {label('drug', product.drug)}"
    kept = {p.unit for p in products().values() if p.counted}
    if order.unit != product.unit and (product.counted or order.unit in kept):
        return f"the order is {_counted_in(order.unit)}, this is {_counted_in(product.unit)}"
    by_unit = order.each_mg if order.unit == product.unit else None
    ordered = by_unit if by_unit is not None else order.vial_mg_per_ml
    if ordered is not None and ordered != product.mg_per_unit:
        per = f"mg in a {product.unit}" if product.counted else "mg/mL"
        return f"the order is for {plain(ordered)} {per}, this is {plain(product.mg_per_unit)} {per}"
    return ""


def _counted_in(unit: str | None) -> str:
    return f"counted in {unit}s" if unit and is_counted(unit) else "measured in mL"


def _ordered(chart: Chart, session: UUID) -> str:
    """What was ordered for the session, as far as the safe needs it."""
    orders = [e.body for e in chart.session(session) if isinstance(e.body, OrderSigned)]
    return (
        f"{plain(orders[-1].dose_mg)} mg {label('drug', orders[-1].drug)} ordered"
        if orders
        else "nothing ordered yet"
    )


def closed_because(chart: Chart, session: UUID | None) -> str:
    """Why nothing is drawn for this session; nothing while it is open."""
    kinds = [type(e.body) for e in chart.session(session)] if session else []
    if SessionScheduled not in kinds:
        return "this patient has no such session"
    if SessionSigned in kinds:
        return SIGNED
    if SessionCancelled in kinds:
        return "this session was cancelled"
    return ""
