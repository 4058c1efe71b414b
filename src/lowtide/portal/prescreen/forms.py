"""The form of somebody who wants to be contacted."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from lowtide.people.forms import EntryForm, PartialDateField

MISSING = {
    "phone": _("Write your telephone number so that we can reach you."),
    "email": _("Write your e-mail address so that we can reach you."),
}
MONTHS_READ = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class OwnDateField(PartialDateField):
    """A date with the month in the reader's own language: 14 de marzo de 1983."""

    def to_python(self, value: Any) -> Any:
        typed = re.sub(r"\bde\b", " ", str(value or "").lower())
        for name, month in zip(MONTHS.values(), MONTHS_READ, strict=True):
            typed = re.sub(rf"\b{str(name).lower()}\b", month, typed)
        try:
            return super().to_python(typed)
        except ValidationError as error:
            raise ValidationError(_("Write it as 14 March 1983, March 1983 or 1983.")) from error


class ContactForm(EntryForm):
    """Who, and how to reach them. `website` is a trap for programs: no person sees it."""

    given = forms.CharField(
        label=_("First name"),
        max_length=80,
        error_messages={"required": _("Write your first name.")},
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    family = forms.CharField(
        label=_("Family name"),
        max_length=80,
        error_messages={"required": _("Write your family name.")},
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    birth_date = OwnDateField(
        label=_("Birth date"),
        max_length=40,
        error_messages={"required": _("Write when you were born.")},
        help_text=_("Such as 14 March 1983, March 1983 or 1983."),
    )
    phone = forms.CharField(
        label=_("Telephone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=120,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    preferred = forms.ChoiceField(
        label=_("How shall we reach you?"),
        choices=[("telephone", _("By telephone")), ("e-mail", _("By e-mail"))],
        error_messages={"required": _("Choose telephone or e-mail.")},
        widget=forms.RadioSelect,
    )
    agrees = forms.BooleanField(
        label=_("Yes, I agree"),
        error_messages={"required": _("Without your yes we store nothing and cannot contact you.")},
    )
    website = forms.CharField(required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        needed = {"telephone": "phone", "e-mail": "email"}.get(given.get("preferred", ""))
        if needed and not given.get(needed) and needed not in self.errors:
            self.add_error(needed, ValidationError(MISSING[needed]))
        return given
