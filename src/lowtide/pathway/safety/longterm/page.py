"""What the pages of long-term safety show: checks, exposure, drift, what stops, observations, in words."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from lowtide.data import longterm
from lowtide.data.longterm import Check
from lowtide.data.workup import tests
from lowtide.pathway.course import words
from lowtide.pathway.course.exposure import (
    WINDOWS,
    Amount,
    Exposure,
    counted,
    drug_label,
    elsewhere,
    exposure,
)
from lowtide.pathway.course.state import CourseState, Phase
from lowtide.pathway.safety.longterm.concerns import Concern, concern, looked
from lowtide.pathway.safety.longterm.known import at_rest, counts_from, last
from lowtide.pathway.safety.longterm.schedule import Standing, cannot_be_pregnant, standing
from lowtide.pathway.safety.longterm.signals import Signal
from lowtide.pathway.safety.longterm.stops import Open
from lowtide.people.roles import ROLES
from lowtide.people.who import names_of
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.history import Measurement
from lowtide.record.entries.longterm import StopReviewed, TreatedElsewhere
from lowtide.record.entries.longterm_words import elsewhere as told_elsewhere
from lowtide.record.entries.words import day, moment, summary
from lowtide.science.units import plain

DOES = {
    "block": "marks the next session, then blocks it",
    "block_at_once": "blocks the next session",
    "mark": "marks the next session",
    "off": "not asked for under this policy",
}
AGAINST = {
    "held": (0, "stop", "Held"),
    "bad": (1, "hold", "Out of range"),
    "unread": (2, "caution", "Not read"),
    "untold": (3, "note", "Done, not told"),
    "seen": (3, "note", "Out of range, seen"),
}
Row = dict[str, Any]
ENDED: Row = {
    "order": 4,
    "level": "note",
    "word": "Treatment ended",
    "because": "",
    "due_at": None,
    "why": "asked for again with another course",
    "late": False,
    "can_wait": False,
}


# -- checks ----------------------------------------------------------------------------------------------------------


def checks(chart: Chart, state: CourseState, policy: str, now: datetime, zone: tzinfo) -> list[Row]:
    """Every check that the policy asks for: what blocks first, then what is overdue, due, and in order. After treatment
    has ended nothing falls due, here as in the lists of the clinic."""
    others, known = elsewhere(chart), looked(chart)
    ended = state.phase is Phase.ENDED
    found = []
    for check in longterm.checks().values():
        if check.does(policy) != "off" and not (check.childbearing and cannot_be_pregnant(chart)):
            one = standing(chart, state, check, others) if state.doses else None
            row = _check(check, one, chart, policy, now, zone)
            row |= ENDED if ended and one else {}
            found.append(_with_concern(row, concern(chart, check, known)))
    return sorted(found, key=lambda row: row["order"])


def _with_concern(row: Row, one: Concern | None) -> Row:
    """The row with what speaks against the check: in place of “in order”, or beside what is overdue."""
    if one is None:
        return row
    order, level, word = AGAINST["held" if one.held else "seen" if one.seen else one.reading.value]
    against = {"level": level, "word": word, "text": one.text, "entry": one.entry.id}
    if row["level"] not in ("clear", "unknown"):
        return row | {"against": against}
    return row | {"against": against, "order": order, "level": level, "word": word}


def _check(check: Check, one: Standing | None, chart: Chart, policy: str, now: datetime, zone: tzinfo) -> Row:
    known = one.last if one else last(chart, check)
    order, level, word = _state(one, bool(known), policy, now)
    return {
        "key": check.key,
        "label": check.label[:1].upper() + check.label[1:],
        "because": f"{check.because[:1].upper()}{check.because[1:]}." if order < 3 else "",
        "order": order,
        "level": level,
        "word": word,
        "last": known.text if known else "",
        "last_on": day(known.at.astimezone(zone).date().isoformat()) if known else "never done",
        "last_entry": known.entry.id if known else None,
        "due": words.due(one.due_at, now) if one else "",
        "due_on": day(one.due_at.astimezone(zone).date().isoformat()) if one else "",
        "due_at": one.due_at if one else None,
        "why": one.first.text if one else "with the next session" if known else "from the first dose on",
        "count": _count(one),
        "does": DOES[check.does(policy)],
        "postponed": day(_last_day(one, zone))
        if one and one.postponed_until and one.postponed_until > now
        else "",
        "rule": check.item,
        "verified": check.verified,
        "owner": ROLES[check.owner].label,
        "asks": check.asks,
        "workup": check.workup if check.workup in tests() else "",
        "late": order < 2,
        "can_wait": bool(one and order < 2 and check.does(policy) in ("block", "block_at_once")),
    }


def _last_day(one: Standing, zone: tzinfo) -> str:
    assert one.postponed_until
    return (one.postponed_until - timedelta(seconds=1)).date().isoformat()


def _state(one: Standing | None, known: bool, policy: str, now: datetime) -> tuple[int, str, str]:
    if one is None:
        return (4, "clear", "In order") if known else (5, "unknown", "Not yet")
    if one.blocks(now, policy):
        return 0, "stop", "Blocks"
    if one.is_overdue(now):
        return 1, "hold", "Overdue"
    if one.is_due(now):
        return 2, "caution", "Due"
    return 3, "clear", "In order"


def _count(one: Standing | None) -> str:
    every = (
        one.check.watched.frequency.every_sessions if one and "every_sessions" in one.check.rhythm else None
    )
    return f"{one.since} of {every} sessions since" if one and every else ""


# -- exposure --------------------------------------------------------------------------------------------------------


def exposures(chart: Chart, state: CourseState, now: datetime) -> list[Row]:
    """The windows, each with a row a drug and way: neither are ever added in milligrams."""
    others = elsewhere(chart)
    found = [exposure(state.doses, others, now, days) for days in (*WINDOWS, None)]
    return [_window(one) for one in found]


def _window(one: Exposure) -> Row:
    return {
        "days": f"{one.days} days" if one.days else "All",
        "drugs": [_amount(amount) for amount in one.amounts],
        "sessions": told_sessions(one),
        "unknown": one.unknown,
    }


def _amount(one: Amount) -> Row:
    theirs = ""
    if one.elsewhere_most or one.unknown:
        theirs = counted(one.elsewhere_least, one.elsewhere_most, one.uncounted)
    return {
        "drug": drug_label(one.drug),
        "routes": one.route.upper() or "way not known",
        "here": one.sessions,
        "elsewhere": theirs,
        "mg": f"{one.mg_known:.1f}",
        "mg_per_kg": f"{one.mg_per_kg:.2f}",
        "unread": one.unread,
        "unknown": one.unknown,
    }


def told_sessions(one: Exposure) -> str:
    count = counted(one.least, one.most, one.uncounted)
    return f"{count} session{'' if count == '1' else 's'} in all"


def others(chart: Chart) -> list[Row]:
    """Treatment elsewhere, line by line; what was told among earlier treatments as well."""
    return [
        {
            "id": one.entry.id,
            "text": told_elsewhere(one.entry.body)
            if isinstance(one.entry.body, TreatedElsewhere)
            else f"{summary(one.entry)} (from the history)",
        }
        for one in elsewhere(chart)
    ]


# -- drift -----------------------------------------------------------------------------------------------------------


def drifts(chart: Chart, state: CourseState, zone: tzinfo) -> Iterator[Row]:
    """How pressure at rest and weight have moved since treatment began."""
    if (row := _pressure(chart, zone)) is not None:
        yield row
    if state.doses and (row := _weight(chart, state, zone)) is not None:
        yield row


def _pressure(chart: Chart, zone: tzinfo) -> Row | None:
    readings = [
        (counts_from(e, b.dated), Decimal(b.sbp_mmhg)) for e, b in at_rest(chart) if b.sbp_mmhg is not None
    ]
    count = int(longterm.number("pressure_readings"))
    if len(readings) < 2 * count:
        return _too_few("Systolic pressure at rest", len(readings), 2 * count)
    first, final = (_mean(part) for part in (readings[:count], readings[-count:]))
    rise = final - first
    limit = longterm.numbers()["pressure_rise_mmhg"]
    return {
        "label": "Systolic pressure at rest",
        "text": f"{first:.0f} to {final:.0f} mmHg, mean of {count} readings each",
        "since": f"{_day(readings[0][0], zone)} to {_day(readings[-1][0], zone)}",
        "drifted": rise >= limit.value,
        "limit": f"drift from {plain(limit.value)} mmHg",
        "verified": limit.verified,
        "number": "longterm:pressure_rise_mmhg",
        "points": [(at, float(v)) for at, v in readings],
    }


def _mean(readings: list[tuple[datetime, Decimal]]) -> Decimal:
    return sum((value for _, value in readings), Decimal(0)) / len(readings)


def _too_few(label: str, count: int, least: int) -> Row:
    return {
        "label": label,
        "text": f"{count} of {least} readings: too few to tell",
        "since": "",
        "drifted": False,
    }


def _weight(chart: Chart, state: CourseState, zone: tzinfo) -> Row | None:
    said = [
        (counts_from(e, b.dated), b.value) for e, b in chart.said(Measurement) if b.quantity == "weight_kg"
    ]
    first_dose = min(d.started_at for d in state.doses)
    before = [pair for pair in said if pair[0] <= first_dose]
    if not said or (len(said) < 2):
        return _too_few("Weight", len(said), 2)
    begin, final = (before or said)[-1 if before else 0], said[-1]
    pct = (final[1] - begin[1]) * 100 / begin[1]
    limit = longterm.numbers()["weight_drift_pct"]
    return {
        "label": "Weight",
        "text": f"{plain(round(begin[1], 1))} to {plain(round(final[1], 1))} kg, {pct:+.1f} %",
        "since": f"{_day(begin[0], zone)} to {_day(final[0], zone)}",
        "drifted": abs(pct) >= limit.value,
        "limit": f"drift from {plain(limit.value)} %",
        "verified": limit.verified,
        "number": "longterm:weight_drift_pct",
        "points": [(at, float(v)) for at, v in said],
    }


def _day(at: datetime, zone: tzinfo) -> str:
    return day(at.astimezone(zone).date().isoformat())


# -- what stops, and what is kept in mind ------------------------------------------------------------------------------


def stops(found: Iterable[Open], seen: Chart, now: datetime, zone: tzinfo) -> list[Row]:
    """What holds the next session; of what this reader may not read only that a decision is open."""
    return [_stop(one, seen, now, zone) for one in found]


def _stop(one: Open, seen: Chart, now: datetime, zone: tzinfo) -> Row:
    may_read = all(t.entry.id in seen.entries for t in one.triggers)
    private = one.stop.private and not may_read
    return {
        "key": one.key,
        "title": "Review" if private else one.stop.label,
        "ask": one.stop.ask,
        "then": "" if private else one.stop.then,
        "text": one.text if private else told(one),
        "held": bool(one.held),
        "held_because": one.held.reason if one.held and one.held.id in seen.entries else "",
        "since": moment(one.since, zone),
        "triggers": [] if private else [_trigger(t.entry, t.text, t.verified, zone) for t in one.triggers],
        "sources": " ".join(str(i) for i in one.sources),
        "verified": one.verified,
        "private": one.stop.private,
    }


def told(one: Open) -> str:
    return "; ".join(dict.fromkeys(t.text for t in one.triggers)) or "Held by hand."


def _trigger(entry: Entry, text: str, verified: bool, zone: tzinfo) -> Row:
    return {"id": entry.id, "text": text, "at": moment(entry.at, zone), "verified": verified}


def decisions(found: Iterable[tuple[Entry, StopReviewed]], zone: tzinfo) -> list[Row]:
    rows = list(found)
    names = names_of({e.by for e, _ in rows})
    return [
        {
            "id": e.id,
            "at": moment(e.at, zone),
            "what": longterm.stops()[b.stop].label if b.stop in longterm.stops() else b.stop,
            "choice": "Held" if b.choice == "hold" else "Released",
            "level": "hold" if b.choice == "hold" else "clear",
            "findings": "; ".join(b.findings),
            "reason": e.reason or "",
            "by": names[e.by],
        }
        for e, b in rows
    ]


def observations(found: Iterable[Signal], zone: tzinfo) -> list[Row]:
    """What is kept in mind, the latest first."""
    return [
        {
            "id": one.entry.id,
            "at": moment(one.at, zone),
            "label": one.known.label,
            "text": one.text,
            "derived": one.known.derived,
        }
        for one in sorted(found, key=lambda one: one.at, reverse=True)
    ]
