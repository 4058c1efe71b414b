"""Forms of an infusion that outlasts a bag or a shift: made up, changed, handed over."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms

from lowtide.data.made_up import made_up
from lowtide.pathway.session.actions.containers import Made
from lowtide.pathway.session.forms import Timed, label_field
from lowtide.pathway.session.rules.drawn import Drawn
from lowtide.people.forms import EntryForm, QuantityField

OFF = {"autocomplete": "off"}


def amount(label: str, **more: Any) -> QuantityField:
    """A volume or strength as somebody read it."""
    return QuantityField(label=label, min_value=Decimal(0), max_digits=9, decimal_places=4, **more)


class SecondPerson(forms.Form):
    """Another person, by their own sign-in."""

    second_login = forms.CharField(label="Sign-in name", max_length=150, widget=forms.TextInput(attrs=OFF))
    second_password = forms.CharField(label="Password", widget=forms.PasswordInput(attrs=OFF))


class MakeUpForm(Timed):
    """What was made up. `draws` are the draws of the safe for this session that are still in hand, `known` is what the order
    has drawn: what nothing is added to asks for no diluent and no other volume."""

    container = forms.ChoiceField(label="Made up in", widget=forms.RadioSelect)
    draws = forms.MultipleChoiceField(
        label="Drawn from the safe", required=False, widget=forms.CheckboxSelectMultiple
    )
    vial_mg_per_ml = amount("Strength on the vial, mg/mL", required=False)
    lot = forms.CharField(
        label="Lot on the vial", required=False, max_length=40, widget=forms.TextInput(attrs=OFF)
    )
    vial_expires = forms.DateField(
        label="Vial expires", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    vial_volume_ml = amount("Drawn from the vial, mL")
    diluent = forms.ChoiceField(label="Diluted with")
    final_volume_ml = amount("Made up to, mL")
    because = forms.CharField(
        label="Reason, if it goes beyond the order or the safe",
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs=OFF),
    )
    field_order = (
        *("entry_id", "container", "draws", "vial_mg_per_ml", "lot", "vial_expires", "vial_volume_ml"),
        *("diluent", "final_volume_ml", "because", "taken"),
    )

    def __init__(
        self, *args: Any, draws: Iterable[tuple[str, str]], known: Drawn | None = None, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        words, in_hand = made_up(), list(draws)
        into = [(k, v) for k, v in words.containers.items() if known is None or k in known.containers]
        self.fields["container"].choices = into  # type: ignore[attr-defined]
        self.fields["container"].initial = into[0][0] if len(into) == 1 else None
        self.fields["diluent"].choices = list(words.diluents.items())  # type: ignore[attr-defined]
        self.fields["draws"].choices = in_hand  # type: ignore[attr-defined]
        if not in_hand:
            del self.fields["draws"]
            self.fields["vial_mg_per_ml"].required = self.fields["lot"].required = True
        if known and not known.is_diluted:
            del self.fields["diluent"], self.fields["final_volume_ml"]
            self.fields["vial_volume_ml"].label = "Drawn up, mL"

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not given.get("draws"):
            for name, what in (("vial_mg_per_ml", "strength"), ("lot", "lot")):
                if not given.get(name) and name not in self.errors:
                    self.add_error(name, f"The {what} is missing. Read it off the vial.")
        return given

    @property
    def made(self) -> Made:
        given = self.cleaned_data
        names = ("container", "vial_volume_ml", "vial_mg_per_ml", "vial_expires")
        return Made(
            **{n: given[n] for n in names},
            diluent=given.get("diluent", "none"),
            final_volume_ml=given.get("final_volume_ml", given["vial_volume_ml"]),
            lot=given["lot"] or None,
            because=given["because"],
            draws=tuple(UUID(d) for d in given.get("draws") or ()),
        )


class ChangeForm(Timed):
    """One ended, the next was hung."""

    residual_ml = amount("Left in the one that ended, mL", help_text="As measured; 0 for empty.")
    scanned = label_field("hang")
    rate_ml_per_h = amount("Rate on the pump afterwards, mL/h")
    reason = forms.CharField(label="Reason, if it differs from the order", required=False, max_length=500)
    field_order = ("entry_id", "residual_ml", "scanned", "rate_ml_per_h", "reason", "taken")


class HandOverForm(EntryForm, SecondPerson):
    """Who takes over, by their own sign-in, and what both of them counted."""

    counted = forms.IntegerField(
        label="Made up and not begun, counted together",
        min_value=0,
        max_value=99,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", **OFF}),
        help_text="Bags and syringes at this chair, without the one that hangs.",
    )
    said = forms.CharField(
        label="What the next one should know",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    reason = forms.CharField(
        label="Reason, if the count is not what the record knows", required=False, max_length=500
    )
    field_order = ("entry_id", "counted", "said", "reason", "second_login", "second_password")
