"""Forms of sending, and of whom letters and bills go to."""

from typing import Any

from django import forms
from django.utils import timezone

from lowtide.data.documents import bill, ways
from lowtide.people.forms import EntryForm, QuantityField
from lowtide.record.entries.base import Answer
from lowtide.record.entries.papers import Correspondent, Coverage, Letterhead, PriceSet

ROLES = {
    "family_doctor": "Family doctor",
    "referring_psychiatrist": "Referring psychiatrist",
    "referring_clinician": "Other referring clinician",
    "therapist_elsewhere": "Therapist elsewhere",
}
AGREED = [(Answer.YES.value, "Yes"), (Answer.NO.value, "No"), (Answer.NOT_KNOWN.value, "Not asked")]


class SentForm(EntryForm):
    to = forms.CharField(label="To", max_length=120)
    how = forms.ChoiceField(label="How", choices=lambda: list(ways().items()))
    reference = forms.CharField(
        label="Reference",
        max_length=80,
        required=False,
        help_text="Fax number, tracking number or the number that the website gave.",
    )


class FailedForm(EntryForm):
    to = forms.CharField(label="To", max_length=120)
    how = forms.ChoiceField(label="How", choices=lambda: list(ways().items()))
    reason = forms.CharField(label="What went wrong", max_length=300)


class ReceiptForm(EntryForm):
    receipt = forms.CharField(
        label="Receipt", max_length=120, help_text="Its number, or who confirmed it and how."
    )


class WaivedForm(EntryForm):
    reason = forms.CharField(label="Why it goes to nobody", max_length=300)


class CorrespondentForm(EntryForm):
    prefix = "letters"
    name = forms.CharField(label="Name", max_length=120)
    role = forms.ChoiceField(label="Who this is", choices=lambda: list(ROLES.items()))
    agreed = forms.ChoiceField(label="The patient agrees that letters go there", choices=AGREED)
    address = forms.CharField(label="Address", max_length=200, required=False)
    phone = forms.CharField(label="Telephone", max_length=60, required=False)
    fax = forms.CharField(label="Fax", max_length=60, required=False)

    def body(self) -> Correspondent:
        given = _filled(self.cleaned_data)
        return Correspondent(**(given | {"agreed": Answer(given["agreed"])}))


class CoverageForm(EntryForm):
    prefix = "payer"
    payer_kind = forms.ChoiceField(label="Who pays", choices=lambda: list(bill().payer_kinds.items()))
    payer = forms.CharField(label="Name of the insurer", max_length=120, required=False)
    member = forms.CharField(label="Member number", max_length=60, required=False)

    def body(self) -> Coverage:
        return Coverage(**_filled(self.cleaned_data))


class LetterheadForm(EntryForm):
    prefix = "letterhead"
    address = forms.CharField(label="Street and number", max_length=120)
    city = forms.CharField(label="City", max_length=80)
    region = forms.CharField(label="State or region", max_length=60, required=False)
    postcode = forms.CharField(label="Postcode", max_length=20, required=False)
    phone = forms.CharField(label="Telephone", max_length=60, required=False)
    fax = forms.CharField(label="Fax", max_length=60, required=False)
    email = forms.EmailField(label="E-mail", required=False)
    provider = forms.CharField(label="Provider number (NPI)", max_length=40, required=False)
    tax = forms.CharField(label="Tax number", max_length=40, required=False)

    def body(self) -> Letterhead:
        given = _filled(self.cleaned_data)
        named = {"NPI": given.pop("provider", None), "Tax number": given.pop("tax", None)}
        return Letterhead(**given, numbers={name: number for name, number in named.items() if number})


class PriceForm(EntryForm):
    prefix = "price"
    code = forms.ChoiceField(
        label="Code", choices=lambda: [(c.code, f"{c.code}: {c.label}") for c in bill().code]
    )
    price = QuantityField(label="Price of one unit", max_digits=10, decimal_places=4)
    currency = forms.CharField(label="Currency", max_length=3, min_length=3, initial="USD")
    valid_from = forms.DateField(label="From", initial=timezone.localdate, help_text="Such as 2026-01-01.")

    def body(self) -> PriceSet:
        given = _filled(self.cleaned_data)
        return PriceSet(**(given | {"currency": given["currency"].upper()}))


def _filled(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value not in ("", None) and name != "entry_id"}
