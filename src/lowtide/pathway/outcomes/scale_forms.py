"""How a form came: copied from paper, asked aloud, rated; by whom, when, about which period."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from lowtide.data.instruments import Instrument
from lowtide.people.clinic import zone

PAPER, INTERVIEW = "paper", "interview"
SELF_MODES = ((PAPER, "Copied from paper"), (INTERVIEW, "Asked aloud"))
RATED_MODES = ((INTERVIEW, "In an interview"), (PAPER, "Copied from the rater’s paper"))


class HowForm(forms.Form):
    """The facts about one form, beside its answers."""

    mode = forms.ChoiceField(label="How were they given?", widget=forms.RadioSelect)
    window = forms.ChoiceField(label="It asks about", widget=forms.RadioSelect)
    rater = forms.ChoiceField(label="Who rated")
    given_at = forms.DateTimeField(
        label="When it was filled in",
        required=False,
        help_text="Empty: now. A form from paper counts from the day on it.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(
        self, *args: Any, measure: Instrument, staff: list[tuple[str, str]], me: str, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        modes = SELF_MODES if measure.is_self_rated else RATED_MODES
        self._choose("mode", list(modes), modes[0][0])
        self._choose("window", [(w, w) for w in measure.windows], (*measure.windows, "")[0])
        self._choose("rater", staff, me)
        if len(measure.windows) < 2:
            del self.fields["window"]
        if measure.is_self_rated:
            del self.fields["rater"]

    def _choose(self, name: str, choices: list[tuple[str, str]], initial: str) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.initial.setdefault(name, initial)

    def clean_given_at(self) -> datetime | None:
        typed: datetime | None = self.cleaned_data.get("given_at")
        given = typed.replace(tzinfo=zone()) if typed else None
        if given is not None and given > timezone.now():
            raise forms.ValidationError("This lies in the future. Enter when the form was filled in.")
        return given
