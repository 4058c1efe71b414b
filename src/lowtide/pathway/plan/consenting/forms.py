"""The forms of consent: what it is for, the elements with the signature, and the withdrawal."""

from typing import Any

from django import forms

from lowtide.data.consent import Form
from lowtide.data.vocabulary import label, words
from lowtide.people.forms import EntryForm
from lowtide.record.entries.base import Answer

COPIES = (("on paper", "On paper"), ("sent as a PDF", "Sent as a PDF"))


class ForForm(forms.Form):
    """What the consent is for, while no series is planned. Sent by GET: it only shows."""

    indication = forms.ChoiceField(label="For")
    product = forms.ChoiceField(label="With")
    route = forms.ChoiceField(label="By")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name in ("indication", "product", "route"):
            choices = [(key, label(name, key)) for key in words()[name]]
            self.fields[name].choices = [("", "choose"), *choices]  # type: ignore[attr-defined]


class Ticked(EntryForm):
    """A form with one tick an element of a consent form, which it names by its digest."""

    tick: Any = "I understand"  # a word, or one that is translated when it is shown
    digest = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, form: Form, **more: Any) -> None:
        super().__init__(*args, **more)
        self.elements = form.elements
        self.initial["digest"] = form.digest
        for element in form.elements:
            self.fields[f"tick_{element.id}"] = forms.BooleanField(label=self.tick, required=False)

    @property
    def rows(self) -> list[tuple[Any, Any]]:
        """Each element beside its tick."""
        return [(e, self[f"tick_{e.id}"]) for e in self.elements]

    @property
    def ticked(self) -> set[str]:
        return {e.id for e in self.elements if self.cleaned_data.get(f"tick_{e.id}")}


class ConsentForm(Ticked):
    """One tick an element, the registry apart, and the signature."""

    registry = forms.ChoiceField(
        label="May the clinic use my data so?",
        choices=[("yes", "Yes"), ("no", "No")],
        required=False,
        widget=forms.RadioSelect,
    )
    acting_as = forms.ChoiceField(
        label="Who signs?",
        choices=[("patient", "The patient"), ("representative", "A representative")],
        initial="patient",
        widget=forms.RadioSelect,
    )
    signer = forms.CharField(
        label="First and family name, as signature",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    relation = forms.CharField(
        label="A representative: by what right?",
        required=False,
        max_length=200,
        help_text="Such as health-care proxy of 3 May 2025.",
    )
    capacity = forms.ChoiceField(
        label="Staff: the patient understands this and can decide it today",
        choices=[(Answer.YES, "Yes"), (Answer.NO, "No")],
        widget=forms.RadioSelect,
    )
    witness = forms.CharField(label="Witness", required=False, max_length=200)
    interpreter = forms.CharField(label="Interpreter, with language", required=False, max_length=200)

    @property
    def joins(self) -> bool | None:
        return {"yes": True, "no": False}.get(self.cleaned_data.get("registry") or "")


class WithdrawForm(EntryForm):
    reason = forms.CharField(
        label="What the patient says about it",
        required=False,
        max_length=500,
        help_text="No reason is needed.",
    )
