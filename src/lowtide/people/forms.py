"""What forms share: ids made with the page, dates that keep their precision, and problems beside their fields."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from lowtide.people.patients.spelling import dates
from lowtide.problems import BadInput
from lowtide.record.dates import PartialDate, earliest
from lowtide.record.entries.words import day
from lowtide.science.units import with_point

TOO_LONG = "This has %(show_value)d characters, and %(limit_value)d fit. Write it shorter."


class EntryForm(forms.Form):
    """A form that says one entry. The id is made with the page, so that sending it twice says it once.

    What is too long is said, and stays to be shortened: a browser that knew the limit would cut what is pasted without a
    word.
    """

    entry_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __getitem__(self, name: str) -> forms.BoundField:
        self.fields[name].widget.attrs.pop("maxlength", None)
        return super().__getitem__(name)

    def full_clean(self) -> None:
        for field in self.fields.values():
            field.error_messages["max_length"] = TOO_LONG
        super().full_clean()


class QuantityField(forms.DecimalField):
    """A quantity with a decimal point or comma.

    It is written into a field of text: a number field of the browser drops the comma of another language without a word,
    and 0,9 is 09.
    """

    def __init__(self, **more: Any) -> None:
        digits = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(**{"widget": digits} | more)

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(with_point(value) if isinstance(value, str) else value)
        except BadInput as error:
            problem = error.problems[0]
            raise ValidationError(f"{problem.what}. {problem.mend}", code="ambiguous") from None


class ReasonForm(EntryForm):
    """A form that only asks why."""

    reason = forms.CharField(label="Reason", max_length=500)


class PartialDateField(forms.CharField):
    """A date as far as it is known: a year, a month, a day. What can be two days is asked for again."""

    def __init__(self, *, future: bool = False, **more: Any) -> None:
        self.future = future
        more.setdefault("help_text", "Such as 14 Mar 1983, Mar 1983 or 1983.")
        super().__init__(**more)

    def to_python(self, value: Any) -> PartialDate | None:
        typed = str(value or "").strip()
        if not typed:
            return None
        meant = [d for d in dates(typed) if self.future or earliest(d) <= _today()]
        if not meant and dates(typed):
            raise ValidationError(f"“{typed}” lies in the future.")
        if not meant and typed.isdigit() and len(typed) == len("1983"):
            raise ValidationError(f"The year {typed} is too long ago. Check it.")
        if not meant:
            raise ValidationError(f"“{typed}” is no date. Write it as 14 Mar 1983, Mar 1983 or 1983.")
        if len(meant) > 1:
            raise ValidationError(f"{' or '.join(map(day, meant))}? Write the month as a word.")
        return meant[0]

    def prepare_value(self, value: Any) -> Any:
        return day(value) if value in dates(str(value)) else value


def _today() -> date:
    return timezone.localdate()


def sent(form: forms.Form, method: str | None, act: Callable[[dict[str, Any]], object]) -> bool:
    """True once the form was posted, is in order and `act` did with its data what it asks; else its errors stand."""
    if method != "POST" or not form.is_valid():
        return False
    try:
        act(form.cleaned_data)
    except BadInput as error:
        add_problems(form, error)
        return False
    return True


def status(form: forms.Form) -> int:
    """200 for a form as it opens, 422 for one that came back with errors."""
    return 422 if form.errors else 200


def add_problems(form: forms.Form, error: BadInput) -> None:
    """Put each problem beside the field it is about, or above the form."""
    for problem in error.problems:
        field = form.fields.get(problem.where)
        where = problem.where if field and not field.widget.is_hidden else None
        what = problem.what[:1].upper() + problem.what[1:]
        form.add_error(where, f"{what}. {problem.mend}")
