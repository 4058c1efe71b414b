"""The form that records one test: what it asks follows from how the test comes in."""

from typing import Any

from django import forms
from django.utils import timezone

from lowtide.data import intake
from lowtide.data.workup import Test
from lowtide.people.forms import EntryForm, PartialDateField
from lowtide.record.entries.base import Answer

READ = (("no", "in range"), ("yes", "out of range"), ("not_known", "not said"))


class TestForm(EntryForm):
    """When it was made, and what it said. Nothing is chosen beforehand but the day: today."""

    def __init__(self, *args: Any, test: Test, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        item = intake.items()[test.item]
        self.unit = item.unit if test.records in ("number", "weight") and item.unit != "points" else ""
        match test.records:
            case "choice":
                choices = [(choice, choice.capitalize()) for choice in item.choices]
                self.fields["value"] = forms.ChoiceField(
                    label="What it showed", choices=choices, widget=forms.RadioSelect
                )
            case "number" | "weight":
                label = f"{item.label[:1].upper()}{item.label[1:]}{f', {self.unit}' if self.unit else ''}"
                self.fields["value"] = forms.DecimalField(label=label, max_digits=7, decimal_places=2)
            case "result":
                self.fields["value"] = forms.CharField(
                    label="What it showed", max_length=500, widget=forms.Textarea(attrs={"rows": 2})
                )
                self.fields["abnormal"] = forms.ChoiceField(
                    label="Read as", choices=READ, widget=forms.RadioSelect
                )
            case _:
                self.fields["value"] = forms.CharField(label="Note", max_length=500, required=False)
        self.fields["on"] = PartialDateField(
            label="Day it was made",
            initial=timezone.localdate().isoformat(),
            help_text="Such as 14 Mar 2026.",
        )

    @property
    def seen(self) -> dict[str, Any]:
        said = self.cleaned_data
        found = {"on": said["on"], "value": str(said.get("value") or "").strip()}
        return found | ({"abnormal": Answer(said["abnormal"])} if "abnormal" in said else {})
