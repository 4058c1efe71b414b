"""The forms of the way in."""

from django import forms
from django.utils.translation import gettext_lazy as _


class AskForm(forms.Form):
    """Asking for a link by e-mail."""

    email = forms.EmailField(
        label=_("Your e-mail"),
        max_length=120,
        error_messages={
            "required": _("Write your e-mail address."),
            "invalid": _("Write it like name@example.org."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )


class CodeForm(forms.Form):
    """The code of a link that came on paper or was read aloud."""

    code = forms.CharField(
        label=_("The code from your paper"),
        max_length=60,
        error_messages={"required": _("Type the code.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
