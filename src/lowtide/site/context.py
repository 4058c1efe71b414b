"""What every page knows: who is signed in, where they can go, whether this is a demonstration."""

from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from lowtide.people.roles import Permission
from lowtide.people.who import Person


class Link(NamedTuple):
    """One entry of the top bar."""

    label: str
    url: str
    current: bool


NAV = [
    ("Today", "course:today", Permission.SEE_TODAY),
    ("Chairs", "session:board", Permission.SEE_TODAY),
    ("Patients", "people:patients", Permission.FIND_PATIENT),
    ("Import", "exchange:import", Permission.IMPORT),
    ("Results", "evaluate:results", Permission.REVIEW_RESULT),
    ("Rules", "evaluate:rules", Permission.SEE_RULES),
    ("Clinic", "people:clinic", Permission.MANAGE_STAFF),
    ("Access log", "people:access", Permission.REVIEW_ACCESS),
    ("My place", "portal:home", Permission.OWN_PLACE),
]


def page(request: HttpRequest) -> dict[str, Any]:
    person: Person | None = getattr(request, "person", None)
    return {
        "demo": settings.DEMO,
        "person": person,
        "server_now": timezone.now(),
        "nav": _nav(request, person) if person else [],
    }


def _nav(request: HttpRequest, person: Person) -> list[Link]:
    links = []
    for label, name, permission in NAV:
        if person.can(permission):
            try:
                url = reverse(name)
            except NoReverseMatch:
                continue
            links.append(
                Link(label, url, request.path == url or request.path.startswith(url.rstrip("/") + "/"))
            )
    return links
