"""Forms about reminders: a reading that was none, and the clinic's own steps at a rule."""

from typing import Any

from django import forms

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
