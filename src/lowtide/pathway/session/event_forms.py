"""Forms at the chair for what goes wrong: an adverse event, a rescue medicine, how an emergency ended, leaving against advice."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms

from lowtide.data.events import events
from lowtide.data.leaving import leaving
from lowtide.data.rescue import RescueMedicine, routes
from lowtide.pathway.safety.forms import CHOOSE, EventFields, labels
from lowtide.pathway.session.forms import Timed
from lowtide.people.forms import EntryForm, QuantityField
from lowtide.record.entries.chair import AgainstAdvice
from lowtide.record.entries.events import RescueGiven

OTHER = "other"


class ChairEventForm(EventFields, Timed):
    """An adverse event while it happens: what, how grave, serious or not; the rest can wait."""


class RescueForm(Timed):
    """A medicine that was given by order: how much, by which way, by whose word. No dose is proposed."""

    dose = QuantityField(
        label="Dose", min_value=Decimal(0), max_digits=8, decimal_places=3,
        error_messages={"required": "Enter what was given.", "invalid": "Enter a number."},
    )  # fmt: skip
    dose_again = QuantityField(
        label="The dose once more", required=False, min_value=Decimal(0), max_digits=8, decimal_places=3,
    )  # fmt: skip
    unit = forms.ChoiceField(label="Unit", widget=forms.RadioSelect, error_messages=CHOOSE)
    route = forms.ChoiceField(label="Given", widget=forms.RadioSelect, error_messages=CHOOSE)
    why = forms.ChoiceField(label="For", required=False)
    orderer = forms.ChoiceField(label="Ordered by", error_messages=CHOOSE)
    by_name = forms.CharField(label="Somebody else, by name", required=False, max_length=120)
    words = forms.CharField(label="In words", required=False, max_length=300)
    reason = forms.CharField(label="Given all the same, because", required=False, max_length=300)

    def __init__(
        self, *args: Any, key: str, medicine: RescueMedicine, orderers: list[tuple[str, str]], **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.key, self.orderers = key, dict(orderers)
        terms = events().terms
        first = [(k, terms[k].label) for k in medicine.why if k in terms]
        rest = [(k, t.label) for k, t in terms.items() if k not in medicine.why]
        self._choose("unit", [(unit, unit) for unit in medicine.units])
        self._choose("route", [(route, routes()[route]) for route in medicine.routes])
        self._choose("why", [("", "not said"), *first, *rest])
        self._choose("orderer", [("", "choose"), *orderers, (OTHER, "Somebody else")])
        if key == OTHER:
            self.fields["name"] = forms.CharField(label="Medicine", max_length=120)

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        if len(choices) == 1:
            field.initial = choices[0][0]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("orderer") == OTHER and not given.get("by_name"):
            self.add_error("by_name", "Write the name of whoever ordered it.")
        return given

    def given(self) -> RescueGiven:
        said = self.cleaned_data
        of_staff = said["orderer"] != OTHER
        return RescueGiven(
            medicine=self.key,
            dose=said["dose"],
            unit=said["unit"],
            route=said["route"],
            ordered_by=self.orderers[said["orderer"]] if of_staff else said["by_name"],
            orderer=said["orderer"] if of_staff else None,
            name=said.get("name") or None,
            why=said["why"] or None,
            words=said["words"] or None,
        )


class EffectForm(EntryForm):
    """What a rescue medicine did."""

    effect = forms.ChoiceField(
        label="What it did",
        widget=forms.RadioSelect,
        choices=lambda: labels(events().effects),
        error_messages=CHOOSE,
    )
    words = forms.CharField(label="In words", required=False, max_length=300)


class EndForm(EntryForm):
    """How an emergency ended."""

    outcome = forms.ChoiceField(
        label="How it ended",
        widget=forms.RadioSelect,
        choices=lambda: labels(events().emergency_outcomes),
        error_messages=CHOOSE,
    )
    words = forms.CharField(label="In words", required=False, max_length=500)


class AgainstAdviceForm(EntryForm):
    """Somebody leaves against advice: who advised, what was told, how it was signed, how to reach them."""

    advised_by = forms.CharField(label="Who advised staying", max_length=120)
    risks = forms.MultipleChoiceField(
        label="Risks that were told",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: labels(leaving().risks),
    )
    signature = forms.ChoiceField(
        label="The form",
        widget=forms.RadioSelect,
        choices=lambda: labels(leaving().signature),
        error_messages=CHOOSE,
    )
    witness = forms.CharField(label="Who else was there", required=False, max_length=120)
    escort = forms.CharField(label="Leaves with", required=False, max_length=200)
    phone = forms.CharField(label="Telephone for the call", required=False, max_length=60)
    reason = forms.CharField(
        label="What was said and done", max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def advice(self) -> AgainstAdvice:
        given = self.cleaned_data
        return AgainstAdvice(
            advised_by=given["advised_by"],
            risks=tuple(given["risks"]),
            signature=given["signature"],
            witness=given["witness"] or None,
            phone=given["phone"] or None,
        )


class TherapyForm(EntryForm):
    """The prompts of one stage, each for those whom it is for."""

    def __init__(self, *args: Any, prompts: Iterable[Any], **more: Any) -> None:
        super().__init__(*args, **more)
        self.keys = []
        for prompt in prompts:
            self.keys.append(prompt.id)
            self.fields[prompt.id] = forms.CharField(
                label=prompt.label,
                required=False,
                help_text=prompt.help,
                max_length=8000,
                widget=forms.Textarea(attrs={"rows": 3}),
            )

    @property
    def said(self) -> dict[str, str]:
        return {key: self.cleaned_data[key] for key in self.keys if self.cleaned_data.get(key)}
