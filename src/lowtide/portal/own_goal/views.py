"""The patient's own goals on their phone: how near they are to each, by their own rating."""

from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from lowtide.data.trajectory import goal_scale
from lowtide.pathway.outcomes.trajectory import actions, whole
from lowtide.pathway.outcomes.trajectory.forms import RateForm
from lowtide.people.clinic import zone
from lowtide.people.forms import sent
from lowtide.people.own_place import own_chart, own_page, speaks
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record.entries.base import Source


@needs(Permission.OWN_PLACE)
@require_http_methods(["GET", "POST"])
@speaks
def goals(request: Request) -> HttpResponse:
    """Each goal with eleven buttons from not at all to all the way; one press is the rating."""
    chart, now, said = own_chart(request), timezone.now(), ""
    rows = [row for row in whole.goal_rows(chart.chart, {}, now, zone()) if row["is_open"]]
    if request.method == "POST":
        goal = _goal_in(request, rows)
        form = RateForm(request.POST)

        def act(given: dict[str, Any]) -> object:
            body, by = form.said(goal, "phone"), request.person.by
            return actions.rate(chart.stream, body, by, Source.PATIENT, now, given["entry_id"])

        if sent(form, request.method, act):
            return redirect("portal:goals")
        said = " ".join(str(e) for errors in form.errors.values() for e in errors)
    scale = goal_scale()
    about = own_page(
        chart,
        "course",
        goals=[{**row, "entry_id": uuid4()} for row in rows],
        steps=range(scale.low, scale.high + 1),
        scale=scale,
        problem=said,
    )
    return render(request, "portal/goals.html", about, status=422 if said else 200)


def _goal_in(request: Request, rows: list[dict[str, Any]]) -> UUID:
    named = request.POST.get("goal", "")
    found = next((row["id"] for row in rows if str(row["id"]) == named), None)
    if found is None:
        raise Http404("no such goal of yours")
    return UUID(named)
