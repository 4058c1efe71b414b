"""Print what long-term safety says of a patient: exposure, checks, what holds the next session.

example:
  lowtide safety LT-0417
  lowtide safety "Ines Halvorsen" --json

PATIENT is the id of the chart, a number (the clinic's or another system's), or a name that only one patient has.
Treatment elsewhere is counted; what is not known of it is said. Observations about use are for the clinic's own pages.
"""

import argparse
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from lowtide.record.dates import instant
from lowtide.site.answers import add_json, answer
from lowtide.site.setup import ready

if TYPE_CHECKING:
    from lowtide.pathway.course.exposure import Exposure
    from lowtide.pathway.course.state import CourseState
    from lowtide.record.chart import Chart

BY = "system:command-line"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("patient", metavar="PATIENT", help="id, number or unique name")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    ready()
    from django.utils import timezone

    from lowtide.pathway.course.state import fold
    from lowtide.people.charts import whole_chart
    from lowtide.record import access_log
    from lowtide.site.which import the_one

    stream, now = the_one(args.patient), timezone.now()
    access_log.log(BY, "lowtide safety", stream=stream)
    whole = whole_chart(stream)
    document = {"patient": stream.partition(":")[2], **_document(whole, fold(whole), now)}
    return answer(document, list(_lines(document)), as_json=args.json)


def _document(whole: "Chart", state: "CourseState", now: datetime) -> dict[str, Any]:
    from lowtide.data import own
    from lowtide.pathway.course.exposure import WINDOWS, elsewhere, exposure
    from lowtide.pathway.safety.longterm.gate import holds
    from lowtide.pathway.safety.longterm.stops import open_stops

    others = elsewhere(whole)
    ahead = state.next_session
    at = max(now, ahead.planned_at) if ahead else now
    return {
        "policy": own.laid().policy,
        "exposure": [_window(exposure(state.doses, others, now, days)) for days in (*WINDOWS, None)],
        "checks": list(_checks(whole, state, now)),
        "stops": [
            {
                "stop": "review" if o.stop.private else o.key,
                "since": instant(o.since),
                "text": o.text,
                "verified": o.verified,
            }
            for o in open_stops(whole, state)
        ],
        "next_session": {
            "at": instant(ahead.planned_at) if ahead else None,
            "held": [{"id": h.id, "text": h.what, "blocks": h.blocks} for h in holds(whole, at, state)],
        },
    }


def _window(one: "Exposure") -> dict[str, Any]:
    return {
        "days": one.days,
        "sessions": {
            "here": one.sessions,
            "least": one.least,
            "most": None if one.uncounted else one.most,
            "unknown_records": one.unknown,
        },
        "drugs": [
            {
                "drug": a.drug or None,
                "route": a.route or None,
                "sessions": a.sessions,
                "mg": str(a.mg),
                "mg_per_kg": str(round(a.mg_per_kg, 4)),
                "mg_elsewhere": str(a.mg_elsewhere),
                "elsewhere": {
                    "least": a.elsewhere_least,
                    "most": None if a.uncounted else a.elsewhere_most,
                    "unknown_records": a.unknown,
                },
                "not_read_off": a.unread,
            }
            for a in one.amounts
        ],
    }


def _checks(whole: "Chart", state: "CourseState", now: datetime) -> Iterator[dict[str, Any]]:
    from lowtide.data import own
    from lowtide.pathway.course.state import Phase
    from lowtide.pathway.safety.longterm.concerns import concern, looked
    from lowtide.pathway.safety.longterm.schedule import standings

    policy, known = own.laid().policy, looked(whole)
    ended = state.phase is Phase.ENDED
    for one in standings(whole, state, policy):
        against = concern(whole, one.check, known)
        yield {
            "check": one.check.key,
            "label": one.check.label,
            "last": instant(one.last.at) if one.last else None,
            "due_at": instant(one.due_at),
            "ended": ended,
            "overdue": not ended and one.is_overdue(now),
            "blocks": not ended and one.blocks(now, policy),
            "why": one.first.text,
            "found": against
            and {
                "reading": against.reading.value,
                "text": against.text,
                "held": against.held,
                "seen": against.seen,
            },
            "rule_id": one.check.rule_id,
            "source": one.check.watched.source,
            "verified": one.check.verified,
        }


def _lines(document: dict[str, Any]) -> Iterator[str]:
    from lowtide.pathway.course.exposure import counted

    for window in document["exposure"]:
        days = f"{window['days']} days" if window["days"] else "in all"
        found = window["sessions"]
        most = found["most"]
        count = counted(found["least"], most or 0, int(most is None))
        unknown = ", elsewhere not known in full" if found["unknown_records"] else ""
        mg = "; ".join(_told(d) for d in window["drugs"])
        yield f"{days:<9} {count} sessions{unknown}; {mg or 'nothing on record'}"
    for check in document["checks"]:
        yield f"{_state(check):<9} {check['label']}, due {check['due_at'][:10]}, {check['why']}{_found(check)} ({check['rule_id']})"
    for stop in document["stops"]:
        yield f"{'held':<9} {stop['text']}"


def _told(drug: dict[str, Any]) -> str:
    """“210 mg ketamine iv here, 672 mg elsewhere”; what is not known is said."""
    name = f"{drug['drug'] or 'of an unnamed drug'} {drug['route'] or 'by a way not known'}"
    unread = f" and {drug['not_read_off']} not read off" if drug["not_read_off"] else ""
    here = f"{drug['mg']} mg {name} here{unread}" if drug["sessions"] else ""
    known, unknown = Decimal(drug["mg_elsewhere"]), drug["elsewhere"]["unknown_records"]
    amount = f"{drug['mg_elsewhere']} mg{' or more' if unknown else ''}" if known else "an amount not known"
    there = f"{amount} {'' if here else f'{name} '}elsewhere" if known or unknown else ""
    return ", ".join(filter(None, (here, there)))


WIDTH = 100
WORDS = {"bad": "found", "unread": "unread", "untold": "done"}


def _state(check: dict[str, Any]) -> str:
    """One word: what blocks or is late first, then what came of it."""
    if check["blocks"] or check["overdue"]:
        return "blocks" if check["blocks"] else "overdue"
    found = check["found"]
    if check["ended"]:
        return "ended"
    if found and found["held"]:
        return "held"
    return "in order" if not found else "seen" if found["seen"] else WORDS[found["reading"]]


def _found(check: dict[str, Any]) -> str:
    found = check["found"]
    return f"; {shorten(found['text'], WIDTH, placeholder=' …')}" if found else ""
