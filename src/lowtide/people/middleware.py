"""Default deny: every view says what it takes, and every refusal is logged."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lowtide.people.lost_post import keep_what_was_typed
from lowtide.people.who import person_of
from lowtide.record import access_log

Handler = Callable[[HttpRequest], HttpResponse]
OPEN_MODULES = ("allauth.", "django.views.static", "whitenoise.")


class SignedInOnly:
    """Puts `person` on the request, ends idle sign-ins, and lets a view run only with its permission."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self._end_if_idle(request)
        request.person = person_of(request.user)  # type: ignore[attr-defined]
        return self.get_response(request)

    def _end_if_idle(self, request: HttpRequest) -> None:
        if not request.user.is_authenticated:
            return
        now = time.time()
        if now - request.session.get("seen", now) > settings.SESSION_IDLE_S:
            logout(request)
        elif not request.headers.get("X-Lowtide-Background"):
            request.session["seen"] = now

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if getattr(view, "public", False) or view.__module__.startswith(OPEN_MODULES):
            return None
        person = request.person  # type: ignore[attr-defined]
        if person is None:
            return self._sign_in_first(request)
        permission = getattr(view, "permission", None)
        if permission is not None and person.can(permission):
            return None
        access_log.log(
            person.by,
            f"{request.method} {request.path}",
            roles=" ".join(person.roles),
            detail="refused: the role does not include it",
            address=request.META.get("REMOTE_ADDR", ""),
            allowed=False,
        )
        return render(request, "403.html", {"needed": permission}, status=403)

    def _sign_in_first(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            logout(request)
        if request.method == "POST":
            return keep_what_was_typed(request)
        return redirect_to_login(request.get_full_path())
