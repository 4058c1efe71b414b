"""What the pages of a person's own goal ask: its words, and how near they are to it."""

from uuid import UUID

from django import forms

from lowtide.data.trajectory import goal_scale
from lowtide.people.forms import EntryForm
from lowtide.record.entries.goals import LONGEST, GoalRated


class GoalForm(EntryForm):
    """A goal in the person's own words."""

    text = forms.CharField(
        label="What the person wants, in their own words",
        max_length=LONGEST,
        help_text="Such as: to sleep through, to be with the children on Sundays.",
    )


class RateForm(EntryForm):
    """How near the person says they are."""

    value = forms.TypedChoiceField(label="How near?", coerce=int, widget=forms.RadioSelect)
    words = forms.CharField(label="In their words", required=False, max_length=500)

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        scale = goal_scale()
        steps = range(scale.low, scale.high + 1)
        self.fields["value"].label = scale.question
        self.fields["value"].choices = [(n, str(n)) for n in steps]  # type: ignore[attr-defined]
        self.fields[
            "value"
        ].help_text = f"{scale.low} is {scale.low_text}, {scale.high} is {scale.high_text}."

    def said(self, goal: UUID, mode: str) -> GoalRated:
        given = self.cleaned_data
        return GoalRated(goal=goal, value=given["value"], mode=mode, words=given["words"].strip() or None)
