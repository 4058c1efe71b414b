"""Forms at the chair. Each carries the id of the entry it will write, so that pressing twice writes once."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

import msgspec
from django import forms
from django.core.exceptions import ValidationError

from lowtide.data.chair import BUTTONS, Parameter, Question, chair, numbers
from lowtide.data.plausibility import implausible, limits
from lowtide.people.forms import EntryForm, QuantityField
from lowtide.record.entries.base import Answer
from lowtide.record.entries.chair import Vitals

WALL = re.compile(r"(\d{1,2})[:.]?(\d{2})")
ESCORT_HERE = "escort_present"
ASKED = [(Answer.YES, "Yes"), (Answer.NO, "No"), (Answer.NOT_KNOWN, "Not asked")]


class Timed(EntryForm):
    """A form whose entry may be written late: `taken` is the clock time at which it happened."""

    taken = forms.CharField(
        label="Taken earlier, at",
        required=False,
        max_length=5,
        help_text="Leave it empty for now. The entry is marked as written late.",
        widget=forms.TimeInput(attrs={"type": "time", "autocomplete": "off"}),
    )

    def at(self, now: datetime, zone: tzinfo) -> datetime | None:
        """The instant typed, or None for now: today’s or, past midnight, yesterday’s, whichever is nearer."""
        typed = self.cleaned_data.get("taken", "").strip()
        if not typed:
            return None
        return wall_time(typed, now, zone)

    def clean_taken(self) -> str:
        typed: str = self.cleaned_data["taken"].strip()
        found = WALL.fullmatch(typed)
        if typed and (not found or int(found[1]) > 23 or int(found[2]) > 59):
            raise ValidationError("Write the time like 10:32.")
        return typed


def wall_time(typed: str, now: datetime, zone: tzinfo) -> datetime:
    """The instant nearest to now at which the clinic’s clock said this, today or yesterday; of the two that it said so
    in the night when it is put back, the nearer."""
    found = WALL.fullmatch(typed)
    assert found
    here = now.astimezone(zone)
    said = (
        (here - timedelta(days=days))
        .replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0, fold=again)
        .astimezone(UTC)
        for days in (0, 1)
        for again in (0, 1)
    )
    return min(said, key=lambda at: abs(at - now))


def label_field(begins: str) -> forms.CharField:
    """The number on the label of what is hung or given, scanned or typed."""
    digits = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    return forms.CharField(
        label=f"Label of what you {begins}",
        max_length=40,
        widget=digits,
        help_text="Scan it, or type its sixteen digits.",
        error_messages={"required": "The label was not read. Scan it, or type its sixteen digits."},
    )


class VitalsForm(Timed):
    """Vital signs of one or several rows; an unlikely value asks to look again and never blocks."""

    sure = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, rows: Iterable[Parameter], last: dict[str, Decimal], **more: Any) -> None:
        super().__init__(*args, **more)
        self.rows, self.last = list(rows), last
        self.unlikely: list[str] = []
        for row in self.rows:
            for name, label in zip(row.fields, row.field_labels, strict=True):
                kind = QuantityField if name == "temp_c" else forms.IntegerField
                self.fields[name] = kind(
                    label=f"{label}, {limits()[name].unit}",
                    required=row is self.rows[0],
                    error_messages={"required": "Enter it, or go back.", "invalid": "Enter a number."},
                )

    @property
    def names(self) -> list[str]:
        return [name for row in self.rows for name in row.fields]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        typed = self._typed()
        for name, value in typed.items():
            for problem in implausible(name, value):
                self.add_error(name, f"{problem.what[:1].upper()}{problem.what[1:]}. {problem.mend}")
        if not self.errors and typed:
            for (
                problem
            ) in self.vitals().problems():  # two that are swapped are no matter of being far from the last
                self.add_error(
                    problem.where if problem.where in self.fields else None,
                    f"{problem.what[:1].upper()}{problem.what[1:]}. {problem.mend}",
                )
        if not self.errors and given.get("sure") != self.said(typed):
            self.unlikely = [n for n, v in typed.items() if self._is_far(n, v)]
        return given

    def _is_far(self, name: str, value: Decimal) -> bool:
        last = self.last.get(name)
        return last is not None and abs(value - last) * 100 > last * numbers().look_again_pct

    def said(self, typed: dict[str, Decimal] | None = None) -> str:
        """What was typed, in one word: what a second press confirms."""
        values = typed or self._typed()
        return "/".join(map(str, values.values()))

    def _typed(self) -> dict[str, Any]:
        return {n: v for n in self.names if (v := self.cleaned_data.get(n)) is not None}

    def vitals(self) -> Vitals:
        return msgspec.structs.replace(Vitals(), **self._typed())


class RatingForm(Timed):
    """A rating: in words where the scale has words, a number from 0 to 10 otherwise; of a longer scale the total is typed."""

    def __init__(self, *args: Any, row: Parameter, **more: Any) -> None:
        super().__init__(*args, **more)
        scale = row.scale or ""
        steps = chair().scales.get(scale)
        top = int(limits()[scale].high)
        self.is_typed = not steps and top > BUTTONS
        choices = (
            [(number, f"{words} ({number})") for number, words in steps.words]
            if steps
            else [(str(n), str(n)) for n in range(top + 1)]
        )
        self.fields["value"] = (
            _total(row, scale)
            if self.is_typed
            else forms.ChoiceField(
                label=row.name,
                choices=choices,
                widget=forms.RadioSelect,
                error_messages={"required": "Choose one.", "invalid_choice": "This scale has no such step."},
            )
        )
        self.order_fields(["value", "taken"])


def _total(row: Parameter, scale: str) -> forms.IntegerField:
    """A total that is added up elsewhere and typed here, within what the scale can come to."""
    known = limits()[scale]
    said = f"This is outside {known.low} to {known.high}. {known.mend}"
    off = {"inputmode": "numeric", "autocomplete": "off"}
    return forms.IntegerField(
        label=f"{row.name}, {row.unit}",
        min_value=int(known.low),
        max_value=int(known.high),
        widget=forms.NumberInput(attrs=off),
        error_messages={
            "required": "Enter it, or go back.",
            "invalid": "Enter a whole number.",
            "min_value": said,
            "max_value": said,
        },
    )


class EventForm(Timed):
    """Something seen or done: a chip, or words."""

    what = forms.ChoiceField(
        label="What happened",
        required=False,
        choices=[(c.id, c.label) for c in chair().chips] + [("other", "Something else")],
        widget=forms.RadioSelect,
    )
    detail = forms.CharField(label="In words", required=False, max_length=500)


class NotDoneForm(Timed):
    """Why a due item was not done."""

    why = forms.ChoiceField(
        label="Why it was not done",
        choices=[*chair().not_done.items(), ("other", "another reason")],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(label="In words", required=False, max_length=200)


class NoteForm(Timed):
    """A note of one of the kinds this person writes."""

    text = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 6}), max_length=20_000)
    topic = forms.ChoiceField(label="Who it is for", widget=forms.RadioSelect)

    def __init__(self, *args: Any, topics: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["topic"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = topics
        if len(topics) == 1:
            field.initial = topics[0][0]


class ReasonForm(EntryForm):
    """One step that asks why, in the words of `asks`."""

    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, asks: str = "Reason", **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["reason"].label = asks


class QuestionsForm(EntryForm):
    """Questions answered yes, no or not asked; nothing is chosen for you."""

    def ask(self, questions: Iterable[Question]) -> None:
        self.questions = list(questions)
        for question in self.questions:
            self.fields[f"ask_{question.id}"] = forms.ChoiceField(
                label=question.question, choices=ASKED, required=False, widget=forms.RadioSelect
            )
            if question.detail:
                self.fields[f"detail_{question.id}"] = forms.CharField(
                    label=question.detail, required=False, max_length=200
                )

    @property
    def answers(self) -> dict[str, Answer]:
        given = self.cleaned_data
        return {q.id: Answer(given.get(f"ask_{q.id}") or Answer.NOT_KNOWN) for q in self.questions}

    @property
    def details(self) -> dict[str, str]:
        return {q.id: self.cleaned_data.get(f"detail_{q.id}", "") for q in self.questions if q.detail}


class TimeOutForm(QuestionsForm):
    """The time-out: the second identifier is typed as the patient says it."""

    typed = forms.CharField(
        label="Birth date or number, as the patient says it",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Such as 5 Jan 1970. Ask the patient; do not read it off this screen.",
    )
    chair = forms.ChoiceField(label="Chair", widget=forms.RadioSelect)

    def __init__(
        self, *args: Any, questions: Iterable[Question], chairs: list[tuple[str, str]], **more: Any
    ) -> None:
        super().__init__(*args, **more)
        field = self.fields["chair"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = chairs
        self.ask(questions)


class PumpForm(Timed):
    """Numbers read off the pump. Where a dose was made up with a label, its number is read as well (`labelled`)."""

    def __init__(
        self,
        *args: Any,
        asks: Iterable[tuple[str, str]],
        why: str,
        labelled: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        if labelled:
            self.fields["scanned"] = label_field("hang")
        for name, label in asks:
            self.fields[name] = QuantityField(
                label=label, min_value=Decimal(0), max_digits=8, decimal_places=3
            )
        self.fields["reason"] = forms.CharField(label=why, required=False, max_length=500)


class LeaveForm(QuestionsForm):
    """The way out: the questions at the door, with whom, and why if something is not met."""

    escort = forms.CharField(
        label="Leaves with",
        required=False,
        max_length=200,
        help_text="The name, as you heard it at the door.",
    )
    reason = forms.CharField(
        label="Reason, where something is not met",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, questions: Iterable[Question], **more: Any) -> None:
        super().__init__(*args, **more)
        self.ask(questions)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get(f"ask_{ESCORT_HERE}") == Answer.YES and not given.get("escort", "").strip():
            self.add_error("escort", "Write who it is: an escort without a name was not seen.")
        return given


class BreakOffForm(ReasonForm):
    """Breaking off; while the pump runs, what went in."""

    delivered_ml = QuantityField(label="Went in, mL, as the pump says", required=False, min_value=0)

    def __init__(self, *args: Any, running: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        if not running:
            del self.fields["delivered_ml"]


class SignForm(EntryForm):
    """The signature: one's own name, and how far one has read."""

    printed_name = forms.CharField(
        label="Your name", max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    known = forms.CharField(widget=forms.HiddenInput)
    because = forms.CharField(
        label="Why they differ",
        required=False,
        max_length=500,
        help_text="A case opens for it, and you own it until you hand it over.",
    )

    def __init__(self, *args: Any, differs: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["because"].required = differs
