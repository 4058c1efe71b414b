"""Forms of safety: an adverse event, how it stands now, a report's state, the call to somebody who left."""

from collections.abc import Iterable
from datetime import datetime, time, tzinfo
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from lowtide.data import reports
from lowtide.data.events import events
from lowtide.people.forms import EntryForm, PartialDateField
from lowtide.record.dates import PartialDate, earliest
from lowtide.record.entries.base import Answer
from lowtide.record.entries.events import AdverseEvent, AdverseEventFollowed, FollowUpCall, ReportSent

SERIOUS = [
    (Answer.NO.value, "No"),
    (Answer.YES.value, "Yes"),
    (Answer.NOT_KNOWN.value, "Not judged yet"),
]
CHOOSE = {"required": "Choose one.", "invalid_choice": "Choose one of these."}


def labels(table: dict[str, Any]) -> list[tuple[str, str]]:
    """Choices of a table whose rows have a label or are words."""
    return [(key, getattr(row, "label", row)) for key, row in table.items()]


class EventFields(forms.Form):
    """What is asked of an adverse event wherever it is written down. Grade and seriousness start empty."""

    term = forms.ChoiceField(label="What happened", widget=forms.RadioSelect, error_messages=CHOOSE)
    words = forms.CharField(label="In words", required=False, max_length=500)
    grade = forms.ChoiceField(label="How grave", widget=forms.RadioSelect, error_messages=CHOOSE)
    serious = forms.ChoiceField(
        label="Serious", widget=forms.RadioSelect, choices=SERIOUS, error_messages=CHOOSE
    )
    criteria = forms.MultipleChoiceField(
        label="It is serious because", required=False, widget=forms.CheckboxSelectMultiple
    )
    action = forms.ChoiceField(
        label="The dose", widget=forms.RadioSelect, initial="none", error_messages=CHOOSE
    )
    treatment = forms.CharField(label="What was done", required=False, max_length=500)
    relation = forms.ChoiceField(label="Caused by the treatment", initial="not_assessed")
    outcome = forms.ChoiceField(
        label="How it stands", widget=forms.RadioSelect, initial="ongoing", error_messages=CHOOSE
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        tables = events()
        _choose(self, "term", labels(tables.terms))
        _choose(
            self,
            "grade",
            [(k, f"{g.word}: {g.about[:1].lower()}{g.about[1:]}") for k, g in tables.grades.items()],
        )
        _choose(self, "criteria", labels(tables.criteria))
        _choose(self, "action", labels(tables.actions))
        _choose(self, "relation", labels(tables.relations))
        _choose(self, "outcome", labels(tables.outcomes))

    def event(
        self, suspected: str = "", ended_at: datetime | None = None, dated: PartialDate | None = None
    ) -> AdverseEvent:
        given = self.cleaned_data
        return AdverseEvent(
            term=given["term"],
            grade=int(given["grade"]),
            serious=Answer(given["serious"]),
            criteria=tuple(given["criteria"]),
            words=given["words"] or None,
            relation=given["relation"],
            suspected=suspected or None,
            action=given["action"],
            treatment=given["treatment"] or None,
            outcome=given["outcome"],
            ended_at=ended_at,
            dated=dated,
        )


class EventForm(EventFields, EntryForm):
    """An event told at the desk or from home: since when, as far as it is known."""

    began = PartialDateField(label="Began on")
    clock = forms.TimeField(
        label="At", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    ended = PartialDateField(label="Over since", required=False)

    field_order = (
        "term",
        "words",
        "began",
        "clock",
        "grade",
        "serious",
        "criteria",
        "action",
        "treatment",
        "relation",
        "outcome",
        "ended",
    )

    def __init__(
        self, *args: Any, zone: tzinfo, now: datetime, correcting: bool = False, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.zone, self.now = zone, now
        self.began_at: datetime | None = None
        self.dated: PartialDate | None = None
        if correcting:
            self.fields["reason"] = forms.CharField(label="Why it is corrected", max_length=500)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("began"):
            self.began_at, self.dated = instant_of(given["began"], given.get("clock"), self.zone, self.now)
        return given

    def said(self, suspected: str = "") -> AdverseEvent:
        over, typed = events().outcomes[self.cleaned_data["outcome"]].over, self.cleaned_data.get("ended")
        ended_at = instant_of(typed, None, self.zone, self.now)[0] if over and typed else None
        return self.event(suspected, ended_at, self.dated)


class FollowForm(EntryForm):
    """How an event stands now."""

    how = forms.ChoiceField(label="How it was learnt", widget=forms.RadioSelect, error_messages=CHOOSE)
    outcome = forms.ChoiceField(label="How it stands", widget=forms.RadioSelect, error_messages=CHOOSE)
    ended = PartialDateField(label="Over since", required=False)
    clock = forms.TimeField(
        label="At", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    grade = forms.ChoiceField(label="How grave at its worst since", required=False)
    serious = forms.ChoiceField(label="Serious", required=False, widget=forms.RadioSelect, choices=SERIOUS)
    criteria = forms.MultipleChoiceField(
        label="It is serious because", required=False, widget=forms.CheckboxSelectMultiple
    )
    relation = forms.ChoiceField(label="Caused by the treatment", required=False)
    words = forms.CharField(
        label="In words", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(
        self, *args: Any, zone: tzinfo, now: datetime, must_judge: bool = False, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.zone, self.now = zone, now
        self.ended_at: datetime | None = None
        tables, same = events(), [("", "as before")]
        _choose(self, "how", labels(tables.learnt))
        _choose(self, "outcome", labels(tables.outcomes))
        _choose(self, "grade", same + [(k, g.word) for k, g in tables.grades.items()])
        _choose(self, "criteria", labels(tables.criteria))
        _choose(self, "relation", same + labels(tables.relations))
        self.fields["serious"].required = must_judge

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        over = events().outcomes.get(given.get("outcome", ""))
        if over and over.over:
            typed = given.get("ended")
            self.ended_at = (
                instant_of(typed, given.get("clock"), self.zone, self.now)[0] if typed else self.now
            )
        return given

    def followed(self, event: Any) -> AdverseEventFollowed:
        given = self.cleaned_data
        return AdverseEventFollowed(
            event=event,
            outcome=given["outcome"],
            how=given["how"],
            grade=int(given["grade"]) if given["grade"] else None,
            serious=Answer(given["serious"]) if given["serious"] else None,
            criteria=tuple(given["criteria"]),
            relation=given["relation"] or None,
            words=given["words"] or None,
            ended_at=self.ended_at,
        )


class ReportForm(EntryForm):
    """How a report stands, with its proof."""

    state = forms.ChoiceField(label="State", widget=forms.RadioSelect, error_messages=CHOOSE)
    channel = forms.ChoiceField(label="How it went", required=False)
    reference = forms.CharField(label="Number of the receipt", required=False, max_length=120)
    note = forms.CharField(label="In words", required=False, max_length=500)

    def __init__(self, *args: Any, states: Iterable[str], **more: Any) -> None:
        super().__init__(*args, **more)
        _choose(self, "state", [(key, reports.states()[key]) for key in states])
        _choose(self, "channel", [("", "not said"), *reports.channels().items()])

    def sent(self, event: Any, report: str) -> ReportSent:
        given = self.cleaned_data
        words = {name: given[name] or None for name in ("channel", "reference", "note")}
        return ReportSent(event=event, report=report, state=given["state"], **words)


class CallForm(EntryForm):
    """The call to somebody who left against advice."""

    reached = forms.ChoiceField(
        label="Reached",
        widget=forms.RadioSelect,
        choices=[("yes", "Yes"), ("no", "No")],
        error_messages=CHOOSE,
    )
    words = forms.CharField(
        label="What came of it", max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    closes = forms.BooleanField(label="Nothing more is needed: close it", required=False)

    def call(self, about: Any) -> FollowUpCall:
        given = self.cleaned_data
        return FollowUpCall(
            about=about, reached=given["reached"] == "yes", words=given["words"], closes=given["closes"]
        )


def instant_of(
    day: PartialDate, clock: time | None, zone: tzinfo, now: datetime
) -> tuple[datetime, PartialDate | None]:
    """The instant of a date and a clock time; without one the first instant of the date, and the date itself."""
    first = datetime.combine(earliest(day), time(), zone)
    if clock is None or len(day) < len("2026-01-01"):
        return min(first, now), day
    at = datetime.combine(first.date(), clock, zone)
    if at > now:
        raise ValidationError(f"{clock:%H:%M} on that day lies ahead.")
    return at, None


def _choose(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices
