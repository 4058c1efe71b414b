"""What the pages of safety show of an event and of a report, in words."""

from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo
from typing import Any

from lowtide.data.events import events as tables
from lowtide.data.events import word
from lowtide.data.reports import reports, states
from lowtide.pathway.course import words
from lowtide.pathway.safety.rules import ACKNOWLEDGED, FAILED, NOT_NEEDED, SENT, Event, Report
from lowtide.people.who import names_of
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.event_words import called, product
from lowtide.record.entries.words import day, label, moment, summary

LEVELS = {1: "note", 2: "caution", 3: "hold", 4: "stop", 5: "stop"}
SHOWN_AS = {
    SENT: ("clear", "Sent"),
    ACKNOWLEDGED: ("clear", "Acknowledged"),
    NOT_NEEDED: ("note", "Not needed"),
}


def row(event: Event, now: datetime, zone: tzinfo) -> dict[str, Any]:
    """One event on a line."""
    return {
        "id": event.id,
        "what": called(event.body),
        "words": event.body.words if event.body.term != "other" else "",
        "grade": word(event.grade),
        "level": LEVELS.get(event.grade, "note"),
        "onset": onset(event, zone),
        "state": tables().outcomes[event.outcome].label,
        "over": event.is_over,
        "lasted": lasted(event.lasted),
        "serious": event.serious is Answer.YES,
        "unjudged": event.serious is Answer.NOT_KNOWN,
        "reports": [report(one, now, zone) for one in event.reports],
    }


def onset(event: Event, zone: tzinfo) -> str:
    return day(event.body.dated) if event.body.dated else moment(event.onset_at, zone)


def lasted(span: timedelta | None) -> str:
    if span is None:
        return ""
    minutes = int(span.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} days"


def pairs(event: Event, zone: tzinfo) -> list[tuple[str, str]]:
    """What stands, as a table; what nobody said is said to be open."""
    body, known = event.body, tables()
    ended = moment(event.ended_at, zone) if event.ended_at else ""
    long = lasted(event.lasted)
    return [
        ("Began", onset(event, zone)),
        ("Grade", f"{word(event.grade)} ({event.grade} of 5)"),
        ("Serious", _serious(event)),
        ("The dose", known.actions[body.action]),
        ("What was done", body.treatment or "nothing is written"),
        ("Caused by the treatment", known.relations[event.relation]),
        ("Suspected", product(body.suspected) if body.suspected else "nothing is named"),
        ("How it stands", known.outcomes[event.outcome].label),
        (
            "Ended",
            f"{ended}{f', after {long}' if long else ''}"
            if ended
            else "not known"
            if event.is_over
            else "it goes on",
        ),
    ]


def _serious(event: Event) -> str:
    if event.serious is Answer.YES:
        return f"Yes: {', '.join(tables().criteria[c].label.lower() for c in event.criteria)}"
    return "No" if event.serious is Answer.NO else "Not judged yet"


def report(found: Report, now: datetime, zone: tzinfo) -> dict[str, Any]:
    """One report: how it stands, whose it is, by when."""
    level, said = SHOWN_AS.get(found.state, ("hold", "Failed" if found.state == FAILED else "To send"))
    late = found.is_late(now)
    return {
        "key": found.key,
        "event": found.event,
        "label": found.label,
        "about": reports()[found.key].about,
        "level": "stop" if late else level,
        "word": "Overdue" if late else said,
        "state": states().get(found.state, "not sent"),
        "open": found.to_send,
        "due_at": found.due_at,
        "when": words.due(found.due_at, now),
        "by": words.when(found.due_at, zone, now),
        "owner": names_of({found.owner})[found.owner] if found.owner else "",
        "reference": found.reference,
        "sent": moment(found.sent_at, zone) if found.sent_at else "",
        "rule": found.rule,
        "trail": told(found.trail, zone),
    }


def course(chart: Chart, event: Event, zone: tzinfo) -> list[dict[str, Any]]:
    """Everything that was said of it, the first word first, corrections included."""
    line = chart.line(event.id)
    rest = [entry for entry, _ in event.followed]
    return told(sorted([*line, *rest], key=lambda e: e.recorded_at), zone, struck={e.id for e in line[:-1]})


def told(entries: Iterable[Entry], zone: tzinfo, struck: set[Any] | None = None) -> list[dict[str, Any]]:
    found = list(entries)
    names = names_of({e.by for e in found})
    return [
        {
            "id": e.id,
            "at": moment(e.at, zone),
            "what": label(e),
            "text": summary(e, zone),
            "by": names[e.by],
            "reason": e.reason or "",
            "struck": e.id in (struck or set()),
        }
        for e in found
    ]


def left(entry: Entry, zone: tzinfo) -> dict[str, Any]:
    """How somebody left against advice, for whoever calls."""
    return {
        "at": moment(entry.at, zone),
        "reason": entry.reason or "",
        "text": summary(entry, zone),
        "phone": entry.body.advice.phone if entry.body.advice else "",
    }


def initial(event: Event, zone: tzinfo) -> dict[str, Any]:
    """The event's own words as the start of its correction."""
    body, at = event.body, event.onset_at.astimezone(zone)
    return {
        "term": body.term,
        "words": body.words,
        "began": body.dated or at.date().isoformat(),
        "clock": None if body.dated else at.time(),
        "grade": str(body.grade),
        "serious": body.serious.value,
        "criteria": list(body.criteria),
        "action": body.action,
        "treatment": body.treatment,
        "relation": body.relation,
        "outcome": body.outcome,
    }
