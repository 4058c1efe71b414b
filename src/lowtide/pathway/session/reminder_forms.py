"""Forms about reminders: a reading that was none, and the clinic's own steps at a rule."""

from collections.abc import Sequence
from typing import Any

from django import forms

from lowtide.data.answers import Tap
from lowtide.data.chair import chair
from lowtide.people.forms import EntryForm


class ArtefactForm(EntryForm):
    """Which rows of a reading were none, and why."""

    rows = forms.MultipleChoiceField(
        label="What is no true reading", widget=forms.CheckboxSelectMultiple, required=False
    )
    why = forms.ChoiceField(
        label="Why",
        choices=[*chair().artefact.items(), ("other", "another reason")],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(label="In words", required=False, max_length=200)

    def __init__(self, *args: Any, rows: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["rows"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = rows
        field.initial = [name for name, _ in rows] if len(rows) == 1 else []
        if len(rows) == 1:
            field.widget = forms.MultipleHiddenInput()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not given.get("rows"):
            self.add_error("rows", "Choose at least one.")
        if given.get("why") == "other" and not given.get("words", "").strip():
            self.add_error("words", "Write it in a few words.")
        return given

    @property
    def reason(self) -> str:
        """Why, in words."""
        given = self.cleaned_data
        return given["words"].strip() if given["why"] == "other" else chair().artefact[given["why"]]


class AnswerForm(EntryForm):
    """What is done about a reminder: one tap on a wording of the table, own words, or both."""

    tap = forms.ChoiceField(required=False)
    reason = forms.CharField(
        label="What you do about it",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, taps: Sequence[Tap], asks: str = "", **more: Any) -> None:
        super().__init__(*args, **more)
        self.taps = {tap.id: tap.words for tap in taps}
        field = self.fields["tap"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(self.taps.items())
        self.fields["reason"].label = asks or ("Or in your words" if taps else "What you do about it")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors and not self.answer:
            self.add_error(
                "reason", "Tap one, or write it in a few words." if self.taps else "Write it in a few words."
            )
        return given

    @property
    def answer(self) -> str:
        """The answer in words."""
        given = self.cleaned_data
        return ": ".join(filter(None, (self.taps.get(given.get("tap", "")), given.get("reason", "").strip())))


class StepsForm(EntryForm):
    """The clinic's own steps at one rule, one a line; none goes back to the table's action alone."""

    steps = forms.CharField(
        label="What is done here, one step a line",
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(line.strip() for line in self.cleaned_data["steps"].splitlines() if line.strip())
