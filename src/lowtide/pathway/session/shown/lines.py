"""The entries of a session in the words of the chair (pure): what was charted, when, and what is odd about it."""

from collections.abc import Iterable
from datetime import tzinfo
from typing import Any

import msgspec

from lowtide.data.chair import chair, chips, parameters
from lowtide.data.giving import by_form
from lowtide.data.record import clocks
from lowtide.pathway.course.words import clock, day
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.from_paper import who_measured
from lowtide.pathway.session.rules.readings import readings
from lowtide.pathway.session.shown.grid import minutes
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry, Source
from lowtide.record.entries.chair import (
    Acknowledged,
    ChairEvent,
    DoseGiven,
    DoseStarted,
    DoseStopped,
    NotDone,
    Note,
    PreparationChecked,
    RateChanged,
    Rating,
    SessionSigned,
    TimeOut,
    Vitals,
)
from lowtide.record.entries.devices import AlarmTold, PumpTold
from lowtide.record.entries.dose_words import given
from lowtide.record.entries.longrun import HandedOver
from lowtide.record.entries.reminding import ArtefactMarked
from lowtide.record.entries.words import label, summary


class Line(msgspec.Struct, frozen=True):
    """One line of the timeline: clock time, minutes from the start, a short word in bold, the rest.

    `was` holds earlier wordings of a corrected entry, `marks` what is worth knowing (late, monitor, addendum).
    """

    entry: Entry
    time: str
    since: str
    head: str
    text: str
    was: tuple[str, ...]
    marks: tuple[str, ...]


def lines(chart: Chart, facts: Facts, zone: tzinfo, entries: Iterable[Entry] | None = None) -> list[Line]:
    """The session's entries as lines, newest first."""
    signed = [e for e in facts.entries if isinstance(e.body, SessionSigned)]
    return [
        _line(chart, facts, entry, zone, signed)
        for entry in sorted(
            facts.entries if entries is None else entries, key=lambda e: e.order, reverse=True
        )
    ]


def _line(chart: Chart, facts: Facts, entry: Entry, zone: tzinfo, signed: list[Entry]) -> Line:
    before = chart.line(entry.id)[:-1] if entry.corrects else ()
    head, text = words(entry, zone)
    return Line(
        entry=entry,
        time=_clock(entry, facts, zone),
        since=minutes(facts.started_at, entry.at) if facts.started_at else "",
        head=head,
        text=text,
        was=tuple(" ".join(words(e, zone)).strip() for e in reversed(before)),
        marks=tuple(_marks(chart, facts, entry, signed)),
    )


def _clock(entry: Entry, facts: Facts, zone: tzinfo) -> str:
    """The time, with its day where that is not the day of the dose: sessions go past midnight, some for days (hazard H024)."""
    booked = facts.scheduled[1].planned_at if facts.scheduled else entry.at
    dosed = (facts.started_at or booked).astimezone(zone).date()
    time = clock(entry.at, zone)
    return (
        time if entry.at.astimezone(zone).date() == dosed else f"{day(entry.at, zone, weekday=False)}, {time}"
    )


def signed_by(entry: Entry) -> tuple[str, ...]:
    """Whose names stand under an entry: whoever wrote it, and the second person who signed in for it."""
    body = entry.body
    both = (
        (body.outgoing, body.incoming)
        if isinstance(body, HandedOver)
        else (body.preparer, body.checker)
        if isinstance(body, PreparationChecked)
        else ()
    )
    return tuple(dict.fromkeys((entry.by, *both)))


def _marks(chart: Chart, facts: Facts, entry: Entry, signed: list[Entry]) -> list[str]:
    """What is worth knowing. What waited on a tablet was written when the tablet says, not when it arrived."""
    waited = entry.device_at is not None and entry.source is Source.MANUAL
    known = entry.device_at if waited and not entry.clock else entry.recorded_at
    late = ((known or entry.recorded_at) - entry.at).total_seconds() > clocks().written_late_after_s
    paper = who_measured(chart, entry)
    found = {
        "written late": late and not paper and entry.source is Source.MANUAL and not entry.corrects,
        "no true reading": any(r.entry.id == entry.id for each in facts.artefacts.values() for r in each),
        "made without network": waited,
        "pump" if isinstance(entry.body, PumpTold) else "monitor": entry.source is Source.DEVICE,
        "corrected": entry.corrects is not None,
        f"typed from paper, by {paper}": bool(paper),
        "addendum": any(e.stream == entry.stream and entry.seq > e.seq for e in signed),
        "for some roles only": bool(entry.visible_to),
        entry.clock or "": bool(entry.clock),
    }
    return [mark for mark, holds in found.items() if holds]


def words(entry: Entry, zone: tzinfo) -> tuple[str, str]:
    """(what stands in bold, the rest) for one entry."""
    body: Any = entry.body
    match body:
        case Vitals() | Rating():
            return _read(entry)
        case DoseStarted():
            return "Infusion started", f"{body.rate_ml_per_h:f} mL/h, {body.volume_ml:f} mL{_why(entry)}"
        case RateChanged(rate_ml_per_h=rate):
            return ("Pump", f"{rate:f} mL/h{_why(entry)}") if rate else ("Paused", _why(entry).lstrip(", "))
        case DoseStopped():
            short = "" if body.complete else ", before its end"
            return "Infusion ended", f"{body.delivered_ml:f} mL went in{short}{_why(entry)}"
        case DoseGiven():
            return _part(body), f"{given(body)}{_why(entry)}"
        case ChairEvent(what=what, detail=detail):
            known = chips().get(what)
            return (known.label, f"“{detail}”" if detail else "") if known else (detail or what, "")
        case NotDone(item=item, why=why):
            return f"{parameters()[item].name} not done" if item in parameters() else item, why
        case Acknowledged(rule=rule, lifts=lifts):
            lifted = ", hold lifted" if lifts else ""
            return f"Reminder {rule} answered", f"{entry.reason or ''}{lifted}"
        case ArtefactMarked(parameters=rows):
            named = ", ".join(parameters()[r].label for r in rows if r in parameters())
            return "No true reading", f"{named}{_why(entry)}".lstrip(", ")
        case Note(text=text):
            return label(entry), text
        case PreparationChecked():
            differs = [f.figure.replace("_", " ") for f in body.figures if not f.agrees]
            return (
                "Preparation checked",
                f"differs: {', '.join(differs)}" if differs else "agrees with the order",
            )
        case PumpTold() | AlarmTold():
            return ("Pump says" if isinstance(body, PumpTold) else "Alarm"), summary(entry, zone)
        case TimeOut():
            return "Time-out", f"identity by {body.second_identifier}"
    return label(entry), f"{summary(entry, zone)}{_why(entry)}"


def _part(body: DoseGiven) -> str:
    known = by_form(body.form)
    return known.said(body.route, body.number) if known else "Dose given"


def _read(entry: Entry) -> tuple[str, str]:
    """Vital signs and ratings: the first in bold."""
    found = [r for each in readings([entry]).values() for r in each]
    said = [
        r.text if r.parameter.id == "bp" else f"{r.parameter.label} {r.text}{_unit(r.parameter.unit)}"
        for r in found
    ]
    scale = chair().scales.get(getattr(entry.body, "scale", ""))
    spoken = dict(scale.words).get(f"{entry.body.value:f}", "") if scale else ""
    return (said[0], ", ".join(filter(None, (*said[1:], spoken)))) if said else (label(entry), "")


def _unit(unit: str) -> str:
    return " %" if unit == "%" else ""


def _why(entry: Entry) -> str:
    return f", {entry.reason}" if entry.reason else ""
