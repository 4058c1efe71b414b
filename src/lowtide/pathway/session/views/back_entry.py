"""The page on which a whole paper sheet is typed in: a grid like the paper, saved as one or not at all."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict

from lowtide.data.chair import chips
from lowtide.pathway.session.actions import back_entry as verbs
from lowtide.pathway.session.actions.back_entry import KEEP, LEAVE, Sheet
from lowtide.pathway.session.rules.state import Verb
from lowtide.pathway.session.typed.checking import Twice
from lowtide.pathway.session.typed.lines import VERBS, Cell, Faults, Row, cells
from lowtide.pathway.session.views.common import Seen, act, back, conflicts_shown, page, seen
from lowtide.people.clinic import clinic_chart
from lowtide.people.forms import EntryForm, add_problems
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.problems import BadInput
from lowtide.record.entries.clinic import Staff

ROWS, MOST_ROWS = 12, 60
OTHERS = ("time", "day", "did", "number", "words", "who", "twice")


class SheetForm(EntryForm):
    """The sheet as a whole: whose it is, why there was paper, of which day."""

    written_by = forms.ChoiceField(label="Who wrote and signed the sheet")
    other = forms.CharField(
        label="Somebody else", required=False, max_length=120, help_text="Where the name is not in the list."
    )
    why = forms.CharField(
        label="Why there was paper", max_length=200, help_text="Such as: no network from 10:20 to 10:50."
    )
    day = forms.DateField(
        label="Day of the sheet", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, staff: dict[str, str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["written_by"].choices = [  # type: ignore[attr-defined]
            ("", "Choose"),
            *staff.items(),
            ("other", "Somebody else"),
        ]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("written_by") == "other" and not given.get("other", "").strip():
            self.add_error("other", "Write the name that signed the sheet.")
        return given

    @property
    def author(self) -> str:
        said: str = self.cleaned_data["written_by"]
        return self.cleaned_data["other"].strip() if said == "other" else said


class Shown(msgspec.Struct, frozen=True):
    """One cell of a row as the page shows it."""

    name: str
    value: str
    label: str
    fault: str = ""


@needs(Permission.CHART_SESSION)
@conflicts_shown
def back_entry(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """Type the sheet row by row. What is wrong is said at its cell; until all is right nothing is saved."""
    see, staff = seen(request, patient, session), _staff()
    start = see.facts.started_at or (see.facts.scheduled[1].planned_at if see.facts.scheduled else see.now)
    form = SheetForm(
        request.POST or None,
        staff=staff,
        initial={"day": start.astimezone(see.zone).date(), "written_by": see.facts.nurse},
    )
    rows = _rows(request.POST) if request.method == "POST" else [{} for _ in range(ROWS)]
    faults, twice = Faults(), list[Twice]()
    if request.method == "POST" and form.is_valid() and "more" not in request.POST:
        acting = act(request, see, form.cleaned_data["entry_id"])
        sheet = _sheet(see, form, rows, staff)
        found = verbs.look(acting, sheet)
        faults, twice = found.faults, list(found.twice)
        try:
            written = verbs.type_in(acting, sheet)
        except BadInput as error:
            add_problems(form, error)
        else:
            messages.success(request, f"{len(written) - 1 or 'The'} lines of the sheet are in the record.")
            return back(see)
    wanted = min(MOST_ROWS, len(rows) + (ROWS if "more" in request.POST else 0))
    rows += [{} for _ in range(wanted - len(rows))]
    return page(
        request,
        "session/back_entry.html",
        see,
        status=422 if form.is_bound and "more" not in request.POST else 200,
        form=form,
        head=cells(),
        rows=[_shown(number, row, faults, twice, see) for number, row in enumerate(rows)],
        verbs=VERBS,
        chips=[(c.id, c.label) for c in chips().values()],
        staff=staff,
        several_days=_several_days(see, rows),
        may_add=len(rows) < MOST_ROWS,
        refused=see.state.refusal(Verb.CHART),
    )


def _several_days(see: Seen, rows: list[dict[str, str]]) -> bool:
    """A line may be of another day than the sheet: where the session has gone on past midnight."""
    start = see.facts.started_at or see.now
    ended = see.facts.over_at or see.now
    spans = start.astimezone(see.zone).date() != ended.astimezone(see.zone).date()
    return spans or any(row.get("day") for row in rows)


def _sheet(see: Seen, form: SheetForm, rows: list[dict[str, str]], staff: dict[str, str]) -> Sheet:
    day: date = form.cleaned_data["day"]
    return Sheet(
        written_by=form.author,
        why=form.cleaned_data["why"],
        day=day,
        zone=see.zone,
        rows=tuple(rows),
        names=staff,
    )


def _rows(posted: QueryDict) -> list[dict[str, str]]:
    """The rows as they were sent, by number."""
    names = [*OTHERS, *(c.name for c in cells())]
    sent = [
        int(k[1:].partition("-")[0]) for k in posted if k[:1] == "r" and k[1:].partition("-")[0].isdigit()
    ]
    count = min(MOST_ROWS, max(sent, default=ROWS - 1) + 1)
    return [{name: posted.get(f"r{n}-{name}", "").strip() for name in names} for n in range(count)]


def _shown(number: int, row: Row, faults: Faults, twice: list[Twice], see: Seen) -> dict[str, Any]:
    def cell(name: str, label: str) -> Shown:
        return Shown(f"r{number}-{name}", row.get(name, ""), label, faults.get((number, name), ""))

    numbers: tuple[Cell, ...] = cells()
    return {
        "number": number + 1,
        "prefix": f"r{number}",
        "time": cell("time", "Time"),
        "day": cell("day", "Another day"),
        "cells": [cell(c.name, c.label) for c in numbers],
        "did": cell("did", "What happened"),
        "amount": cell("number", "How much"),
        "words": cell("words", "In words"),
        "who": cell("who", "Who measured"),
        "faults": [text for (place, _), text in sorted(faults.items()) if place == number],
        "twice": [_already(t, see) for t in twice if t.row == number],
        "choice": row.get("twice", ""),
        "keep": KEEP,
        "leave": LEAVE,
    }


def _already(found: Twice, see: Seen) -> str:
    old = found.charted
    by = names_of({old.entry.by})[old.entry.by]
    at = f"{old.at.astimezone(see.zone):%H:%M}"
    return f"{found.label} {old.text} was charted at {at} by {by}{': the same' if found.same else ''}"


def _staff() -> dict[str, str]:
    """Who of the clinic can have written or measured, by name."""
    latest = {body.staff: body for _, body in clinic_chart().said(Staff)}
    found = {f"staff:{key}": body.name for key, body in latest.items() if body.active}
    return dict(sorted(found.items(), key=lambda item: item[1]))
