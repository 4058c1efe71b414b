"""What every page knows: who is signed in, where they can go, whether this is a demonstration."""

from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from lowtide.data.portal import languages
from lowtide.people.clinic import this_clinic
from lowtide.people.roles import Permission
from lowtide.people.tablets import opening
from lowtide.people.who import Person


class Link(NamedTuple):
    """One entry of the top bar."""

    label: str
    url: str
    current: bool


NAV = [
    ("Today", "course:today", Permission.SEE_TODAY),
    ("Chairs", "session:board", Permission.SEE_TODAY),
    ("Planner", "maintenance:planner", Permission.BOOK),
    ("Patients", "people:patients", Permission.FIND_PATIENT),
    ("Safe", "safe:safes", Permission.SEE_SAFE),
    ("Referrals", "referrals:list", Permission.REFERRALS),
    ("Import", "exchange:import", Permission.IMPORT),
    ("Results", "evaluate:results", Permission.REVIEW_RESULT),
    ("Rules", "evaluate:rules", Permission.SEE_RULES),
    ("Evidence", "site:evidence", Permission.SEE_RULES),
    ("Hours", "people:hours", Permission.SET_HOURS),
    ("Clinic", "people:clinic", Permission.MANAGE_STAFF),
    ("Access", "people:access", Permission.REVIEW_ACCESS),
    ("System", "site:system", Permission.MANAGE_STAFF),
    ("My place", "portal:home", Permission.OWN_PLACE),
]
# Where work begins, the first that somebody may open: care, one's own place, the clinic, what many charts say.
STARTS = ("course:today", "people:patients", "portal:home", "people:clinic", "evaluate:rules")
ACCOUNT = [("Change password", "account_change_password"), ("Second step and passkeys", "mfa_index")]


def page(request: HttpRequest) -> dict[str, Any]:
    person: Person | None = getattr(request, "person", None)
    clinic = this_clinic()
    about = {
        "demo": settings.DEMO,
        "person": person,
        "server_now": timezone.now(),
        "ping_url": reverse("alive"),
        "clinic_name": clinic.name if clinic else "",
        "own_languages": languages().items(),
    }
    return about | (_of(person, request, about["clinic_name"]) if person else {})


def _of(person: Person, request: HttpRequest, clinic_name: object) -> dict[str, Any]:
    """What the bar shows to somebody who is signed in; worked out where a page asks for it, for its live parts do not."""
    return {
        "signed_in": {
            "name": person.name,
            "role": person.role_label,
            "clinic": clinic_name,
            "id": person.by,
            "since": str(request.session.get("since", "")),
        },
        "nav": lambda: _nav(request, person),
        "search_url": reverse("people:patients") if person.can(Permission.FIND_PATIENT) else "",
        "account_links": lambda: _account(person),
        "by_pin": bool(person.withheld),
        "lock_url": reverse("people:tablet_lock") if opening.AT_TABLET in request.session else "",
    }


def _account(person: Person) -> list[tuple[str, str]]:
    """What somebody may change about their own sign-in; nothing of it by a PIN alone."""
    if person.withheld:
        return []
    pin = [("PIN for shared tablets", "people:own_pin")] if person.can(Permission.USE_TABLET) else []
    feed = (
        [("Chairs in your calendar", "maintenance:own_calendar")] if person.can(Permission.SEE_TODAY) else []
    )
    return [(label, reverse(name)) for label, name in (*ACCOUNT, *pin, *feed)]


def addresses(person: Person) -> list[str]:
    """Where this person's work can begin, best first."""
    needed = {name: permission for _, name, permission in NAV}
    found = (_address(name) for name in STARTS if person.can(needed[name]))
    return [url for url in found if url]


def _nav(request: HttpRequest, person: Person) -> list[Link]:
    allowed = [(label, _address(name)) for label, name, permission in NAV if person.can(permission)]
    here = max((url for _, url in allowed if url and _within(request.path, url)), key=len, default=None)
    return [Link(label, url, url == here) for label, url in allowed if url]


def _within(path: str, url: str) -> bool:
    return path == url or path.startswith(url.rstrip("/") + "/")


def _address(name: str) -> str | None:
    """A page's address; None while no step of care offers it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
