"""Default deny: every view says what it takes, and every refusal is logged."""

import time
from collections.abc import Callable
from datetime import tzinfo
from typing import Any

import msgspec
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from lowtide.people import lockout
from lowtide.people.clinic import remembered, zone
from lowtide.people.lost_post import keep_what_was_typed, settle
from lowtide.people.refreshing import in_background as _in_background
from lowtide.people.roles import Permission
from lowtide.people.sign_in import note
from lowtide.people.tablets import opening
from lowtide.people.who import names_of, person_of
from lowtide.people.wrong import wrong
from lowtide.problems import Conflict
from lowtide.record import access_log
from lowtide.record.entries.base import Draft, Entry
from lowtide.record.entries.words import label, moment, summary

Handler = Callable[[HttpRequest], HttpResponse]
OPEN_MODULES = ("allauth.", "django.views.static", "whitenoise.")
SEEN_EVERY_S = 30


class SignedInOnly:
    """Puts `person` on the request, ends sign-ins that are idle or too old, and lets a view run only with its
    permission. Pages show times in the clinic's zone."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self._end_if_over(request)
        person = person_of(request.user)
        by_pin = person is not None and opening.BY_PIN in request.session
        request.person = person.by_pin() if person and by_pin else person  # type: ignore[attr-defined]
        with remembered(), timezone.override(zone()):
            response = self.get_response(request)
        settle(request, response)
        return response

    def _end_if_over(self, request: HttpRequest) -> None:
        if not request.user.is_authenticated:
            return
        now, session = time.time(), request.session
        idle, whole = now - session.get("seen", now), now - session.setdefault("since", now)
        if why := _why_over(request, idle, whole):
            request.at_tablet = opening.AT_TABLET in session  # type: ignore[attr-defined]
            note(request, lockout.key(request.user.get_username()), f"sign-in ended: {why}")
            logout(request)
        elif "seen" not in session or (idle > SEEN_EVERY_S and not _in_background(request)):
            session["seen"] = now

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        person, user = request.person, request.user  # type: ignore[attr-defined]
        if person and user.is_authenticated and user.temporary_until and not _for_accounts(view):
            return redirect("account_change_password")
        if person and person.withheld and _for_accounts(view) and not _is_a_door(request):
            return render(request, "people/full_sign_in.html", status=403)
        if getattr(view, "public", False) or _for_accounts(view):
            return None
        if person is None:
            return self._sign_in_first(request, getattr(view, "permission", None))
        permission = getattr(view, "permission", None)
        if permission is not None and person.can(permission):
            return None
        if permission in person.withheld:
            return render(request, "people/full_sign_in.html", {"needed": permission}, status=403)
        access_log.log(
            person.by,
            f"{request.method} {request.path}",
            roles=" ".join(person.roles),
            detail="refused: the role does not include it",
            address=request.META.get("REMOTE_ADDR", ""),
            allowed=False,
        )
        return wrong(request, 403, needed=permission)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The same form sent again with other words: both versions, and nothing written."""
        if not isinstance(error, Conflict):
            return None
        came_from = request.headers.get("Referer", "")
        back = came_from if url_has_allowed_host_and_scheme(came_from, {request.get_host()}) else ""
        about = {**_versions(error), "back_url": back}
        return render(request, "409.html", about, status=409)

    def _sign_in_first(self, request: HttpRequest, permission: Permission | None) -> HttpResponse:
        if request.user.is_authenticated:
            logout(request)
        if request.method == "POST":
            return keep_what_was_typed(request)
        if permission is Permission.OWN_PLACE:
            return redirect_to_login(request.get_full_path(), reverse("portal:enter"))
        at_tablet = getattr(request, "at_tablet", False)
        return redirect_to_login(
            request.get_full_path(), reverse("people:tablet_open") if at_tablet else None
        )


def _why_over(request: HttpRequest, idle: float, whole: float) -> str:
    """Why this sign-in ends now; empty while it goes on."""
    if idle > opening.idle_s(request):
        return "idle"
    if whole > settings.SESSION_ABSOLUTE_S:
        return "open too long"
    return "the tablet was reported lost" if opening.is_lost(request) else ""


def _is_a_door(request: HttpRequest) -> bool:
    """Signing in and out, which a sign-in by PIN may do, too."""
    match = request.resolver_match
    return match is not None and match.url_name in ("account_login", "account_logout")


def _versions(conflict: Conflict) -> dict[str, Any]:
    """What is stored and what was sent, told only to whoever writes where the stored one lies."""
    stored, given, here = conflict.stored, conflict.given, timezone.get_current_timezone()
    if not isinstance(stored, Entry) or not isinstance(given, Draft) or stored.stream != given.stream:
        return {}
    if stored.visible_to:
        return {}
    sent = msgspec.structs.replace(stored, body=given.body, reason=given.reason)
    return {
        "what": label(stored),
        "stored": _told(stored, here),
        "sent": _told(sent, here),
        "stored_by": f"{names_of({stored.by})[stored.by]}, {moment(stored.recorded_at, here)}",
    }


def _told(entry: Entry, here: tzinfo) -> list[tuple[str, str]]:
    reason = [("Reason", entry.reason)] if entry.reason else []
    return [("Says", summary(entry, here)), *reason]


def _for_accounts(view: Any) -> bool:
    return str(view.__module__).startswith(OPEN_MODULES)
