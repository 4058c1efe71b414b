"""The questions of one check as a patient answers them: nothing is chosen beforehand, and not knowing is an answer."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lowtide.data import longterm
from lowtide.data.longterm import CHANGES, NOT_KNOWN, YES_NO, Check, Question
from lowtide.people.forms import EntryForm
from lowtide.record.entries.longterm import SafetyAsked

WORDS = {
    "no": gettext_lazy("No"),
    "yes": gettext_lazy("Yes"),
    "as_before": gettext_lazy("Yes, as before the treatment"),
    "worse": gettext_lazy("Yes, new or worse"),
    NOT_KNOWN: gettext_lazy("I do not know, or do not want to say"),
}
NEEDED = {"required": gettext_lazy("Please choose one.")}


class OwnCheckForm(EntryForm):
    def __init__(self, *args: Any, check: Check, **more: Any) -> None:
        super().__init__(*args, **more)
        self.check, self.sheet = check, longterm.sheets()[check.asks]
        for question in self.sheet.question:
            self.fields[f"q_{question.id}"] = _field(question, question.id in self.sheet.required)

    def said(self) -> SafetyAsked:
        answers = {
            question.id: str(value)
            for question in self.sheet.question
            if (value := self.cleaned_data.get(f"q_{question.id}")) not in (None, "")
        }
        return SafetyAsked(check=self.check.key, answers=answers, mode="patient")

    @property
    def is_worse(self) -> bool:
        return "worse" in self.said().answers.values()

    @property
    def rows(self) -> list[tuple[forms.BoundField, bool]]:
        """Each question, and whether its answers are a scale of numbers."""
        return [(self[f"q_{question.id}"], question.kind == "scale") for question in self.sheet.question]


def _field(question: Question, required: bool) -> forms.Field:
    label = _(question.text)
    if question.kind == "number":
        return forms.IntegerField(
            label=label,
            required=required,
            min_value=question.low,
            max_value=question.high,
            error_messages={
                "invalid": _("Write a number."),
                "min_value": _("Write a number from %(low)s to %(high)s.") % _ends(question),
                "max_value": _("Write a number from %(low)s to %(high)s.") % _ends(question),
            },
            widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        )
    if question.kind == "scale":
        label = f"{label} {_('0 is not at all. %(high)s is as much as can be.') % _ends(question)}"
        given = [(str(n), str(n)) for n in range(question.low, question.high + 1)]
    else:
        given = [(key, str(WORDS[key])) for key in (CHANGES if question.kind == "change" else YES_NO)]
    return forms.ChoiceField(
        label=label,
        choices=[*given, (NOT_KNOWN, str(WORDS[NOT_KNOWN]))],
        required=required,
        widget=forms.RadioSelect,
        error_messages=NEEDED,
    )


def _ends(question: Question) -> dict[str, int]:
    return {"low": question.low, "high": question.high}
