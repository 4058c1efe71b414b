"""Printed pages of one patient: the evaluation with its decision, and the request for what the work-up still needs."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_GET

from lowtide.data import vocabulary
from lowtide.documents.printing import answer, foot_of
from lowtide.pathway.evaluate.deciding.scene import ASKED, request_form, scene_of
from lowtide.pathway.evaluate.deciding.views import judged, urgent
from lowtide.pathway.evaluate.workup.page import to_order
from lowtide.pathway.evaluate.workup.views import standing
from lowtide.people.banner import identity
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.clinic import this_clinic, zone
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record.chart import Chart


@needs(Permission.SEE_CHART)
@require_GET
def evaluation(request: Request, patient: UUID) -> HttpResponse:
    """The evaluation as a document: what is asked for, the findings, the work-up, the decision and its signature."""
    found = chart_for(request, patient)
    scene = scene_of(request, found)
    asked = request_form(request, scene)
    if not (asked.is_bound and asked.is_valid()):
        return redirect("evaluate:evaluate", patient=patient)
    about = judged(scene, asked.cleaned_data)
    policy = about["made"].policy
    words = ", ".join(vocabulary.label(kind, asked.cleaned_data[kind]) for kind in ASKED)
    told = f"Asked for: {words}. Policy {policy.label} {policy.version}, judged on {scene.today:%-d %b %Y}."
    more = {"urgent": urgent(scene), "about": told, "title": "Evaluation"}
    return _printed(request, found, "evaluation", {**_paper(request, found, scene.whole), **about, **more})


@needs(Permission.SEE_CHART)
@require_GET
def lab_request(request: Request, patient: UUID) -> HttpResponse:
    """What a laboratory is asked for: the tests that are missing or out of date."""
    found = chart_for(request, patient)
    orders = to_order(standing(found.whole))
    if not orders:
        raise Http404("nothing is open that a laboratory could do")
    about = {
        "title": "Laboratory request",
        "about": "Tests before treatment with ketamine.",
        "orders": orders,
    }
    return _printed(request, found, "lab_request", {**_paper(request, found, found.whole), **about})


def _paper(request: Request, found: PatientChart, whole: Chart) -> dict[str, Any]:
    """Who it is about, who printed it when, and the last entry it was made from."""
    return {
        "patient": identity(request.person, found),
        "clinic": this_clinic(),
        "foot": foot_of(request, found, timezone.now(), zone()),
    }


def _printed(request: Request, found: PatientChart, name: str, about: dict[str, Any]) -> HttpResponse:
    return answer(render_to_string(f"documents/{name}.html", about), f"{name}-{found.patient_id}")
