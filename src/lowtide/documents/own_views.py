"""Documents in the patient's own place: what to do after a visit, and the treatment passport."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lowtide.data.documents import kinds
from lowtide.data.vocabulary import label
from lowtide.documents.loading import sources_of
from lowtide.documents.papers import instructions
from lowtide.documents.papers.model import Document
from lowtide.documents.printing import answer, foot_of
from lowtide.pathway.course.state import fold
from lowtide.pathway.outcomes.passport import Passport, Total, passport
from lowtide.people.charts import PatientChart
from lowtide.people.clinic import clinic_chart, this_clinic, zone
from lowtide.people.own_place import HOUSE, full_day, own_chart, own_page, short_day, speaks, when
from lowtide.people.projections import number_of
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record.entries.papers import Letterhead
from lowtide.science.units import plain

PAPER, LAST_DAY = "instructions", 1


@needs(Permission.OWN_PLACE)
@require_GET
@speaks
def aftercare(request: Request) -> HttpResponse:
    """What was handed out after the last visit, from what happened there."""
    chart = own_chart(request)
    given = fold(chart.chart).given
    about = _after(chart, given[-1].id, given[-1].at) if given else {}
    return render(request, "documents/own_aftercare.html", own_page(chart, "more", **about))


def _after(chart: PatientChart, session: UUID, at: datetime) -> dict[str, Any]:
    """The sheet of one visit; `over` once the day after it has passed, of which its last words speak."""
    here, now = zone(), timezone.now()
    sources = sources_of(chart.whole, session, here).reading_for(kinds()[PAPER].audience)
    made = instructions.made(sources, _, lambda at: when(at, here, now), lambda at: short_day(at, here))
    days = (now.astimezone(here).date() - at.astimezone(here).date()).days
    return {
        "parts": made.parts if isinstance(made, Document) else (),
        "day": full_day(at, here),
        "over": days > LAST_DAY,
        "later": days > 0,
    }


@needs(Permission.OWN_PLACE)
@require_GET
@speaks
def own_passport(request: Request) -> HttpResponse:
    """The passport to look at, with the ways to take it along."""
    chart = own_chart(request)
    return render(request, "documents/own_passport.html", own_page(chart, "more", **_told(chart)))


@needs(Permission.OWN_PLACE)
@require_GET
@speaks
def printed_passport(request: Request) -> HttpResponse:
    """The passport on paper: in English for clinicians, and in the patient's own language."""
    chart, now = own_chart(request), timezone.now()
    head = clinic_chart().last(Letterhead)
    about = {
        **_told(chart),
        "foot": foot_of(request, chart, now, zone()),
        "clinic": this_clinic(),
        "letterhead": head[1] if head else None,
        "number": number_of(chart.patient),
        "title": "Treatment passport",
    }
    return answer(render_to_string("documents/passport.html", about), "treatment-passport")


def _told(chart: PatientChart) -> dict[str, Any]:
    found = passport(chart.chart, chart.patient)
    return {
        "passport": found,
        "house": HOUSE,
        "given": [
            {
                "day": short_day(one.at, zone()),
                "drug": _drug(one.drug),
                "route": _route(one.route),
                "mg": plain(one.mg) if one.mg is not None else "",
                "before": one.before,
                "peak": one.peak,
            }
            for one in reversed(found.given)
        ],
        "totals": [_total(one) for one in found.totals],
        "unknown_doses": sum(one.unknown for one in found.totals),
        "events": [
            {
                "day": short_day(one.at, zone()),
                "is": one,
                "ended": short_day(one.ended_at, zone()) if one.ended_at else "",
            }
            for one in reversed(found.events)
        ],
        "scores": _scores(found),
    }


def _drug(drug: str) -> str:
    return _(label("drug", drug)) if drug else _("not known")


def _route(route: str) -> str:
    return _(label("route", route)) if route else _("not known")


def _total(one: Total) -> dict[str, Any]:
    return {
        "drug": _drug(one.drug),
        "route": _route(one.route),
        "count": one.count,
        "known": one.count - one.unknown,
        "unknown": one.unknown,
        "mg": plain(one.mg),
    }


def _scores(found: Passport) -> list[dict[str, Any]]:
    """The first, the best and the last score, each once."""
    told = dict.fromkeys(s for s in (found.first, found.best, found.last) if s)
    return [
        {
            "day": short_day(s.at, zone()),
            "value": s.value,
            "best": s is found.best,
            "unconfirmed": bool(s.unconfirmed),
        }
        for s in sorted(told, key=lambda s: s.at)
    ]
