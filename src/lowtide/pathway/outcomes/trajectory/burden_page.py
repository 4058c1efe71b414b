"""What the sessions cost, in words and as a strip under the course (pure)."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from lowtide.data.events import word
from lowtide.pathway.course import words
from lowtide.pathway.course.drawing import burden_strip
from lowtide.pathway.course.drawing.timeline_data import Timeline
from lowtide.pathway.outcomes.trajectory.burden import Cost
from lowtide.pathway.safety.rules import Event
from lowtide.record.entries.event_words import called
from lowtide.science.units import amount, plain

DISSOCIATION, CADSS_MOST, RATING_MOST = "dissociation_0_10", 92.0, 10.0


def rows(costs: Sequence[Cost], zone: tzinfo) -> list[dict[str, Any]]:
    """Each session on a line: what was given, what it cost, what the score did."""
    return [_row(cost, zone) for cost in costs]


def _row(cost: Cost, zone: tzinfo) -> dict[str, Any]:
    dose, worst = cost.session.dose, cost.borne.worst
    return {
        "id": cost.session.id,
        "number": cost.session.number,
        "when": words.day(cost.session.at, zone),
        "dose": f"{plain(amount(dose.given_mg))} mg" if dose and dose.given_mg is not None else "",
        "route": dose.route.upper() if dose else "",
        "dissociation": _dissociation(cost),
        "pressure": _pressure(cost),
        "rise": f"{cost.rise:+.0f}" if cost.rise is not None else "",
        "saturation": plain(worst["spo2_pct"]) if "spo2_pct" in worst else "",
        "events": [_event(e) for e in cost.events],
        "beyond": [e.text for e in cost.borne.excesses],
        "early": cost.borne.stopped_early,
        "unknown": [name.lower() for name in cost.borne.unknown],
        "score": _score(cost),
        "change": cost.change,
    }


def _event(event: Event) -> str:
    return f"{called(event.body)}, {word(event.grade).lower()}"


def _dissociation(cost: Cost) -> str:
    if cost.cadss is not None:
        return f"CADSS {plain(cost.cadss)}"
    found = cost.borne.worst.get(DISSOCIATION)
    return f"{plain(found)} of 10" if found is not None else ""


def _pressure(cost: Cost) -> str:
    worst = cost.borne.worst
    if "sbp_mmhg" not in worst:
        return ""
    low = plain(worst["dbp_mmhg"]) if "dbp_mmhg" in worst else "?"
    return f"{plain(worst['sbp_mmhg'])}/{low}"


def _score(cost: Cost) -> str:
    """What it was before, and by each window; that no score was in time is said."""
    before = "?" if cost.before is None else f"{float(cost.before.value):g}"
    if not cost.in_time:
        return f"{before} → none in time"
    seen = ", ".join(f"{float(s.value):g} ({one.window.label})" for one in cost.in_time if (s := one.score))
    return f"{before} → {seen}"


def from_home(happened: Sequence[Event], zone: tzinfo, now: datetime) -> list[dict[str, str]]:
    """Adverse events between the sessions."""
    return [
        {"what": _event(e), "when": words.when(e.onset_at, zone, now)} for e in happened if e.session is None
    ]


def strip(course: Timeline, costs: Sequence[Cost], happened: Sequence[Event]) -> burden_strip.Strip:
    """The same as a picture, on the time axis of the course."""
    return burden_strip.Strip(
        course=course,
        peaks=tuple(_peak(c) for c in costs if c.cadss is not None or DISSOCIATION in c.borne.worst),
        rises=tuple(_rise(c, c.sbp) for c in costs if c.sbp is not None),
        events=tuple(
            burden_strip.Event(at=e.onset_at, grade=e.grade, text=_event(e))
            for e in sorted(happened, key=lambda e: e.onset_at)
        ),
    )


def _peak(cost: Cost) -> burden_strip.Peak:
    is_cadss = cost.cadss is not None
    value = cost.cadss if cost.cadss is not None else cost.borne.worst[DISSOCIATION]
    most = CADSS_MOST if is_cadss else RATING_MOST
    return burden_strip.Peak(at=cost.session.at, value=float(value), highest=most, text=_dissociation(cost))


def _rise(cost: Cost, peak: Decimal) -> burden_strip.Rise:
    before = float(cost.before_sbp) if cost.before_sbp is not None else None
    text = f"{_pressure(cost)} mmHg" + (f", {cost.rise:+.0f}" if cost.rise is not None else "")
    return burden_strip.Rise(at=cost.session.at, before=before, peak=float(peak), text=text)
