"""The way into the patient's own place: a link by mail or on paper, a code, a passkey, or a device that is known."""

from typing import Any, cast
from uuid import uuid4

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lowtide.data.portal import languages, sign_in
from lowtide.people.clinic import this_clinic
from lowtide.people.lost_post import LOST
from lowtide.people.models import User
from lowtide.people.own_place import own_chart, remember_language, speaks
from lowtide.people.sign_in import note
from lowtide.people.who import Request, public
from lowtide.portal.actions import Act
from lowtide.portal.reminders.actions import speak
from lowtide.portal.sign_in import asking, links
from lowtide.portal.sign_in.forms import AskForm, CodeForm

DEVICE = "own_device"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def _place(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def _page(request: HttpRequest, template: str, status: int = 200, **about: Any) -> HttpResponse:
    return render(request, template, {"clinic": this_clinic(), "limits": sign_in(), **about}, status=status)


def _base(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("portal:link", args=["x"])).removesuffix("x")


def _next(request: HttpRequest) -> str:
    """Where to go on afterwards: a page of the own place, or its first one."""
    asked = request.GET.get("next") or request.POST.get("next") or ""
    home = reverse("portal:home")
    ours = asked.startswith((home, _waiting(request) or home))
    return asked if ours and url_has_allowed_host_and_scheme(asked, {request.get_host()}) else home


def _waiting(request: HttpRequest) -> str:
    """Where a form waits that was sent from here after the sign-in had ended; empty where none does."""
    lost = list(request.session.get(LOST, {}))
    return reverse("people:lost_post_again", args=[lost[-1]]) if lost else ""


@public
@require_http_methods(["GET", "POST"])
@speaks
def enter(request: HttpRequest) -> HttpResponse:
    """The door. A device that is known is let in; an address that asks is always answered alike."""
    if request.method == "POST":
        return _ask(request)
    if isinstance(request.user, User) and request.user.patient:
        return redirect(_next(request))
    user = links.known(request.COOKIES.get(DEVICE, ""), timezone.now())
    if user:
        note(request, f"patient:{user.patient}", "known device")
        return _let_in(request, user, _next(request))
    return _door(request)


def _door(request: HttpRequest, status: int = 200, **forms: Any) -> HttpResponse:
    about = {
        "form": AskForm(),
        "code": CodeForm(),
        "mails": settings.MAIL_IS_SET_UP or settings.DEMO,
        "next": _next(request),
        **forms,
    }
    return _page(request, "portal/enter.html", status, **about)


def _ask(request: HttpRequest) -> HttpResponse:
    form, now = AskForm(request.POST), timezone.now()
    if not form.is_valid():
        return _door(request, 422, form=form)
    email, place = form.cleaned_data["email"].strip(), _place(request)
    if not asking.may_ask(email, place, now):
        return _page(request, "portal/asked_often.html", 429)
    asking.note(asking.ASKED, place, email)
    shown = asking.ask(email, _base(request), now)
    return _page(request, "portal/link_sent.html", shown=shown if settings.DEMO else [])


@public
@require_POST
@speaks
def code(request: HttpRequest) -> HttpResponse:
    """A code that was typed: on to the page that opens."""
    form, now, place = CodeForm(request.POST), timezone.now(), _place(request)
    if not form.is_valid():
        return _door(request, 422, code=form)
    if not asking.may_try(place, now):
        return _too_often(request)
    given = links.bare(form.cleaned_data["code"])
    if links.whose(given, now) is None:
        asking.note(asking.TRIED, place, allowed=False)
        form.add_error("code", _("This code opens nothing. It may be used or too old. Ask for a new one."))
        return _door(request, 422, code=form)
    return redirect("portal:link", given)


@public
@require_http_methods(["GET", "POST"])
@speaks
def link(request: HttpRequest, code: str) -> HttpResponse:
    """Opening the link shows a button; only the press uses it up, since mail programs open links by themselves."""
    now, place = timezone.now(), _place(request)
    if not asking.may_try(place, now):
        return _too_often(request)
    user = links.use(code, now) if request.method == "POST" else links.whose(code, now)
    if user is None:
        asking.note(asking.TRIED, place, allowed=False)
        return _page(request, "portal/link_over.html", 410)
    if request.method == "GET":
        return _page(request, "portal/link.html", code=code)
    note(request, f"patient:{user.patient}", "opened by link")
    response = _let_in(request, user, _waiting(request) or reverse("portal:home"))
    record_authentication(
        request, user, method="link"
    )  # fresh enough to set up a passkey; a known device is not
    if request.POST.get("remember") == "yes":
        _remember(request, response, user)
    return response


def _too_often(request: HttpRequest) -> HttpResponse:
    return _page(request, "portal/too_often.html", 429)


def _let_in(request: HttpRequest, user: User, to: str) -> HttpResponse:
    """Sign in; who has an authenticator app is asked for it as well."""
    if is_mfa_enabled(user, [Authenticator.Type.TOTP]):
        answer: HttpResponse = perform_login(request, user, email_verification="none", redirect_url=to)
        return answer
    login(request, user, backend=BACKEND)
    return redirect(to)


def _remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    days, secure = sign_in().remembered_days.value, settings.SESSION_COOKIE_SECURE
    secret = links.remember(user.patient, _name(request), timezone.now())
    response.set_cookie(
        DEVICE,
        secret,
        max_age=days * 24 * 3600,
        secure=secure,
        httponly=True,
        samesite="Lax",
        path=reverse("portal:home"),
    )


def _name(request: HttpRequest) -> str:
    """What the browser says it runs on, so that its owner knows it again in the list."""
    agent = request.headers.get("User-Agent", "")
    known = ("iPhone", "iPad", "Android", "Windows", "Macintosh", "Linux")
    return next((name for name in known if name in agent), "")


@public
@require_POST
@speaks
def leave(request: HttpRequest) -> HttpResponse:
    """Sign out: this device needs a link again."""
    links.forget(request.COOKIES.get(DEVICE, ""), timezone.now())
    logout(request)
    response = redirect("portal:left")
    response.delete_cookie(DEVICE, path=reverse("portal:home"))
    return response


@public
@require_GET
@speaks
def left(request: HttpRequest) -> HttpResponse:
    """Signed out, and how to come back."""
    return _page(request, "portal/left.html")


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Keep the language that was chosen, and go back to the page."""
    came = request.POST.get("back", "")
    fits = url_has_allowed_host_and_scheme(came, {request.get_host()})
    response = redirect(came if fits else reverse("portal:enter"))
    if (chosen := request.POST.get("language", "")) in languages():
        remember_language(response, chosen)
        _say_language(request, chosen)
    return response


def _say_language(request: HttpRequest, chosen: str) -> None:
    """For what is mailed to them: somebody signed in says it in their own chart."""
    person = getattr(request, "person", None)
    if person and person.is_patient:
        chart = own_chart(cast(Request, request))
        speak(Act(person, chart, uuid4(), timezone.now()), chosen)
