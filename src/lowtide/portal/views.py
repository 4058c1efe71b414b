"""The patient's own pages: the next visit, the questions that are due, how it goes, and help."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_http_methods

from lowtide.pathway.course import words
from lowtide.pathway.course.due import DueItem, due
from lowtide.pathway.course.rules import open_risks
from lowtide.pathway.course.scores import course_measure
from lowtide.pathway.course.state import CourseState, fold
from lowtide.pathway.outcomes import questionnaire
from lowtide.pathway.outcomes.actions import Answerer
from lowtide.pathway.outcomes.own_views import waiting
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.clinic import this_clinic, zone
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.portal import trajectory, visit
from lowtide.record.entries.base import Source


def _own(request: Request) -> PatientChart:
    """The chart of who is signed in, and no other."""
    kind, _, patient = request.person.by.partition(":")
    if kind != "patient":
        raise Http404("only patients have a place of their own")
    return chart_for(request, UUID(patient), Permission.OWN_PLACE)


def _page(chart: PatientChart, tab: str, **more: Any) -> dict[str, Any]:
    who = chart.patient.preferred or chart.patient.given or chart.patient.family
    return {
        "tab": tab,
        "who": who,
        "clinic": this_clinic(),
        "help": questionnaire.help_here(timezone.now()),
        **more,
    }


def _questions_due(chart: PatientChart, state: CourseState, now: datetime) -> DueItem | None:
    """The questionnaire that is due, or the next one to come."""
    return next(
        (item for item in due(chart.chart, state) if item.task.name == state.measure.id.lower()), None
    )


@needs(Permission.OWN_PLACE)
@require_GET
def home(request: Request) -> HttpResponse:
    """When and where the next visit is, and how to prepare for it."""
    chart, now, here = _own(request), timezone.now(), zone()
    state = fold(chart.chart)
    found, asked = visit.next_visit(chart.chart, state), _questions_due(chart, state, now)
    about = _page(
        chart,
        "visit",
        visit=found,
        when=words.when(found.arrives_at, here, now) if found else "",
        until=words.clock(found.until, here) if found else "",
        steps=visit.steps(found, here) if found and found.is_booked else [],
        asks=bool(asked and asked.is_open(now)) or bool(waiting(chart)),
    )
    return render(request, "portal/home.html", about)


@needs(Permission.OWN_PLACE)
@require_http_methods(["GET", "POST"])
def questions(request: Request) -> HttpResponse:
    """The questionnaire, one question a screen; each answer is kept as it is given."""
    chart, now, measure = _own(request), timezone.now(), course_measure()
    asked = _questions_due(chart, fold(chart.chart), now)
    wanted = not {"anyway", "form"}.isdisjoint(request.GET)
    if request.method == "GET" and not (asked and asked.is_open(now)) and not wanted:
        if waiting(chart):
            return redirect("outcomes:own_scales")
        when = words.when(asked.opens_at, zone(), now) if asked and asked.opens_at else ""
        return render(request, "portal/no_questions.html", _page(chart, "questions", when=when))
    who = Answerer(request.person.by, Source.PATIENT, "phone")
    got = questionnaire.handle(request, chart, measure, who, now)
    if isinstance(got, HttpResponse):
        return got
    if isinstance(got, questionnaire.Asked):
        about = _page(chart, "questions", **questionnaire.page(measure, got, now))
        return render(request, "portal/questions.html", about, status=got.status)
    help_first = questionnaire.is_raised(got, measure) or not waiting(chart)
    return redirect("portal:done" if help_first else "outcomes:own_scales")


@needs(Permission.OWN_PLACE)
@require_GET
def done(request: Request) -> HttpResponse:
    """Thanks; and help, as long as an answer that asked for it is open."""
    chart = _own(request)
    return render(
        request, "portal/done.html", _page(chart, "questions", raised=bool(open_risks(chart.chart)))
    )


@needs(Permission.OWN_PLACE)
@require_GET
def course(request: Request) -> HttpResponse:
    """The patient's own trajectory: one sentence, one picture, and the list behind it."""
    chart, now = _own(request), timezone.now()
    found = trajectory.page(fold(chart.chart), now, zone())
    picture = mark_safe(found.pop("svg"))  # noqa: S308  drawn from numbers and our own words
    return render(request, "portal/course.html", _page(chart, "course", picture=picture, **found))


@needs(Permission.OWN_PLACE)
@require_GET
def urgent_help(request: Request) -> HttpResponse:
    """Whom to call now. Nobody watches these pages live."""
    return render(request, "portal/help.html", _page(_own(request), "help"))
