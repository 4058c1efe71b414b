"""The forms of the safe. Each carries the id of its entry; where the policy asks, a second person signs in it."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from lowtide.data.safe import label, products, safe, vessel, witness_needed
from lowtide.people.forms import EntryForm, QuantityField
from lowtide.safe.ledger import Key

Choices = list[tuple[str, str]]
SECOND = ("second_login", "second_password")
PLACES = 3


def amount(text: str, *, required: bool = True, negative: bool = False, **more: Any) -> QuantityField:
    """A quantity as measured: thousandths of a millilitre are finer than any syringe."""
    lowest = None if negative else 0
    return QuantityField(
        label=text,
        required=required,
        min_value=lowest,
        max_value=100_000,
        decimal_places=PLACES,
        max_digits=9,
        widget=forms.TextInput(attrs={"inputmode": "text" if negative else "decimal", "autocomplete": "off"}),
        **more,
    )


def whole(text: str, *, required: bool = True, negative: bool = False, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=text,
        required=required,
        min_value=-10_000 if negative else 0,
        max_value=10_000,
        widget=forms.TextInput(attrs={"inputmode": "text" if negative else "numeric", "autocomplete": "off"}),
        **more,
    )


def choice(
    text: str, of: Iterable[tuple[str, str]], *, required: bool = True, **more: Any
) -> forms.ChoiceField:
    """Nothing is chosen for anybody."""
    return forms.ChoiceField(label=text, required=required, choices=[("", "Choose"), *of], **more)


def words(text: str, most: int = 200, *, required: bool = True, **more: Any) -> forms.CharField:
    return forms.CharField(label=text, required=required, max_length=most, **more)


def long_words(text: str, *, required: bool = True, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=text, required=required, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), **more
    )


class SafeForm(EntryForm):
    """A step at the safe: `verb` is its row of the witness policy."""

    verb = ""
    second_always = False

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if self.second_always or witness_needed(self.verb):
            required = not self.second_always
            self.fields["second_login"] = forms.CharField(
                label="Second person: sign-in name",
                required=required,
                max_length=150,
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            )
            self.fields["second_password"] = forms.CharField(
                label="Second person: password",
                required=required,
                widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
            )

    @property
    def of_second(self) -> list[Any]:
        """The fields of the second person, to stand together at the end."""
        return [self[name] for name in SECOND if name in self.fields]

    @property
    def own(self) -> list[tuple[Any, bool]]:
        """The other fields that show, each with whether it takes a measured quantity."""
        shown = (field for field in self if field.name not in SECOND and not field.is_hidden)
        return [(field, isinstance(field.field, QuantityField)) for field in shown]


class OpenSafeForm(SafeForm):
    verb = "draw"
    name = words("Name", 60, help_text="What people call it: Main safe, Treatment room.")
    place = forms.SlugField(label="Address", max_length=30, help_text="Small letters: main, room. It stays.")
    registration = words(
        "Registration of this place", 60, required=False, help_text="The authority’s number, if it has one."
    )


class ReceiveForm(SafeForm):
    verb = "receive"
    product = choice("What came", ())
    lot = words("Lot", 40, help_text="As it stands on the container.")
    expires = forms.DateField(
        label="Expires",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Where only a month is printed: its last day.",
    )
    containers = whole(
        "Containers", help_text="Of what is counted by the piece (devices, capsules, tablets): the pieces."
    )
    supplier = words("Supplier", 120)
    supplier_registration = words("Supplier’s registration number", 60, required=False)
    supplier_address = words("Supplier’s address", 200, required=False)
    invoice = words("Invoice or delivery note", 60, required=False)
    ndc = words("Package number (NDC)", 20, required=False, help_text="Where a payer asks for it.")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["product"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Choose"), *((p.id, p.label) for p in products().values())]


class FromStock(SafeForm):
    """A step on something that lies in the safe: sealed containers of a lot, or one opened vial."""

    source = choice("What", ())

    def __init__(self, *args: Any, sources: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["source"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Choose"), *sources]

    @property
    def key(self) -> Key:
        product, lot, _ = self.cleaned_data["source"].split("|")
        return product, lot

    @property
    def vial(self) -> str | None:
        return self.cleaned_data["source"].split("|")[2] or None


class DrawForm(FromStock):
    verb = "draw"
    session = choice("For", ())
    quantity = amount(
        "Quantity", help_text="As it stands in the syringe, in mL; devices, capsules and tablets whole."
    )
    field_order = ("entry_id", "session", "source", "quantity")

    def __init__(self, *args: Any, sessions: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["session"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Choose"), *sessions]


class AccountForm(SafeForm):
    """What became of a draw. The second person is asked for as soon as something is wasted or returned."""

    verb, second_always = "waste", True
    given = amount("Given", required=False, help_text="Drawn, less what was left: as measured.")
    residual = amount("Wasted: rest in syringe, bag or tubing", required=False)
    priming = amount("Wasted: priming of the line", required=False)
    other = amount("Wasted: for another reason", required=False)
    other_why = choice("That reason", (), required=False)
    how = choice("Made unusable", (), required=False, help_text="Needed for waste.")
    returned = amount("Returned unused", required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        table = safe()
        whys = [
            (k, v)
            for k, v in table.wasted.items()
            if k not in ("residual", "priming", "opened_vial", "overfull")
        ]
        for name, of in (("other_why", whys), ("how", list(table.methods.items()))):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "Choose"), *of]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("other") and not given.get("other_why"):
            self.add_error("other_why", "Choose why it was wasted.")
        if any(given.get(n) for n in ("residual", "priming", "other")) and not given.get("how"):
            self.add_error("how", "Choose how it was made unusable.")
        return given

    @property
    def wasted(self) -> list[tuple[Decimal, str, str]]:
        """(quantity, why, how) of each line of waste."""
        given = self.cleaned_data
        lines = ((given[name], name) for name in ("residual", "priming"))
        found = [*lines, (given["other"], given["other_why"])]
        return [(q, why, given["how"]) for q, why in found if q]


class WasteVialForm(FromStock):
    verb = "waste"
    quantity = amount("Poured away", help_text="In mL, as measured.")
    why = choice(
        "Why", [(k, v) for k, v in safe().wasted.items() if k in ("opened_vial", "spill", "overfull")]
    )
    how = choice("Made unusable", safe().methods.items())


class TransferForm(FromStock):
    verb = "transfer"
    to = choice("To", ())
    containers = whole(
        "Sealed containers", required=False, help_text="Of an opened vial all that is in it goes along."
    )

    def __init__(self, *args: Any, others: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Choose"), *others]


class DestroyForm(FromStock):
    verb = "destroy"
    containers = whole("Sealed containers", required=False, help_text="Of an opened vial all that is in it.")
    how = choice("How", safe().destroyed.items())
    firm = words("By whom", 120, help_text="The firm with its registration, or who destroyed it here.")
    reference = words("Number of the form or receipt", 60, required=False)


class LossForm(FromStock):
    verb = "lose"
    containers = whole("Sealed containers", required=False)
    quantity = amount(
        "Or quantity", required=False, help_text="Of an opened vial or of what was in hand, in mL."
    )
    how = choice("How", safe().lost.items())
    circumstances = long_words(
        "Circumstances", help_text="What was seen, by whom, when; what was done at once."
    )

    @property
    def draw(self) -> str | None:
        """A draw in hand is named in the place of the vial."""
        vial = self.vial or ""
        return vial.removeprefix("draw:") if vial.startswith("draw:") else None


class AdjustForm(FromStock):
    verb = "adjust"
    containers = whole(
        "Sealed containers, more or less", required=False, negative=True, help_text="Such as -1 or 2."
    )
    quantity = amount(
        "Or content of the opened vial, more or less",
        required=False,
        negative=True,
        help_text="Such as -0.3, in mL.",
    )
    case = choice("For the case", (), required=False)
    reason = long_words("Reason")

    def __init__(self, *args: Any, cases: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["case"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "None"), *cases]


class CountForm(SafeForm):
    """A blind count: one line a lot that was ever here and is not gone, and never a number to lean on."""

    verb = "count"
    known = forms.IntegerField(widget=forms.HiddenInput)
    also_found = words("Also found, and not on this list", 300, required=False)
    inventory = forms.ChoiceField(
        label="This count is also the statutory inventory",
        required=False,
        choices=[
            ("", "No"),
            ("opening", "Yes, at opening of business"),
            ("close", "Yes, at close of business"),
        ],
    )

    def __init__(self, *args: Any, lots: Iterable[tuple[Key, str, Iterable[str]]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.lines: list[dict[str, Any]] = []
        for n, (key, counted, vials) in enumerate(lots):
            self.fields[f"sealed_{n}"] = whole(f"{counted.capitalize()}s" if counted else "Sealed containers")
            names = []
            for m, vial in enumerate(vials):
                self.fields[f"vial_{n}_{m}"] = amount(f"Left in opened {vessel(key[0])} {vial}, mL")
                names.append((vial, f"vial_{n}_{m}"))
            self.lines.append({"key": key, "label": label(key[0]), "sealed": f"sealed_{n}", "vials": names})

    @property
    def groups(self) -> list[dict[str, Any]]:
        """The fields of each lot together."""
        return [
            line | {"fields": [self[line["sealed"]], *(self[name] for _, name in line["vials"])]}
            for line in self.lines
        ]


class CaseNoteForm(SafeForm):
    verb = "lose"
    text = long_words("What was done or found")
    contact = words("Spoken with", 120, required=False)
    owner = choice("Hand the case to", (), required=False)

    def __init__(self, *args: Any, owners: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["owner"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Keep the owner"), *owners]


class CaseCloseForm(SafeForm):
    verb = "close"
    finding = choice("Finding", safe().found.items())
    text = long_words("Explanation")
    reference = words("Number of the report, if one was sent", 80, required=False)


class HoldForm(SafeForm):
    verb = "lose"
    notice = words("What it rests on", 300, help_text="The recall notice with its number, or the doubt.")


class StrikeForm(SafeForm):
    verb = "strike"
    reason = long_words("Reason")


class PeriodForm(forms.Form):
    """From a day up to and including another."""

    since = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(
        label="Up to and including", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        since, until = given.get("since"), given.get("until")
        if isinstance(since, date) and isinstance(until, date) and until < since:
            self.add_error("until", "This is before the first day. Swap the two days.")
        return given
