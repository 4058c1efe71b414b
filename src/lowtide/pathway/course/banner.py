"""The banner and the pathway on every page of a chart: who this is, what must be known before a dose, what waits."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from lowtide.data.rules import thresholds
from lowtide.pathway.course.raised_forms import OpenRisk, left_open, open_risks
from lowtide.pathway.course.rules import Stop, stops
from lowtide.pathway.course.sessions import sessions
from lowtide.people import banner
from lowtide.people.charts import PatientChart
from lowtide.people.who import Request
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.history import Allergy, HistoryTaken, Measurement, ProblemStatus
from lowtide.record.entries.words import day

WEIGHT = "weight_kg"
ASKED = "allergies"
NO_ALLERGY = "any"


Alerts = Callable[[PatientChart], Iterable[dict[str, Any]]]
_alerts: dict[str, Alerts] = {}


def add_alerts(name: str, source: Alerts) -> None:
    """Let a later step say what must be seen on every page of a chart; a name that is known already is replaced."""
    _alerts[name] = source


def patient_context(request: Request, patient_chart: PatientChart, step: str) -> dict[str, Any]:
    """What `patient_base.html` asks for. `step` is the pathway's step that the page belongs to, or another word."""
    chart = patient_chart.chart
    patient = banner.identity(request.person, patient_chart)
    # Suicidality answers surface whatever the reader may otherwise see: the risk is read from the whole chart.
    now = timezone.now()
    risks = _risks(open_risks(patient_chart.whole), patient_chart)
    unanswered = [
        risk
        for risk, closed in left_open(patient_chart.whole)
        if risk.opens_at and risk.opens_at <= now and not closed
    ]
    patient |= {
        "clinical": True,
        "weight": _weight(chart, now),
        "allergies": _allergies(chart),
        "alerts": [
            *risks,
            *(_risk(risk, patient_chart) for risk in unanswered[-1:]),
            *(a for source in _alerts.values() for a in source(patient_chart)),
            *patient["alerts"],
        ],
        "links": [*_beside(patient_chart), *patient["links"]],
    }
    return {
        "patient": patient,
        "rail": _rail(stops(chart, timezone.get_current_timezone()), patient_chart, step, _is_treated(chart)),
    }


def _beside(patient_chart: PatientChart) -> list[tuple[str, str]]:
    """Pages of care beside the pathway."""
    pages = (
        ("Medicines", "plan:medicines"),
        ("Events", "safety:all"),
        ("Long-term", "safety:long_term"),
        ("Messages", "portal_desk:messages"),
    )
    return [(label, url) for label, name in pages if (url := _page(name, patient_chart))]


def _risks(found: tuple[OpenRisk, ...], patient_chart: PatientChart) -> list[dict[str, Any]]:
    """The latest answer that waits, and how many wait besides it."""
    alerts = [_risk(risk, patient_chart) for risk in found[-1:]]
    if len(found) > 1:
        text = f"{len(found) - 1} earlier answer{'s' * (len(found) > 2)} wait{'s' * (len(found) == 2)} too."
        alerts[0]["text"] += f" {text}"
    return alerts


def _risk(risk: OpenRisk, patient_chart: PatientChart) -> dict[str, Any]:
    at = timezone.localtime(risk.at)
    alert = {
        "level": "hold" if risk.opens_at else "stop",
        "word": "Ask" if risk.opens_at else "Act now",
        "text": f"{risk.instrument}, {day(at.date().isoformat())} {at:%H:%M}: {risk.text}",
    }
    page = _page("outcomes:risk", patient_chart, risk.form) or _page("outcomes:outcomes", patient_chart)
    return alert | ({"url": page, "link": "Say what was done"} if page else {})


def _weight(chart: Chart, now: datetime) -> dict[str, Any] | None:
    weighed = [(e, b) for e, b in chart.said(Measurement) if b.quantity == WEIGHT]
    if not weighed:
        return None
    entry, body = weighed[-1]
    days = (timezone.localdate(now) - timezone.localdate(entry.at)).days
    limit = thresholds()["weight_max_age_days"].value
    return {
        "value": body.value,
        "unit": "kg",
        "age": ", ".join(filter(None, (_when(entry, days), body.device))),
        "at": entry.at,
        "old": isinstance(limit, float | int) and days > limit,
    }


def _when(entry: Entry, days: int) -> str:
    at = timezone.localtime(entry.at)
    if days in (0, 1):
        return f"{'yesterday' if days else 'today'} {at:%H:%M}"
    return f"{day(at.date().isoformat())}, {days} days old"


def _allergies(chart: Chart) -> dict[str, str] | None:
    """Every allergy; “none known” only if somebody asked; nothing if nobody did."""
    said = chart.said(Allergy)
    known = [b.substance for _, b in said if b.status is not ProblemStatus.REFUTED]
    if known:
        return {"text": ", ".join(dict.fromkeys(known)), "age": ""}
    asked = [e.at for e, b in said if b.substance == NO_ALLERGY]
    asked += [e.at for e, b in chart.said(HistoryTaken) if ASKED in b.items]
    if not asked:
        return None
    return {
        "text": "none known,",
        "age": f"asked {day(timezone.localdate(max(asked)).isoformat())}",
    }


def _is_treated(chart: Chart) -> bool:
    """Sessions lie ahead or somebody sits in the chair: maintenance is not yet the step that therapy stands at."""
    return any(s.is_ahead or s.is_under_way for s in sessions(chart))


def _rail(
    found: tuple[Stop, ...], patient_chart: PatientChart, step: str, treated: bool
) -> list[dict[str, str]]:
    """The stops that have a page, with where this page or, between pages, the therapy stands."""
    known = [(stop, url) for stop in found if (url := _page(stop.page, patient_chart))]
    here = step if any(stop.step == step for stop, _ in known) else _standing(known, treated)
    return [
        {"label": stop.label, "url": url, "state": stop.state, "stage": _stage(stop, here)}
        for stop, url in known
    ]


def _standing(known: list[tuple[Stop, str]], treated: bool) -> str:
    """The first step that was not reached, the last one once all were; the sessions while there are some to hold."""
    open_steps: Iterator[str] = (stop.step for stop, _ in known if not stop.reached)
    found = next(open_steps, known[-1][0].step if known else "")
    return "session" if found == "maintenance" and treated else found


def _stage(stop: Stop, here: str) -> str:
    if stop.step == here:
        return "here"
    return "past" if stop.reached else "ahead"


def _page(name: str, patient_chart: PatientChart, *more: object) -> str | None:
    try:
        return reverse(name, args=[patient_chart.patient_id, *more])
    except NoReverseMatch:
        return None
