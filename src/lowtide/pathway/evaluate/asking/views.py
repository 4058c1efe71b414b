"""The pages of the intake: every question in its section, the lists beside them, each saved by itself."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from lowtide.data import codes, intake
from lowtide.pathway.evaluate.asking import actions
from lowtide.pathway.evaluate.asking.forms import ListForm, tests
from lowtide.pathway.evaluate.asking.given import read
from lowtide.pathway.evaluate.asking.lists import SPECS, Line, Listed, authors, lists
from lowtide.pathway.evaluate.asking.sheet import Row, Section, sections
from lowtide.people.banner import patient_page
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.clinic import zone
from lowtide.people.forms import add_problems
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.problems import BadInput, Conflict
from lowtide.record.dates import earliest
from lowtide.record.entries.base import Body, Draft, Entry
from lowtide.record.entries.words import moment, summary

MISSING = "missing"
SHOWN_LINES = 6


@needs(Permission.SEE_CHART)
@require_GET
def history(request: Request, patient: UUID) -> HttpResponse:
    """The whole intake, or only what is still open."""
    return _page(request, chart_for(request, patient), zone())


@needs(Permission.WRITE_HISTORY)
@require_POST
def save(request: Request, patient: UUID, section: str) -> HttpResponse:
    """Save the answers of one section; what cannot be read is shown again with what was typed."""
    found, where = chart_for(request, patient, Permission.WRITE_HISTORY), zone()
    today = _today(where)
    asked = next((s for s in sections(found.chart, today, where) if s.key == section), None)
    if asked is None:
        raise Http404("no such section")
    said, faulty = read(asked.rows, request.POST.dict(), today)
    if faulty:
        return _page(request, found, where, faulty=faulty, status=422)
    try:
        written = actions.save(_act(request, found, where), said)
    except Conflict as conflict:
        return _conflict(request, found, conflict, where, section)
    except BadInput as error:
        messages.error(request, str(error))
    else:
        _say_saved(request, asked, len(written) - 1)
    return redirect(_back(request, patient, section))


def _say_saved(request: Request, section: Section, count: int) -> None:
    if count < 0:
        messages.info(request, f"{section.title}: nothing had changed.")
    else:
        messages.success(request, f"{section.title}: {count} {'answer' if count == 1 else 'answers'} saved.")


@needs(Permission.WRITE_HISTORY)
@require_POST
def add(request: Request, patient: UUID, which: str) -> HttpResponse:
    """Add a line to a list."""
    found, where = chart_for(request, patient, Permission.WRITE_HISTORY), zone()
    spec = SPECS.get(which)
    if spec is None:
        raise Http404("no such list")
    form = spec.form(request.POST, prefix=which)
    if form.is_valid():
        body, today = form.body(_today(where)), _today(where)
        act = _act(request, found, where, form.cleaned_data["entry_id"])
        try:
            actions.add(act, body, _first_instant(body, where, today))
        except BadInput as error:
            add_problems(form, error)
        else:
            messages.success(request, f"Added: {spec.one}.")
            return redirect(_back(request, patient, f"list-{which}"))
    return _page(request, found, where, forms={which: form}, status=422)


def _first_instant(body: Body, where: ZoneInfo, today: date) -> datetime | None:
    dated = getattr(body, "dated", None)
    return datetime.combine(earliest(dated), time(), where) if dated else None


@needs(Permission.WRITE_HISTORY)
@require_POST
def whole(request: Request, patient: UUID, which: str) -> HttpResponse:
    """Say that a list is whole, or that there are no known allergies."""
    found, where = chart_for(request, patient, Permission.WRITE_HISTORY), zone()
    act = _act(request, found, where)
    try:
        if request.POST.get("none") and which == "allergies":
            actions.no_known_allergies(act)
        else:
            actions.whole(act, which)
    except BadInput as error:
        problem = error.problems[0]
        messages.error(request, f"{problem.what[:1].upper()}{problem.what[1:]}. {problem.mend}")
    else:
        messages.success(request, "Recorded, with your name and today’s date.")
    return redirect(_back(request, patient, f"list-{which}"))


# -- the page -------------------------------------------------------------------------------------------------


def _page(
    request: Request,
    found: PatientChart,
    where: ZoneInfo,
    *,
    faulty: Mapping[str, Row] | None = None,
    forms: Mapping[str, ListForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    only = MISSING if request.GET.get("only") == MISSING else ""
    every = [_with(section, faulty or {}) for section in sections(found.chart, _today(where), where)]
    listed = lists(found.chart, where)
    names = names_of(set(authors(listed)))
    shown = [s for s in map(_open_rows, every) if s.rows] if only else every
    about = {
        **patient_page(request, found, "history"),
        "sections": [(section, uuid4(), _whole_of(every, section)) for section in shown],
        "lists": [_listed(one, forms or {}, names) for one in listed],
        "asked": sum(s.asked for s in every),
        "total": sum(len(s.rows) for s in every),
        "open": sum(s.open for s in every),
        "only": only,
        "query": f"?{urlencode({'only': only})}" if only else "",
        "may_write": request.person.can(Permission.WRITE_HISTORY),
        "conditions": [c.label for c in codes.conditions().values()],
        "medicines": codes.medicine_names(),
        "tests": [label for _, label, _ in tests()],
        "faulty": list((faulty or {}).values()),
    }
    return render(request, "evaluate/history.html", about, status=status)


def _with(section: Section, faulty: Mapping[str, Row]) -> Section:
    return msgspec.structs.replace(section, rows=tuple(faulty.get(r.item.id, r) for r in section.rows))


def _open_rows(section: Section) -> Section:
    return msgspec.structs.replace(section, rows=tuple(r for r in section.rows if r.is_open or r.error))


def _whole_of(every: list[Section], section: Section) -> Section:
    return next(s for s in every if s.key == section.key)


def _listed(one: Listed, forms: Mapping[str, ListForm], names: Mapping[str, str]) -> dict[str, Any]:
    key = one.spec.key
    return {
        "is": one,
        "form": forms.get(key) or one.spec.form(prefix=key, initial={"entry_id": uuid4()}),
        **_folded([(line, names[line.entry.by]) for line in reversed(one.lines)]),
        "whole_by": names[one.whole.by] if one.whole else "",
        "whole_id": uuid4(),
        "shown": key in forms,
    }


def _folded(lines: list[tuple[Line, str]]) -> dict[str, Any]:
    """The newest lines, and the older ones to unfold: an imported record brings hundreds."""
    older = lines[SHOWN_LINES:] if len(lines) > SHOWN_LINES + 2 else []
    return {
        "lines": lines[: len(lines) - len(older)],
        "older": older,
        "older_open": sum(bool(line.open) for line, _ in older),
    }


def _conflict(
    request: Request, found: PatientChart, conflict: Conflict, where: ZoneInfo, section: str
) -> HttpResponse:
    stored, given = conflict.stored, conflict.given
    assert isinstance(stored, Entry)
    assert isinstance(given, Draft)
    item = intake.items().get(getattr(given.body, "item", ""))
    about = {
        "what": item.label[:1].upper() + item.label[1:] if item else "",
        "stored": [("Answer", summary(stored, where))],
        "sent": [("Answer", summary(msgspec.structs.replace(stored, body=given.body), where))],
        "stored_by": f"{names_of({stored.by})[stored.by]}, {moment(stored.at, where)}",
        "back_url": _back(request, found.patient_id, section),
        "correct_url": reverse("people:correct_entry", args=[found.patient_id, stored.id]),
    }
    return render(request, "409.html", about, status=409)


def _act(request: Request, found: PatientChart, where: ZoneInfo, form_id: UUID | None = None) -> actions.Act:
    """Raises Http404 for a form without its id."""
    try:
        form_id = form_id or UUID(request.POST.get("entry_id", ""))
    except ValueError:
        raise Http404("the form has no id") from None
    return actions.Act(
        person=request.person, patient_id=found.patient_id, form_id=form_id, zone=where, now=timezone.now()
    )


def _today(where: ZoneInfo) -> date:
    return timezone.now().astimezone(where).date()


def _back(request: Request, patient: UUID, place: str) -> str:
    only = f"?{urlencode({'only': MISSING})}" if request.GET.get("only") == MISSING else ""
    return f"{reverse('evaluate:intake', args=[patient])}{only}#{place}"
