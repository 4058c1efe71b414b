"""Forms of shared tablets: name and PIN, a new PIN, what a tablet is called."""

from typing import Any

from django import forms

from lowtide.data.tablet import tablet


def _pin(label: str, **more: Any) -> forms.CharField:
    keys = {"inputmode": "numeric", "autocomplete": "off", "maxlength": tablet().pin_digits}
    return forms.CharField(label=label, max_length=40, widget=forms.PasswordInput(attrs=keys), **more)


class DeviceField(forms.UUIDField):
    """Which browser this is; the page's script fills it in."""

    def __init__(self, **more: Any) -> None:
        super().__init__(widget=forms.HiddenInput(attrs={"data-device": ""}), **more)


class OpenForm(forms.Form):
    """Who opens the tablet."""

    name = forms.CharField(
        label="Sign-in name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    pin = _pin("PIN")
    device = DeviceField(required=False)


class PinForm(forms.Form):
    """A new PIN, twice, and whether this browser is a shared tablet."""

    pin = _pin("New PIN", help_text=f"{tablet().pin_digits} digits.")
    again = _pin("The same once more")
    here = forms.BooleanField(
        label="This device takes PINs",
        required=False,
        help_text="For a tablet that several people share at the chair.",
    )
    device = DeviceField(required=False)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("pin") and said.get("again") and said["pin"] != said["again"]:
            self.add_error("again", "The two are not the same.")
        return said


class NameForm(forms.Form):
    """What people call this tablet."""

    name = forms.CharField(label="Name of this tablet", max_length=60, required=False)
