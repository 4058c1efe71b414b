"""Pages that belong to no step: the start page and the server's own health."""

from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from lowtide.people.who import Person, public
from lowtide.site.context import addresses


@public
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Where somebody's work begins, by what they may do."""
    person: Person | None = request.person  # type: ignore[attr-defined]
    if person is None:
        logout(request)
        return redirect_to_login("/")
    places = addresses(person)
    return redirect(places[0]) if places else render(request, "403.html", status=403)


@public
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """Whether the server answers, and its clock, by which tablets set theirs; says nothing about anybody."""
    now = timezone.now().isoformat()
    return HttpResponse("ok\n", content_type="text/plain", headers={"X-Lowtide-Now": now})


urlpatterns = [path("", start, name="start"), path("alive", alive, name="alive")]
