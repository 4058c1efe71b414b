"""What the live chart of one session shows (pure): facts laid out for the drawing."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo

from lowtide.data.chair import BUTTONS, chips, parameters
from lowtide.data.monitoring import Item
from lowtide.data.plausibility import limits
from lowtide.pathway.course.drawing.session_data import (
    BandPoint,
    Event,
    Gap,
    Infusion,
    Limit,
    Pressure,
    SessionChart,
    Trace,
)
from lowtide.pathway.course.drawing.session_data import Reading as Drawn
from lowtide.pathway.session.following import Band
from lowtide.pathway.session.rules.due import DueItem, Status
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.readings import Omission, Reading
from lowtide.pathway.session.rules.state import SessionState
from lowtide.record.entries.base import Source
from lowtide.record.entries.chair import ChairEvent
from lowtide.science.units import amount, plain

SHOWN_PAST, SHOWN_AHEAD = timedelta(minutes=75), timedelta(minutes=30)
BY_HAND, BY_MONITOR = timedelta(minutes=20), timedelta(minutes=4)
TOLD_APART = timedelta(minutes=4)  # carets nearer than this overlap
# The limits that are drawn: the rule that sets them, the value, what the line says.
SYSTOLIC, SATURATION = ("M12", "sbp_mmhg"), ("M17", "spo2_pct")


def picture(
    state: SessionState,
    monitoring: Mapping[str, Item],
    now: datetime,
    zone: tzinfo,
    ahead: Band | None = None,
) -> SessionChart | None:
    """The chart as it stands, with the forecast as far as the sheet reaches; None before the dose."""
    facts, start = state.facts, state.facts.started_at
    if start is None:
        return None
    until = _until(facts, now)
    over = facts.over_at or (facts.signed[0].at if facts.signed else None)
    return SessionChart(
        key=f"session-{facts.session}",
        title="Pressure, heart rate and oxygen saturation",
        zero=start.astimezone(zone),
        until=until,
        now=None if over else now,
        pressures=tuple(_pressures(facts)),
        heart_rate=_trace(facts.readings["hr"], "heart_rate_bpm"),
        saturation=_trace(facts.readings["spo2"], "spo2_pct"),
        gaps=tuple(_gaps(state.due, now)),
        infusion=_infusion(facts, now),
        events=tuple(_events(facts)),
        systolic_limit=_limit(monitoring, *SYSTOLIC),
        saturation_limit=_limit(monitoring, *SATURATION),
        forecast=_ahead(ahead.systolic, until) if ahead else (),
        dissociation=_trace(facts.readings["dissociation"], "dissociation_0_10"),
        dissociation_forecast=_ahead(ahead.dissociation, until) if ahead else (),
        sedation=_trace(facts.readings["sedation"], "moaas"),
    )


def _ahead(points: tuple[BandPoint, ...], until: datetime) -> tuple[BandPoint, ...]:
    return tuple(point for point in points if point.at <= until)


def _until(facts: Facts, now: datetime) -> datetime:
    """The sheet reaches 75 minutes from the start, and half an hour ahead while the patient is here."""
    return max((facts.started_at or now) + SHOWN_PAST, facts.over_at or now + SHOWN_AHEAD)


def _pressures(facts: Facts) -> list[Pressure]:
    """Every pressure by hand; of a monitor's no more than can be told apart."""
    shown: list[Reading] = []
    for reading in (r for r in facts.readings["bp"] if r.whole):
        by_hand = reading.entry.source is not Source.DEVICE
        if by_hand or not shown or reading.at - shown[-1].at >= TOLD_APART:
            shown.append(reading)
    return [
        Pressure(
            at=r.at,
            systolic_mmhg=float(r.values["sbp_mmhg"]),
            diastolic_mmhg=float(r.values["dbp_mmhg"]),
        )
        for r in shown
    ]


def _trace(found: tuple[Reading, ...], name: str) -> Trace:
    by_monitor = any(r.entry.source is Source.DEVICE for r in found)
    return Trace(
        readings=tuple(Drawn(at=r.at, value=float(r.values[name])) for r in found),
        join_within=BY_MONITOR if by_monitor else BY_HAND,
    )


def _gaps(due: tuple[DueItem, ...], now: datetime) -> list[Gap]:
    """Pressures that should be there and are not."""
    gaps = []
    for item in due:
        status = item.status(now) if item.parameter.id == "bp" else None
        if isinstance(item.by, Omission) and item.parameter.id == "bp":
            gaps.append(Gap(at=item.due_at, text=item.by.why))
        elif status in (Status.LATE, Status.MISSED):
            gaps.append(Gap(at=item.due_at, text=str(status), late=status is Status.LATE))
    return gaps


def _infusion(facts: Facts, now: datetime) -> Infusion | None:
    infusion, start = facts.infusion, facts.started_at
    if infusion is None or start is None:
        return None
    planned = facts.order[1].dose_mg if facts.order else infusion.volume_ml * infusion.mg_per_ml
    given = facts.given_mg if facts.given_mg is not None else infusion.delivered_mg(now)
    return Infusion(
        start=start,
        planned_end=facts.ends_at or start,
        planned_mg=planned,
        delivered_mg=amount(given),
        ended=facts.stopped_at,
        pauses=infusion.pauses,
    )


def _events(facts: Facts) -> list[Event]:
    events = [(e.at, e.body) for e in facts.entries if isinstance(e.body, ChairEvent)]
    given = facts.parts.parts if facts.parts else ()
    parts = [Event(at=e.at, text=f"{plain(b.mg)} mg") for e, b in given]
    return [*parts, *_totals(facts)] + [
        Event(at=at, text=(chips()[b.what].label if b.what in chips() else b.detail or b.what).lower())
        for at, b in events
        if facts.started_at and at >= facts.started_at
    ]


def _totals(facts: Facts) -> Iterator[Event]:
    """Totals of scales that have no strip of their own, as they were typed."""
    for row in parameters().values():
        if row.scale and limits()[row.scale].high > BUTTONS:
            for reading in facts.readings[row.id]:
                if facts.started_at and reading.at >= facts.started_at:
                    yield Event(at=reading.at, text=f"{row.label} {reading.text}")


def _limit(monitoring: Mapping[str, Item], rule: str, value: str) -> Limit | None:
    """A threshold as a line: the number from the rule, what it asks for, whether anybody approved it."""
    item = monitoring.get(rule)
    bounds = [
        bound
        for when in (item.trigger.when if item and item.trigger else ())
        for c in when
        if c.value == value and (bound := c.at_least or c.below) is not None
    ]
    if item is None or not bounds:
        return None
    mark = "" if item.verified else "unverified default"
    action = item.action.split(",")[0].lower()
    text = " · ".join(filter(None, (f"{bounds[0]} {action}", mark)))
    return Limit(value=float(bounds[0]), text=text)
