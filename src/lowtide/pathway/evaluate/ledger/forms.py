"""Forms of the ledger: a treatment, its correction, a judgement on it, and the present episode."""

from typing import Any

from django import forms

from lowtide.data.trials import tables
from lowtide.pathway.evaluate.charted_trials import enough
from lowtide.pathway.evaluate.facts import daily_mg
from lowtide.people.forms import EntryForm, PartialDateField, QuantityField
from lowtide.record.entries.base import Answer
from lowtide.record.entries.history import DepressiveEpisode, TreatmentTrial

NOT_RECORDED = ("", "not recorded")
BY_DOSE = "by_dose"
DOSE = [
    (BY_DOSE, "By the dose a day"),
    ("yes", "Yes, I know it was"),
    ("no", "No, it was not"),
    ("not_known", "Not known"),
]
EPISODE = [("yes", "Yes"), ("no", "No, an earlier one"), ("not_known", "Not known")]
OPTIONAL = (
    *("dose", "weeks", "started", "stopped", "outcome", "stopped_because"),
    *("daily_dose_mg", "sessions", "adherence", "result", "improvement_pct", "told_by"),
)


def _text(label: str, *, required: bool = False, known: str = "", **more: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"list": known} if known else {})
    return forms.CharField(label=label, required=required, max_length=200, widget=widget, **more)


def _decimal(label: str, **more: Any) -> QuantityField:
    return QuantityField(label=label, required=False, **more)


def _words(label: str, words: dict[str, str]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[NOT_RECORDED, *words.items()])


class TrialForm(EntryForm):
    """One treatment of the ledger. What stays empty is not known, and is said to be."""

    agent = _text("Treatment", required=True, known="known-medicines", help_text="Medicine or therapy.")
    treatment = forms.ChoiceField(label="Kind", widget=forms.RadioSelect)
    dose = _text("Highest dose, as told")
    daily_dose_mg = _decimal("Total a day at that dose, mg", min_value=0)
    weeks = _decimal(
        "Weeks at that dose",
        min_value=0,
        help_text="The dates alone do not say how long it was at that dose.",
    )
    sessions = forms.IntegerField(
        label="Sessions", required=False, min_value=0, help_text="Of psychotherapy, ECT, TMS."
    )
    started = PartialDateField(label="From", required=False)
    stopped = PartialDateField(label="To", required=False)
    minimum_effective_dose = forms.ChoiceField(
        label="Was the dose enough?", choices=DOSE, widget=forms.RadioSelect, initial=BY_DOSE
    )
    current_episode = forms.ChoiceField(
        label="In the present episode?", choices=EPISODE, widget=forms.RadioSelect
    )
    adherence = forms.ChoiceField(label="Taken as prescribed?", required=False)
    result = forms.ChoiceField(label="Result", required=False)
    improvement_pct = _decimal("Better by, %", max_value=100, help_text="Below zero for worse.")
    outcome = _text("Result in words")
    stopped_because = _text("Why it was stopped")
    told_by = forms.ChoiceField(label="Who says so?", required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        found = tables()
        self._offer(
            "treatment", [(key, kind.one[:1].upper() + kind.one[1:]) for key, kind in found.kind.items()]
        )
        self._offer("adherence", [NOT_RECORDED, *found.adherence.items()])
        self._offer("result", [NOT_RECORDED, *((key, r.label) for key, r in found.result.items())])
        self._offer("told_by", [NOT_RECORDED, *found.told_by.items()])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def body(self, codings: Any = ()) -> TreatmentTrial:
        said = self.cleaned_data
        return TreatmentTrial(
            agent=said["agent"],
            treatment=said["treatment"],
            minimum_effective_dose=self._enough(),
            current_episode=Answer(said["current_episode"]),
            codings=codings,
            **{name: said[name] if said[name] != "" else None for name in OPTIONAL},
        )

    def _enough(self) -> Answer:
        """What the person said of the dose; “by the dose” is what the table says of the number they wrote."""
        said = self.cleaned_data
        if said["minimum_effective_dose"] != BY_DOSE:
            return Answer(said["minimum_effective_dose"])
        return enough(said["agent"], said["treatment"], said["daily_dose_mg"] or daily_mg(said["dose"]))


class CorrectTrialForm(TrialForm):
    """The same with a reason; `corrects` is the entry that the form showed."""

    corrects = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(label="Why it is corrected", max_length=500)


class JudgeForm(EntryForm):
    """A clinician's own word on adequacy."""

    corrects = forms.UUIDField(widget=forms.HiddenInput)
    adequate = forms.ChoiceField(
        label="This trial was",
        choices=[("yes", "Adequate"), ("no", "Not adequate")],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label="Why, against what dose and weeks say", max_length=500)


class EpisodeForm(EntryForm):
    """The present episode, for the staging."""

    started = PartialDateField(label="The present episode began", required=False)
    severity = forms.ChoiceField(label="Severity at its worst", required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        severity = self.fields["severity"]
        assert isinstance(severity, forms.ChoiceField)
        severity.choices = [NOT_RECORDED, *((s.key, s.label) for s in tables().maudsley.severity)]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.errors and not (said.get("started") or said.get("severity")):
            self.add_error("started", "Give the start or the severity: an empty form says nothing.")
        return said

    def body(self) -> DepressiveEpisode:
        said = self.cleaned_data
        return DepressiveEpisode(started=said["started"], severity=said["severity"] or None)
