"""The page of one problem that nobody recognises, or that may be several: what it is, or that it does not matter here."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from lowtide.data import codes
from lowtide.pathway.evaluate.asking import problem_actions as actions
from lowtide.pathway.evaluate.asking.actions import Act
from lowtide.pathway.evaluate.asking.forms import condition_keys
from lowtide.pathway.evaluate.asking.lists import Line, lists
from lowtide.people.banner import patient_page
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.clinic import zone
from lowtide.people.forms import EntryForm, add_problems
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.problems import BadInput

KNOWN = "known-conditions"


class MatchForm(EntryForm):
    """What it is, in the words of the code table."""

    is_a = forms.CharField(label="It is", max_length=200, widget=forms.TextInput(attrs={"list": KNOWN}))
    reason = forms.CharField(label="How you know", max_length=500)


class DismissForm(EntryForm):
    """A clinician's word that it does not matter here."""

    reason = forms.CharField(label="What it is, and why it does not matter here", max_length=500)


@needs(Permission.WRITE_HISTORY)
@require_http_methods(["GET", "POST"])
def problem(request: Request, patient: UUID, problem: UUID) -> HttpResponse:
    """The problem as it stands; posted, what it is."""
    found = chart_for(request, patient, Permission.WRITE_HISTORY)
    line = _line(found, problem)
    form = MatchForm(request.POST or None, initial={"entry_id": uuid4()})
    if form.is_valid():
        said = form.cleaned_data
        keys = condition_keys(said["is_a"])
        if _done(form, lambda: actions.match(_act(request, found, form), problem, keys, said["reason"])):
            messages.success(request, "Matched, in your name.")
            return redirect(_list(patient))
    return _page(request, found, line, matching=form)


@needs(Permission.REVIEW_RESULT)
@require_POST
def dismiss(request: Request, patient: UUID, problem: UUID) -> HttpResponse:
    """Record by name that a problem nobody recognises does not matter here."""
    found = chart_for(request, patient, Permission.REVIEW_RESULT)
    line = _line(found, problem)
    form = DismissForm(request.POST)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        if _done(form, lambda: actions.dismiss(_act(request, found, form), problem, reason)):
            messages.success(request, "Recorded in your name: it does not matter here.")
            return redirect(_list(patient))
    return _page(request, found, line, dismissing=form)


def _page(
    request: Request,
    found: PatientChart,
    line: Line,
    *,
    matching: MatchForm | None = None,
    dismissing: DismissForm | None = None,
) -> HttpResponse:
    failed = any(form is not None and form.is_bound for form in (matching, dismissing))
    about = {
        **patient_page(request, found, "evaluate"),
        "line": line,
        "by": names_of({line.entry.by})[line.entry.by],
        "matching": matching or MatchForm(initial={"entry_id": uuid4()}),
        "dismissing": dismissing or DismissForm(initial={"entry_id": uuid4()}),
        "conditions": [c.label for c in codes.conditions().values()],
        "back_url": _list(found.patient_id),
        "may_write": request.person.can(Permission.WRITE_HISTORY),
        "may_dismiss": request.person.can(Permission.REVIEW_RESULT),
        "dismissable": actions.may_dismiss(line.entry.body),
    }
    return render(request, "evaluate/problem.html", about, status=422 if failed else 200)


def _line(found: PatientChart, problem: UUID) -> Line:
    """The line of the list that this entry, or a correction of it, is."""
    try:
        latest = found.chart.line(problem)[-1].id
    except KeyError:
        raise Http404("no such problem for you") from None
    (listed,) = (one for one in lists(found.chart, zone()) if one.spec.key == "problems")
    line = next((one for one in listed.lines if one.entry.id == latest), None)
    if line is None:
        raise Http404("no such problem for you")
    return line


def _done(form: EntryForm, act: Callable[[], Any]) -> bool:
    try:
        act()
    except BadInput as error:
        add_problems(form, error)
        return False
    return True


def _act(request: Request, found: PatientChart, form: EntryForm) -> Act:
    return Act(
        person=request.person,
        patient_id=found.patient_id,
        form_id=form.cleaned_data["entry_id"],
        zone=zone(),
        now=timezone.now(),
    )


def _list(patient: UUID) -> str:
    return f"{reverse('evaluate:intake', args=[patient])}#list-problems"
