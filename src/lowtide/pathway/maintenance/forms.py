"""What the maintenance page sends: the choice for the next session, its date and its reason."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from lowtide.pathway.maintenance.actions import Choice
from lowtide.people.forms import EntryForm

CHOICES = (
    ("next", "Another session on a date"),
    ("pause", "Pause: no session for now"),
    ("stop", "Stop: the course ends"),
)


class DecisionForm(EntryForm):
    """Nothing is chosen for the clinician."""

    choice = forms.ChoiceField(label="What comes next", choices=CHOICES, widget=forms.RadioSelect)
    date = forms.DateField(
        label="Day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="For another session.",
    )
    time = forms.TimeField(
        label="Time",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="On the clinic’s clock.",
    )
    reason = forms.CharField(label="Why", widget=forms.Textarea(attrs={"rows": 2}), max_length=1000)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("choice") == "next":
            for field in ("date", "time"):
                if not cleaned.get(field) and field not in self.errors:
                    self.add_error(field, "Another session needs its day and its time.")
        return cleaned

    def said(self, zone: ZoneInfo) -> Choice:
        """The choice, its date read on the clinic's clock."""
        given = self.cleaned_data
        planned_at = None
        if given["choice"] == "next":
            planned_at = datetime.combine(given["date"], given["time"], zone)
        return Choice(given["choice"], given["reason"], planned_at)
