"""Forms of long-term safety. Nothing is chosen beforehand; every question can be answered with “not known”."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from lowtide.data import longterm
from lowtide.data.longterm import NOT_KNOWN, Check, Question
from lowtide.data.vocabulary import words
from lowtide.people.forms import EntryForm, PartialDateField, QuantityField
from lowtide.record.entries.base import Answer
from lowtide.record.entries.longterm import CONCLUSIONS, TOLD_BY, SafetyAsked, TreatedElsewhere, UseSignal

CHOOSE = {"required": "Choose one.", "invalid_choice": "Choose one of these."}
MODES = [("interview", "Asked aloud"), ("paper", "Copied from paper")]
KNOWN = [(Answer.YES.value, "Yes"), (Answer.NO.value, "No"), (Answer.NOT_KNOWN.value, "Not known")]
UNKNOWN = (NOT_KNOWN, "Not known")


class CheckForm(EntryForm):
    """This project's own questions of one check."""

    def __init__(self, *args: Any, check: Check, correcting: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        self.check, self.sheet = check, longterm.sheets()[check.asks]
        for question in self.sheet.question:
            self.fields[f"q_{question.id}"] = _field(question, question.id in self.sheet.required)
        self.fields["on"] = PartialDateField(
            label="Day it was asked",
            initial=timezone.localdate().isoformat(),
            help_text="Such as 14 Mar 2026.",
        )
        self.fields["mode"] = forms.ChoiceField(label="How", choices=MODES, widget=forms.RadioSelect, initial="interview")  # fmt: skip
        self.fields["note"] = forms.CharField(label="Note", required=False, max_length=500)
        if correcting:
            self.fields["reason"] = forms.CharField(label="Why it is corrected", max_length=500)

    def said(self) -> SafetyAsked:
        given = self.cleaned_data
        answers = {
            question.id: str(value)
            for question in self.sheet.question
            if (value := given.get(f"q_{question.id}")) not in (None, "")
        }
        today = timezone.localdate().isoformat()
        return SafetyAsked(
            check=self.check.key,
            answers=answers,
            mode=given["mode"],
            note=given["note"] or None,
            dated=given["on"] if given["on"] != today else None,
        )


def initial_of(body: SafetyAsked, on: date) -> dict[str, Any]:
    """What was answered, as the start of its correction."""
    given = {f"q_{name}": value for name, value in body.answers.items()}
    return given | {"on": body.dated or on.isoformat(), "mode": body.mode, "note": body.note}


def _field(question: Question, required: bool) -> forms.Field:
    if question.choices:
        choices = [*question.choices.items(), UNKNOWN]
        return forms.ChoiceField(
            label=question.text,
            choices=choices,
            required=required,
            widget=forms.RadioSelect,
            error_messages=CHOOSE,
        )
    if question.kind == "scale":
        scale = [(str(n), str(n)) for n in range(question.low, question.high + 1)]
        return forms.ChoiceField(
            label=f"{question.text} (0 not at all, 10 as much as can be)",
            choices=[*scale, UNKNOWN],
            required=required,
            widget=forms.RadioSelect,
            error_messages=CHOOSE,
        )
    return forms.IntegerField(
        label=f"{question.text} ({question.low} to {question.high})",
        required=required,
        min_value=question.low,
        max_value=question.high,
    )


class ElsewhereForm(EntryForm):
    """Treatment by others; what is left empty is not known, and is told as such."""

    drug = forms.ChoiceField(label="Medicine", widget=forms.RadioSelect, error_messages=CHOOSE)
    route = forms.ChoiceField(label="Way", required=False)
    sessions = forms.IntegerField(
        label="Sessions in all", required=False, min_value=1, max_value=500, help_text="Empty: not known."
    )
    mg = QuantityField(
        label="Milligrams in all, free base",
        required=False,
        min_value=0,
        max_digits=8,
        decimal_places=2,
        help_text="Empty: not known.",
    )
    first = PartialDateField(
        label="First session", required=False, help_text="As far as it is known. Empty: not known."
    )
    last = PartialDateField(
        label="Last session", required=False, help_text="As far as it is known. Empty: not known."
    )
    still = forms.ChoiceField(
        label="Does it go on?", widget=forms.RadioSelect, choices=KNOWN, error_messages=CHOOSE
    )
    where = forms.CharField(label="Where", required=False, max_length=200)
    told_by = forms.ChoiceField(label="Who says so", widget=forms.RadioSelect, error_messages=CHOOSE)
    note = forms.CharField(label="Note", required=False, max_length=500)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        drugs = words()["drug"]
        _choose(self, "drug", [(d, drugs[d].label) for d in ("ketamine", "esketamine")])
        routes = [(key, word.label) for key, word in words()["route"].items()]
        _choose(self, "route", [("", "not known"), *routes])
        _choose(self, "told_by", list(TOLD_BY.items()))

    def said(self) -> TreatedElsewhere:
        given = self.cleaned_data
        return TreatedElsewhere(
            drug=given["drug"],
            route=given["route"] or None,
            sessions=given["sessions"],
            mg=given["mg"],
            first=given["first"] or None,
            last=given["last"] or None,
            still=Answer(given["still"]),
            where=given["where"] or None,
            told_by=given["told_by"],
            note=given["note"] or None,
        )


class ObserveForm(EntryForm):
    """An observation about use, in neutral words."""

    signal = forms.ChoiceField(label="What was noticed", widget=forms.RadioSelect, error_messages=CHOOSE)
    days_early = forms.IntegerField(
        label="Days early", required=False, min_value=0, max_value=365, help_text="Only for an early request."
    )
    said_words = forms.CharField(
        label="What the patient said about it",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="In the patient's own words. No judgement: this is read by few, and by the patient who asks for it.",
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        known = longterm.signals().items()
        _choose(self, "signal", [(key, one.label) for key, one in known if not one.derived])

    def said(self) -> UseSignal:
        given = self.cleaned_data
        early = given["days_early"] if longterm.signals()[given["signal"]].days else None
        return UseSignal(signal=given["signal"], said=given["said_words"] or None, days_early=early)


class DecideForm(EntryForm):
    """A decision on one stop: nothing is chosen, and the reason is asked for."""

    choice = forms.ChoiceField(
        label="Decision",
        widget=forms.RadioSelect,
        error_messages=CHOOSE,
        choices=[
            ("hold", "Hold: no session until this is settled"),
            ("release", "Release: the next session may go on"),
        ],
    )
    reason = forms.CharField(label="Why", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, may_release: bool = True, **more: Any) -> None:
        super().__init__(*args, **more)
        if not may_release:
            del self.fields["choice"]


class HoldForm(EntryForm):
    """Hold the next session for something that the record does not say by itself."""

    stop = forms.ChoiceField(label="What stops", widget=forms.RadioSelect, error_messages=CHOOSE)
    reason = forms.CharField(label="Why", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        _choose(self, "stop", [(key, one.ask) for key, one in longterm.stops().items()])


class PostponeForm(EntryForm):
    until = forms.DateField(label="Until and with", widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label="Why treatment may go on without it", max_length=500)


class SignForm(EntryForm):
    """The signature under the yearly review."""

    conclusion = forms.ChoiceField(label="What follows", widget=forms.RadioSelect, error_messages=CHOOSE)
    reason = forms.CharField(label="Why", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    printed_name = forms.CharField(label="Your name, printed", max_length=120)
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        _choose(
            self, "conclusion", [(key, f"{text[:1].upper()}{text[1:]}") for key, text in CONCLUSIONS.items()]
        )


def _choose(form: forms.Form, name: str, choices: Iterable[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)
