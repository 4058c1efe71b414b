"""The pages of a person at a shared tablet: open it, lock it, sign in fully, and the PIN itself."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from lowtide.data.tablet import tablet
from lowtide.people import lockout
from lowtide.people.forms import sent, status
from lowtide.people.roles import Permission
from lowtide.people.sign_in import note
from lowtide.people.tablets import keeping, opening, pins, tokens
from lowtide.people.tablets.forms import OpenForm, PinForm
from lowtide.people.who import Request, needs, public
from lowtide.problems import bad


@public
@require_http_methods(["GET", "POST"])
def open_tablet(request: HttpRequest) -> HttpResponse:
    """Name and PIN: the quick way in at a tablet that people share."""
    form = OpenForm(request.POST or None)

    def act(said: dict[str, Any]) -> None:
        if said["device"] is None:
            raise bad("this browser did not say which it is", "device", "Sign in with your password.")
        opening.unlock(request, str(said["device"]), said["name"], said["pin"])

    if sent(form, request.method, act):
        return redirect(_next(request))
    about = {"form": form, "next": _next(request), "digits": tablet().pin_digits}
    return render(request, "people/tablet_open.html", about, status=status(form))


@public
@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """End the sign-in and show the quick way in; who comes back is where they were."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    if request.user.is_authenticated:
        note(request, lockout.key(request.user.get_username()), "tablet locked")
    logout(request)
    return redirect(_with_next("people:tablet_open", came_from.path or "/"))


@public
@require_POST
def full_sign_in(request: HttpRequest) -> HttpResponse:
    """From a sign-in by PIN to one's own full one, and back to where it was needed."""
    place = _next(request)
    logout(request)
    return redirect(_with_next("account_login", place))


@needs(Permission.USE_TABLET)
@require_http_methods(["GET", "POST"])
def own_pin(request: Request) -> HttpResponse:
    """Set or change one's PIN, after the password once more; see the keys in one's name."""
    try:
        answer: HttpResponse = reauthentication_required(_own_pin)(request)
    except ReauthenticationRequired:
        return redirect(_with_next("account_reauthenticate", request.path))
    return answer


def _own_pin(request: Request) -> HttpResponse:
    form, person = (
        PinForm(request.POST or None, initial={"here": opening.AT_TABLET in request.session}),
        request.person,
    )

    def act(said: dict[str, Any]) -> None:
        pins.put(person, said["pin"], now=timezone.now())
        if said["here"] and said["device"]:
            tokens.issue(person, str(said["device"]), now=timezone.now())
            request.session[opening.AT_TABLET] = str(said["device"])

    if sent(form, request.method, act):
        note(request, lockout.key(request.user.get_username()), "PIN set")
        messages.success(request, "Your PIN is set.")
        return redirect("people:own_pin")
    about = {"form": form, "has_pin": pins.has_one(person.by), "keys": keeping.keys_of(person.by)}
    return render(request, "people/own_pin.html", about, status=status(form))


@needs(Permission.USE_TABLET)
@require_POST
def forget_pin(request: Request) -> HttpResponse:
    """Do without a PIN, and take one's keys back from every tablet: what was made before is still sent."""
    pins.forget(request.person.by)
    tokens.revoke(request.person.by, now=timezone.now())
    note(request, lockout.key(request.user.get_username()), "PIN removed, keys of tablets taken back")
    messages.success(request, "Your PIN is removed, and no tablet holds a key in your name.")
    return redirect("people:own_pin")


def _next(request: HttpRequest) -> str:
    """Where to go on to: an address of this site, else the start."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    fits = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if fits else reverse("start")


def _with_next(name: str, place: str) -> str:
    return f"{resolve_url(name)}?{urlencode({'next': place})}"
