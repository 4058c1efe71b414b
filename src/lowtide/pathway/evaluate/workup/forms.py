"""The form that records one test: what it asks follows from how the test comes in."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from lowtide.data import intake
from lowtide.data.observations import table
from lowtide.data.workup import Test
from lowtide.pathway.evaluate.workup.odd import odd
from lowtide.people.forms import EntryForm, PartialDateField, QuantityField
from lowtide.record.entries.base import Answer

READ = (("no", "in range"), ("yes", "out of range"), ("not_known", "not said"))


class TestForm(EntryForm):
    """When it was made, and what it said. Nothing is chosen beforehand but the day: today."""

    def __init__(self, *args: Any, test: Test, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.test = test
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
                self.fields["value"] = QuantityField(label=label, max_digits=7, decimal_places=2)
            case "result":
                self.fields["value"] = forms.CharField(
                    label="What it showed", max_length=500, widget=forms.Textarea(attrs={"rows": 2})
                )
                self.fields["abnormal"] = forms.ChoiceField(
                    label="Read as", choices=READ, widget=forms.RadioSelect
                )
            case "panel":
                self._ask_panel(test)
            case _:
                self.fields["value"] = forms.CharField(label="Note", max_length=500, required=False)
                if test.read_as:
                    self.fields["abnormal"] = forms.ChoiceField(
                        label="What it showed",
                        choices=list(test.read_as.items()),
                        widget=forms.RadioSelect,
                        required=False,
                    )
        self.fields["on"] = PartialDateField(
            label="Day it was made",
            initial=timezone.localdate().isoformat(),
            help_text="Such as 14 Mar 2026.",
        )

    def _ask_panel(self, test: Test) -> None:
        """Each value with the laboratory's own limit; in words what the report says beside them."""
        for name in test.panel:
            known = table().result[name]
            label = f"{known.label[:1].upper()}{known.label[1:]}"
            for field, words in (
                (name, f"{label}, {known.unit}"),
                (f"{name}_limit", f"{label}, normal up to"),
            ):
                self.fields[field] = QuantityField(
                    label=words, max_digits=8, decimal_places=2, min_value=0, required=False
                )
        self.fields["value"] = forms.CharField(
            label="In words",
            max_length=500,
            required=False,
            widget=forms.Textarea(attrs={"rows": 2}),
            help_text="Only what the numbers do not say.",
        )
        self.fields["abnormal"] = forms.ChoiceField(label="Read as", choices=READ, widget=forms.RadioSelect)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.test.panel:
            return said
        if not said.get("value") and all(said.get(name) is None for name in self.test.panel):
            self.add_error(self.test.panel[0], "Enter at least one value, or say in words what it showed.")
        for name in self.test.panel:
            if said.get(f"{name}_limit") is not None and said.get(name) is None:
                self.add_error(name, "A limit is given: enter the value beside it, or leave both empty.")
        if not self.errors:
            self._look_again(said)
        return said

    def _look_again(self, said: dict[str, Any]) -> None:
        """What does not fit goes in once somebody says that the report reads so."""
        found = list(odd(self.parts, Answer(said["abnormal"])))
        if not found:
            return
        self.fields["sure"] = forms.BooleanField(label="The report reads so: record it", required=False)
        if not self.data.get("sure"):
            self.add_error("sure", " ".join(found))

    @property
    def pairs(self) -> list[forms.BoundField]:
        """The values of a panel, each before its limit."""
        return [self[name] for part in self.test.panel for name in (part, f"{part}_limit")]

    @property
    def others(self) -> list[forms.BoundField]:
        """What is asked beside them."""
        paired = {field.name for field in self.pairs}
        return [field for field in self if field.name not in paired]

    @property
    def parts(self) -> tuple[tuple[str, Decimal, Decimal | None], ...]:
        """The values of a panel that were entered, each with its limit where one was."""
        said = self.cleaned_data
        given = ((name, said.get(name), said.get(f"{name}_limit")) for name in self.test.panel)
        return tuple((name, value, limit or None) for name, value, limit in given if value is not None)

    @property
    def seen(self) -> dict[str, Any]:
        said = self.cleaned_data
        found = {"on": said["on"], "value": str(said.get("value") or "").strip(), "parts": self.parts}
        return found | ({"abnormal": Answer(said["abnormal"])} if said.get("abnormal") else {})
