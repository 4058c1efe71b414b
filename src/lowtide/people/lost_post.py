"""A page left open past its sign-in loses nothing: what was typed waits, and whoever signs in next decides.

A form that arrives after its sign-in ended is kept in the anonymous session of that browser. After the next sign-in
it is shown to the person now signed in, who saves it in their own name or throws it away. A form whose safety code
is from before the last sign-in is shown again at once, in the same way. Nothing is saved without a press, so a
forged request gains nothing; one from another site is not kept at all.
"""

import time
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.http import require_http_methods

from lowtide.data.plausibility import limits
from lowtide.people.clinic import this_clinic
from lowtide.people.own_place import speaks
from lowtide.people.who import public

LOST = "lost_posts"
KEPT_AT_MOST = 5
LARGEST_BYTES = 256 * 1024
NOT_TYPED = ("csrfmiddlewaretoken", "lost_post")
HIDDEN = ("corrects",)


def keep_what_was_typed(request: HttpRequest) -> HttpResponse:
    """Keep the form that came without a sign-in, and say so."""
    if request.path.startswith("/accounts/") or from_elsewhere(request) or _in_the_page(request):
        return render(request, "403_csrf.html", status=403)
    if request.content_type == "application/json":
        return signed_out()
    kept, place = _lost(request), reverse("start")
    fits = _size(kept["fields"]) <= LARGEST_BYTES
    if fits:
        posts = dict(list(request.session.get(LOST, {}).items())[1 - KEPT_AT_MOST :])
        token = uuid4().hex
        request.session[LOST] = {**posts, token: kept}
        place = reverse("people:lost_post_again", args=[token])
    about = {"typed": _shown(kept["fields"]), "files": kept["files"], "kept": fits}
    if request.path.startswith(reverse("portal:home")):
        return _lost_by_a_patient(request, about | {"sign_in_url": _sign_in(place, "portal:enter")})
    return render(request, "lost_post.html", {**about, "sign_in_url": _sign_in(place)}, status=403)


@speaks
def _lost_by_a_patient(request: HttpRequest, about: dict[str, Any]) -> HttpResponse:
    """In plain words and with help on it: what was not sent may have asked for help."""
    return render(request, "portal/lost.html", {**about, "clinic": this_clinic()}, status=403)


def signed_out() -> HttpResponse:
    """To a script that keeps what it sends until it is answered."""
    mend = "Unlock the tablet, or sign in."
    why = {"why": "signed_out", "what": "nobody is signed in here any longer", "mend": mend}
    return JsonResponse({"error": why}, status=403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF failure page: the form is from before the last sign-in, so it is shown again."""
    if not request.user.is_authenticated:
        return keep_what_was_typed(request)
    if request.path.startswith("/accounts/") or from_elsewhere(request) or _in_the_page(request):
        return render(request, "403_csrf.html", status=403)
    return _show_again(request, _lost(request), status=403)


@public
@require_http_methods(["GET", "POST"])
def again(request: HttpRequest, token: str) -> HttpResponse:
    """What was typed before the sign-in, for the person now signed in: to save in their name, or to throw away."""
    place = reverse("people:lost_post_again", args=[token])
    if request.person is None:  # type: ignore[attr-defined]
        return redirect(_sign_in(place))
    posts = dict(request.session.get(LOST, {}))
    kept = posts.pop(token, None)
    if kept is None or time.time() - kept["at"] > settings.SESSION_ABSOLUTE_S:
        return redirect("start")
    if request.method == "POST":
        request.session[LOST] = posts
        messages.info(request, "Thrown away: nothing of it was saved.")
        return redirect("start")
    return _show_again(request, kept, token)


def settle(request: HttpRequest, response: HttpResponse) -> None:
    """Forget a kept form once it was saved."""
    token = request.POST.get("lost_post") if request.method == "POST" else None
    if token and token in request.session.get(LOST, {}) and 300 <= response.status_code < 400:
        request.session[LOST] = {t: p for t, p in request.session[LOST].items() if t != token}


def _show_again(
    request: HttpRequest, kept: dict[str, Any], token: str = "", *, status: int = 200
) -> HttpResponse:
    may = _may_send(request, kept["action"])
    about = {**kept, "typed": _shown(kept["fields"]) if may else [], "token": token, "may": may}
    if person_is_patient(request):
        return _again_for_a_patient(request, about, status)
    return render(request, "people/again.html", about, status=status)


def person_is_patient(request: HttpRequest) -> bool:
    person = getattr(request, "person", None)
    return bool(person and person.is_patient)


@speaks
def _again_for_a_patient(request: HttpRequest, about: dict[str, Any], status: int) -> HttpResponse:
    return render(request, "portal/again.html", {**about, "clinic": this_clinic()}, status=status)


def _may_send(request: HttpRequest, action: str) -> bool:
    """Whether the role of the person now signed in includes what the form does."""
    try:
        view = resolve(urlsplit(action).path).func
    except Resolver404:
        return False
    permission, person = getattr(view, "permission", None), getattr(request, "person", None)
    return getattr(view, "public", False) or bool(person and permission and person.can(permission))


def _lost(request: HttpRequest) -> dict[str, Any]:
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in NOT_TYPED and "password" not in name.lower()
        for value in values
    ]
    return {
        "at": time.time(),
        "action": request.get_full_path(),
        "fields": fields,
        "files": sorted(request.FILES),
    }


def _shown(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What a person typed or chose, under words made of the field's name; ids say nothing to anybody."""
    return [(_words(n), v) for n, v in fields if v.strip() and not n.endswith("_id") and n not in HIDDEN]


def _words(name: str) -> str:
    known = limits().get(name)
    plain = ", ".join(filter(None, (known.label, known.unit))) if known else name.replace("_", " ")
    return plain.replace("-", ", ").capitalize() if not known else plain[:1].upper() + plain[1:]


def _size(fields: list[tuple[str, str]]) -> int:
    return sum(len(name.encode()) + len(value.encode()) for name, value in fields)


def from_elsewhere(request: HttpRequest) -> bool:
    """True for a form that another site sent."""
    origin = request.headers.get("Origin")
    if origin is None or origin in settings.CSRF_TRUSTED_ORIGINS:
        return False
    return urlsplit(origin).netloc != request.get_host()


def _in_the_page(request: HttpRequest) -> bool:
    """True for a part of a page that sent itself: the page is still open and keeps what was typed."""
    return "HX-Request" in request.headers


def _sign_in(then: str, door: str = "") -> str:
    return f"{resolve_url(door or settings.LOGIN_URL)}?{urlencode({'next': then})}"
