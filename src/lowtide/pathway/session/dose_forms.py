"""Forms of a dose at the chair: what a second person reads off what was made ready, and each part as it goes in."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from lowtide.data import vocabulary
from lowtide.data.chair import chair
from lowtide.data.giving import Figure, Way
from lowtide.pathway.session.forms import Timed, label_field
from lowtide.people.forms import EntryForm, QuantityField

DRUGS = [(word, vocabulary.label("drug", word)) for word in chair().vials]


class PreparationForm(EntryForm):
    """What the second person reads off label, vial, syringe and pump, and both people by their own sign-in.

    Nothing of the order stands in it, nothing is chosen beforehand.
    """

    prepared_by = forms.ChoiceField(label="Who made it up", widget=forms.RadioSelect)
    typed = forms.CharField(
        label="Birth date or number on the label",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    drug = forms.ChoiceField(label="Drug on the vial", widget=forms.RadioSelect, choices=DRUGS)
    second_login = forms.CharField(
        label="The other person: sign-in name",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    second_password = forms.CharField(
        label="The other person: password",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, name: str, figures: Iterable[Figure], way: Way, **more: Any) -> None:
        super().__init__(*args, **more)
        self.figures = list(figures)
        self.fields["drug"].label, self.fields["typed"].label = way.check_drug, way.check_typed
        self.fields["typed"].help_text = f"Off {way.labelled}, not off this screen."
        field = self.fields["prepared_by"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("me", f"{name}: the other person checks"),
            ("other", f"The other person: {name} checks"),
        ]
        for figure in self.figures:
            self.fields[figure.name] = _figure_field(figure)

    @property
    def read(self) -> dict[str, Decimal | date | str]:
        return {figure.name: self.cleaned_data[figure.name] for figure in self.figures}


def _figure_field(figure: Figure) -> forms.Field:
    """The field of one figure that is read off: a number, a date, or what stands there."""
    if figure.kind == "expiry":
        return forms.DateField(label=figure.label, widget=forms.DateInput(attrs={"type": "date"}))
    if figure.kind == "text":
        off = forms.TextInput(attrs={"autocomplete": "off"})
        return forms.CharField(label=figure.label, max_length=40, widget=off)
    return QuantityField(
        label=figure.label,
        min_value=Decimal(0),
        max_digits=8,
        decimal_places=4,
    )


class GiveForm(Timed):
    """One part of a dose without a pump. One tap sends only its number: all of it, now. What was drawn up with a label asks
    for that (`begins`: the verb that it is asked with)."""

    ALL, HALF, NONE, OTHER = "all", "half", "none", "other"

    number = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    how_much = forms.ChoiceField(
        label="What went in",
        required=False,
        choices=[
            (ALL, "All of it"),
            (HALF, "Half of it"),
            (NONE, "Nothing: it failed"),
            (OTHER, "Another amount"),
        ],
        widget=forms.RadioSelect,
    )
    mg = QuantityField(
        label="Another amount, mg", required=False, min_value=Decimal(0), max_digits=8, decimal_places=3
    )
    site = forms.ChoiceField(label="Site", required=False, widget=forms.RadioSelect)
    lot = forms.CharField(
        label="Lot, where it is another than the one checked", required=False, max_length=40
    )
    reason = forms.CharField(
        label="Reason, where it is not whole or comes sooner", required=False, max_length=500
    )

    def __init__(
        self, *args: Any, sites: Iterable[str], has_lot: bool, begins: str = "", **more: Any
    ) -> None:
        super().__init__(*args, **more)
        if begins:
            self.fields["scanned"] = label_field(begins)
        places = [(site, site.capitalize()) for site in sites]
        self.fields["site"].choices = places  # type: ignore[attr-defined]
        if not places:
            del self.fields["site"]
        if not has_lot:
            del self.fields["lot"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("how_much") == self.OTHER and given.get("mg") is None:
            self.add_error("mg", "Enter how many mg went in.")
        return given

    def went_in(self, of_mg: Decimal) -> Decimal | None:
        """The mg that went in; None for all of it."""
        said = self.cleaned_data["how_much"]
        if said == self.OTHER:
            mg: Decimal = self.cleaned_data["mg"]
            return mg
        return {self.HALF: of_mg / 2, self.NONE: Decimal(0)}.get(said)
