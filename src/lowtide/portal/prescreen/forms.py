"""The form of somebody who wants to be contacted."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from lowtide.people.forms import EntryForm, PartialDateField


class ContactForm(EntryForm):
    """Who, and how to reach them. `website` is a trap for programs: no person sees it."""

    given = forms.CharField(
        label="First name",
        max_length=80,
        error_messages={"required": "Write your first name."},
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    family = forms.CharField(
        label="Family name",
        max_length=80,
        error_messages={"required": "Write your family name."},
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    birth_date = PartialDateField(
        label="Birth date", max_length=40, error_messages={"required": "Write when you were born."}
    )
    phone = forms.CharField(
        label="Telephone",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    email = forms.EmailField(
        label="E-mail",
        max_length=120,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    preferred = forms.ChoiceField(
        label="How shall we reach you?",
        choices=[("telephone", "By telephone"), ("e-mail", "By e-mail")],
        error_messages={"required": "Choose telephone or e-mail."},
        widget=forms.RadioSelect,
    )
    agrees = forms.BooleanField(
        label="Yes, I agree",
        error_messages={"required": "Without your yes we store nothing and cannot contact you."},
    )
    website = forms.CharField(required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        needed = {"telephone": "phone", "e-mail": "email"}.get(given.get("preferred", ""))
        if needed and not given.get(needed) and needed not in self.errors:
            self.add_error(
                needed, ValidationError(f"Write your {given['preferred']} so that we can reach you.")
            )
        return given
