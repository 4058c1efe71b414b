"""What the maintenance pages send: the choice of what comes next with what its step needs, a correction, a contact."""

from datetime import date as Day  # noqa: N812  a field of the forms is called date
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from lowtide.data import maintenance
from lowtide.pathway.maintenance.choosing import Choice, EndingSaid
from lowtide.people.forms import EntryForm

DAY = timedelta(days=1)


def choices() -> tuple[tuple[str, str], ...]:
    return tuple((one.id, f"{one.label}. {one.hint}") for one in maintenance.maintenance().steps if one.from_)


def _day(label: str, help_text: str = "", *, required: bool = False) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


def _time() -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label="Time", required=False, widget=widget, help_text="On the clinic’s clock.")


class DecisionForm(EntryForm):
    """Nothing is chosen for the clinician. `seen` is the mark of what the page was made from."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    choice = forms.ChoiceField(label="What comes next", widget=forms.RadioSelect)
    date = _day("Day")
    time = _time()
    series_from = _day("First day of the new series", "The rest follows in the protocol’s rhythm.")
    look_again_on = _day("Look again on", "On this day the pause comes back to the worklist.")
    why = forms.ChoiceField(label="How it ends", required=False, widget=forms.RadioSelect)
    achieved = forms.CharField(
        label="What was achieved",
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One line each; in the person’s own words where you can.",
    )
    goes_on_with = forms.CharField(
        label="Who cares from now on", required=False, max_length=200, help_text="Name and place."
    )
    ask_1 = _day("Somebody asks how things are on")
    ask_2 = _day("and on")
    ask_3 = _day("and on")
    held = forms.BooleanField(label="I know what holds the next session", required=False)
    reason = forms.CharField(label="Why", widget=forms.Textarea(attrs={"rows": 2}), max_length=1000)

    def __init__(
        self,
        *args: Any,
        offered: tuple[str, ...] = (),
        today: Day | None = None,
        held: tuple[str, ...] = (),
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.holding = held
        if not held:
            del self.fields["held"]
        field, why = self.fields["choice"], self.fields["why"]
        assert isinstance(field, forms.ChoiceField)
        assert isinstance(why, forms.ChoiceField)
        field.choices = [(value, label) for value, label in choices() if not offered or value in offered]
        why.choices = [(one.id, one.label) for one in maintenance.maintenance().endings]
        for number, after in enumerate(maintenance.maintenance().asking.after_days if today else (), start=1):
            self.fields[f"ask_{number}"].initial = today + after * DAY if today else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        step = maintenance.steps().get(cleaned.get("choice", ""))
        wanted = {"date": ("date", "time"), "series": ("series_from",)}.get(step.needs if step else "", ())
        for field in wanted:
            if not cleaned.get(field) and field not in self.errors:
                self.add_error(field, NEEDED[field])
        if wanted and self.holding and not cleaned.get("held"):
            self.add_error(
                "held", f"It is held by: {'; '.join(self.holding)}. Decide on that first, or tick this."
            )
        return cleaned

    def said(self, zone: ZoneInfo) -> Choice:
        """The choice, its date read on the clinic's clock; what belongs to another step is left aside."""
        given = self.cleaned_data
        needs = maintenance.steps()[given["choice"]].needs
        return Choice(
            given["choice"],
            given["reason"],
            datetime.combine(given["date"], given["time"], zone) if needs == "date" else None,
            given["look_again_on"] if needs == "look_again" else None,
            given["series_from"] if needs == "series" else None,
            self._ending() if needs == "ending" and given["why"] else None,
            given["seen"],
            self.holding if given.get("held") else (),
        )

    def _ending(self) -> EndingSaid:
        given = self.cleaned_data
        return EndingSaid(
            why=given["why"],
            achieved=tuple(line.strip() for line in given["achieved"].splitlines() if line.strip()),
            goes_on_with=given["goes_on_with"].strip(),
            ask_on=tuple(day for n in (1, 2, 3) if (day := given[f"ask_{n}"])),
        )


NEEDED = {
    "date": "Another session needs its day and its time.",
    "time": "Another session needs its day and its time.",
    "series_from": "A new series needs its first day.",
}


class CorrectionForm(EntryForm):
    """A choice said again: the step stays what it was, its date and its reason may change."""

    date = _day("Day")
    time = _time()
    look_again_on = _day("Look again on")
    reason = forms.CharField(
        label="Why, as it should stand", widget=forms.Textarea(attrs={"rows": 2}), max_length=1000
    )

    def __init__(self, *args: Any, needs: str, **more: Any) -> None:
        super().__init__(*args, **more)
        if needs != "date":
            del self.fields["date"], self.fields["time"]
        if needs != "look_again":
            del self.fields["look_again_on"]

    def planned_at(self, zone: ZoneInfo) -> datetime | None:
        day, time = self.cleaned_data.get("date"), self.cleaned_data.get("time")
        return datetime.combine(day, time, zone) if day and time else None


class ContactForm(EntryForm):
    """Who was looked for, how, and whether they were reached."""

    how = forms.ChoiceField(
        label="How",
        choices=[
            ("telephone", "Telephone"),
            ("message", "Message"),
            ("letter", "Letter"),
            ("visit", "Visit"),
        ],
        widget=forms.RadioSelect,
    )
    reached = forms.ChoiceField(
        label="Reached?",
        choices=[("yes", "Yes, spoke with them"), ("no", "No")],
        widget=forms.RadioSelect,
    )
    said = forms.CharField(
        label="In a few words", required=False, widget=forms.Textarea(attrs={"rows": 2}), max_length=500
    )
