"""A quantity is written with a point or a comma wherever one is asked for, and never loses its comma on the way."""

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

import lowtide
from lowtide.people.forms import QuantityField
from lowtide.record.entries.base import Entry
from lowtide.safe.forms import AccountForm
from tests.safe.conftest import KEY, opened

SOURCE = Path(lowtide.__file__).parent
OWN = re.compile(r"forms\.DecimalField(?!.*HiddenInput)|forms\.FloatField")


def test_every_field_of_a_quantity_takes_a_comma() -> None:
    found = [
        f"{path.relative_to(SOURCE)}: {line.strip()}"
        for path in SOURCE.rglob("*.py")
        for line in path.read_text().splitlines()
        if OWN.search(line) and "class QuantityField" not in line
    ]
    assert not found


@pytest.mark.parametrize(
    ("written", "value"), [("0,9", "0.9"), ("0.856", "0.856"), ("12,5", "12.5"), (7, "7")]
)
def test_comma_and_point_are_one(written: object, value: str) -> None:
    assert QuantityField(decimal_places=3, max_digits=9).clean(written) == Decimal(value)


def test_a_comma_that_can_be_two_numbers_is_asked_about_beside_its_field() -> None:
    with pytest.raises(ValidationError, match=r"“1,500” can mean 1\.500 and 1500"):
        QuantityField().clean("1,500")


def test_the_bounds_hold_as_ever_and_the_browser_does_not_read_it_first() -> None:
    field = QuantityField(min_value=Decimal(0), decimal_places=2)
    for wrong in ("-0,5", "0,123", "0,5,5", "x"):
        with pytest.raises(ValidationError):
            field.clean(wrong)
    assert isinstance(field.widget, forms.TextInput)
    assert not isinstance(field.widget, forms.NumberInput)


@pytest.mark.hazard("H036")
def test_at_the_safe_a_comma_is_read(clinic: Entry, sign_in: Callable[..., Client]) -> None:
    bench = opened()
    sent = {
        "entry_id": uuid4(),
        "session": f"{bench.session}|{bench.patient}",
        "source": "|".join((*KEY, "")),
        "quantity": "0,9",
    }
    assert sign_in("nurse").post(reverse("safe:draw", args=["main"]), sent).status_code == 302
    (draw,) = bench.books.draws.values()
    assert draw.body.quantity == Decimal("0.9")
    form = AccountForm({"entry_id": uuid4(), "given": "0,5", "residual": "0,4", "how": "sequestration"})
    form.is_valid()
    assert (form.cleaned_data["given"], form.cleaned_data["residual"]) == (Decimal("0.5"), Decimal("0.4"))
