"""The record of a chart, line by line, and what may be done about a line."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import msgspec
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from lowtide.people.banner import full_name, patient_page
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.forms import sent, status
from lowtide.people.patients import search
from lowtide.people.record_pages import actions, lines
from lowtide.people.record_pages.forms import CorrectEntryForm, MoveForm, NoteForm, RedactForm, RetractForm
from lowtide.people.record_pages.rights import may_change, writable
from lowtide.people.roles import Permission
from lowtide.people.sign_in import second_person
from lowtide.people.who import Request, names_of, needs
from lowtide.record.chart import Chart, Line
from lowtide.record.entries.base import Entry, Redacted, Unreadable
from lowtide.record.entries.chair import SessionScheduled
from lowtide.record.entries.words import label, moment, summary

PER_PAGE = 50
FOUND_AT_MOST = 25
NEAR = timedelta(days=1)


@needs(Permission.SEE_CHART)
@require_GET
def record(request: Request, patient: UUID) -> HttpResponse:
    """Every line of the chart, newest first; of one kind, or as known then, when asked."""
    whole = chart_for(request, patient)
    chart, then = _as_of(request, whole)
    everything, kind = lines.newest_first(chart), request.GET.get("kind", "")
    wanted = [line for line in everything if lines.kind_of(line) == kind] if kind else everything
    page = Paginator(wanted, PER_PAGE).get_page(request.GET.get("page"))
    kept = {k: v for k, v in (("kind", kind), ("as_of", then and str(then["seq"]))) if v}
    about = {
        **patient_page(request, whole, "record"),
        "page": page,
        "lines": lines.shown(chart, list(page.object_list), timezone.get_current_timezone()),
        "kinds": lines.kinds(everything),
        "kind": kind,
        "total": len(everything),
        "then": then,
        "query": f"{urlencode(kept)}&" if kept else "",
        "may_write": bool(writable(request.person)),
    }
    return render(request, "people/record.html", about)


def _as_of(request: Request, whole: PatientChart) -> tuple[Chart, dict[str, Any] | None]:
    """The chart to show, and what the page says of the moment when it is not now."""
    asked = request.GET.get("as_of", "")
    if not asked:
        return whole.chart, None
    if not asked.isdigit():
        raise Http404("as_of is the number of an entry")
    chart = lines.as_known_then(whole.chart, int(asked))
    at = max((e.recorded_at for e in chart.entries.values()), default=None)
    return chart, {"seq": int(asked), "at": at}


@needs(Permission.SEE_CHART)
@require_GET
def entry(request: Request, patient: UUID, entry: UUID) -> HttpResponse:
    """One line as it was written: each entry of it with hashes, clocks and the raw body."""
    chart = chart_for(request, patient)
    line = _line(chart, entry)
    about = {**_about(request, chart, line), "entries": _entries(line)}
    return render(request, "people/entry.html", about)


def _line(chart: PatientChart, entry: UUID) -> Line:
    try:
        return chart.chart.line(entry)
    except KeyError:
        raise Http404("no such entry for you") from None


def _about(request: Request, chart: PatientChart, line: Line) -> dict[str, Any]:
    person = request.person
    return {
        **patient_page(request, chart, "record"),
        "line": lines.shown(chart.chart, [line], timezone.get_current_timezone())[0],
        "latest": line[-1],
        "right": may_change(person, line),
        "may_redact": person.can(Permission.REDACT) and not isinstance(line[-1].body, Redacted),
    }


def _entries(line: Line) -> list[dict[str, Any]]:
    names = names_of({e.by for e in line})
    return [
        {
            "is": e,
            "label": label(e),
            "text": summary(e, timezone.get_current_timezone()),
            "by": names[e.by],
            "raw": _raw(e),
            "marks": lines.marks(e),
            "source": lines.SOURCES.get(e.source, ""),
            "audience": lines.audience(e),
        }
        for e in line
    ]


def _raw(entry: Entry) -> str:
    """The body as it is kept, laid out for reading."""
    if isinstance(entry.body, Redacted):
        return ""
    raw = entry.body.raw if isinstance(entry.body, Unreadable) else msgspec.json.encode(entry.body)
    return msgspec.json.format(raw, indent=2).decode()


@needs(Permission.SEE_CHART)
@require_http_methods(["GET", "POST"])
def correct(request: Request, patient: UUID, entry: UUID) -> HttpResponse:
    """Correct a line with a form made from what it says."""
    chart = chart_for(request, patient)
    line = _changeable(request, chart, entry, "correct")
    form = CorrectEntryForm(request.POST or None, entry=line[-1], initial={"entry_id": uuid4()})

    def act(said: dict[str, Any]) -> None:
        happened, body = form.happened(), form.corrected()
        actions.correct(
            request.person, said["entry_id"], line, body, said["reason"], at=happened, now=timezone.now()
        )

    if sent(form, request.method, act):
        return _to_entry(request, patient, line, "Corrected. The old value stays readable.")
    about = {**_about(request, chart, line), "form": form}
    return render(request, "people/correct_entry.html", about, status=status(form))


def _changeable(request: Request, chart: PatientChart, entry: UUID, how: str) -> Line:
    """The line as the form saw it: up to the entry it corrects, so that a newer correction is not overwritten."""
    line = _line(chart, entry)
    seen = request.POST.get("corrects")
    if seen in {str(e.id) for e in line}:
        line = tuple(line[: 1 + next(n for n, e in enumerate(line) if str(e.id) == seen)])
    right = may_change(request.person, line)
    if right is None or not getattr(right, how, True):
        raise Http404("this line is not changed here")
    return line


def _to_entry(request: Request, patient: UUID, line: Line, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("people:entry", patient=patient, entry=line[-1].id)


@needs(Permission.SEE_CHART)
@require_http_methods(["GET", "POST"])
def retract(request: Request, patient: UUID, entry: UUID) -> HttpResponse:
    """Mark a line as entered in error."""
    chart = chart_for(request, patient)
    line = _changeable(request, chart, entry, "retract")
    form = RetractForm(request.POST or None, initial={"entry_id": uuid4(), "corrects": line[-1].id})

    def act(said: dict[str, Any]) -> None:
        actions.retract(request.person, said["entry_id"], line, said["reason"], now=timezone.now())

    if sent(form, request.method, act):
        words = "Marked as entered in error. It stays readable, struck through."
        return _to_entry(request, patient, line, words)
    about = {**_about(request, chart, line), "form": form}
    return render(request, "people/retract.html", about, status=status(form))


@needs(Permission.SEE_CHART)
@require_http_methods(["GET", "POST"])
def move(request: Request, patient: UUID, entry: UUID) -> HttpResponse:
    """Wrong patient: find the right one, then retract here and write there in one step."""
    chart = chart_for(request, patient)
    line = _changeable(request, chart, entry, "move")
    about = _about(request, chart, line)
    to = request.POST.get("to") or request.GET.get("to", "")
    if not to:
        return render(request, "people/move.html", about | _found(request, chart))
    other = chart_for(request, _uuid(to))
    name = full_name(other.patient)
    initial = {"entry_id": uuid4(), "corrects": line[-1].id, "to": other.patient_id}
    form = MoveForm(request.POST or None, sessions=_sessions(other, line[-1]), initial=initial)

    def act(said: dict[str, Any]) -> None:
        place = {"session": said["session"], "now": timezone.now()}
        actions.move(request.person, said["entry_id"], line, other.stream, said["reason"], **place)

    if sent(form, request.method, act):
        return _to_entry(request, patient, line, f"Now in the chart of {name}, and struck through here.")
    about |= {"form": form, "other": other, "other_name": name}
    return render(request, "people/move.html", about, status=status(form))


def _found(request: Request, chart: PatientChart) -> dict[str, Any]:
    """The patients an entry may be moved to, as far as something was typed."""
    typed = request.GET.get("q", "").strip()
    found = search.find(typed)[:FOUND_AT_MOST] if typed else []
    return {"typed": typed, "found": [row for row in found if row.stream not in chart.chart.known]}


def _sessions(other: PatientChart, entry: Entry) -> list[tuple[str, str]]:
    """The sessions of the other patient that this can belong to."""
    if entry.session is None:
        return []
    zone = timezone.get_current_timezone()
    return [
        (str(e.session), f"session {body.number}, {moment(body.planned_at, zone)}")
        for e, body in other.chart.said(SessionScheduled)
        if e.session and abs(body.planned_at - entry.at) < NEAR
    ]


@needs(Permission.REDACT)
@require_http_methods(["GET", "POST"])
def redact(request: Request, patient: UUID, entry: UUID) -> HttpResponse:
    """Remove what a line says, with a second person who signs with their own password."""
    chart = chart_for(request, patient)
    line = _line(chart, entry)
    form = RedactForm(request.POST or None, initial={"entry_id": uuid4()})

    def act(said: dict[str, Any]) -> None:
        second = second_person(request, said["second_login"], said["second_password"])
        actions.redact(request.person, second, line, said["legal_basis"], said["reason"])

    if sent(form, request.method, act):
        return _to_entry(request, patient, line, "Redacted. The chain holds; nothing of the text is left.")
    about = {**_about(request, chart, line), "form": form}
    return render(request, "people/redact.html", about, status=status(form))


@needs(Permission.SEE_CHART)
@require_http_methods(["GET", "POST"])
def write_note(request: Request, patient: UUID) -> HttpResponse:
    """Write a note; its kind says who may read it."""
    chart = chart_for(request, patient)
    form = NoteForm(request.POST or None, writable=writable(request.person), initial={"entry_id": uuid4()})

    def act(said: dict[str, Any]) -> None:
        note = said["topic"], said["text"]
        actions.write_note(request.person, said["entry_id"], chart.stream, *note, now=timezone.now())

    if sent(form, request.method, act):
        messages.success(request, "Written.")
        return redirect("people:chart", patient=patient)
    about = {**patient_page(request, chart, "record"), "form": form}
    return render(request, "people/note.html", about, status=status(form))


def _uuid(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise Http404("no such patient") from None
