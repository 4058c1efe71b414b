"""The patient's own pages: the next visit, how it goes, help, and the way to everything else."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from lowtide.pathway.course import consent
from lowtide.pathway.course.state import CourseState, fold
from lowtide.people.charts import PatientChart
from lowtide.people.clinic import zone
from lowtide.people.own_place import clock, own_chart, own_page, speaks, when
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.portal import holding, trajectory, visit
from lowtide.portal.asked import asking
from lowtide.portal.conversation import messages, open_messages, open_requests
from lowtide.portal.sign_in import links


def _halted(chart: PatientChart, state: CourseState, now: datetime) -> str:
    """Why nothing goes on until the clinic has spoken with the patient: "consent", "stop", or nothing."""
    course = state.course
    ours = [
        s
        for s in consent.signed(chart.chart, now, zone())
        if course and s.body.course in (None, course.course)
    ]
    if ours and ours[0].withdrawn:
        return "consent"
    return "stop" if any(one.body.what == "stop_treatment" for one in open_requests(chart.chart)) else ""


@needs(Permission.OWN_PLACE)
@require_GET
@speaks
def home(request: Request) -> HttpResponse:
    """When and where the next visit is, and how to prepare for it."""
    chart, now, here = own_chart(request), timezone.now(), zone()
    state = fold(chart.chart)
    found = visit.next_visit(chart.chart, state)
    said = messages(chart.chart)
    about = own_page(
        chart,
        "visit",
        halted=_halted(chart, state, now),
        visit=found,
        when=when(found.arrives_at, here, now) if found else "",
        until=clock(found.until, here) if found else "",
        steps=visit.steps(found, here) if found and found.is_booked else [],
        medicines=holding.before_visit(chart.chart, found.at, here, now) if found else None,
        asks=asking(chart, state, now),
        answered=bool(said and not said[-1].is_patients),
    )
    return render(request, "portal/home.html", about)


@needs(Permission.OWN_PLACE)
@require_GET
@speaks
def course(request: Request) -> HttpResponse:
    """The patient's own trajectory: one sentence, one picture, and the list behind it."""
    chart, now = own_chart(request), timezone.now()
    found = trajectory.page(fold(chart.chart), now, zone())
    picture = mark_safe(found.pop("svg"))  # noqa: S308  drawn from numbers and our own words
    return render(request, "portal/course.html", own_page(chart, "course", picture=picture, **found))


@needs(Permission.OWN_PLACE)
@require_GET
@speaks
def urgent_help(request: Request) -> HttpResponse:
    """Whom to call now. Nobody watches these pages live."""
    return render(request, "portal/help.html", own_page(own_chart(request), "help"))


@needs(Permission.OWN_PLACE)
@require_GET
@speaks
def more(request: Request) -> HttpResponse:
    """Everything that is here, and how one comes in."""
    chart = own_chart(request)
    about = own_page(
        chart,
        "more",
        devices=links.devices(str(chart.patient_id), timezone.now()),
        waiting=len(open_messages(chart.chart)),
    )
    return render(request, "portal/more.html", about)
