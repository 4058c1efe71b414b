"""The page on which the clinic says when it is open."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from lowtide.data.schedules import thresholds
from lowtide.people.clinic import CLINIC, zone
from lowtide.people.forms import EntryForm, sent, status
from lowtide.people.hours import actions, booked
from lowtide.people.hours.forms import ClosedForm, HoursForm, NursesForm
from lowtide.people.opening import fold
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.problems import BadInput
from lowtide.record import store
from lowtide.record.entries.clinic import ClosedDays, NursesSet, OpeningHours


@needs(Permission.SET_HOURS)
@require_http_methods(["GET", "POST"])
def hours(request: Request) -> HttpResponse:
    """The week, and the days on which the clinic is closed."""
    form = HoursForm(request.POST or None, spans=fold(store.load(CLINIC), zone()).spans)

    if sent(
        form,
        request.method,
        lambda said: actions.set_hours(request.person, said["entry_id"], form.hours(), now=timezone.now()),
    ):
        messages.success(request, "The hours are set. Sessions that are booked stay where they are.")
        return redirect("people:hours")
    return _page(request, form, ClosedForm())


@needs(Permission.SET_HOURS)
@require_POST
def close(request: Request) -> HttpResponse:
    """Add closed days. Who is booked then is shown first; they stay booked until somebody moves them."""
    form, now = ClosedForm(request.POST), timezone.now()
    in_the_way: list[booked.Standing] = []

    def act(said: dict[str, Any]) -> None:
        found = booked.booked([form.days()], zone(), now)
        if {str(one.session) for one in found} <= set(request.POST.getlist("seen")):
            actions.close(request.person, said["entry_id"], form.days(), now=now)
        else:
            in_the_way.extend(found)

    if sent(form, request.method, act) and not in_the_way:
        if booked.booked([form.days()], zone(), now):
            messages.warning(request, "These days are closed. Move who is booked then: see below.")
        else:
            messages.success(request, "These days are closed.")
        return redirect("people:hours")
    week = HoursForm(spans=fold(store.load(CLINIC), zone()).spans)
    return _page(request, week, form, in_the_way=booked.rows(in_the_way, request.person, zone()))


@needs(Permission.SET_HOURS)
@require_POST
def nurses(request: Request) -> HttpResponse:
    """Say who watches chairs through the week."""
    form = NursesForm(request.POST, spans=())

    if sent(
        form,
        request.method,
        lambda said: actions.set_nurses(request.person, said["entry_id"], form.nurses(), now=timezone.now()),
    ):
        messages.success(request, "Set. Bookings are held to it from now on; those that stand stay.")
        return redirect("people:hours")
    return _page(request, HoursForm(spans=fold(store.load(CLINIC), zone()).spans), ClosedForm(), form)


@needs(Permission.SET_HOURS)
@require_POST
def open_again(request: Request, closed: UUID) -> HttpResponse:
    """Take closed days back."""
    form = EntryForm(request.POST)
    if form.is_valid():
        try:
            actions.open_again(request.person, form.cleaned_data["entry_id"], closed, now=timezone.now())
        except BadInput as error:
            messages.error(request, f"{error.problems[0].what}. {error.problems[0].mend}")
        else:
            messages.success(request, "These days are open again.")
    return redirect("people:hours")


def _page(
    request: Request,
    form: HoursForm,
    closing: ClosedForm,
    watching: NursesForm | None = None,
    in_the_way: list[dict[str, Any]] | None = None,
) -> HttpResponse:
    clinic = store.load(CLINIC)
    on = clinic.last(NursesSet)
    watching = watching or NursesForm(spans=on[1].spans if on else ())
    today = timezone.localdate()
    closed = sorted(clinic.said(ClosedDays), key=lambda pair: pair[1].first)
    said = clinic.last(OpeningHours)
    about = {
        "form": form,
        "closing": closing,
        "closed": [(e, b, uuid4(), len(_booked([b]))) for e, b in closed if b.last >= today],
        "in_the_way": in_the_way or [],
        "to_move": booked.rows(_booked(b for _, b in closed), request.person, zone()),
        "here": reverse("people:hours"),
        "since": said[0].at if said else None,
        "watching": watching,
        "watching_since": on[0].at if on else None,
        "each": thresholds()["chairs_per_nurse"],
    }
    worst = 422 if in_the_way else max(status(one) for one in (form, closing, watching))
    return render(request, "people/hours.html", about, status=worst)


def _booked(days: Iterable[ClosedDays]) -> list[booked.Standing]:
    """Who is booked on these days all the same."""
    return booked.booked(days, zone(), timezone.now())
