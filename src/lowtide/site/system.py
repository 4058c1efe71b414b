"""The page for whoever keeps the system running."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from lowtide.people.roles import Permission
from lowtide.people.who import needs
from lowtide.site import health


@needs(Permission.MANAGE_STAFF)
@require_safe
def system(request: HttpRequest) -> HttpResponse:
    """What was looked at, what needs somebody, and the entries whose clocks were odd."""
    found = health.checks(timezone.now())
    about = {
        "checks": sorted(found, key=lambda check: check.well),
        "warned": sum(not check.well for check in found),
        "marks": health.clock_marks(),
    }
    return render(request, "system.html", about)
