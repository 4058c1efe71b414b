"""Forms of the front desk: a whole series at once, and when a person can come."""

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from lowtide.people.forms import EntryForm
from lowtide.people.opening import WEEKDAYS
from lowtide.record.entries.care import Availability, Away

STRETCH = re.compile(r"(\d{4}-\d\d-\d\d)(?: to (\d{4}-\d\d-\d\d))?(?: (.*))?")


class SeriesForm(EntryForm):
    """What is left of a course, booked in one step; `seen` says which dates stood on the page."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=16)
    escort = forms.CharField(
        label="Escort, with telephone",
        required=False,
        max_length=200,
        help_text="Who takes the patient home; of every session, and changed singly.",
    )


class AvailabilityForm(EntryForm):
    """When a person can come."""

    away = forms.CharField(
        label="Away",
        required=False,
        max_length=2000,
        help_text="One line a stretch: 2026-12-24 to 2026-12-31 holiday.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    never = forms.MultipleChoiceField(
        label="Never on",
        required=False,
        choices=[(str(n), name) for n, name in enumerate(WEEKDAYS)],
        widget=forms.CheckboxSelectMultiple,
    )
    from_time = forms.TimeField(
        label="Likes to come from",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    to_time = forms.TimeField(
        label="to", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def __init__(self, *args: Any, said: Availability | None, **more: Any) -> None:
        if said:
            more["initial"] = {
                "away": "\n".join(f"{a.first} to {a.last} {a.why or ''}".strip() for a in said.away),
                "never": [str(n) for n in said.never],
                "from_time": said.from_time,
                "to_time": said.to_time,
            }
        super().__init__(*args, **more)

    def clean_away(self) -> tuple[Away, ...]:
        found = []
        for line in filter(None, (part.strip() for part in self.cleaned_data["away"].splitlines())):
            match = STRETCH.fullmatch(line)
            try:
                first = date.fromisoformat(match[1]) if match else None
                last = date.fromisoformat(match[2]) if match and match[2] else first
            except ValueError:
                first = last = None
            if not match or first is None or last is None:
                raise ValidationError(
                    f"“{line}” is no stretch of days. Write 2026-12-24 to 2026-12-31 holiday."
                )
            found.append(Away(first, last, match[3] or None))
        return tuple(found)

    def availability(self) -> Availability:
        given = self.cleaned_data
        return Availability(
            away=given["away"],
            never=tuple(int(n) for n in given["never"]),
            from_time=f"{given['from_time']:%H:%M}" if given["from_time"] else None,
            to_time=f"{given['to_time']:%H:%M}" if given["to_time"] else None,
        )
