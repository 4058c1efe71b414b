"""The clinic's page of long-term safety."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from lowtide.data import monitoring
from lowtide.pathway.course.exposure import drug_label
from lowtide.pathway.course.today import patient_id
from lowtide.pathway.safety.longterm import clinic
from lowtide.pathway.safety.longterm.clinic import Line
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.science.units import plain

PAGE = 50
Shows = Callable[[Line], bool]
SHOWN: dict[str, tuple[str, Shows]] = {
    "all": ("Everybody treated", lambda one: True),
    "held": ("Held", lambda one: bool(one.held)),
    "overdue": ("Overdue", lambda one: bool(one.overdue)),
    "over": ("Much given", lambda one: bool(one.over)),
}


@needs(Permission.SEE_CHART)
@require_GET
def overview(request: Request) -> HttpResponse:
    """Who is held, whose checks are overdue, who has had much: the most pressing first."""
    now, asked = timezone.now(), request.GET.get("show", "all")
    show = asked if asked in SHOWN else "all"
    every = clinic.lines(now)
    found = [one for one in every if SHOWN[show][1](one)]
    number = request.GET.get("page", "")
    page = max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1
    about: dict[str, Any] = {
        "rows": [_row(one) for one in found[(page - 1) * PAGE : page * PAGE]],
        "tabs": [
            (key, label, sum(holds(o) for o in every), key == show) for key, (label, holds) in SHOWN.items()
        ],
        "show": show,
        "page": page,
        "pages": max(1, -(-len(found) // PAGE)),
        "limits": [(days, plain(most)) for days, most in clinic.limits().items()],
        "limit": monitoring.items()[clinic.LIMIT],
        "now": now,
    }
    return render(request, "safety/clinic_long_term.html", about)


def _row(one: Line) -> dict[str, Any]:
    return {
        "id": patient_id(one.stream),
        "name": one.name,
        "counts": [one.counts[days] for days in clinic.WINDOWS],
        "unread": one.unread,
        "mg": [
            (f"{drug_label(drug)} {route.upper()}".strip(), f"{mg:.1f}")
            for (drug, route), mg in one.mg.items()
        ],
        "last_at": one.last_at,
        "unknown": one.unknown,
        "held": one.held,
        "overdue": one.overdue,
        "results": one.results,
        "over": one.over,
    }
