"""Forms about a payer's agreement: one for each thing that can happen."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from lowtide.data.documents import ways
from lowtide.data.vocabulary import words
from lowtide.people.forms import EntryForm
from lowtide.record.entries.authorising import (
    DENIED,
    GRANTED,
    MORE,
    WITHDRAWN,
    AuthorisationAnswered,
    AuthorisationAppealed,
    AuthorisationAsked,
    AuthorisationNotNeeded,
)

CHOOSE = [("", "Not known")]


def _day(label: str, *, required: bool = False, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "The last day that their letter names is missing: write it."},
    )


def _sessions(label: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=1, max_value=400, help_text="Empty where no number is named."
    )


def _products() -> list[tuple[str, str]]:
    return [(key, word.label) for key, word in words()["product"].items()]


class AskedForm(EntryForm):
    payer = forms.CharField(label="Who was asked", max_length=120)
    product = forms.ChoiceField(label="For what", choices=_products)
    sessions = _sessions("For how many sessions")
    how = forms.ChoiceField(label="How", required=False, choices=lambda: CHOOSE + list(ways().items()))
    reference = forms.CharField(label="Their number for the request", max_length=80, required=False)

    def said(self) -> AuthorisationAsked:
        given = self.cleaned_data
        return AuthorisationAsked(
            payer=given["payer"].strip(),
            product=given["product"],
            sessions=given["sessions"],
            how=given["how"] or None,
            reference=given["reference"].strip() or None,
        )


class AnswerForm(EntryForm):
    """What a payer said; `answer` is fixed by the page."""

    answer = ""

    def said(self, case: UUID) -> AuthorisationAnswered:
        given: dict[str, Any] = {
            name: value.strip() if isinstance(value, str) else value
            for name, value in self.cleaned_data.items()
            if name != "entry_id" and value not in (None, "")
        }
        return AuthorisationAnswered(case=case, answer=self.answer, **given)


class GrantedForm(AnswerForm):
    answer = GRANTED
    sessions = _sessions("For how many sessions")
    first = _day("From", help_text="Empty where it holds at once.")
    last = _day("Until, the last day", required=True)
    number = forms.CharField(label="Number of the agreement", max_length=80, required=False)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if isinstance(first, date) and isinstance(last, date) and last < first:
            self.add_error("last", "The last day is before the first: look at the letter again.")
        return given


class DeniedForm(AnswerForm):
    answer = DENIED
    why = forms.CharField(label="The reason they gave", max_length=400)
    by = _day("An objection is heard until", help_text="Empty where the letter names no day.")


class MoreForm(AnswerForm):
    answer = MORE
    why = forms.CharField(label="What they want", max_length=400)
    by = _day("Until when", help_text="Empty where they name no day.")


class WithdrawnForm(AnswerForm):
    answer = WITHDRAWN
    why = forms.CharField(label="Why it is closed", max_length=400)


class AppealedForm(EntryForm):
    how = forms.ChoiceField(label="How", required=False, choices=lambda: CHOOSE + list(ways().items()))
    reference = forms.CharField(label="Reference", max_length=80, required=False)

    def said(self, case: UUID) -> AuthorisationAppealed:
        given = self.cleaned_data
        return AuthorisationAppealed(
            case=case, how=given["how"] or None, reference=given["reference"].strip() or None
        )


class NotNeededForm(EntryForm):
    product = forms.ChoiceField(label="For what", choices=_products)
    payer = forms.CharField(label="Who pays", max_length=120, required=False)
    reason = forms.CharField(label="How that is known", max_length=300)

    def said(self) -> AuthorisationNotNeeded:
        given = self.cleaned_data
        return AuthorisationNotNeeded(product=given["product"], payer=given["payer"].strip() or None)
