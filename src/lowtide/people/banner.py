"""Who the page is about, kept in sight on every page of a chart.

This room knows identity: name, age, numbers, look-alikes, joined charts. What care adds to the banner (weight,
allergies, risk, the pathway) comes from a step of care, which registers its own builder here; so that pages of this
room show the whole banner without knowing the pathway.
"""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from lowtide.people.charts import PatientChart, rows_of
from lowtide.people.patients.search import LookAlike, look_alikes
from lowtide.people.projections import number_of
from lowtide.people.roles import Permission
from lowtide.people.who import Person, Request
from lowtide.record.dates import age_years
from lowtide.record.entries.identity import Patient, Sex
from lowtide.record.entries.words import day

Build = Callable[[Request, PatientChart, str], dict[str, Any]]
SEX = {Sex.FEMALE: "F", Sex.MALE: "M", Sex.OTHER: "other", Sex.UNKNOWN: "sex not known"}
SHOWN_LOOK_ALIKES = 3
_whole: list[Build] = []


def register(build: Build) -> None:
    """Let a step of care build the banner for those who may read the chart."""
    _whole[:] = [build]


def patient_page(request: Request, chart: PatientChart, step: str = "") -> dict[str, Any]:
    """What `patient_base.html` asks for, as far as this person may see it."""
    if _whole and request.person.can(Permission.SEE_CHART):
        return _whole[0](request, chart, step)
    return {"patient": identity(request.person, chart), "rail": []}


def identity(person: Person, chart: PatientChart) -> dict[str, Any]:
    """The part of the banner that says who this is. `clinical` False: nothing of the care is shown."""
    patient = chart.patient
    return {
        "id": chart.patient_id,
        "name": full_name(patient),
        "url": chart_url(person, chart.patient_id),
        "sex_age": ", ".join(filter(None, (SEX[patient.sex], age(patient, timezone.localdate())))),
        "born": day(patient.birth_date) if patient.birth_date else "not known",
        "number": number_of(patient) or "none",
        "clinical": False,
        "head": _head(chart),
        "extra": _extra(chart),
        "alerts": _alerts(person, chart),
        "links": _links(person, chart.patient_id),
    }


def _head(chart: PatientChart) -> str:
    """The last entry that a page is made from, as the foot of a print names it."""
    last = max(chart.chart.entries.values(), key=lambda entry: entry.seq, default=None)
    return f"entry {last.seq}, {last.hash[:12]}" if last else ""


def full_name(patient: Patient) -> str:
    called = f" (“{patient.preferred}”)" if patient.preferred else ""
    return f"{patient.given} {patient.family}".strip() + called


def age(patient: Patient, on: date) -> str:
    """Age in words; a span where the birth date is known only in part."""
    if not patient.birth_date or patient.deceased:
        return ""
    youngest, oldest = age_years(patient.birth_date, on)
    return f"{oldest} y" if youngest == oldest else f"{youngest} to {oldest} y"


def chart_url(person: Person, patient_id: UUID) -> str:
    """The front page of a chart for this person: the course, the record, or who it is."""
    if person.can(Permission.SEE_CHART):
        for name in ("course:course", "people:chart"):
            try:
                return reverse(name, args=[patient_id])
            except NoReverseMatch:
                continue
    return reverse("people:who", args=[patient_id])


def _links(person: Person, patient_id: UUID) -> list[tuple[str, str]]:
    links = [("Identity", reverse("people:who", args=[patient_id]))]
    if person.can(Permission.SEE_CHART):
        links.insert(0, ("Record", reverse("people:chart", args=[patient_id])))
    return links


def _extra(chart: PatientChart) -> list[tuple[str, str]]:
    numbers = [row.number or f"{row.given} {row.family}" for row in rows_of(chart.joined)]
    return [("also charted as", ", ".join(numbers))] if numbers else []


def _alerts(person: Person, chart: PatientChart) -> list[dict[str, Any]]:
    alike = look_alikes(chart.patient, chart.whole)
    alerts = [_look_alike(person, chart, other) for other in alike[:SHOWN_LOOK_ALIKES]]
    if chart.patient.deceased:
        alerts.insert(0, {"level": "hold", "word": "Has died", "text": "The chart stays readable."})
    if len(alike) > SHOWN_LOOK_ALIKES:
        text = f"and {len(alike) - SHOWN_LOOK_ALIKES} more"
        alerts.append({"level": "note", "word": "Look-alikes", "text": text, **_compare(person, chart)})
    return alerts


def _look_alike(person: Person, chart: PatientChart, other: LookAlike) -> dict[str, Any]:
    p = other.patient
    who = f"{full_name(p)}, born {day(p.birth_date) if p.birth_date else 'not known'}, {number_of(p)}"
    if other.reviewed:
        return {"level": "note", "word": "Not to be confused with", "text": who}
    text = f"{who}: {' and '.join(other.reasons)}."
    return {"level": "caution", "word": "Same person?", "text": text, **_compare(person, chart)}


def _compare(person: Person, chart: PatientChart) -> dict[str, str]:
    if not person.can(Permission.EDIT_IDENTITY):
        return {}
    return {"url": reverse("people:same_person", args=[chart.patient_id]), "link": "Compare"}
