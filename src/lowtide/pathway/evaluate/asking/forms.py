"""The forms that add a line to a list of the history. Nothing is chosen beforehand."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms

from lowtide.data import codes
from lowtide.data.charted import charted
from lowtide.data.observations import table
from lowtide.data.trials import tables
from lowtide.pathway.evaluate.facts import kind_by_name
from lowtide.people.forms import EntryForm, PartialDateField, QuantityField
from lowtide.record.entries.base import Answer, Body
from lowtide.record.entries.history import Allergy, Diagnosis, Medicine, ProblemStatus, Result, TreatmentTrial

STATUS = [("active", "Now"), ("past", "In the past"), ("refuted", "Ruled out"), ("unknown", "Not known")]
TAKEN = [("active", "Takes it"), ("past", "No longer"), ("unknown", "Not known")]
NOT_RECORDED = "not recorded"
THREE = [("yes", "Yes"), ("no", "No"), ("not_known", "Not known")]


class ListForm(EntryForm):
    """A form that makes one entry of a list."""

    def body(self, today: date) -> Body:
        raise NotImplementedError


def _typed(label: str, known: str = "", **more: Any) -> forms.CharField:
    attrs = {"list": known} if known else {}
    return forms.CharField(label=label, max_length=200, widget=forms.TextInput(attrs=attrs), **more)


def _choice(label: str, options: list[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=options, widget=forms.RadioSelect)


def _word(label: str, empty: str, words: Callable[[], dict[str, str]]) -> forms.ChoiceField:
    """A word of the table of trials, which is read when the form is first made."""
    return forms.ChoiceField(label=label, required=False, choices=lambda: [("", empty), *words().items()])


def _decimal(label: str, **more: Any) -> QuantityField:
    return QuantityField(label=label, required=False, min_value=0, **more)


class ProblemForm(ListForm):
    label = _typed("Problem", "known-conditions")
    status = _choice("Is it there?", STATUS)
    onset = PartialDateField(label="Since, or when it happened", required=False)
    note = _typed("Note", required=False)

    def body(self, today: date) -> Body:
        said = self.cleaned_data
        return Diagnosis(
            label=said["label"],
            status=ProblemStatus(said["status"]),
            keys=condition_keys(said["label"]),
            onset=said["onset"],
            note=said["note"] or None,
        )


class MedicineForm(ListForm):
    name = _typed("Medicine", "known-medicines", help_text="Brand or generic name.")
    status = _choice("Taken now?", TAKEN)
    dose = _typed("Dose and how often", required=False)
    daily_dose_mg = _decimal("Total a day, mg")
    started = PartialDateField(label="Since", required=False)
    note = _typed("Note", required=False)

    def body(self, today: date) -> Body:
        said = self.cleaned_data
        return Medicine(
            name=said["name"],
            status=ProblemStatus(said["status"]),
            dose=said["dose"] or None,
            daily_dose_mg=said["daily_dose_mg"],
            started=said["started"],
            note=said["note"] or None,
        )


class AllergyForm(ListForm):
    substance = _typed("Substance", "known-medicines")
    reaction = _typed("Reaction", required=False)
    onset = PartialDateField(label="When", required=False)

    def body(self, today: date) -> Body:
        said = self.cleaned_data
        return Allergy(
            substance=said["substance"],
            status=ProblemStatus.ACTIVE,
            reaction=said["reaction"] or None,
            onset=said["onset"],
        )


class TrialForm(ListForm):
    agent = _typed("Treatment", "known-medicines", help_text="Medicine, psychotherapy, ECT, TMS.")
    dose = _typed("Highest dose", required=False)
    weeks = _decimal("Weeks at that dose")
    minimum_effective_dose = _choice("At least the minimum effective dose?", THREE)
    current_episode = _choice("In the present episode?", THREE)
    started = PartialDateField(label="From", required=False)
    stopped = PartialDateField(label="To", required=False)
    treatment = _word("Kind", "by its name", lambda: {key: k.one for key, k in tables().kind.items()})
    adherence = _word("Taken as prescribed?", NOT_RECORDED, lambda: tables().adherence)
    result = _word("Result", NOT_RECORDED, lambda: {key: r.label for key, r in tables().result.items()})
    outcome = _typed("Result in words", required=False)
    stopped_because = _typed("Why it was stopped", required=False)

    def body(self, today: date) -> Body:
        said = self.cleaned_data
        return TreatmentTrial(
            agent=said["agent"],
            dose=said["dose"] or None,
            weeks=said["weeks"],
            minimum_effective_dose=Answer(said["minimum_effective_dose"]),
            current_episode=Answer(said["current_episode"]),
            started=said["started"],
            stopped=said["stopped"],
            treatment=said["treatment"] or kind_by_name(said["agent"]),
            adherence=said["adherence"] or None,
            result=said["result"] or None,
            outcome=said["outcome"] or None,
            stopped_because=said["stopped_because"] or None,
        )


class ResultForm(ListForm):
    test = _typed("Test", "known-tests")
    value = _decimal("Value")
    unit = _typed("Unit", required=False)
    reference_low = _decimal("Normal from")
    reference_high = _decimal("Normal up to")
    text = _typed("Or in words", required=False, help_text="Such as negative, or sinus rhythm.")
    abnormal = _choice("Abnormal?", THREE)
    dated = PartialDateField(label="Taken on")

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("value") is None and not said.get("text"):
            self.add_error("value", "Enter the value, or say it in words.")
        known, unit = test_named(said.get("test", "")), said.get("unit", "")
        if known and known[2] and said.get("value") is not None and unit != known[2]:
            self.add_error("unit", f"{known[1]} is kept in {known[2]}: enter it in that unit.")
        return said

    def body(self, today: date) -> Body:
        said = self.cleaned_data
        known = test_named(said["test"])
        return Result(
            label=known[1] if known else said["test"],
            test=known[0] if known else None,
            value=said["value"],
            text=said["text"] or None,
            unit=said["unit"] or None,
            reference_low=said["reference_low"],
            reference_high=said["reference_high"],
            abnormal=Answer(said["abnormal"]),
            dated=None if said["dated"] == today.isoformat() else said["dated"],
        )


def condition_keys(label: str) -> tuple[str, ...]:
    """The condition that somebody picked from the list, by its label or key; none for words of their own."""
    wanted = label.strip().lower()
    return tuple(k for k, c in codes.conditions().items() if wanted in (k, c.label.lower()))


def test_named(label: str) -> tuple[str, str, str] | None:
    """(name, label, unit) of a test that rules and pages know."""
    wanted = label.strip().lower()
    return next((t for t in tests() if wanted in (t[0], t[1].lower())), None)


def tests() -> list[tuple[str, str, str]]:
    """Every test the clinic has a name for: (name, label, unit)."""
    known = [(name, q.label or name.replace("_", " "), q.unit) for name, q in table().result.items()]
    named = {name for name, _, _ in known}
    return [*known, *((name, label, "") for name, label in charted().test.items() if name not in named)]
