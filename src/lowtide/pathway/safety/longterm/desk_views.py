"""What was asked or told at the desk: noted by whoever books, without a chart and without a judgement."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from lowtide.data import longterm
from lowtide.pathway.safety.actions import Act
from lowtide.pathway.safety.longterm import actions
from lowtide.pathway.safety.longterm.forms import CHOOSE
from lowtide.people.banner import chart_url, patient_page
from lowtide.people.came_from import came_from
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.clinic import zone
from lowtide.people.forms import EntryForm, PartialDateField, sent, status
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record.entries.longterm import TOLD_AT, UseSignal
from lowtide.record.entries.words import moment


class DeskNoteForm(EntryForm):
    """What it was, on which day, and why, in the patient's own words."""

    signal = forms.ChoiceField(label="What was it?", widget=forms.RadioSelect, error_messages=CHOOSE)
    days_early = forms.IntegerField(
        label="How many days earlier",
        required=False,
        min_value=0,
        max_value=365,
        help_text="Only where an earlier day was asked for.",
    )
    said_words = forms.CharField(
        label="Because",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What the patient said, in their own words. If they gave no reason, write that.",
        error_messages={"required": "Write what they said. If they gave no reason, write that."},
    )
    on = PartialDateField(label="Day", help_text="Such as 14 Mar 2026.")
    told_at = forms.ChoiceField(
        label="How it came", widget=forms.RadioSelect, choices=list(TOLD_AT.items()), error_messages=CHOOSE
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        more.setdefault("initial", {"on": timezone.localdate().isoformat()})
        super().__init__(*args, **more)
        field = self.fields["signal"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(key, one.at_desk) for key, one in longterm.signals().items() if one.at_desk]

    def said(self) -> UseSignal:
        given = self.cleaned_data
        days = given["days_early"] if longterm.signals()[given["signal"]].days else None
        dated = given["on"] if given["on"] != timezone.localdate().isoformat() else None
        return UseSignal(
            signal=given["signal"],
            said=given["said_words"].strip(),
            days_early=days,
            told_at=given["told_at"],
            dated=dated,
        )


@needs(Permission.BOOK)
@require_http_methods(["GET", "POST"])
def desk_note(request: Request, patient: UUID) -> HttpResponse:
    """Note it; whoever noted it reads again what they wrote, and nobody else's words."""
    found = chart_for(request, patient, Permission.FIND_PATIENT)
    form = DeskNoteForm(request.POST or None)

    def act(given: dict[str, Any]) -> object:
        do = Act(person=request.person, patient_id=found.patient_id, entry_id=given["entry_id"])
        return actions.note_at_desk(do, form.said())

    if sent(form, request.method, act):
        messages.success(request, "Noted. Those who treat the patient read it before the next visit.")
        return redirect(came_from(request) or chart_url(request.person, patient))
    about = {
        **patient_page(request, found, "identity"),
        "form": form,
        "back": came_from(request) or chart_url(request.person, patient),
        "mine": _own_notes(request, found),
    }
    return render(request, "safety/desk_note.html", about, status=status(form))


def _own_notes(request: Request, found: PatientChart) -> list[dict[str, str]]:
    return [
        {
            "at": moment(entry.at, zone()),
            "what": longterm.signals()[body.signal].at_desk,
            "said": body.said or "",
        }
        for entry, body in reversed(found.whole.said(UseSignal))
        if entry.by == request.person.by and body.told_at
    ]
