"""The sessions of a patient, and booking, moving and cancelling one."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from lowtide.data import schedules
from lowtide.pathway.course.approved_here import monitored_here
from lowtide.pathway.course.chosen import chosen_for
from lowtide.pathway.course.room import opening
from lowtide.pathway.course.state import fold
from lowtide.pathway.course.words import when
from lowtide.pathway.session import forms
from lowtide.pathway.session.actions import booking, held
from lowtide.pathway.session.book_form import BookForm
from lowtide.pathway.session.rules.facts import Facts, session_facts
from lowtide.pathway.session.rules.facts import sessions as all_sessions
from lowtide.pathway.session.rules.gates import earliest_start
from lowtide.pathway.session.rules.state import WORDS, Phase, Verb, state_of
from lowtide.pathway.session.views.common import (
    Seen,
    act,
    conflicts_shown,
    done,
    page,
    planned_in,
    seen,
)
from lowtide.pathway.session.views.prepare import chair_choices
from lowtide.people.banner import patient_page
from lowtide.people.came_from import came_from
from lowtide.people.charts import PatientChart, chart_for, whole_chart
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record.entries.care import CoursePlanned


@needs(Permission.SEE_CHART)
@require_GET
def sessions(request: Request, patient: UUID) -> HttpResponse:
    """Every session of a patient: planned, booked, given, signed; the next one first in sight."""
    found, now = chart_for(request, patient), timezone.now()
    rows = _rows(found, now)
    following = next((r for when in ("going_on", "ahead") for r in rows if r[when]), None)
    about = {
        **patient_page(request, found, "session"),
        "rows": rows,
        "following": following,
        "may_book": request.person.can(Permission.BOOK),
    }
    return render(request, "session/sessions.html", about)


def _rows(found: PatientChart, now: datetime) -> list[dict[str, Any]]:
    known = all_sessions(found.chart)
    planned = {
        p.session: (p.number, p.planned_at)
        for _, course in found.chart.said(CoursePlanned)
        for p in course.sessions
    }
    rows = [
        _row(found, known.get(s) or session_facts(found.chart, s), planned.get(s), now)
        for s in {**dict.fromkeys(planned), **dict.fromkeys(known)}
    ]
    return sorted(rows, key=lambda row: row["at"])


def _row(
    found: PatientChart, facts: Facts, planned: tuple[int, datetime] | None, now: datetime
) -> dict[str, Any]:
    state = state_of(facts, monitored_here(), now)
    booked = facts.scheduled[1] if facts.scheduled else None
    number, at = (booked.number, booked.planned_at) if booked else planned or (None, facts.entries[0].at)
    return {
        "session": facts.session,
        "number": number,
        "at": facts.started_at or at,
        "when": when(facts.started_at or at, timezone.get_current_timezone(), now),
        "phase": "planned" if state.phase is Phase.UNKNOWN else state.phase.value,
        "words": "planned, no chair booked" if state.phase is Phase.UNKNOWN else WORDS[state.phase],
        "chair": facts.chair,
        "dose": facts.order[1] if facts.order else None,
        "given_mg": facts.given_mg,
        "going_on": state.phase in (Phase.DOSING, Phase.PAUSED, Phase.MONITORING, Phase.READY),
        "ahead": state.phase in (Phase.UNKNOWN, Phase.SCHEDULED, Phase.PREPARING),
        "may_book": state.phase is Phase.UNKNOWN,
        "may_move": state.refusal(Verb.RESCHEDULE) is None,
    }


@needs(Permission.BOOK)
@conflicts_shown
def book(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """Book a chair for a planned session, or move a booked one."""
    see = seen(request, patient, session, Permission.FIND_PATIENT)
    moves = see.facts.scheduled is not None
    form = _form(request, see, moves=moves)
    if request.method == "POST" and form.is_valid() and done(form, lambda: _book(request, see, form, moves)):
        messages.success(request, "The chair is booked.")
        return _after(request, see)
    return page(
        request,
        "session/book.html",
        see,
        status=422 if form.is_bound else 200,
        form=form,
        back=came_from(request),
        moves=moves,
        refused=see.state.refusal(Verb.RESCHEDULE if moves else Verb.SCHEDULE),
        earliest=_earliest(see),
        hold=_hold(request, see),
        chosen=_chosen(see),
        slack=schedules.thresholds()["chosen_slack_days"],
        fast=schedules.thresholds()["fast_h"],
    )


def _form(request: Request, see: Seen, *, moves: bool) -> BookForm:
    planned = planned_in(see.found, see.facts.session)
    booked = see.facts.scheduled[1] if see.facts.scheduled else None
    at = booked.planned_at if booked else planned[1].planned_at if planned else see.now
    local = at.astimezone(see.zone)
    return BookForm(
        request.POST or None,
        chairs=chair_choices(see),
        may_be_sooner=request.person.can(Permission.ORDER),
        moves=moves,
        has_hours=opening().stated,
        was_chosen=_chosen(see) is not None,
        initial={
            "day": local.date(),
            "time": local.time(),
            "chair": see.facts.chair,
            "escort": see.facts.escort,
        },
    )


def _book(request: Request, see: Seen, form: BookForm, moves: bool) -> object:
    given = form.cleaned_data
    do = act(request, see, given["entry_id"])
    fields: dict[str, Any] = {
        "planned_at": form.planned_at(see.zone),
        "chair": given["chair"],
        "escort": given["escort"] or None,
        "sooner_because": given.get("sooner_because") or None,
        "outside_because": given.get("outside_because") or None,
        "last_ate": given["last_ate"].strip() or None,
    }
    departs = given.get("departs_because") or None
    booking.in_reach(fields["planned_at"], see.now)
    booking.can_fast(fields["planned_at"], see.now, fields["last_ate"])
    if moves:
        return booking.reschedule(do, reason=given["reason"], **fields)
    planned = planned_in(see.found, see.facts.session)
    assert planned
    return booking.schedule(
        do, course=planned[0].course, number=planned[1].number, departs_because=departs, **fields
    )


def _after(request: Request, see: Seen) -> HttpResponse:
    """Back to where it was asked for; else to the list for those who read charts, to the chairs for those who only book."""
    if back := came_from(request):
        return redirect(back)
    if request.person.can(Permission.SEE_CHART):
        return redirect("session:sessions", patient=see.found.patient_id)
    return redirect("session:board")


def _hold(request: Request, see: Seen) -> tuple[str, str] | None:
    """What stands in the way of a date, as this person may read it; None where nothing does."""
    found = held.held(whole_chart(see.found.stream), see.now)
    return held.words(found, request.person) if found else None


def _chosen(see: Seen) -> str | None:
    """The day that a clinician chose for this session."""
    found = chosen_for(fold(whole_chart(see.found.stream)), see.facts.session)
    return when(found.body.planned_at, see.zone, see.now) if found and found.body.planned_at else None


def _earliest(see: Seen) -> str:
    """From when on the protocol lets this dose follow the last one."""
    planned = planned_in(see.found, see.facts.session)
    at = earliest_start(
        whole_chart(see.found.stream), see.facts.session, planned[0].course if planned else None
    )
    return when(at, see.zone, see.now) if at and at > see.now else ""


@needs(Permission.BOOK)
@conflicts_shown
def cancel(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """Cancel a session; its chair is free again."""
    see = seen(request, patient, session, Permission.FIND_PATIENT)
    form = forms.ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        do = act(request, see, given["entry_id"])
        if done(form, lambda: booking.cancel(do, reason=given["reason"])):
            messages.success(request, "The session is cancelled and its chair is free.")
            return _after(request, see)
    return page(
        request,
        "session/cancel.html",
        see,
        status=422 if form.is_bound else 200,
        form=form,
        back=came_from(request),
        refused=see.state.refusal(Verb.CANCEL),
    )
