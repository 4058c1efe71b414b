"""Reminders at the chair: what asks for an answer, what the script there evaluates, and readings that were none."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from lowtide.pathway.course.approved_here import monitored_here
from lowtide.pathway.session.actions import reminding
from lowtide.pathway.session.reminder_forms import ArtefactForm
from lowtide.pathway.session.rules.due import Status, next_due
from lowtide.pathway.session.rules.readings import readings as rows_of
from lowtide.pathway.session.rules.second import second_person
from lowtide.pathway.session.rules.state import Verb
from lowtide.pathway.session.rules.steps import own_steps
from lowtide.pathway.session.rules.thresholds import Crossing, crossings, pressing
from lowtide.pathway.session.shown.carried import carried_plan, carried_readings
from lowtide.pathway.session.views.common import Seen, act, back, conflicts_shown, done, page, seen
from lowtide.people.clinic import clinic_chart
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.record.entries.base import Entry, Source
from lowtide.record.entries.chair import Rating, Vitals
from lowtide.record.entries.reminding import ArtefactMarked

LATEST = 30  # readings on the page of readings


def shown(see: Seen, has_plan: str = "") -> dict[str, Any]:
    """What the live parts say of reminders, and what the script at the chair evaluates by itself; a page that has the
    plan already, by its name, is not sent it again."""
    items, steps = monitored_here(), own_steps(clinic_chart())
    second = _second(see)
    found = pressing(crossings(see.facts, items), see.now)
    made = carried_plan(see.facts, items, steps)
    late = [d.parameter.id for d in next_due(see.state.due) if d.status(see.now) is Status.LATE]
    return {
        "reminders": [_shown(c, steps.get(c.rule.id, ()), second, see) for c in found],
        "late_rows": " ".join(late),
        "watch_plan": None if made.name == has_plan else made,
        "watch": carried_readings(see.facts, see.now, second),
    }


def _shown(crossing: Crossing, steps: tuple[str, ...], second: str, see: Seen) -> dict[str, Any]:
    return {
        "is": crossing,
        "steps": steps,
        "second": second,
        "second_asked": crossing.second_at is not None and see.now >= crossing.second_at,
        "minutes": int((see.now - (crossing.asks_at or see.now)).total_seconds() // 60),
        "measured": isinstance(crossing.latest.body, Vitals | Rating),
    }


def _second(see: Seen) -> str:
    by = second_person(see.facts)
    return names_of({by})[by] if by else ""


@needs(Permission.CHART_SESSION)
@conflicts_shown
def artefact(request: Request, patient: UUID, session: UUID, about: UUID) -> HttpResponse:
    """Mark a reading, or some of its rows, as none: it stays to be seen, struck, and decides nothing."""
    see = seen(request, patient, session)
    told = next((e for e in see.facts.entries if e.id == about), None)
    rows = _rows(told)
    if told is None or not rows:
        raise Http404("no such reading in this session")
    form = ArtefactForm(request.POST or None, rows=rows)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        do = act(request, see, given["entry_id"])
        marked = tuple(given["rows"]) if len(given["rows"]) < len(rows) else ()
        if done(form, lambda: reminding.artefact(do, about=about, rows=marked, reason=form.reason)):
            messages.success(request, "Marked. The reading stays in the record and decides nothing.")
            return back(see)
    return page(
        request,
        "session/artefact.html",
        see,
        status=422 if form.is_bound else 200,
        form=form,
        about=told,
        one=rows[0][1] if len(rows) == 1 else "",
    )


def _rows(entry: Entry | None) -> list[tuple[str, str]]:
    """(row, what was read) of one entry."""
    if entry is None or not isinstance(entry.body, Vitals | Rating):
        return []
    return [
        (r.parameter.id, f"{r.parameter.label} {r.text}") for each in rows_of([entry]).values() for r in each
    ]


@needs(Permission.SEE_CHART)
@require_GET
def readings_read(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """The latest readings, each of which can be marked as none."""
    see = seen(request, patient, session)
    may = request.person.can(Permission.CHART_SESSION) and see.state.refusal(Verb.CHART) is None
    found = sorted((e for e in see.facts.entries if _rows(e)), key=lambda e: e.order, reverse=True)
    return page(request, "session/readings.html", see, read=[_line(see, e) for e in found[:LATEST]], may=may)


def _line(see: Seen, entry: Entry) -> dict[str, Any]:
    marks = [e for e in see.facts.entries if isinstance(e.body, ArtefactMarked) and e.body.about == entry.id]
    whole = [m for m in marks if not m.body.parameters]
    struck = whole or [m for m in marks if {name for name, _ in _rows(entry)} <= set(m.body.parameters)]
    return {
        "text": ", ".join(text for _, text in _rows(entry)),
        "at": entry.at.astimezone(see.zone),
        "monitor": entry.source is Source.DEVICE,
        "struck": bool(struck),
        "why": struck[-1].reason if struck else "",
        "url": see.url("artefact", entry.id),
    }
