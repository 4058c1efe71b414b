"""The patient's own calendar: an address for the telephone's calendar, made and taken back by themselves."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lowtide.pathway.maintenance.feeds.keeping import Standing
from lowtide.pathway.maintenance.feeds.views import managed
from lowtide.people.clinic import this_clinic, zone
from lowtide.people.own_place import moment, speaks
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.portal.asked import reader


@needs(Permission.OWN_PLACE)
@require_http_methods(["GET", "POST"])
@speaks
def calendar(request: Request) -> HttpResponse:
    """Make the address, take it back, or see how it stands."""

    def page(request: Request, more: dict[str, object]) -> HttpResponse:
        about = {"tab": "visit", "who": request.person.name, "clinic": this_clinic(), **more, **_times(more)}
        return render(request, "portal/calendar.html", about)

    told = _("Done. The address shows nothing any more.")
    return managed(request, request.person.by, "portal:calendar", page, language=reader(), taken_back=told)


def _times(more: dict[str, object]) -> dict[str, str]:
    """When it was made and last read, in the language of the page."""
    found, here = more["found"], zone()
    if not isinstance(found, Standing):
        return {}
    read = moment(found.read_at, here) if found.read_at else ""
    return {"made": moment(found.made_at, here), "read": read}
