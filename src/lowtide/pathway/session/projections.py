"""The session table as a pure function of a chart."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from lowtide.data import monitoring, read
from lowtide.data.chair import numbers, parameters
from lowtide.data.own import laid
from lowtide.pathway.safety.rules import of_session
from lowtide.pathway.session.models import Session
from lowtide.pathway.session.rules.due import DueItem, due_items, next_due, observe_until
from lowtide.pathway.session.rules.emergencies import running
from lowtide.pathway.session.rules.facts import KINDS, Facts, session_facts
from lowtide.pathway.session.rules.gates import is_open, left_open
from lowtide.pathway.session.rules.giving import coming
from lowtide.pathway.session.rules.leaving import ready_between
from lowtide.pathway.session.rules.second import second_person
from lowtide.pathway.session.rules.thresholds import Crossing, asking, crossings
from lowtide.pathway.session.shown.parts import next_words
from lowtide.pathway.session.shown.tiles import Item, Reminder, Sitting
from lowtide.record.chart import Chart
from lowtide.record.dates import instant
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import CoursePlanned
from lowtide.record.entries.events import ReportSent
from lowtide.record.entries.history import HistoryItem
from lowtide.record.entries.identity import Patient
from lowtide.record.projections import Projection, Row, register

PART, BAG = "part:", "bag:"
RULES = 6  # raised with each change of what a row holds


def rows(chart: Chart) -> list[Row]:
    return [row for row in (_of(chart, session) for session in chart.sessions()) if row]


def _of(chart: Chart, session: UUID) -> Row:
    """The row of one session, empty for one that was neither booked nor begun. What is over is folded once."""
    name = f"row {hash(laid().values)}"  # with other numbers of the clinic it is another row
    known: Row | None = chart.kept(session, name)
    if known is not None:
        return known
    found = session_facts(chart, session)
    row = _row(chart, found) if found.scheduled or found.started else {}
    if _is_over(found):
        chart.keep(session, name, row)
    return row


def _row(chart: Chart, facts: Facts) -> Row:
    return _booked(facts) | _ordered(facts) | _instants(facts) | _last_values(facts) | _ahead(chart, facts)


def _booked(facts: Facts) -> Row:
    booked = facts.scheduled[1] if facts.scheduled else None
    return {
        "key": str(facts.session),
        "course": str(booked.course) if booked else "",
        "number": booked.number if booked else None,
        "planned_at": booked.planned_at if booked else facts.started_at,
        "chair": facts.chair or "",
        "nurse": facts.nurse,
        "escort": escort(facts),
        "open": is_open(facts),
    }


def escort(facts: Facts) -> str:
    """Who takes the patient home, as last said: at the time-out, else at the booking or by the patient."""
    said = [i.detail for i in facts.time_out[1].items if i.item == "escort"] if facts.time_out else []
    return next((d for d in said if d), None) or facts.escort


def _ordered(facts: Facts) -> Row:
    order = facts.order[1] if facts.order else None
    return {
        "route": order.route if order else "",
        "drug": order.drug if order else "",
        "dose_mg": str(order.dose_mg) if order else "",
    }


def _instants(facts: Facts) -> Row:
    paused = facts.infusion is not None and facts.infusion.paused
    opening = None if facts.over_at else ready_between(facts, monitoring.items())
    return {
        "timed_out_at": _at(facts.time_out),
        "started_at": facts.started_at,
        "paused_at": facts.infusion.steps[-1].at if facts.infusion and paused else None,
        "ends_at": facts.ends_at,
        "stopped_at": facts.stopped_at,
        "observe_until": observe_until(facts, monitoring.items()),
        "ready_from": opening[0] if opening else None,
        "ready_to": opening[1] if opening else None,
        "abandoned_at": _at(facts.abandoned),
        "cancelled_at": _at(facts.cancelled),
        "discharged_at": _at(facts.discharged),
        "signed_at": _at(facts.signed),
        "over_at": facts.over_at,
    }


def _last_values(facts: Facts) -> Row:
    latest = {name: each[-1] for name, each in facts.readings.items() if each}
    bp, spo2 = (next((r for r in reversed(facts.readings[n]) if r.whole), None) for n in ("bp", "spo2"))
    return {
        "bp": bp.text if bp else "",
        "bp_at": bp.at if bp else None,
        "spo2": spo2.text if spo2 else "",
        "spo2_at": spo2.at if spo2 else None,
        "logged_at": max((r.at for r in latest.values()), default=None),
    }


def _ahead(chart: Chart, facts: Facts) -> Row:
    """What there is to do and what stands in the way; nothing of a session that is over."""
    if _is_over(facts):
        return {"todo": [], "reminders": [], "blocked": ""}
    due = next_due(due_items(facts, monitoring.items()))
    pressed = asking(crossings(facts, monitoring.items()))
    second = second_person(facts)
    left = "" if facts.started else "; ".join(left_open(chart, facts, monitoring.items()))
    return {
        "todo": [*_parts_ahead(facts), *_by_time(_container_ahead(facts), due)],
        "reminders": [
            *_emergencies(facts),
            *([c.rule.id, c.level, c.rule.parameter, c.found, *_asks(c), second] for c in pressed),
            *_serious(chart, facts),
        ],
        "blocked": left,
    }


def _asks(crossing: Crossing) -> list[str | None]:
    """From when on it asks, and when it names a second person."""
    return [instant(at) if at else None for at in (crossing.asks_at, crossing.second_at)]


def _emergencies(facts: Facts) -> list[list[str | None]]:
    """Checklists that run: they stand before every reminder on the board."""
    return [
        [run.key, "emergency", "", f"Emergency: {run.checklist.short}", instant(run.opened.at), None, ""]
        for run in running(facts)
    ]


def _serious(chart: Chart, facts: Facts) -> list[list[str | None]]:
    """Serious events of this session that are still to be told."""
    return [
        [str(event.id), "report", "", f"Report to {report.label}", instant(report.since), None, ""]
        for event in of_session(chart, facts.session)
        for report in event.reports
        if report.to_send
    ]


def _is_over(facts: Facts) -> bool:
    """Whether nothing but a further entry of the session itself can change its row."""
    return bool(facts.over_at or facts.signed)


def sitting(row: Session, initials: str, nurse: str) -> Sitting:
    """The row as the board shows it."""
    names = Sitting.__struct_fields__
    same = {name: getattr(row, name) for name in names if hasattr(row, name)}
    items = tuple(
        Item(_named(name), datetime.fromisoformat(due), datetime.fromisoformat(late), name.startswith(PART))
        for name, due, late in row.todo
    )
    about = {"session": row.key, "patient": row.stream.removeprefix("chart:"), "initials": initials}
    reminders = tuple(_reminder(*each) for each in row.reminders)
    return Sitting(**(same | about | {"nurse": nurse, "todo": items, "reminders": reminders}))


def _reminder(
    rule: str, level: str, parameter: str, found: str, asks_at: str, second_at: str | None, who: str
) -> Reminder:
    second = datetime.fromisoformat(second_at) if second_at else None
    return Reminder(rule, level, parameter, found, datetime.fromisoformat(asks_at), second, who)


def _named(name: str) -> str:
    """What an item of the row is called: a row of the flowsheet, or the next part of the dose."""
    return name.partition(":")[2] if name.startswith((PART, BAG)) else parameters()[name].name


def _parts_ahead(facts: Facts) -> list[list[str]]:
    """The next part of a dose without a pump, while it is under way."""
    if facts.parts is None or facts.parts.over_at:
        return []
    at = coming(facts).not_before or facts.parts.last[0].at
    late = at + timedelta(minutes=numbers().late_after_min)
    return [[f"{PART}{next_words(facts) or 'Record the end'}", instant(at), instant(late)]]


def _by_time(containers: list[list[str]], due: list[DueItem]) -> list[list[str]]:
    """Checks and the next container together, the earliest first."""
    checks = [[d.parameter.id, instant(d.due_at), instant(d.late_at)] for d in due]
    return sorted([*containers, *checks], key=lambda item: item[1]) if containers else checks


def _container_ahead(facts: Facts) -> list[list[str]]:
    """When the next bag or syringe is wanted, where the order has more than the present one holds."""
    if facts.infusion is None or facts.stopped or facts.more_ml <= 0:
        return []
    empty_at = facts.infusion.runs_empty_at
    return [[f"{BAG}Change the bag", instant(empty_at), instant(empty_at)]]


def _at(fact: tuple[Entry, Any] | None) -> datetime | None:
    return fact[0].at if fact else None


def register_all() -> None:
    """Folded again when the tables of the chair change."""
    version = int(read.digest("monitoring.toml", "chair.toml", "giving.toml")[:7], 16) + RULES
    asked = (
        CoursePlanned,
        HistoryItem,
        Patient,
        ReportSent,
    )  # they say which questions of the time-out are for this patient
    register(Projection("session.sessions", version, Session, "chart:", (*KINDS, *asked), rows))
