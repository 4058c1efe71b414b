"""The maintenance page: the next session by the protocol and by the person's own scores, and the clinician's choice beside
them."""

from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from lowtide.data.maintenance import maintenance as table
from lowtide.data.protocols import protocol
from lowtide.pathway.course import words
from lowtide.pathway.course.approved import limit_is_settled
from lowtide.pathway.course.approved_here import approved_here, protocol_here
from lowtide.pathway.course.banner import patient_context
from lowtide.pathway.course.sessions import Session
from lowtide.pathway.course.state import CourseState, Phase, fold
from lowtide.pathway.maintenance import actions, shown
from lowtide.pathway.maintenance.choosing import mark
from lowtide.pathway.maintenance.dates import Times, times
from lowtide.pathway.maintenance.fade.keeping import fade_kept
from lowtide.pathway.maintenance.forms import DecisionForm
from lowtide.pathway.maintenance.heard import ended
from lowtide.pathway.maintenance.rules import EARLY, Proposal, propose
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.clinic import zone
from lowtide.people.forms import add_problems
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.problems import BadInput
from lowtide.record.chart import Chart
from lowtide.record.entries.upkeep_words import ending
from lowtide.science.units import amount, plain


@needs(Permission.SEE_CHART)
@require_http_methods(["GET", "POST"])
def maintenance(request: Request, patient: UUID) -> HttpResponse:
    """What the protocol proposes and what is predicted, what was chosen and why, and the choice to be made."""
    chart = chart_for(request, patient)
    state = fold(chart.chart)
    offered = shown.state_of(state, zone(), timezone.now())["offered"]
    initial = {**_taken(request), "seen": mark(state)}
    form = DecisionForm(
        request.POST or None,
        initial=initial,
        offered=offered,
        today=timezone.localdate(),
        held=actions.holding(chart.whole, state),
    )
    if request.method == "POST" and request.person.can(Permission.DECIDE) and form.is_valid():
        try:
            return _decide(request, chart, state, form)
        except BadInput as error:
            add_problems(form, error)
    return _page(request, chart, state, form)


def _taken(request: Request) -> dict[str, str]:
    """Day and time of a proposed time that was pressed: they stand in the form, and nothing else does."""
    return {name: request.GET[name] for name in ("date", "time") if request.GET.get(name)}


def _decide(request: Request, chart: PatientChart, state: CourseState, form: DecisionForm) -> HttpResponse:
    said, entry_id = form.said(zone()), form.cleaned_data["entry_id"]
    actions.decide(chart.stream, state, said, request.person, timezone.now(), entry_id)
    needed = said.step.needs if said.step else ""
    messages.success(request, DONE[needed])
    if needed == "ending":
        return redirect("maintenance:ending", chart.patient_id)
    if needed == "series" and request.person.can(Permission.BOOK):
        return redirect("session:sessions", chart.patient_id)
    if needed != "date" or not request.person.can(Permission.BOOK):
        return redirect("maintenance:maintenance", chart.patient_id)
    ahead = state.next_session
    session = ahead.id if ahead else actions.planned_session(entry_id)
    return redirect("session:book", chart.patient_id, session)


MARKS = {
    "schedule": "interval",
    "maintenance": "phases",
    "min_interval_h": "minimum interval",
    "stopping": "stopping rule",
} | dict.fromkeys(EARLY, "early review")
DONE = {
    "date": "Recorded. Now book a chair for it.",
    "series": "Recorded: a new series is planned. Now book its chairs.",
    "look_again": "Recorded: the course is paused, and comes back to the worklist on the day that was set, else in two weeks.",
    "ending": "Recorded: the course has ended.",
}


def _page(request: Request, chart: PatientChart, state: CourseState, form: DecisionForm) -> HttpResponse:
    now, here, proposal, held = timezone.now(), zone(), propose(state, zone()), form.holding
    found = fade_kept(chart.whole, state, now, here)
    over = ended(chart.chart) if state.phase is Phase.ENDED else None
    about = {
        **patient_context(request, chart, "maintenance"),
        "patient_id": chart.patient_id,
        "proposal": proposal,
        "verdict": _verdict(state, proposal, here, now, held=bool(held)),
        "marks": list(dict.fromkeys(f"{MARKS[mark]}: unverified" for mark in _open(proposal))),
        "times": _times(chart.chart, state, proposal, here, now) if not held else None,
        "held": held,
        "earliest": words.when(proposal.earliest, here, now) if proposal.earliest else "",
        "fade": shown.predicted(found, state, proposal, here, now),
        "standing": shown.state_of(state, here, now, held=bool(held)) if state.given else None,
        "ahead": [
            _session(s, here, now) for s in state.treated if s.is_ahead and state.phase is not Phase.ENDED
        ],
        "given": [_session(s, here, now) for s in reversed(state.given)],
        "decided": shown.decisions(chart.chart, here, now, state=state),
        "achieved": shown.achieved_so_far(state),
        "over": {"why": ending(over.why), "body": over} if over else None,
        "other_day": shown.other_day(chart.whole, state, here, now),
        "may_decide": request.person.can(Permission.DECIDE) and _is_running(state),
        "may_correct": request.person.can(Permission.DECIDE),
        "form": form,
        "needs": {one.id: one.needs for one in table().steps},
        "phase": state.phase,
    }
    return render(request, "maintenance/maintenance.html", about, status=422 if form.is_bound else 200)


def _times(
    chart: Chart, state: CourseState, proposal: Proposal, here: tzinfo, now: datetime
) -> dict[str, Any] | None:
    """When it could be held, each as words and as the form takes it."""
    if proposal.window is None or state.next_session or state.phase is Phase.ENDED:
        return None
    found: Times = times(chart, state, proposal, protocol(proposal.protocol), now)
    return {
        "why_not": found.why_not,
        "rows": [
            {
                "when": words.when(one.at, here, now),
                "date": f"{one.at.astimezone(here):%Y-%m-%d}",
                "time": words.clock(one.at, here),
                "chair": one.chair,
                "moved": one.moved,
                "late": bool(proposal.window and one.at > proposal.window[1]),
            }
            for one in found.found
        ],
    }


def _open(proposal: Proposal) -> tuple[str, ...]:
    """Which of what decided has nobody here answered for."""
    if not proposal.protocol:
        return proposal.unverified
    left = protocol_here(protocol(proposal.protocol)).unverified
    limits = (name for name in EARLY if not limit_is_settled(name, approved_here()))
    return tuple(field for field in proposal.unverified if field in {*left, *limits})


def _is_running(state: CourseState) -> bool:
    return bool(state.given) and state.phase is not Phase.ENDED


def _verdict(
    state: CourseState, proposal: Proposal, here: tzinfo, now: datetime, *, held: bool
) -> dict[str, str]:
    """The proposal in a few words, with its shape; while the session is held, that first."""
    if state.phase is Phase.ENDED:
        return {"level": "clear", "title": "The course has ended"}
    if proposal.window:
        late = proposal.window[1] < now
        span = words.window(proposal.window, here)
        if held:
            return {"level": "hold", "title": f"Held; by the protocol {span}"}
        return {"level": "hold" if late else "note", "title": f"{span}{', passed' if late else ''}"}
    titles = {"review": "Review the course", "score": "Score first"}
    return {"level": "unknown", "title": titles.get(proposal.advice, "Nothing proposed")}


def _session(session: Session, here: tzinfo, now: datetime) -> dict[str, Any]:
    dose = session.dose
    return {
        "id": session.id,
        "name": session.name.capitalize(),
        "when": words.when(session.at, here, now),
        "at": session.at,
        "chair": session.chair or "no chair yet",
        "mg": f"{plain(amount(dose.given_mg))} mg" if dose and dose.given_mg is not None else "not read off",
        "is_running": session.is_under_way,
    }
