"""Passkeys of the own place: made, listed, taken away, and the way in by one; all in the portal's frame and language.

The ceremony is allauth's. Only who has just come in may change them: by a link, by a passkey, by a password.
"""

from typing import Any

from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import flows
from allauth.mfa.webauthn.views import AddWebAuthnView, LoginWebAuthnView
from django.contrib import messages as told
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lowtide.people.clinic import zone
from lowtide.people.own_place import moment, own_chart, own_page, short_day, speaks
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs, public


@needs(Permission.OWN_PLACE)
@require_GET
@speaks
def keys(request: Request) -> HttpResponse:
    """The passkeys there are, and the way to set one up."""
    rows = [
        {
            "id": one.pk,
            "name": str(one),
            "since": short_day(one.created_at, zone()),
            "used": moment(one.last_used_at, zone()) if one.last_used_at else "",
        }
        for one in _own(request)
    ]
    about = own_page(own_chart(request), "more", may=_is_fresh(request), rows=rows)
    return render(request, "portal/keys.html", about)


@needs(Permission.OWN_PLACE)
@require_http_methods(["GET", "POST"])
@speaks
def add(request: Request) -> HttpResponse:
    """Name it, then the phone asks for finger, face or lock code."""
    if not _is_fresh(request):
        return redirect("portal:keys")
    answer: HttpResponse = _Add.as_view()(request).render() if request.method == "GET" else _added(request)
    return answer


def _added(request: Request) -> HttpResponse:
    answer: HttpResponse = _Add.as_view()(request)
    if answer.status_code == 302:
        told.success(request, _("Your passkey is set up. Next time choose “Use a passkey”."))
        return redirect("portal:keys")
    told.error(request, _("That did not work. Nothing was set up. Try once more."))
    return redirect("portal:add_key")


class _Add(AddWebAuthnView):  # type: ignore[misc]
    template_name = "portal/key_add.html"

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**more)
        return found | own_page(own_chart(self.request), "more")


@needs(Permission.OWN_PLACE)
@require_POST
@speaks
def remove(request: Request, passkey: int) -> HttpResponse:
    """It opens nothing from now on."""
    if not _is_fresh(request):
        return redirect("portal:keys")
    flows.remove_authenticator(request, get_object_or_404(_own(request), pk=passkey))
    told.success(request, _("Taken away. This passkey opens nothing any more."))
    return redirect("portal:keys")


@public
@require_http_methods(["GET", "POST"])
@speaks
def enter(request: HttpRequest) -> HttpResponse:
    """The way in by a passkey, from the door of the own place."""
    answer: HttpResponse = _Enter.as_view()(request)
    return answer


class _Enter(LoginWebAuthnView):  # type: ignore[misc]
    def form_invalid(self, form: Any) -> HttpResponse:
        told.error(self.request, _("This passkey opens nothing here. Ask for a link instead."))
        return redirect("portal:enter")

    def get_success_url(self) -> str:
        return reverse("portal:home")


def _own(request: HttpRequest) -> Any:
    return Authenticator.objects.filter(user=request.user, type=Authenticator.Type.WEBAUTHN).order_by("pk")


def _is_fresh(request: HttpRequest) -> bool:
    return not is_reauthentication_required(request, app="allauth.mfa")
