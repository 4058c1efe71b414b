"""The questionnaires beside the course's own, on the patient's phone: all that are due, one after the other."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from lowtide.pathway.course.rules import open_risks
from lowtide.pathway.course.state import fold
from lowtide.pathway.outcomes import questionnaire
from lowtide.pathway.outcomes.actions import Answerer
from lowtide.pathway.outcomes.scales import Wanted, due_now, wanted
from lowtide.pathway.outcomes.wording import worded
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.clinic import clinic_chart, this_clinic
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record.entries.base import Source


def waiting(chart: PatientChart) -> tuple[Wanted, ...]:
    """What is due and can be asked on a phone: only what the clinic has words for, the shortest first."""
    now, today = timezone.now(), timezone.localdate()
    found = due_now(wanted(chart.chart, fold(chart.chart)), now, self_rated=True)
    return tuple(w for w in found if worded(w.instrument, clinic_chart(), today).has_text)


def _own(request: Request) -> PatientChart:
    kind, _, patient = request.person.by.partition(":")
    if kind != "patient":
        raise Http404("only patients have a place of their own")
    return chart_for(request, UUID(patient), Permission.OWN_PLACE)


@needs(Permission.OWN_PLACE)
@require_GET
def own_scales(request: Request) -> HttpResponse:
    """On to the first questionnaire that is due, or thanks; and help, as long as an answer that asked for it is open."""
    chart = _own(request)
    asked = waiting(chart)
    if asked and "stop" not in request.GET:
        return redirect("outcomes:own_scale", asked[0].instrument.id.lower())
    about = {**_shell(), "raised": bool(open_risks(chart.chart)), "left": len(asked)}
    return render(request, "outcomes/own_done.html", about)


@needs(Permission.OWN_PLACE)
@require_http_methods(["GET", "POST"])
def own_scale(request: Request, scale: str) -> HttpResponse:
    """One questionnaire, a question a screen; each answer is kept as it is given."""
    chart, now = _own(request), timezone.now()
    asked = next((w for w in waiting(chart) if w.instrument.id.lower() == scale.lower()), None)
    if asked is None:
        return redirect("outcomes:own_scales")
    who = Answerer(request.person.by, Source.PATIENT, "phone", window=asked.window)
    got = questionnaire.handle(request, chart, asked.instrument, who, now)
    if isinstance(got, HttpResponse):
        return got
    if isinstance(got, questionnaire.Asked):
        shown = worded(asked.instrument, clinic_chart(), timezone.localdate(), asked.window)
        about = {**_shell(), **questionnaire.page(shown, got, now)}
        return render(request, "outcomes/own_scale.html", about, status=got.status)
    # whoever asked for help sees it before anything else is asked
    help_first = questionnaire.is_raised(got, asked.instrument)
    return redirect("portal:done" if help_first else "outcomes:own_scales")


def _shell() -> dict[str, Any]:
    return {"clinic": this_clinic(), "help": questionnaire.help_here(timezone.now())}
