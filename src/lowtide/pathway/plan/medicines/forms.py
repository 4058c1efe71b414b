"""The forms of reconciling. Nothing is chosen beforehand."""

from typing import Any

from django import forms

from lowtide.pathway.evaluate.reconciling.lines import Line
from lowtide.people.forms import EntryForm, PartialDateField, QuantityField, ReasonForm

CHOICES = [
    ("keep", "Takes it, as written"),
    ("change", "Takes it, otherwise"),
    ("stop", "No longer takes it"),
    ("not_taking", "Never took it"),
]


class SettleForm(ReasonForm):
    """What stands of a line, and why."""

    stands = forms.TypedChoiceField(label="Which one stands?", widget=forms.RadioSelect)
    choice = forms.ChoiceField(label="What holds?", choices=CHOICES, widget=forms.RadioSelect)
    dose = forms.CharField(label="Dose and how often now", max_length=200, required=False)
    daily_dose_mg = QuantityField(label="Total a day, mg", required=False, min_value=0)
    stopped = PartialDateField(label="Stopped on", required=False)
    field_order = ("stands", "choice", "dose", "daily_dose_mg", "stopped", "reason")

    def __init__(self, *args: Any, line: Line, sources: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["reason"].label = "How you know"
        self.fields["reason"].help_text = "Such as asked the patient, read the packet, called the pharmacy."
        stands = self.fields["stands"]
        assert isinstance(stands, forms.ChoiceField)
        stands.choices = sources
        if len(sources) == 1:
            stands.widget = forms.HiddenInput()
            self.initial["stands"] = sources[0][0]


class MatchForm(ReasonForm):
    """A medicine of the code table that this is."""

    name = forms.CharField(max_length=200, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["reason"].required = False


class DismissForm(ReasonForm):
    """A clinician's word that it does not matter here."""

    reason = forms.CharField(label="What it is, and why it does not matter here", max_length=500)


class ReconcileForm(EntryForm):
    """All of them were gone through."""

    mark = forms.CharField(max_length=64, widget=forms.HiddenInput)
    whole = forms.BooleanField(label="The patient was asked: these are all medicines", required=False)
    note = forms.CharField(label="Note", max_length=300, required=False)
