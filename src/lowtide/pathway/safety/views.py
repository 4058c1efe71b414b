"""The chart's pages of safety: every adverse event, one of them with its course and its reports, the call after leaving."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from lowtide.data import reports as tables
from lowtide.data.events import rates_of
from lowtide.pathway.course.programs import product_of
from lowtide.pathway.course.sessions import sessions
from lowtide.pathway.safety import actions, forms, page
from lowtide.pathway.safety.rules import Event, Report, event_of, events
from lowtide.people.banner import patient_page
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.forms import sent, status
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.chair import Discharged
from lowtide.record.entries.events import FollowUpCall


@needs(Permission.SEE_CHART)
@require_GET
def all_events(request: Request, patient: UUID) -> HttpResponse:
    """Every adverse event of the chart, those that go on first."""
    found, now = chart_for(request, patient), timezone.now()
    known = sorted(events(found.chart), key=lambda e: (e.is_over, -e.onset_at.timestamp()))
    about = {
        **patient_page(request, found, "events"),
        "rows": [page.row(event, now, timezone.get_current_timezone()) for event in known],
        "may_write": request.person.can(Permission.CHART_SESSION),
    }
    return render(request, "safety/events.html", about)


@needs(Permission.CHART_SESSION)
@require_http_methods(["GET", "POST"])
def new(request: Request, patient: UUID) -> HttpResponse:
    """Write down an event that was told from home or at the desk."""
    found, now, zone = chart_for(request, patient), timezone.now(), timezone.get_current_timezone()
    form = forms.EventForm(request.POST or None, zone=zone, now=now)
    written: list[Entry] = []

    def act(given: dict[str, Any]) -> None:
        do = _act(request, found, given, now, at=form.began_at)
        written.append(actions.record(do, form.said(_suspected(found))))

    if sent(form, request.method, act):
        messages.success(request, "The event is recorded.")
        return redirect("safety:event", patient, written[0].id)
    about = {**patient_page(request, found, "events"), "form": form, "title": "Record an adverse event"}
    return render(request, "safety/event_form.html", about, status=status(form))


@needs(Permission.CHART_SESSION)
@require_http_methods(["GET", "POST"])
def correct(request: Request, patient: UUID, event: UUID) -> HttpResponse:
    """Put right what was written of an event."""
    found, now, zone = chart_for(request, patient), timezone.now(), timezone.get_current_timezone()
    known = _event(found, event)
    form = forms.EventForm(
        request.POST or None, zone=zone, now=now, correcting=True, initial=page.initial(known, zone)
    )

    def act(given: dict[str, Any]) -> None:
        do = _act(request, found, given, now, at=form.began_at)
        actions.correct(do, known, form.said(known.body.suspected or ""), given["reason"])

    if sent(form, request.method, act):
        messages.success(request, "Corrected. What was said first stays readable.")
        return redirect("safety:event", patient, known.id)
    about = {
        **patient_page(request, found, "events"),
        "form": form,
        "title": "Correct the event",
        "event": known,
    }
    return render(request, "safety/event_form.html", about, status=status(form))


@needs(Permission.SEE_CHART)
@require_GET
def one(request: Request, patient: UUID, event: UUID) -> HttpResponse:
    """One event: its course, what is known of it in studies, who is to be told."""
    found, now = chart_for(request, patient), timezone.now()
    known, zone = _event(found, event), timezone.get_current_timezone()
    about = {
        **patient_page(request, found, "events"),
        "event": known,
        "row": page.row(known, now, zone),
        "pairs": page.pairs(known, zone),
        "lines": page.course(found.chart, known, zone),
        "reports": [page.report(report, now, zone) for report in known.reports],
        "rates": rates_of(known.body.term),
        "may_write": request.person.can(Permission.CHART_SESSION),
    }
    return render(request, "safety/event.html", about)


@needs(Permission.CHART_SESSION)
@require_http_methods(["GET", "POST"])
def follow(request: Request, patient: UUID, event: UUID) -> HttpResponse:
    """Ask again: how it stands now, whether it is serious after all, when it was over."""
    found, now = chart_for(request, patient), timezone.now()
    known, zone = _event(found, event), timezone.get_current_timezone()
    open_ = known.serious is Answer.NOT_KNOWN
    form = forms.FollowForm(request.POST or None, zone=zone, now=now, must_judge=open_)

    def act(given: dict[str, Any]) -> None:
        actions.follow(_act(request, found, given, now), known, form.followed(known.id))

    if sent(form, request.method, act):
        messages.success(request, "Recorded.")
        return redirect("safety:event", patient, known.id)
    about = {
        **patient_page(request, found, "events"),
        "form": form,
        "event": known,
        "row": page.row(known, now, zone),
    }
    return render(request, "safety/follow.html", about, status=status(form))


@needs(Permission.CHART_SESSION)
@require_http_methods(["GET", "POST"])
def report(request: Request, patient: UUID, event: UUID, report: str) -> HttpResponse:
    """A report on a serious event: take it on, say that it was sent, with which proof, and what came back."""
    found, now = chart_for(request, patient), timezone.now()
    known = _event(found, event)
    owed = _report(known, report)
    states = [s for s in tables.states() if s != "not_needed" or request.person.can(Permission.DECIDE)]
    form = forms.ReportForm(request.POST or None, states=states)

    def act(given: dict[str, Any]) -> None:
        actions.tell(_act(request, found, given, now), form.sent(known.id, report))

    if sent(form, request.method, act):
        messages.success(request, f"{owed.label}: recorded.")
        return redirect("safety:event", patient, known.id)
    zone = timezone.get_current_timezone()
    about = {
        **patient_page(request, found, "events"),
        "form": form,
        "event": known,
        "row": page.row(known, now, zone),
        "report": page.report(owed, now, zone),
    }
    return render(request, "safety/report.html", about, status=status(form))


@needs(Permission.CHART_SESSION)
@require_http_methods(["POST"])
def take(request: Request, patient: UUID, event: UUID, report: str) -> HttpResponse:
    """Take a report on by name."""
    found = chart_for(request, patient)
    known = _event(found, event)
    _report(known, report)
    actions.take_report(actions.Act(person=request.person, patient_id=patient), known.id, report)
    messages.success(request, "You have it now.")
    return redirect("safety:event", patient, known.id)


@needs(Permission.CHART_SESSION)
@require_http_methods(["GET", "POST"])
def call(request: Request, patient: UUID, left: UUID) -> HttpResponse:
    """The call to somebody who left against advice."""
    found, now, zone = chart_for(request, patient), timezone.now(), timezone.get_current_timezone()
    entry = found.chart.entries.get(left)
    if entry is None or not isinstance(entry.body, Discharged) or not entry.body.against_advice:
        raise Http404("nobody left against advice with this entry")
    form = forms.CallForm(request.POST or None)

    def act(given: dict[str, Any]) -> None:
        actions.call(_act(request, found, given, now), form.call(left))

    if sent(form, request.method, act):
        messages.success(request, "The call is recorded.")
        return redirect("safety:all", patient)
    calls = [e for e, body in found.chart.said(FollowUpCall) if body.about == left]
    about = {
        **patient_page(request, found, "events"),
        "form": form,
        "left": page.left(entry, zone),
        "contact": found.patient.contact,
        "calls": page.told(calls, zone),
    }
    return render(request, "safety/call.html", about, status=status(form))


def _event(found: PatientChart, event: UUID) -> Event:
    known = event_of(found.chart, event)
    if known is None:
        raise Http404("no such event in this chart")
    return known


def _report(event: Event, key: str) -> Report:
    known = next((one for one in event.reports if one.key == key), None)
    if known is None:
        raise Http404("this event asks for no such report")
    return known


def _act(
    request: Request, found: PatientChart, given: dict[str, Any], now: datetime, at: datetime | None = None
) -> actions.Act:
    return actions.Act(
        person=request.person, patient_id=found.patient_id, entry_id=given["entry_id"], at=at, now=now
    )


def _suspected(found: PatientChart) -> str:
    """The product of the last session that was given."""
    given = [s for s in sessions(found.chart) if s.dose]
    return product_of(found.chart, given[-1].id) if given else ""
