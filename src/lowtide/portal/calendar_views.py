"""The patient's own calendar: an address for the telephone's calendar, made and taken back by themselves."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from lowtide.pathway.maintenance.feeds.views import managed
from lowtide.people.clinic import this_clinic
from lowtide.people.own_place import speaks
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs


@needs(Permission.OWN_PLACE)
@require_http_methods(["GET", "POST"])
@speaks
def calendar(request: Request) -> HttpResponse:
    """Make the address, take it back, or see how it stands."""

    def page(request: Request, more: dict[str, object]) -> HttpResponse:
        about = {"tab": "visit", "who": request.person.name, "clinic": this_clinic(), **more}
        return render(request, "portal/calendar.html", about)

    return managed(request, request.person.by, "portal:calendar", page)
