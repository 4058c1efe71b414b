"""The form that books a chair for a session, or moves a booked one."""

from datetime import datetime, tzinfo
from typing import Any

from django import forms

from lowtide.people.forms import EntryForm

ATE = "Such as: breakfast at 7:10, asked on the telephone."
TOLD = "The prescriber who chose the day is told."


class BookForm(EntryForm):
    """When and on which chair; a prescriber may book sooner than the protocol allows, with the reason."""

    day = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    time = forms.TimeField(label="Dose at", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    chair = forms.ChoiceField(label="Chair", widget=forms.RadioSelect)
    escort = forms.CharField(
        label="Escort, with telephone",
        required=False,
        max_length=200,
        help_text="Who takes the patient home.",
    )
    last_ate = forms.CharField(
        label="Last ate, where the visit comes sooner than the fast",
        required=False,
        max_length=200,
        help_text=ATE,
    )
    sooner_because = forms.CharField(
        label="Sooner than the protocol’s interval, because", required=False, max_length=300
    )
    outside_because = forms.CharField(label="Outside opening hours, because", required=False, max_length=300)
    departs_because = forms.CharField(
        label="Another day than was chosen, because", required=False, max_length=300, help_text=TOLD
    )
    reason = forms.CharField(label="Why it is moved", max_length=500)

    def __init__(
        self,
        *args: Any,
        chairs: list[tuple[str, str]],
        may_be_sooner: bool,
        moves: bool,
        has_hours: bool = False,
        was_chosen: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        if not has_hours:
            del self.fields["outside_because"]
        field = self.fields["chair"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = chairs
        if not may_be_sooner:
            del self.fields["sooner_because"]
        if not moves:
            del self.fields["reason"]
        if not was_chosen or moves:
            del self.fields["departs_because"]

    def planned_at(self, zone: tzinfo) -> datetime:
        day, time = self.cleaned_data["day"], self.cleaned_data["time"]
        return datetime.combine(day, time, zone)
