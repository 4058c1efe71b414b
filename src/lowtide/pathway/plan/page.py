"""What the plan pages show, as plain rows (pure but for who answers for a number here)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from lowtide.data.dosing import Dosing
from lowtide.data.opening import defaults
from lowtide.data.protocols import FINDINGS, GRADES, NO_CEILING, Protocol
from lowtide.data.vocabulary import label
from lowtide.pathway.course.given import first_doses
from lowtide.pathway.evaluate.ruling.backing import Backing, backing_here
from lowtide.pathway.plan.checks import rests_on
from lowtide.pathway.plan.order import shown
from lowtide.pathway.plan.ordering import DoseSheet, begun, order_of
from lowtide.pathway.plan.steps import steps
from lowtide.record.chart import Chart
from lowtide.record.entries.care import CoursePlanned
from lowtide.record.entries.chair import SessionCancelled, SessionScheduled
from lowtide.science.units import plain


class Step(msgspec.Struct, frozen=True):
    """One step of the computation: what it is, how it came about, the number with its unit."""

    what: str
    note: str
    how: str
    value: str
    unit: str
    key: bool = False
    unverified: bool = False


def chain(found: DoseSheet) -> list[Step]:
    """From the protocol's dose to the pump, one step a row; as far as it is known."""
    return [*_asked(found), *_given(found), *_devices(found), *_drawn(found), *_pumped(found)]


def _asked(found: DoseSheet) -> Iterator[Step]:
    """What the protocol says, and the weight it is multiplied by."""
    protocol = found.protocol
    if protocol.dose:
        source = f"{protocol.id}, {protocol.source_body}"
        yield Step("Protocol", source, "", plain(protocol.dose.value), protocol.dose.unit)
    if found.weighed and protocol.weight_based:
        when = "today" if found.weighed.age_days == 0 else f"{found.weighed.age_days} days old"
        unsure = "dose_basis" in protocol.unverified
        kg = shown(found.weighed.weight_kg)
        yield Step("Weight, actual", f"measured {when}", "×", kg, "kg", unverified=unsure)


def _given(found: DoseSheet) -> Iterator[Step]:
    """The dose in mg, with what held it and the one rounding."""
    dose = found.dose
    if dose is None:
        return
    mg = found.mg or dose.mg
    note = "; ".join(f"held at {cap}" for cap in dose.caps.values()) or "no cap reached"
    if dose.mg_per_kg is not None:
        note = f"{shown(mg * dose.mg_per_kg / dose.mg)} mg/kg; {note}"
    how = "=" if mg == dose.exact_mg else f"{shown(dose.exact_mg)} →"
    yield Step("Dose", note, how, plain(mg), "mg", key=True)


def _devices(found: DoseSheet) -> Iterator[Step]:
    """Nasal devices, capsules, mL of a solution: what is counted out."""
    units = found.counted
    if units is None:
        return
    per = "mg/mL" if units.made.unit == "mL" else "mg each"
    note = f"{units.made.label}, {plain(units.each_mg)} {per}"
    if units.apart_min and units.count > 1:
        note = f"{note}; at least {plain(units.apart_min)} min apart"
    how = f"{shown(units.dose_mg_exact)} ÷ {plain(units.each_mg)}"
    unit = units.made.counted(units.count)
    yield Step("Count out", note, how, plain(units.count), unit, key=True)


def _drawn(found: DoseSheet) -> Iterator[Step]:
    """What is drawn from the vial, and what it is made up to."""
    sheet = found.sheet
    if sheet is None:
        return
    vial = plain(sheet.vial_mg_per_ml)
    how = f"{plain(sheet.dose_mg)} ÷ {vial}"
    injected = sheet.infusion is None  # then this is the number that reaches the patient
    yield Step("Draw from the vial", f"of {vial} mg/mL", how, shown(sheet.vial_volume_ml), "mL", key=injected)
    if i := sheet.infusion:
        label = f"label {shown(i.final_concentration_mg_per_ml)} mg/mL"
        note = f"add {shown(i.diluent_ml)} mL diluent; {label}"
        yield Step("Make up to", note, "", plain(i.final_volume_ml), "mL")


def _pumped(found: DoseSheet) -> Iterator[Step]:
    """The rate that is set, rounded once, and how long it then runs."""
    i = found.sheet.infusion if found.sheet else None
    if i is None:
        return
    exact = i.final_volume_ml * 60 / i.over_min
    rounding = "exact" if exact == i.rate_ml_per_h else "rounded once, down"
    what = (
        f"{plain(i.final_volume_ml)} mL in {plain(i.over_min)} min, {rounding}; {shown(i.rate_mg_per_h)} mg/h"
    )
    yield Step("Pump", what, f"{shown(exact)} →", plain(i.rate_ml_per_h), "mL/h", key=True)


def numbers_behind(found: DoseSheet) -> list[tuple[str, Backing]]:
    """The numbers that decided this dose and that no source gives, each with who answers for it here."""
    caps = found.dose.caps if found.dose else ()
    keys = rests_on(found.protocol, caps, (check.id for check in found.checks))
    backed = ((key, backing_here(key)) for key in keys)
    return [(key, backing) for key, backing in backed if backing]


def checks_shown(found: DoseSheet) -> list[dict[str, Any]]:
    """Each check with how heavily it weighs."""
    return [
        {
            "level": "stop" if c.blocking else "note",
            "word": "To settle" if c.blocking else "Note",
            "text": c.text.replace("_", " "),
        }
        for c in found.checks
    ]


def course_rows(
    chart: Chart, running: CoursePlanned, patient: UUID, zone: ZoneInfo, now: datetime
) -> list[dict[str, Any]]:
    """The sessions of the course: when, what is ordered, what comes next for each."""
    booked = {e.session: body for e, body in chart.said(SessionScheduled) if body.course == running.course}
    given = {session: e.at for session, e in first_doses(chart).items()}
    cancelled = {e.session for e, _ in chart.said(SessionCancelled)}
    closed = begun(chart)
    planned = {s.session: (s.number, s.planned_at) for s in running.sessions}
    moved = {s.session: s.moved for s in running.sessions}
    planned |= {session: (b.number, b.planned_at) for session, b in booked.items() if session}
    rows = []
    for session, (number, at) in sorted(planned.items(), key=lambda item: (item[1][0], item[1][1])):
        order = order_of(chart, session)
        rows.append(
            {
                "session": session,
                "number": number,
                "at": at.astimezone(zone),
                "chair": getattr(booked.get(session), "chair", None),
                "order": order[1] if order else None,
                "given": given.get(session),
                "cancelled": session in cancelled,
                "open": session not in closed,
                "past": at < now,
                "moved": moved.get(session) if session not in booked else None,
                "outside": getattr(booked.get(session), "outside_because", None),
            }
        )
    return rows


def therapy_rows(running: CoursePlanned, zone: ZoneInfo, now: datetime) -> list[dict[str, Any]]:
    """Psychotherapy beside the doses, in order of time."""
    labels = {one.kind: one.label for one in defaults().therapy}
    return [
        {
            "what": labels.get(one.kind, one.kind),
            "number": one.number,
            "at": one.planned_at.astimezone(zone),
            "moved": one.moved,
            "past": one.planned_at < now,
        }
        for one in running.therapy
    ]


def protocol_shown(plan: Protocol) -> dict[str, Any]:
    """What a prescriber reads before choosing a protocol: evidence by condition, titration, stopping, what is open."""
    return {
        "id": plan.id,
        "source_body": plan.source_body,
        "evidence": [
            {
                "for": label("indication", one.indication),
                "grade": GRADES[one.grade],
                "finding": FINDINGS[one.finding],
                "text": one.text,
                "level": "caution" if one.finding in ("weak", "no_benefit", "mixed") else "note",
            }
            for one in plan.evidence
        ],
        "lines": [
            (name, text)
            for name, text in (
                *((("Dose", plan.dose_note),) if plan.dose_note else ()),
                ("Schedule", plan.schedule_note),
                ("Titration", plan.titration_note or "none"),
                ("Maintenance", plan.maintenance_note or "not described"),
                ("Stopping and review", plan.stopping_note or "not described"),
                (
                    "Observation",
                    f"{plain(plan.observation_min)} min" if plan.observation_min else "not described",
                ),
                ("At most", ", ".join(_caps(plan)) or "no cap"),
            )
        ],
        "unverified": [name.replace("_", " ") for name in plan.unverified],
        "whole": not plan.verified,
    }


def _caps(plan: Protocol) -> list[str]:
    caps = ((plan.max_mg, "mg"), (plan.max_mg_per_kg, "mg/kg"), (plan.max_mg_per_h, "mg/h"))
    held = [f"{plain(cap)} {unit}" for cap, unit in caps if cap is not None]
    units = {"max_mg": "mg", "max_mg_per_kg": "mg/kg"}
    return held + [f"none in {units[name]} ({NO_CEILING[why]})" for name, why in plan.no_ceiling.items()]


def arithmetic(found: DoseSheet, limits: Dosing) -> list[str]:
    """Every step of the computation, line by line, for whoever does it again."""
    if found.sheet and found.dose and found.dose.order:
        return list(steps(found.dose.order, found.sheet, limits))
    return list(found.counted.steps) if found.counted else []


def blocked(found: DoseSheet) -> str:
    """What still keeps the order from being signed, in words; nothing when it can be."""
    return found.blocking[0].text if found.blocking else ""


def _signed(row: dict[str, Any], patient: UUID) -> dict[str, Any]:
    """The session that can be held now: a later dose is signed on that day's weight."""
    session = {
        "label": "Open the session",
        "url": f"/patients/{patient}/sessions/{row['session']}",
        "main": True,
    }
    return {
        "title": f"Session {row['number']} is signed: {row['order'].dose_mg} mg",
        "text": f"Planned for {row['at']:%-d %b %Y, %H:%M}. The nurse takes the time-out.",
        "actions": [session],
    }


def next_dose(
    rows: list[dict[str, Any]], patient: UUID, *, may_sign: bool, weighed: bool
) -> dict[str, Any] | None:
    """The next thing on the course page: the first open session waits for its order, or can be held."""
    waiting = next((row for row in rows if row["open"]), None)
    if waiting is None:
        return None
    if waiting["order"]:
        return _signed(waiting, patient)
    sheet = {
        "label": "Open the dose sheet",
        "url": f"/patients/{patient}/plan/{waiting['session']}",
        "main": True,
    }
    return {
        "title": f"{'Sign' if may_sign else 'To be signed:'} the dose of session {waiting['number']}",
        "text": f"Planned for {waiting['at']:%-d %b %Y, %H:%M}."
        + (" It is signed on the day’s weight." if weighed else ""),
        "actions": [sheet],
    }
