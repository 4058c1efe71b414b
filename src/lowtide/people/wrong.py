"""Pages for what went wrong, each in the frame of who reads it: staff in theirs; a patient in plain words, in their
language, with help and the way home."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from lowtide.people.clinic import this_clinic
from lowtide.people.own_place import closed, speaks

Handler = Callable[[HttpRequest], HttpResponse]
NOT_ALLOWED = 405
PATIENTS = ("portal:home", "asked", "how_it_works", "prescreen")
"""Where what is for patients begins; most of it is open to everybody."""


def is_for_a_patient(request: HttpRequest) -> bool:
    """Whether whoever reads the page is a patient, or came in where patients do."""
    person = getattr(request, "person", None)
    if person is None:
        return request.path.startswith(tuple(map(reverse, PATIENTS)))
    return bool(person.is_patient)


def wrong(request: HttpRequest, status: int, **about: object) -> HttpResponse:
    """The page of this status."""
    if is_for_a_patient(request):
        return _own(request, status)
    return render(request, f"{status}.html", about, status=status)


@speaks
def _own(request: HttpRequest, status: int) -> HttpResponse:
    signed = bool(getattr(request, "person", None))
    about = {
        "frame": "portal/base.html" if signed else "portal/door.html",
        "status": status,
        "outside": not signed and not request.path.startswith(reverse("portal:home")),
        "clinic": this_clinic(),
        "closed": closed(timezone.now()),
    }
    return render(request, "portal/wrong.html", about, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return wrong(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return wrong(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return wrong(request, 404)


def told_not_allowed(get_response: Handler) -> Handler:
    """An address that was opened in another way than it takes is told so: the framework answers with an empty page."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_page = request.accepts("text/html") and "HX-Request" not in request.headers
        if response.status_code != NOT_ALLOWED or response.content or not is_page:
            return response
        told = wrong(request, NOT_ALLOWED)
        told["Allow"] = response["Allow"]
        return told

    return handle
