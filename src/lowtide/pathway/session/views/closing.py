"""The end of a session: the checks at the door, breaking off, reading everything and signing."""

from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import HttpResponse

from lowtide.data.chair import chair
from lowtide.pathway.course.approved_here import monitored_here
from lowtide.pathway.course.links import address
from lowtide.pathway.course.words import few
from lowtide.pathway.session import forms
from lowtide.pathway.session.actions import closing
from lowtide.pathway.session.papers import papers
from lowtide.pathway.session.projections import escort
from lowtide.pathway.session.rules.due import left_undone
from lowtide.pathway.session.rules.leaving import criteria
from lowtide.pathway.session.rules.state import Verb
from lowtide.pathway.session.rules.thresholds import crossings
from lowtide.pathway.session.shown import events
from lowtide.pathway.session.shown.grid import minutes
from lowtide.pathway.session.shown.lines import lines
from lowtide.pathway.session.views import custody
from lowtide.pathway.session.views.common import Seen, act, back, conflicts_shown, done, page, seen
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record.entries.base import Answer

SUICIDALITY = "cssrs_repeated"


@needs(Permission.CHART_SESSION)
@conflicts_shown
def leave(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """The way out: what the readings say, what is asked at the door, and what is missing."""
    see = seen(request, patient, session)
    form = forms.LeaveForm(request.POST or None, questions=chair().leaving)
    answers = form.answers if request.method == "POST" and form.is_valid() else {}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        do = act(request, see, given["entry_id"])
        if done(form, lambda: _discharge(do, form, given)):
            messages.success(request, "The patient has left. Next: read the record and sign it.")
            return back(see)
    found = criteria(see.facts, monitored_here(), see.now, answers)
    return page(
        request,
        "session/leave.html",
        see,
        status=422 if form.is_bound else 200,
        form=form,
        measured=[(c, see.url("enter", c.row) if c.row else "") for c in found if c.measured],
        unsafe=answers.get(SUICIDALITY) is Answer.NO,
        asked=[(c, form[f"ask_{c.id}"]) for c in found if not c.measured],
        planned=escort(see.facts),
        left_open=events.open_at_the_door(see.found.chart, see.facts),
        refused=see.state.refusal(Verb.DISCHARGE),
        may_override=request.person.can(Permission.ORDER),
    )


def _discharge(do: Any, form: forms.LeaveForm, given: dict[str, Any]) -> object:
    return closing.discharge(
        do,
        answers=form.answers,
        escort=given["escort"],
        reason=given["reason"],
    )


@needs(Permission.CHART_SESSION)
@conflicts_shown
def break_off(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """Break the session off, before the dose or in it."""
    see = seen(request, patient, session)
    running = see.facts.infusion is not None and see.facts.stopped is None
    form = forms.BreakOffForm(request.POST or None, running=running)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        do = act(request, see, given["entry_id"])
        if done(
            form,
            lambda: closing.abandon(do, reason=given["reason"], delivered_ml=given.get("delivered_ml")),
        ):
            messages.success(request, "The session is broken off.")
            return back(see)
    return page(
        request,
        "session/break_off.html",
        see,
        status=422 if form.is_bound else 200,
        form=form,
        running=running,
        refused=see.state.refusal(Verb.ABANDON),
    )


@needs(Permission.SIGN_SESSION)
@conflicts_shown
def sign(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """Everything that was charted, what is missing in it, and the signature."""
    see = seen(request, patient, session)
    kept, pump = custody.shown(see.facts, see.url("sign")), custody.pump_shown(see.facts)
    apart = bool(kept.get("differs") or (pump.get("final") and pump["differs"]))
    form = forms.SignForm(request.POST or None, initial={"known": _known(see)}, differs=apart)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        do = act(request, see, given["entry_id"])
        if done(
            form,
            lambda: closing.sign(
                do,
                printed_name=given["printed_name"],
                seen=_read(given["known"]),
                because=given["because"],
            ),
        ):
            messages.success(request, "Signed. What is written now is an addendum.")
            return back(see)
    return page(
        request,
        "session/sign.html",
        see,
        status=422 if form.is_bound else 200,
        form=form,
        refused=see.state.refusal(Verb.SIGN),
        custody=kept,
        papers_url=address("documents:session", see.found.patient_id, see.facts.session),
        pump=pump,
        apart=apart,
        **review(see),
        **_gaps(request, see),
    )


def _gaps(request: Request, see: Seen) -> dict[str, Any]:
    """The checklist, and what is missing in it: what keeps the signature back first."""
    made = papers(request, see)
    looks = [one for one in made if one.level == "caution"]
    gaps = sorted((one for one in made if one.is_gap), key=lambda one: not one.blocks)
    word = "One thing left" if len(gaps) == 1 else f"{len(gaps)} things left"
    why = few([one.name for one in gaps[1:]])
    return {
        "papers": made,
        "gaps": gaps,
        "to_look_at": [f"{one.name}, {one.word.lower()}" for one in looks],
        "blocked": any(g.blocks for g in gaps),
        "gap_word": word,
        "gap_why": f"then {why}" if why else "",
    }


def review(see: Seen) -> dict[str, Any]:
    """What whoever signs reads: every line, what was missed, which reminders nobody answered."""
    start = see.facts.started_at
    missed = left_undone(see.state.due)
    return {
        "lines": lines(see.found.chart, see.facts, see.zone)[::-1],
        "open_events": [
            *events.left_open(see.found.chart, see.facts),
            *events.undrawn(see.facts, custody.drugs_drawn(see.facts)),
        ],
        "missed": [f"{d.parameter.name} {minutes(start, d.due_at)}" for d in missed if start],
        "unanswered": [
            c for c in crossings(see.facts, monitored_here()) if c.due and c.complete and not c.answered
        ],
    }


def _known(see: Seen) -> str:
    return msgspec.json.encode(see.found.chart.known).decode()


def _read(text: str) -> dict[str, int]:
    try:
        return msgspec.json.decode(text, type=dict[str, int])
    except msgspec.DecodeError:
        return {}
