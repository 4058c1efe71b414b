"""The prescriber's own decision: nothing chosen, a reason, and an answer to each finding that may be set aside."""

from typing import Any

import msgspec
from django import forms
from django.forms.boundfield import BoundField

from lowtide.pathway.evaluate.deciding import page
from lowtide.pathway.evaluate.deciding.overriding import of
from lowtide.pathway.evaluate.rules import Evaluation, Finding
from lowtide.people.forms import EntryForm, PartialDateField
from lowtide.record.entries.care import OverrideKept


class Asked(msgspec.Struct, frozen=True):
    """A finding in the form: the fields that answer it, none where nobody can set it aside."""

    finding: Finding
    says: str
    fields: list[BoundField]


class DecisionForm(EntryForm):
    """The decision beside what the page showed when it was made; fields for the findings follow from these."""

    decision = forms.ChoiceField(
        label="Nothing is chosen for you",
        choices=[(name, words.removesuffix(", for now")) for name, (_, words) in page.WORDS.items()],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="Reason, in your words", max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    seen = forms.JSONField(widget=forms.HiddenInput)
    suggested = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, made: Evaluation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.findings = [f for f in made.findings if f.decision != "eligible"]
        for finding in self.findings:
            self._ask(finding)

    def _ask(self, finding: Finding) -> None:
        takes, rule = of(finding), finding.rule.id
        if takes.takes == "refused":
            return
        self.fields[f"o-{rule}"] = forms.CharField(
            label=takes.label, required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
        )
        if takes.takes == "letter":
            self.fields[f"w-{rule}"] = forms.CharField(label="Written by", required=False, max_length=200)
            self.fields[f"d-{rule}"] = PartialDateField(label="Dated", required=False, help_text="")

    @property
    def asked(self) -> list[Asked]:
        """Each finding with its fields, as the page shows them."""
        return [
            Asked(f, "" if names else of(f).label, [self[name] for name in names])
            for f in self.findings
            for names in [[n for n in self.fields if n.partition("-")[2] == f.rule.id]]
        ]

    @property
    def overrides(self) -> tuple[OverrideKept, ...]:
        """What was said of each finding."""
        said = self.cleaned_data
        return tuple(
            OverrideKept(
                rule_id=f.rule.id,
                ground=f.rule.override,
                reason=said[f"o-{f.rule.id}"].strip(),
                who=said.get(f"w-{f.rule.id}", "").strip(),
                dated=said.get(f"d-{f.rule.id}"),
            )
            for f in self.findings
            if said.get(f"o-{f.rule.id}", "").strip()
        )
