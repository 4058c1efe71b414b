"""The work-up of one patient, and the form that records one test of it."""

from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from lowtide.data import intake, workup
from lowtide.pathway.evaluate.asking.actions import Act
from lowtide.pathway.evaluate.chart_facts import facts_from_chart
from lowtide.pathway.evaluate.deciding.origins import origins
from lowtide.pathway.evaluate.facts import Requested
from lowtide.pathway.evaluate.ruling.adopted import policy_in_force
from lowtide.pathway.evaluate.workup import page
from lowtide.pathway.evaluate.workup.actions import Seen, record
from lowtide.pathway.evaluate.workup.forms import TestForm
from lowtide.pathway.evaluate.workup.state import Line, lines
from lowtide.people.banner import patient_page
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.clinic import CLINIC, zone
from lowtide.people.forms import sent, status
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.care import CandidacyDecided


def requested(whole: Chart) -> Requested | None:
    """What was last decided on; None before any decision: every rule is then taken to speak."""
    last = whole.last(CandidacyDecided)
    return Requested(last[1].indication, last[1].product, last[1].route) if last else None


def standing(whole: Chart, asked: Requested | None = None) -> list[Line]:
    """The work-up today, under the policy in force."""
    here = zone()
    today = timezone.now().astimezone(here).date()
    facts = facts_from_chart(whole, today, here)
    return lines(facts, asked or requested(whole), policy_in_force(store.load(CLINIC)), today)


@needs(Permission.SEE_CHART)
@require_GET
def overview(request: Request, patient: UUID) -> HttpResponse:
    """Every test: what is known, whether it still counts, whose it is."""
    return render(request, "evaluate/workup.html", _about(request, chart_for(request, patient)))


def _about(request: Request, found: PatientChart) -> dict[str, Any]:
    here, now = zone(), timezone.now()
    today = now.astimezone(here).date()
    tests = standing(found.whole)
    return {
        **patient_page(request, found, "evaluate"),
        "workup": page.rows(tests, origins(found.whole, today, here), today),
        "tally": page.tally(tests),
        "orderable": sum(len(group) for group in page.to_order(tests).values()),
        "may_record": request.person.can(Permission.WRITE_HISTORY),
        "made_at": now,
    }


@needs(Permission.WRITE_HISTORY)
@require_http_methods(["GET", "POST"])
def test(request: Request, patient: UUID, key: str) -> HttpResponse:
    """Record one test."""
    if key not in workup.tests():
        raise Http404(f"there is no test “{key}”")
    one = workup.tests()[key]
    found = chart_for(request, patient, Permission.WRITE_HISTORY)
    form = TestForm(request.POST or None, test=one)
    act = Act(
        person=request.person,
        patient_id=found.patient_id,
        form_id=UUID(int=0),
        zone=zone(),
        now=timezone.now(),
    )

    def write(said: dict[str, Any]) -> None:
        record(msgspec.structs.replace(act, form_id=said["entry_id"]), one, Seen(**form.seen))

    label = intake.items()[one.item].label
    if sent(form, request.method, write):
        messages.success(request, f"The {label} is recorded.")
        return redirect("evaluate:workup", patient=patient)
    about = _about(request, found)
    row = next(row for row in about["workup"] if row["key"] == key)
    return render(
        request,
        "evaluate/workup_test.html",
        about | {"form": form, "row": row, "one": one, "label": label},
        status=status(form),
    )
