"""Pages beside maintenance: correcting or taking back a choice, looking for somebody, and the end of a course on paper."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from lowtide.data import maintenance
from lowtide.pathway.course import words
from lowtide.pathway.course.state import Phase, fold
from lowtide.pathway.maintenance import correcting, shown
from lowtide.pathway.maintenance.contacts import tell
from lowtide.pathway.maintenance.forms import ContactForm, CorrectionForm
from lowtide.pathway.maintenance.heard import ended, heard_at, tried
from lowtide.people.banner import patient_page
from lowtide.people.charts import chart_for
from lowtide.people.clinic import this_clinic, zone
from lowtide.people.forms import ReasonForm, sent, status
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.problems import Refused
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import CoursePlanned, NextSessionDecided
from lowtide.record.entries.upkeep_words import choice as choice_words
from lowtide.record.entries.upkeep_words import ending as ending_words


def _standing(chart: Chart, entry: UUID) -> tuple[Entry, NextSessionDecided]:
    try:
        return correcting.decision_of(chart, entry)
    except Refused as gone:
        raise Http404("no such choice stands in this chart") from gone


def _as_booked(request: Request, chart: Chart) -> datetime | None:
    """When the next session is booked, for a choice that is to follow it."""
    ahead = fold(chart).next_session if request.GET.get("as") == "booked" else None
    return ahead.planned_at if ahead and ahead.booked else None


@needs(Permission.DECIDE)
@require_http_methods(["GET", "POST"])
def correct(request: Request, patient: UUID, entry: UUID) -> HttpResponse:
    """Say a choice again with another date or reason; the old one stays readable, struck through."""
    chart, here, now = chart_for(request, patient), zone(), timezone.now()
    stored, body = _standing(chart.chart, entry)
    step = maintenance.steps().get(body.choice)
    at = _as_booked(request, chart.chart) or body.planned_at
    local = at.astimezone(here) if at else None
    form = CorrectionForm(
        request.POST or None,
        needs=step.needs if step else "",
        initial={
            "date": local and local.date(),
            "time": local and local.time(),
            "look_again_on": body.look_again_on,
            "reason": stored.reason,
        },
    )

    def do(said: dict[str, Any]) -> object:
        again = correcting.Again(
            person=request.person, stream=chart.stream, decision=entry, entry_id=said["entry_id"], now=now
        )
        return correcting.correct(
            again,
            reason=str(said["reason"]),
            planned_at=form.planned_at(here),
            look_again_on=said.get("look_again_on"),
        )

    if sent(form, request.method, do):
        messages.success(request, "Corrected. The old words stay readable.")
        return redirect("maintenance:maintenance", patient)
    about = {
        **patient_page(request, chart, "maintenance"),
        "form": form,
        "choice": choice_words(body.choice),
        "patient_id": patient,
        "entry": entry,
    }
    return render(request, "maintenance/correct.html", about, status=status(form))


@needs(Permission.DECIDE)
@require_http_methods(["GET", "POST"])
def take_back(request: Request, patient: UUID, entry: UUID) -> HttpResponse:
    """Strike out the latest choice, with the session it planned or the end it brought."""
    chart, now = chart_for(request, patient), timezone.now()
    _, body = _standing(chart.chart, entry)
    form = ReasonForm(request.POST or None)

    def do(said: dict[str, Any]) -> object:
        again = correcting.Again(
            person=request.person, stream=chart.stream, decision=entry, entry_id=said["entry_id"], now=now
        )
        return correcting.take_back(again, reason=str(said["reason"]))

    if sent(form, request.method, do):
        messages.success(request, "Taken back. It stays readable, struck through.")
        return redirect("maintenance:maintenance", patient)
    about = {
        **patient_page(request, chart, "maintenance"),
        "form": form,
        "choice": choice_words(body.choice),
        "patient_id": patient,
    }
    return render(request, "maintenance/take_back.html", about, status=status(form))


@needs(Permission.BOOK)
@require_http_methods(["GET", "POST"])
def contact(request: Request, patient: UUID) -> HttpResponse:
    """Who was looked for and when; the way to reach them, and what came of it. No clinical word stands here."""
    chart, now, here = chart_for(request, patient, Permission.FIND_PATIENT), timezone.now(), zone()
    form = ContactForm(request.POST or None)
    state, over = fold(chart.whole), ended(chart.whole)

    if sent(form, request.method, lambda said: tell(request.person, chart.stream, said, now)):
        messages.success(request, "Recorded.")
        return redirect("maintenance:contact", patient)
    heard, to = heard_at(chart.whole, state), chart.patient.contact
    about = {
        **patient_page(request, chart, "maintenance"),
        "form": form,
        "to": to,
        "heard": words.when(heard, here, now) if heard else "",
        "asks": over.ask_on if over and state.phase is Phase.ENDED else (),
        "tried": shown.contacts(tried(chart.whole), here, now),
    }
    return render(request, "maintenance/contact.html", about, status=status(form))


@needs(Permission.SEE_CHART)
@require_GET
def ending(request: Request, patient: UUID) -> HttpResponse:
    """How a course ended, on a page to print: what was achieved, who goes on, when somebody asks, when to come back."""
    chart, now, here = chart_for(request, patient), timezone.now(), zone()
    state, over = fold(chart.chart), ended(chart.chart)
    if over is None or state.phase is not Phase.ENDED or state.ended_at is None:
        return redirect("maintenance:maintenance", patient)
    plan = next((p for _, p in chart.chart.said(CoursePlanned) if p.course == over.course), None)
    clinic = this_clinic()
    about = {
        **patient_page(request, chart, "maintenance"),
        "over": over,
        "why": ending_words(over.why),
        "good": bool(
            over.why and maintenance.endings().get(over.why) and maintenance.endings()[over.why].good
        ),
        "ended": words.when(state.ended_at, here, now),
        "told": over.told or maintenance.maintenance().come_back.lines,
        "facts": shown.achieved_so_far(state),
        "first": words.day(state.given[0].at, here) if state.given else "",
        "last": words.day(state.given[-1].at, here) if state.given else "",
        "goals": plan.goals if plan else (),
        "clinic": clinic,
        "patient_id": patient,
    }
    return render(request, "maintenance/ending.html", about)
