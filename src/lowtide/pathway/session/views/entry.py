"""Charting at the chair: the keypad of a row, a chip, a note, why something was not done, an answer to a reminder."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse

from lowtide.data import answers
from lowtide.data.audiences import topics
from lowtide.data.chair import Parameter, chips, parameters
from lowtide.data.monitoring import Item
from lowtide.pathway.course.approved_here import monitored_here
from lowtide.pathway.session import forms
from lowtide.pathway.session.actions import charting
from lowtide.pathway.session.reminder_forms import AnswerForm
from lowtide.pathway.session.rules.due import Status, next_due
from lowtide.pathway.session.rules.steps import own_steps
from lowtide.pathway.session.rules.thresholds import LEVELS, quiet_for
from lowtide.pathway.session.shown.grid import minutes
from lowtide.pathway.session.shown.todo import TOGETHER, spoken
from lowtide.pathway.session.views.common import Seen, act, ago, back, conflicts_shown, done, page, seen
from lowtide.people.clinic import clinic_chart
from lowtide.people.record_pages.rights import writable
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import Rating, Vitals


@needs(Permission.CHART_SESSION)
@conflicts_shown
def enter(request: Request, patient: UUID, session: UUID, parameter: str) -> HttpResponse:
    """The keypad for one row of the flowsheet, and for what is due beside it."""
    see, row = seen(request, patient, session), parameters().get(parameter)
    if row is None or not (row.fields or row.scale):
        raise Http404("there is no such row")
    return _rating(request, see, row) if row.scale else _vitals(request, see, row)


def _vitals(request: Request, see: Seen, row: Parameter) -> HttpResponse:
    rows = [row, *_beside(see, row)]
    form = forms.VitalsForm(request.POST or None, rows=rows, last=_last_values(see, rows))
    if request.method == "POST" and form.is_valid() and not form.unlikely:
        at = form.at(see.now, see.zone)
        do = act(request, see, form.cleaned_data["entry_id"], at)
        if done(form, lambda: charting.vitals(do, form.vitals())):
            return _said(request, see, row)
    return page(
        request,
        "session/enter.html",
        see,
        status=422 if form.is_bound else 200,
        row=row,
        form=form,
        cells=[_cell(form, see, each, name) for each in rows for name in each.fields],
        title=_title(see, row),
        verb=f"Record {spoken(row)}",
        not_done=_may_be_not_done(see, row),
    )


def _beside(see: Seen, row: Parameter) -> list[Parameter]:
    """What is measured in the same go: pressure, heart rate and saturation, unless just charted by a monitor."""
    if row.id != TOGETHER[0]:
        return []
    waiting = {d.parameter.id for d in next_due(see.state.due) if d.status(see.now) is not Status.PLANNED}
    wanted = waiting if see.facts.started_at else {"hr", "spo2"}
    return [parameters()[name] for name in TOGETHER[1:] if name in wanted]


def _cell(form: forms.VitalsForm, see: Seen, row: Parameter, name: str) -> dict[str, Any]:
    """One field of the keypad; the last value stands under it, never in it."""
    found = [r for r in see.facts.readings[row.id] if name in r.values]
    last = f"last {found[-1].values[name]}, {ago(found[-1].at, see.now)}" if found else "not charted yet"
    return {
        "field": form[name],
        "name": name,
        "last": last,
        "unlikely": "Far from the last value: look again." if name in form.unlikely else "",
    }


def _last_values(see: Seen, rows: list[Parameter]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for row in rows:
        for reading in see.facts.readings[row.id]:
            found |= {n: Decimal(v) for n, v in reading.values.items()}
    return found


def _rating(request: Request, see: Seen, row: Parameter) -> HttpResponse:
    form = forms.RatingForm(request.POST or None, row=row)
    if request.method == "POST" and form.is_valid():
        do = act(request, see, form.cleaned_data["entry_id"], form.at(see.now, see.zone))
        value = Decimal(form.cleaned_data["value"])
        if done(form, lambda: charting.rating(do, scale=row.scale or "", value=value)):
            return _said(request, see, row)
    found = see.facts.readings[row.id]
    return page(
        request,
        "session/rate.html",
        see,
        status=422 if form.is_bound else 200,
        row=row,
        form=form,
        in_words=not form.is_typed and len(form.fields["value"].choices) < 8,  # type: ignore[attr-defined]
        previous=f"last {found[-1].text}, {ago(found[-1].at, see.now)}" if found else "not charted yet",
        title=_title(see, row),
        verb=f"Record {spoken(row)}",
        not_done=_may_be_not_done(see, row),
    )


def _title(see: Seen, row: Parameter) -> str:
    """The row, and the slot that an entry made now would fill."""
    start = see.facts.started_at
    opened = [d for d in see.state.due if d.parameter is row and d.opens_at <= see.now]
    if start and opened and opened[-1].open:
        return f"{row.name}, {minutes(start, opened[-1].due_at)}"
    return row.name


def _may_be_not_done(see: Seen, row: Parameter) -> bool:
    return any(d.parameter is row and d.open and d.opens_at <= see.now for d in see.state.due)


def _said(request: Request, see: Seen, row: Parameter) -> HttpResponse:
    messages.success(request, f"{row.name} recorded.")
    return back(see)


@needs(Permission.CHART_SESSION)
@conflicts_shown
def event(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """A chip pressed, or the page with all of them and a line for words."""
    see = seen(request, patient, session)
    form = forms.EventForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        do = act(request, see, given["entry_id"], form.at(see.now, see.zone))
        what = given["what"] or "other"
        if done(form, lambda: charting.event(do, what=what, detail=given["detail"])):
            label = chips()[what].label if what in chips() else given["detail"]
            messages.success(request, f"{label} recorded.")
            return back(see)
    return page(request, "session/event.html", see, status=422 if form.is_bound else 200, form=form)


@needs(Permission.CHART_SESSION)
@conflicts_shown
def not_done(request: Request, patient: UUID, session: UUID, parameter: str) -> HttpResponse:
    """Why a due item was not done."""
    see, row = seen(request, patient, session), parameters().get(parameter)
    if row is None:
        raise Http404("there is no such row")
    form = forms.NotDoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        do = act(request, see, given["entry_id"], form.at(see.now, see.zone))
        why = given["words"] if given["why"] == "other" else given["why"]
        if done(form, lambda: charting.not_done(do, item=row.id, why=why)):
            messages.success(request, f"{row.name}: not done, and why, recorded.")
            return back(see)
    return page(
        request, "session/not_done.html", see, status=422 if form.is_bound else 200, form=form, row=row
    )


@needs(Permission.SEE_CHART)
@conflicts_shown
def note(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """A note, for those whom its kind is for."""
    see = seen(request, patient, session)
    kinds = [(t, f"{topics()[t].label}. {topics()[t].about}") for t in writable(request.person)]
    form = forms.NoteForm(request.POST or None, topics=kinds)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        do = act(request, see, given["entry_id"], form.at(see.now, see.zone))
        if done(form, lambda: charting.note(do, text=given["text"], topic=given["topic"])):
            messages.success(request, "Note recorded.")
            return back(see)
    return page(request, "session/note.html", see, status=422 if form.is_bound else 200, form=form)


@needs(Permission.CHART_SESSION)
@conflicts_shown
def answer(request: Request, patient: UUID, session: UUID, rule: str, about: UUID) -> HttpResponse:
    """Say what is done about a reminder; from a prescriber it lifts a hold that stands before the dose."""
    see, item = seen(request, patient, session), monitored_here().get(rule)
    told = next((e for e in see.facts.entries if e.id == about), None)
    if told is None:
        raise Http404("no such entry in this session")
    lifts = see.facts.started is None and request.person.can(Permission.ORDER)
    form = _answer_form(request, see, item, told, lifts=lifts)
    if request.method == "POST" and form.is_valid():
        do = act(request, see, form.cleaned_data["entry_id"])
        if done(form, lambda: charting.acknowledge(do, rule=rule, about=about, reason=form.answer)):
            messages.success(request, "Your answer is recorded.")
            return back(see)
    return page(
        request,
        "session/answer.html",
        see,
        status=422 if form.is_bound else 200,
        form=form,
        rule=rule,
        item=item,
        lifts=lifts,
        about=told,
        steps=own_steps(clinic_chart()).get(rule, ()),
        quiet_min=_quiet_min(item) if item and not lifts else None,
    )


def _answer_form(request: Request, see: Seen, item: Item | None, told: Entry, *, lifts: bool) -> AnswerForm:
    """What lifts a hold is decided in own words; everything else can be said with one tap."""
    if lifts or item is None:
        asks = "Why it may go on all the same" if lifts else ""
        return AnswerForm(request.POST or None, taps=(), asks=asks)
    measured = isinstance(told.body, Vitals | Rating)
    return AnswerForm(
        request.POST or None, taps=answers.fitting(item.values, see.facts.way.form, measured=measured)
    )


def _quiet_min(item: Item) -> int | None:
    return int(quiet_for(item, item.level).total_seconds() // 60) if item.level in LEVELS else None
