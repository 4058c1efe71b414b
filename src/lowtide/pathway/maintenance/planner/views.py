"""The planner of the clinic: who is due, overdue, drifting or not heard of, and whether the chairs are enough."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from lowtide.pathway.maintenance.planner.page import page
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs


@needs(Permission.BOOK)
@require_GET
def planner(request: Request) -> HttpResponse:
    """Read from the tables alone: no chart is opened here, and no score is shown to those who read no charts."""
    return render(request, "maintenance/planner.html", page(request.person, timezone.now()))
