"""One value of the flowsheet, with everything it ever said, and its correction at the chair: type it, say why in a tap."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from django import forms as django_forms
from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from lowtide.data.chair import Parameter, chair, parameters
from lowtide.data.record import clocks
from lowtide.pathway.session import forms
from lowtide.pathway.session.rules.readings import readings
from lowtide.pathway.session.shown.grid import minutes
from lowtide.pathway.session.views.common import Seen, ago, back, conflicts_shown, done, page, seen
from lowtide.people.record_pages import actions
from lowtide.people.record_pages.rights import may_change
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.record.chart import Line
from lowtide.record.entries.base import Body, Entry
from lowtide.record.entries.chair import Rating, Vitals

NOTE = "note"
Correction = forms.VitalsForm | forms.RatingForm


class Said(msgspec.Struct, frozen=True):
    """What an entry of the line said of this row; `late` names the time at which it was written."""

    text: str
    at: str
    by: str
    late: str = ""
    why: str = ""
    struck: bool = False


@needs(Permission.SEE_CHART)
@conflicts_shown
def value(request: Request, patient: UUID, session: UUID, entry: UUID, parameter: str) -> HttpResponse:
    """Show the value; correct it when a correction is sent. A note is corrected on the record's page."""
    if parameter == NOTE:
        return redirect("people:correct_entry", patient=patient, entry=entry)
    see, row = seen(request, patient, session), parameters().get(parameter)
    line = see.found.chart.line(entry) if entry in see.found.chart.entries else ()
    if row is None or not line or line[0].session != session or not _says(line[-1], row):
        raise Http404("there is no such value")
    mine = may_change(request.person, line)
    form = _form(request, see, row, line) if mine and mine.correct else None
    if form and request.method == "POST" and _corrected(request, see, line, form):
        messages.success(request, f"{row.name} corrected. The old value stays readable.")
        return back(see)
    return page(
        request,
        "session/value.html",
        see,
        status=422 if form and form.is_bound else 200,
        row=row,
        form=form,
        cells=_cells(form, see, row, line) if form and row.fields else (),
        said=list(_said(see, row, line)),
        entry_id=line[-1].id,
        title=f"{row.name}, {_when(see, line[-1])}",
        reasons=chair().correcting.items(),
        in_words=bool(row.scale and row.scale in chair().scales),
    )


def _says(entry: Entry, row: Parameter) -> str:
    """What an entry says of this row."""
    found = readings([entry]).get(row.id, ())
    return found[0].text if found else ""


def _when(see: Seen, entry: Entry) -> str:
    start = see.facts.started_at
    return minutes(start, entry.at) if start else f"{entry.at.astimezone(see.zone):%H:%M}"


def _form(request: Request, see: Seen, row: Parameter, line: Line) -> Correction:
    given = request.POST or None
    if row.scale:
        found: Correction = forms.RatingForm(given, row=row)
    else:
        others = [r for r in see.facts.readings[row.id] if r.entry.id != line[-1].id]
        last = {n: Decimal(v) for r in others for n, v in r.values.items()}
        found = forms.VitalsForm(given, rows=[row], last=last)
    found.fields["reason"] = django_forms.CharField(label="Another reason", required=False, max_length=500)
    return found


def _cells(form: Correction, see: Seen, row: Parameter, line: Line) -> list[dict[str, Any]]:
    now = {n: v for r in readings([line[-1]])[row.id] for n, v in r.values.items()}
    unlikely = getattr(form, "unlikely", ())
    return [
        {
            "field": form[name],
            "name": name,
            "last": f"charted {now[name]}, {ago(line[-1].at, see.now)}" if name in now else "not charted",
            "unlikely": "Far from the other values: look again." if name in unlikely else "",
        }
        for name in row.fields
    ]


def _as_seen(request: Request, line: Line) -> Line:
    """The line up to the entry that the page showed, so that a newer correction is not overwritten unseen."""
    shown = request.POST.get("corrects")
    places = [n for n, e in enumerate(line) if str(e.id) == shown]
    return line[: places[0] + 1] if places else line


def _corrected(request: Request, see: Seen, line: Line, form: Correction) -> bool:
    """Whether the correction was written; what is wrong stands in the form."""
    if not form.is_valid() or (isinstance(form, forms.VitalsForm) and form.unlikely):
        return False
    line = _as_seen(request, line)
    why = request.POST.get("why", "")
    reason = chair().correcting.get(why, "").lower() or form.cleaned_data["reason"]
    if not reason.strip():
        form.add_error("reason", "Say in a few words why.")
        return False
    body, entry_id = _body(line[-1].body, form), form.cleaned_data["entry_id"]
    at = form.at(see.now, see.zone) or line[-1].at
    return done(
        form, lambda: actions.correct(request.person, entry_id, line, body, reason, at=at, now=see.now)
    )


def _body(before: Body, form: Form) -> Body:
    """What the entry said, with what was typed in its place."""
    if isinstance(before, Rating):
        return msgspec.structs.replace(before, value=Decimal(form.cleaned_data["value"]))
    assert isinstance(before, Vitals)
    assert isinstance(form, forms.VitalsForm)
    typed = {name: form.cleaned_data.get(name) for name in form.names}
    return msgspec.structs.replace(before, **typed)


def _said(see: Seen, row: Parameter, line: Line) -> Iterator[Said]:
    """Newest first."""
    names = names_of({e.by for e in line})
    for entry in reversed(line):
        struck = entry is not line[-1]
        written = entry.recorded_at.astimezone(see.zone)
        waited = (entry.recorded_at - entry.at).total_seconds()
        late = waited > clocks().written_late_after_s and not entry.corrects
        yield Said(
            text=_says(entry, row) or "nothing of this row",
            at=f"{entry.at.astimezone(see.zone):%H:%M}",
            by=names[entry.by],
            late=f"late: written {written:%H:%M}" if late else "",
            why=f"corrected {written:%H:%M}, {entry.reason or ''}" if entry.corrects else "",
            struck=struck,
        )
