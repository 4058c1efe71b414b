"""The session's page: preparation before the dose, the flowsheet after it, and its live parts."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from lowtide.data.chair import chair, parameters
from lowtide.pathway.course.approved_here import monitored_here
from lowtide.pathway.session import following
from lowtide.pathway.session.rules.said_of_dose import unrecorded
from lowtide.pathway.session.rules.state import Phase, Verb
from lowtide.pathway.session.rules.thresholds import crossings, pressing
from lowtide.pathway.session.shown import events
from lowtide.pathway.session.shown.ahead import ahead_words
from lowtide.pathway.session.shown.grid import grid, only_due, struck
from lowtide.pathway.session.shown.lines import Line, lines
from lowtide.pathway.session.shown.picture import picture
from lowtide.pathway.session.shown.todo import todo
from lowtide.pathway.session.views import custody, reminders
from lowtide.pathway.session.views.common import Seen, hud, page, seen
from lowtide.pathway.session.views.drawn import Sheet, drawing, flowsheet, for_all, twin
from lowtide.pathway.session.views.giving import one_tap
from lowtide.pathway.session.views.prepare import preparation
from lowtide.people.clinic import zone
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record.entries.base import Entry, Source
from lowtide.record.entries.devices import AlarmTold, PumpTold

LOGGED = 4
HAPPENED = (PumpTold, AlarmTold)


@needs(Permission.SEE_CHART)
@require_GET
def session(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """Where the session stands, and the one thing to do next."""
    see = seen(request, patient, session)
    if see.state.phase is Phase.UNKNOWN:
        if request.person.can(Permission.BOOK):
            return redirect(see.url("book"))
        messages.info(request, "No chair is booked for this session yet.")
        return redirect("session:sessions", patient=patient)
    if see.facts.started is None:
        around = preparation(request, see) | _around(request, see)
        around["give"] = one_tap(see, request.person) if not around["held"] else None
        around |= _events(request, see)
        return page(request, "session/prepare.html", see, lines=logged(see), **around)
    return page(request, "session/session.html", see, **(_live(request, see) | _around(request, see)))


@needs(Permission.SEE_CHART)
@require_GET
def live(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """The parts of the flowsheet page that change while somebody watches."""
    see = seen(request, patient, session)
    parts = {"see": see, "state": see.state, "facts": see.facts, "hud": hud(see), **_live(request, see)}
    return HttpResponse(render_to_string("session/live.html", parts, request=request))


def _around(request: Request, see: Seen) -> dict[str, Any]:
    """What does not change by itself: chips with an id each, verbs, where to listen."""
    may = request.person.can(Permission.CHART_SESSION)
    return {
        "chips": [(c, uuid4()) for c in chair().chips if not c.more] if may else [],
        "may_chart": may,
        "may_sign": request.person.can(Permission.SIGN_SESSION),
        "verbs": {verb.value for verb in Verb if see.state.refusal(verb) is None},
        "streams": ",".join((*see.found.chart.known, f"devices:{see.facts.session}")),
        "live_url": see.url("live"),
        **custody.beside(request, see),
        "extra_rows": [(p.id, p.name) for p in parameters().values() if p.fields or p.scale],
    }


def _live(request: Request, see: Seen) -> dict[str, Any]:
    ahead, current = following.known(see.found.chart, see.facts, see.now)
    return {
        **charted(see, ahead),
        "forecast_url": "" if current else see.url("forecast"),
        "todo": todo(see.state, see.now),
        "sheet": _sheet(request, see),
        "lines": logged(see),
        "give": one_tap(see, request.person),
        **_events(request, see),
        "may_chart": request.person.can(Permission.CHART_SESSION),
        **reminders.shown(see, has_plan=request.GET.get("plan", "")),
    }


def _events(request: Request, see: Seen) -> dict[str, Any]:
    """What goes wrong, and what was prepared for this reader’s eyes."""
    pressed = pressing(crossings(see.facts, monitored_here()), see.now)
    return {
        **events.beside(see.found.chart, see.facts, pressed, see.zone),
        "unrecorded": _unrecorded(see),
        "prepared": events.prepared(see.found.chart, see.facts.session),
        "may_therapy": request.person.can(Permission.WRITE_THERAPY),
    }


def _unrecorded(see: Seen) -> dict[str, Any]:
    """What an adverse event says of the dose that is not recorded of it."""
    found = unrecorded(see.state)
    if found is None:
        return {}
    at = f"{found.event.at.astimezone(see.zone):%H:%M}"
    return {"said": found.words.lower(), "at": at, "url": see.url(found.verb.value)}


@needs(Permission.SEE_CHART)
@require_GET
def forecast(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """The live chart with its forecast as of now, worked out when the page is already there."""
    see = seen(request, patient, session)
    ahead = following.band(see.found.chart, see.facts, see.now, zone())
    parts = {"see": see, "state": see.state, "facts": see.facts, **charted(see, ahead)}
    return HttpResponse(render_to_string("session/forecast.html", parts, request=request))


def charted(see: Seen, ahead: following.Band | None) -> dict[str, Any]:
    """The live chart, its twin, and what is to be said of the forecast."""
    drawn = for_all(picture(see.state, monitored_here(), see.now, see.zone, ahead))
    return {
        "drawing": drawing(drawn),
        "twin": twin(drawn),
        "ahead": ahead,
        "ahead_words": ahead_words(ahead, see.facts) if ahead else None,
        "ahead_now": ahead.at(see.now) if ahead and not see.facts.over_at else None,
    }


def _sheet(request: Request, see: Seen) -> str:
    """The flowsheet, with what corrected values said before, from the column asked for on; all of it, or what is due."""
    asked, only = request.GET.get("from", ""), request.GET.get("only") == "due"
    first = int(asked) if asked.isdigit() else None
    chart = see.found.chart
    before = {str(e.id): chart.line(e.id)[-2] for e in see.facts.entries if e.corrects}
    found = struck(grid(see.state, see.now, first), before)
    shown = only_due(found) if only else found
    may = request.person.can(Permission.CHART_SESSION)
    return flowsheet(Sheet(see.found.patient_id, see.facts.session, shown, only, may, zone()))


def logged(see: Seen) -> list[Line]:
    """The last lines that people wrote, a pump’s events and alarms among them; a monitor’s values are in the header,
    the grid and the chart."""
    told = [e for e in see.facts.entries if e.source is not Source.DEVICE or _happened(e)]
    return lines(see.found.chart, see.facts, see.zone, told[-LOGGED:])


def _happened(entry: Entry) -> bool:
    """An alarm or an event of a pump; what it reports every minute is none."""
    body = entry.body
    return isinstance(body, HAPPENED) and not (isinstance(body, PumpTold) and body.event is None)
