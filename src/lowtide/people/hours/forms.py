"""The forms of the clinic's hours: one line a weekday, and days on which it is closed."""

from itertools import pairwise
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from lowtide.people.forms import EntryForm
from lowtide.people.opening import WEEKDAYS
from lowtide.record.entries.clinic import CLOCK, ClosedDays, NursesOn, NursesSet, OpeningHours, OpenSpan


class HoursForm(EntryForm):
    """Each weekday as 08:00-12:00, 13:00-18:00; empty is closed."""

    def __init__(self, *args: Any, spans: tuple[OpenSpan, ...], **more: Any) -> None:
        super().__init__(*args, **more)
        for number, name in enumerate(WEEKDAYS):
            said = ", ".join(f"{s.opens}-{s.closes}" for s in spans if s.weekday == number)
            self.fields[f"day_{number}"] = forms.CharField(
                label=name,
                required=False,
                initial=said,
                max_length=80,
                widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "closed"}),
            )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        self.spans: list[OpenSpan] = []
        for number in range(len(WEEKDAYS)):
            try:
                self.spans += _spans(number, given.get(f"day_{number}", ""))
            except ValidationError as error:
                self.add_error(f"day_{number}", error)
        return given

    def hours(self) -> OpeningHours:
        return OpeningHours(spans=tuple(self.spans))


def _spans(weekday: int, typed: str) -> list[OpenSpan]:
    """The stretches of a day in order; two that overlap are refused."""
    found: list[OpenSpan] = []
    for part in filter(None, (p.strip() for p in typed.replace("–", "-").split(","))):
        opens, _, closes = (x.strip() for x in part.partition("-"))
        if not (CLOCK.fullmatch(opens) and CLOCK.fullmatch(closes)):
            raise ValidationError(f"“{part}” is no stretch of time. Write it like 08:00-18:00.")
        if opens >= closes:
            raise ValidationError(f"{closes} is not after {opens}. Enter the opening first.")
        found.append(OpenSpan(weekday, opens, closes))
    found.sort(key=lambda s: s.opens)
    if any(after.opens < before.closes for before, after in pairwise(found)):
        raise ValidationError("Two of these stretches overlap. Enter each hour once.")
    return found


class ClosedForm(EntryForm):
    """Days on which the clinic is closed, first and last included."""

    first = forms.DateField(label="Closed from", widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(
        label="Up to and including", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    why = forms.CharField(label="Why", max_length=80)

    def days(self) -> ClosedDays:
        given = self.cleaned_data
        return ClosedDays(
            first=given["first"], last=given["last"] or given["first"], why=given["why"].strip()
        )


class NursesForm(EntryForm):
    """Who watches chairs, each weekday as 08:00-12:00 x2, 13:00-18:00 x1; empty is nobody."""

    def __init__(self, *args: Any, spans: tuple[NursesOn, ...], **more: Any) -> None:
        super().__init__(*args, **more)
        for number, name in enumerate(WEEKDAYS):
            said = ", ".join(f"{s.opens}-{s.closes} x{s.count}" for s in spans if s.weekday == number)
            self.fields[f"on_{number}"] = forms.CharField(
                label=name,
                required=False,
                initial=said,
                max_length=120,
                widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "nobody"}),
            )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        self.spans: list[NursesOn] = []
        for number in range(len(WEEKDAYS)):
            try:
                self.spans += _nurses(number, given.get(f"on_{number}", ""))
            except ValidationError as error:
                self.add_error(f"on_{number}", error)
        return given

    def nurses(self) -> NursesSet:
        return NursesSet(spans=tuple(self.spans))


def _nurses(weekday: int, typed: str) -> list[NursesOn]:
    found = []
    for part in filter(None, (p.strip() for p in typed.replace("–", "-").replace("×", "x").split(","))):
        span, _, count = (x.strip() for x in part.partition("x"))
        if not count.isdigit():
            raise ValidationError(f"“{part}” does not say how many. Write it like 08:00-18:00 x2.")
        found += [NursesOn(weekday, s.opens, s.closes, int(count)) for s in _spans(weekday, span)]
    return sorted(found, key=lambda s: s.opens)
