"""Booking a whole series, and when the person can come: the front desk's pages, without clinical content."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from lowtide.pathway.course.room import room_for
from lowtide.pathway.session import series_forms as forms
from lowtide.pathway.session.actions import held
from lowtide.pathway.session.actions import series as actions
from lowtide.people.banner import patient_page
from lowtide.people.charts import PatientChart, chart_for, whole_chart
from lowtide.people.clinic import chairs
from lowtide.people.forms import add_problems
from lowtide.people.retry import append
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.problems import BadInput
from lowtide.record.entries.base import Draft
from lowtide.record.entries.care import Availability


@needs(Permission.BOOK)
def book_series(request: Request, patient: UUID) -> HttpResponse:
    """Every session without a chair, with a proposal; one press books them all."""
    found, now = chart_for(request, patient, Permission.FIND_PATIENT), timezone.now()
    form = forms.SeriesForm(request.POST or None)
    proposed, problem = _proposed(found, now)
    if request.method == "POST" and form.is_valid():
        if actions.booked_already(_series(request, found, form, now)):
            return _after(request, patient)
        if form.cleaned_data["seen"] != actions.mark(proposed):
            problem = "The calendar changed since the page was opened: look at the dates again."
        elif _book(request, found, form, proposed, now):
            messages.success(request, f"{len(proposed)} sessions are booked.")
            return _after(request, patient)
    fresh = forms.SeriesForm(initial={"seen": actions.mark(proposed)})
    holds = held.held(whole_chart(found.stream), now) if proposed else ()
    if holds and not problem:
        what, mend = held.words(holds, request.person)
        problem = f"{what[:1].upper()}{what[1:]}. {mend}"
    address = found.patient.contact.address
    about = {
        "rows": _rows(proposed),
        "problem": problem,
        "form": form if form.errors else fresh,
        "address": address,
    }
    return _page(request, found, "session/series.html", about, bad=bool(problem and request.method == "POST"))


def _proposed(found: PatientChart, now: datetime) -> tuple[tuple[actions.Proposed, ...], str]:
    try:
        whole = whole_chart(found.stream)
        return actions.proposals(whole, room_for(whole), now), ""
    except BadInput as error:
        return (), f"{error.problems[0].what}. {error.problems[0].mend}"


def _book(
    request: Request,
    found: PatientChart,
    form: forms.SeriesForm,
    proposed: tuple[actions.Proposed, ...],
    now: datetime,
) -> bool:
    do = _series(request, found, form, now)
    try:
        actions.book_series(do, proposed, form.cleaned_data["escort"] or None)
    except BadInput as error:
        add_problems(form, error)
        return False
    return True


def _series(request: Request, found: PatientChart, form: forms.SeriesForm, now: datetime) -> actions.Series:
    entry_id = form.cleaned_data["entry_id"]
    return actions.Series(person=request.person, patient_id=found.patient_id, entry_id=entry_id, now=now)


def _rows(proposed: tuple[actions.Proposed, ...]) -> list[dict[str, Any]]:
    labels = {body.chair: body.label for _, body in chairs()}
    return [
        {
            "number": p.session.number,
            "session": p.session.id,
            "at": p.place.at,
            "chair": labels.get(p.place.chair or "", p.place.chair or "any"),
            "moved": p.place.moved,
        }
        for p in proposed
    ]


@needs(Permission.BOOK)
def availability(request: Request, patient: UUID) -> HttpResponse:
    """When the person can come: what dates are proposed by."""
    found = chart_for(request, patient, Permission.FIND_PATIENT)
    said = found.chart.last(Availability)
    form = forms.AvailabilityForm(request.POST or None, said=said[1] if said else None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        draft = Draft(
            id=form.cleaned_data["entry_id"],
            stream=found.stream,
            body=form.availability(),
            by=request.person.by,
            at=now,
        )
        try:
            append([draft], now=now)
        except BadInput as error:
            add_problems(form, error)
        else:
            messages.success(request, "Recorded. Dates proposed from now on respect it.")
            return redirect("session:series", patient=patient)
    return _page(request, found, "session/availability.html", {"form": form}, bad=bool(form.errors))


def _after(request: Request, patient: UUID) -> HttpResponse:
    if request.person.can(Permission.SEE_CHART):
        return redirect("session:sessions", patient=patient)
    return redirect("session:board")


def _page(
    request: Request, found: PatientChart, template: str, about: dict[str, Any], *, bad: bool
) -> HttpResponse:
    context = {**patient_page(request, found, "session"), "patient_id": found.patient_id, **about}
    return render(request, template, context, status=422 if bad else 200)
