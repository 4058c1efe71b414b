"""The pages of a person's own goal for staff: set one, write down how near the person says they are, end it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from lowtide.data.trajectory import goal_scale
from lowtide.pathway.course.banner import patient_context
from lowtide.pathway.outcomes.trajectory import actions, whole
from lowtide.pathway.outcomes.trajectory.forms import GoalForm, RateForm
from lowtide.pathway.outcomes.trajectory.goals import Goal, goals
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.clinic import zone
from lowtide.people.forms import sent, status
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.record.entries.base import Source

ASKED = "interview"


@needs(Permission.SCORE)
@require_http_methods(["GET", "POST"])
def set_goal(request: Request, patient: UUID) -> HttpResponse:
    """A goal in the person's own words."""
    chart, form = chart_for(request, patient, Permission.SCORE), GoalForm(request.POST or None)

    def act(said: dict[str, Any]) -> object:
        now, by = timezone.now(), request.person.by
        return actions.set_goal(chart.stream, said["text"], by, Source.MANUAL, now, said["entry_id"])

    if sent(form, request.method, act):
        messages.success(request, "The goal is written down. Ask how near it is from now on.")
        return redirect("outcomes:outcomes", patient)
    about = {**patient_context(request, chart, "outcomes"), "form": form}
    return render(request, "outcomes/goal_new.html", about, status=status(form))


@needs(Permission.SCORE)
@require_http_methods(["GET", "POST"])
def goal(request: Request, patient: UUID, goal: UUID) -> HttpResponse:
    """One goal: how near the person says they are, every rating so far, and its end."""
    chart = chart_for(request, patient, Permission.SCORE)
    found = _goal(chart, goal)
    ending = request.POST.get("end") if request.method == "POST" else None
    form = RateForm(None if ending else request.POST or None)
    if ending in ("reached", "dropped"):
        return _end(request, chart, found, reached=ending == "reached")

    def act(said: dict[str, Any]) -> object:
        body, by = form.said(goal, ASKED), request.person.by
        return actions.rate(chart.stream, body, by, Source.MANUAL, timezone.now(), said["entry_id"])

    if sent(form, request.method, act):
        messages.success(request, "Written down.")
        return redirect("outcomes:outcomes", patient)
    names = names_of({r.by for r in found.ratings})
    rows = whole.goal_rows(chart.chart, names, timezone.now(), zone())
    about = {
        **patient_context(request, chart, "outcomes"),
        "form": form,
        "goal": next(row for row in rows if row["id"] == goal),
        "goal_scale": goal_scale(),
    }
    return render(request, "outcomes/goal.html", about, status=status(form))


def _end(request: Request, chart: PatientChart, found: Goal, *, reached: bool) -> HttpResponse:
    form = RateForm({"entry_id": request.POST.get("entry_id", "")})
    form.is_valid()
    entry_id = form.cleaned_data.get("entry_id")
    if entry_id is None:
        raise Http404("this button has no id")
    by, now = request.person.by, timezone.now()
    actions.end(chart.stream, found.id, reached=reached, by=by, now=now, entry_id=entry_id)
    messages.success(request, "Reached." if reached else "The goal is set aside.")
    return redirect("outcomes:outcomes", chart.patient_id)


def _goal(chart: PatientChart, goal: UUID) -> Goal:
    found = next((g for g in goals(chart.chart) if g.id == goal), None)
    if found is None:
        raise Http404("no such goal for you")
    return found
