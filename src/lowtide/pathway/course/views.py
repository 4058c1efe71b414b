"""The chart's front page and today's worklist."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from lowtide.pathway.course import day_strip, front_page, worklist
from lowtide.pathway.course.banner import patient_context
from lowtide.pathway.course.beside import beside
from lowtide.pathway.course.due import Group, due
from lowtide.pathway.course.exposure import elsewhere
from lowtide.pathway.course.referrals import referrals
from lowtide.pathway.course.state import fold
from lowtide.people.charts import chart_for
from lowtide.people.clinic import INBOX, zone
from lowtide.people.record_pages.lines import newest_first, shown
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record import store

RECENT = 8


@needs(Permission.SEE_CHART)
@require_GET
def course(request: Request, patient: UUID) -> HttpResponse:
    """The therapy on one page: what is next, how it went, what is due."""
    chart, now, here = chart_for(request, patient), timezone.now(), zone()
    state = fold(chart.chart)
    items = due(chart.chart, state)
    lines = newest_first(chart.chart)
    told = front_page.telling(lines)
    about = {
        **patient_context(request, chart, "course"),
        "next": front_page.next_card(chart, state, items, request.person, now, here),
        "state": state,
        "sheet": front_page.course_sheet(state, items, now, here),
        "watch": front_page.watch(items, patient, request.person, now, here),
        "exposure": front_page.exposure_rows(state, now, elsewhere(chart.chart)),
        "exposure_of": front_page.exposure_of(state),
        "beside": beside(state, now, here),
        "lines": front_page.scored(shown(chart.chart, told[:RECENT], here), state),
        "lines_total": len(lines),
    }
    return render(request, "course/course.html", about)


def _referred(request: Request) -> dict[str, Any]:
    """Who asked to be contacted: those that nobody has taken are on everybody’s page who may."""
    if not request.person.can(Permission.REFERRALS):
        return {}
    waiting = [w for w in referrals(store.load(INBOX)) if w.is_open]
    return {"referred": len(waiting), "calls": [w for w in waiting if w.body.urgent]}


@needs(Permission.SEE_TODAY)
@require_GET
def today(request: Request) -> HttpResponse:
    """What this person may do in the whole clinic today, the most pressing first."""
    now, here = timezone.now(), zone()
    about = worklist.page(request.person, now, here, *_turned(request))
    slots = about.pop("slots")
    if slots:
        about["strip"] = mark_safe(day_strip.draw(slots, now, here))  # noqa: S308  drawn from escaped words
    about["sentence"] = day_strip.sentence(slots, here)
    about |= _referred(request)
    about["alarms"] = worklist.alarms(about["urgent"], about.get("calls", ()), about["clinical"], now, here)
    return render(request, "course/today.html", about)


@needs(Permission.SEE_TODAY)
@require_GET
def alarms(request: Request) -> HttpResponse:
    """What waits for a call, as a part of today's page that is fetched again and again (hazard H026)."""
    now, here = timezone.now(), zone()
    about = worklist.urgent(request.person, now, here) | _referred(request)
    about["alarms"] = worklist.alarms(about["urgent"], about.get("calls", ()), about["clinical"], now, here)
    return render(request, "course/alarms.html", about)


def _turned(request: HttpRequest) -> tuple[Group, int]:
    """Which section shows which of its pages; what makes no sense is the first page of decisions."""
    group, number = request.GET.get("of", ""), request.GET.get("page", "")
    turned = Group(group) if group in set(Group) else Group.DECISION
    return turned, max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1
