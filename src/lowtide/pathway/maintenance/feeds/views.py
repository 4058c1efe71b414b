"""The calendar behind its secret address, and the pages on which the address is made and taken back."""

import hashlib
from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods, require_safe

from lowtide.data.portal import languages
from lowtide.pathway.course import words
from lowtide.pathway.maintenance.feeds import keeping
from lowtide.pathway.maintenance.feeds.making import feed
from lowtide.people.banner import patient_page
from lowtide.people.charts import chart_for, stream_of
from lowtide.people.clinic import zone
from lowtide.people.own_place import HOUSE
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs, public
from lowtide.record import access_log

TYPE = "text/calendar; charset=utf-8"


@public
@require_safe
def calendar(request: HttpRequest, secret: str) -> HttpResponse:
    """The calendar that this secret opens. A secret that opens nothing is answered like an address that is not there."""
    now = timezone.now()
    owner = keeping.owner_of(secret, now)
    if owner is None:
        raise Http404("no such calendar")
    kind, _, key = owner.partition(":")
    access_log.log(
        owner,
        "GET /calendar/…",
        stream=stream_of(key) if kind == "patient" else "",
        detail="calendar feed",
        address=request.META.get("REMOTE_ADDR", ""),
    )
    door = reverse("portal:home") if kind == "patient" else "/"
    with translation.override(_language(request)):
        body = feed(owner, now, request.build_absolute_uri(door))
    tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    answer = (
        HttpResponse(status=304) if request.headers.get("If-None-Match") == tag else HttpResponse(body, TYPE)
    )
    answer["ETag"] = tag
    answer["Cache-Control"] = "private, no-cache"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    answer["Content-Disposition"] = 'inline; filename="calendar.ics"'
    return answer


def _language(request: HttpRequest) -> str:
    """That in which its owner made the address; a calendar program has none of its own."""
    asked = request.GET.get("in", "")
    return asked if asked in languages() else HOUSE


@needs(Permission.SEE_TODAY)
@require_http_methods(["GET", "POST"])
def own(request: Request) -> HttpResponse:
    """The address of the clinic's chairs for one member of staff."""
    return managed(request, request.person.by, "maintenance:own_calendar", _staff_page)


@needs(Permission.BOOK)
@require_http_methods(["GET", "POST"])
def of_patient(request: Request, patient: UUID) -> HttpResponse:
    """The address of a patient's appointments, made at the desk and handed over."""
    found = chart_for(request, patient, Permission.FIND_PATIENT)
    about = patient_page(request, found, "maintenance")

    def shown(request: Request, more: dict[str, object]) -> HttpResponse:
        return render(request, "maintenance/calendar_patient.html", {**about, **more})

    return managed(request, f"patient:{patient}", "maintenance:patient_calendar", shown, patient)


def _staff_page(request: Request, more: dict[str, object]) -> HttpResponse:
    return render(request, "maintenance/calendar_own.html", more)


def managed(
    request: Request,
    owner: str,
    name: str,
    page: Callable[[Request, dict[str, object]], HttpResponse],
    *ids: object,
    language: str = HOUSE,
    taken_back: str = "Taken back: the address answers nobody any more.",
) -> HttpResponse:
    """Make an address, take it back, or say how it stands. The address itself is shown once, right after it was made."""
    now = timezone.now()
    if request.method == "POST" and "take_back" in request.POST:
        keeping.take_back(owner, request.person, now)
        messages.success(request, taken_back)
        return redirect(name, *ids)
    fresh = ""
    if request.method == "POST":
        secret = keeping.make(owner, request.person, now)
        fresh = request.build_absolute_uri(reverse("maintenance:calendar", args=[secret]))
        fresh += f"?in={language}" if language != HOUSE else ""
    answer = page(request, {"fresh": fresh, **_stands(owner)})
    if fresh:
        answer["Cache-Control"] = "no-store"
    return answer


def _stands(owner: str) -> dict[str, object]:
    found, here, now = keeping.standing(owner), zone(), timezone.now()
    if found is None:
        return {"found": None}
    return {
        "found": found,
        "made": words.when(found.made_at, here, now),
        "by": names_of({found.made_by})[found.made_by],
        "read": words.when(found.read_at, here, now) if found.read_at else "",
    }
