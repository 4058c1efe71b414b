"""What is typed too long is said, and stays to be shortened; no form takes words without a limit."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module

import pytest
from django import forms

import lowtide
from lowtide.people.forms import ReasonForm

UNSEEN = (forms.HiddenInput, forms.PasswordInput)


def every_form(base: type[forms.Form] = forms.Form) -> Iterator[type[forms.Form]]:
    for each in base.__subclasses__():
        yield each
        yield from every_form(each)


def test_no_form_takes_words_without_a_limit() -> None:
    for module in pkgutil.walk_packages(lowtide.__path__, "lowtide."):
        if "forms" in module.name or "views" in module.name or module.name.endswith(("writing", "agreeing")):
            import_module(module.name)
    endless = {
        f"{form.__module__}.{form.__name__}.{name}"
        for form in every_form()
        for name, field in form.base_fields.items()
        if form.__module__.startswith("lowtide.")
        and isinstance(field, forms.CharField)
        and not isinstance(field.widget, UNSEEN)
        and field.max_length is None
        and type(field) is forms.CharField
    }
    assert not endless


@pytest.mark.hazard("H017")
def test_a_reason_that_is_too_long_comes_back_whole_with_one_error() -> None:
    typed = "x" * 20_000
    form = ReasonForm({"entry_id": "0" * 32, "reason": typed})
    assert form.errors["reason"] == ["This has 20000 characters, and 500 fit. Write it shorter."]
    shown = str(form["reason"])
    assert typed in shown
    assert "maxlength" not in shown
