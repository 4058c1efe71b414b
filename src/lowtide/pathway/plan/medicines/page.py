"""The medicines as the pages show them: each line with what it means here, what is held around the next session."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from lowtide.data import vocabulary
from lowtide.data.policies import Number
from lowtide.data.rules import interactions
from lowtide.pathway.course.approved import Approvals, approvals
from lowtide.pathway.course.state import fold
from lowtide.pathway.evaluate.deciding.page import SEVERITIES
from lowtide.pathway.evaluate.reconciling.actions import LIST
from lowtide.pathway.evaluate.reconciling.lines import GONE, Line, Told
from lowtide.pathway.evaluate.reconciling.meaning import (
    Meaning,
    Treatment,
    Window,
    acts_until,
    meanings,
    treatment,
)
from lowtide.pathway.evaluate.ruling.adopted import policy_in_force
from lowtide.pathway.plan.medicines.exposure import Exposure, exposure
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Source
from lowtide.record.entries.history import HistoryTaken, Measurement
from lowtide.record.entries.words import MONTHS, day

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEIGHT = "weight_kg"
SAID = {"active": "takes it", "past": "no longer", "refuted": "does not take it", "unknown": "not known"}
QUIET = ("minor", "none")


class Held(msgspec.Struct, frozen=True):
    """What is held of a medicine because of one interaction, in words. `timed`: it has hours."""

    text: str
    timed: bool
    rule: str
    verified: bool


class Scene(msgspec.Struct, frozen=True):
    """What every line is read against."""

    asked: Treatment
    session: datetime | None
    number: int | None
    numbers: Mapping[str, Number]
    approved: Approvals
    weight_kg: float | None
    zone: ZoneInfo
    now: datetime


def scene(chart: Chart, clinic: Chart, zone: ZoneInfo, now: datetime) -> Scene:
    """The treatment, the next session and the weight of this chart; the numbers and approvals of this clinic."""
    following = fold(chart).next_session
    weights = [b.value for _, b in chart.said(Measurement) if b.quantity == WEIGHT]
    return Scene(
        asked=treatment(chart),
        session=following.planned_at if following else None,
        number=following.number if following else None,
        numbers=policy_in_force(clinic).numbers(),
        approved=approvals(clinic),
        weight_kg=float(weights[-1]) if weights else None,
        zone=zone,
        now=now,
    )


def none_taken(chart: Chart, zone: ZoneInfo) -> str:
    """When somebody asked for all medicines last; shown where none is listed as taken. Empty: nobody did."""
    asked = [entry for entry, body in chart.said(HistoryTaken) if LIST in body.items]
    return (
        f"Asked for all of them on {day(asked[-1].at.astimezone(zone).date().isoformat())}." if asked else ""
    )


def treatment_words(asked: Treatment) -> str:
    """“racemic ketamine, intravenous”."""
    words = vocabulary.words()
    named = [
        words[kind][word].label for kind, word in (("product", asked.product), ("route", asked.route)) if word
    ]
    return ", ".join(named)


def rows(lines: tuple[Line, ...], at: Scene, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """What is to be settled first, then the most severe: none hides among the minor ones."""
    order = ("unknown", *dict.fromkeys(SEVERITIES.values()), "clear")
    found = [shown(line, at, names) for line in lines]
    return sorted(
        found, key=lambda row: (order.index(row["level"]), row["line"].known, row["generic"].lower())
    )


def shown(line: Line, at: Scene, names: Mapping[str, str]) -> dict[str, Any]:
    """One line as the list shows it."""
    found = meanings(line, at.numbers, at.asked, at.session, at.zone) if line.is_current else ()
    return {
        "line": line,
        "level": _level(line, found),
        "word": _word(line, found),
        "generic": line.name,
        "written": [name for name in line.names if name.lower() != line.name.lower()],
        "told": [told(t, names, at.zone) for t in reversed(line.told)],
        "chief": told(line.chief, names, at.zone),
        "meanings": [_meaning(m, at.approved) for m in found],
        "held": held(line, at) if line.is_current else (),
        "exposure": exposed(line, at) if line.is_current and line.known else None,
        "lingers": lingers(line, at),
    }


def exposed(line: Line, at: Scene) -> Exposure:
    return exposure(line, at.asked, at.weight_kg)


def _level(line: Line, found: tuple[Meaning, ...]) -> str:
    if line.open:
        return "unknown"
    return SEVERITIES[found[0].severity] if found and found[0].severity != "none" else "clear"


def _word(line: Line, found: tuple[Meaning, ...]) -> str:
    if line.open:
        return "To settle" if line.known else "Unmatched"
    return found[0].severity.capitalize() if found and found[0].severity != "none" else "No interaction"


def told(one: Told, names: Mapping[str, str], zone: ZoneInfo) -> dict[str, Any]:
    """Who said what, when, and what it was recognised by."""
    entry, root, body = one.entry, one.root, one.body
    since = f"since {day(body.started)}" if body.started else ""
    stopped = f"stopped {day(body.stopped)}" if body.stopped else ""
    changed = entry.recorded_at.astimezone(zone)
    return {
        "entry": entry,
        "name": body.name,
        "dose": one.dose,
        "status": SAID[body.status],
        "gone": body.status in GONE,
        "dates": ", ".join(filter(None, (since, stopped))),
        "who": "imported" if root.source is Source.IMPORT else names.get(root.by, root.by),
        "at": root.at.astimezone(zone),
        "by": one.match.by or ("a clinician’s word that it does not matter" if body.does_not_matter else ""),
        "counts": one.counts,
        "combination": one.match.combination,
        "changed": f"{names.get(entry.by, entry.by)}, {clock(changed)}" if entry.corrects else "",
        "reason": entry.reason if entry.corrects else "",
    }


def _meaning(found: Meaning, approved: Approvals) -> dict[str, Any]:
    row = found.interaction
    return {
        "id": row.id,
        "level": SEVERITIES[found.severity],
        "word": found.severity.capitalize(),
        "quiet": found.severity in QUIET,
        "mechanism": row.mechanism,
        "effect": row.effect,
        "action": row.action,
        "timing": row.timing,
        "monitoring": row.monitoring,
        "verified": found.is_settled(approved),
        "note": row.note,
    }


# -- what is held ---------------------------------------------------------------------------------------------


def held(line: Line, at: Scene) -> tuple[Held, ...]:
    """What of this medicine is held around the next session, the strictest first; each wording once."""
    found = meanings(line, at.numbers, at.asked, at.session, at.zone)
    said = [
        Held(text, m.hold.is_timed, m.interaction.id, m.hold_is_settled(at.approved))
        for m in found
        for text in _held_words(m)
    ]
    return tuple({h.text: h for h in sorted(said, key=lambda h: not h.timed)}.values())


def reminders(found: tuple[Line, ...], at: Scene) -> list[dict[str, Any]]:
    """Every medicine with hours of holding, for the time-out and the patient’s paper."""
    rows = ((line, [h for h in held(line, at) if h.timed]) for line in found if line.is_current)
    return [{"name": name(line), "line": line, "held": holds} for line, holds in rows if holds]


def name(line: Line) -> str:
    """The generic name, and what the patient calls it."""
    brands = [n for n in line.names if n.lower() != line.name.lower()]
    return f"{line.name} ({brands[0]})" if brands else line.name


def _held_words(found: Meaning) -> list[str]:
    hold, words = found.hold, list[str]()
    if hold.is_timed:
        what = "No extra dose" if hold.extra else "None"
        words.append(f"{what} {_around(found)}")
    if hold.keep:
        words.append("Not stopped for a session")
    if hold.ask:
        words.append("The prescriber decides whether a dose is held")
    return words


def _around(found: Meaning) -> str:
    if found.window:
        return _hours(found.window)
    hold = found.hold
    parts = [
        f"within {hold.before_h} h before a session" if hold.before_h else "",
        f"for {hold.after_h} h after it" if hold.after_h else "",
        "on the day of a session until discharge" if hold.same_day else "",
    ]
    return " and ".join(filter(None, parts))


def _hours(found: Window) -> str:
    if (
        found.discharge
        and found.starts
        and not found.ends
        and (found.starts.hour, found.starts.minute) == (0, 0)
    ):
        return f"on {clock(found.starts).partition(',')[0]} until discharge"
    start = f"from {clock(found.starts)}" if found.starts else ""
    end = (
        f"until {clock(found.ends)}"
        if found.ends
        else "until discharge"
        if found.discharge
        else "until the dose"
    )
    return f"{start} {end}".strip()


def clock(at: datetime) -> str:
    """Sat 28 Nov, 22:00, in the zone that it is in."""
    return f"{DAYS[at.weekday()]} {at.day} {MONTHS[at.month - 1]}, {at:%H:%M}"


def lingers(line: Line, at: Scene) -> str:
    """A medicine that was stopped and still acts, in words."""
    if line.status not in GONE:
        return ""
    rows = [
        r
        for r in interactions().values()
        if r.lasts_after_stop_days and any(f"'{c}'" in r.when for c in line.classes)
    ]
    left = [acts_until(line, r.lasts_after_stop_days, at.now.astimezone(at.zone).date()) for r in rows]
    days = max((d for d in left if d), default=0)
    return f"may still act for {days} more days: {rows[0].effect.lower()}" if days else ""
