"""The forms on a referral."""

from django import forms

from lowtide.people.forms import EntryForm, ReasonForm
from lowtide.record.entries.identity import Sex


class OpenForm(EntryForm):
    """A new chart: what the person did not say of themselves."""

    patient_id = forms.UUIDField(widget=forms.HiddenInput)
    sex = forms.ChoiceField(
        label="Sex at birth",
        choices=[
            (Sex.FEMALE, "Female"),
            (Sex.MALE, "Male"),
            (Sex.OTHER, "Other"),
            (Sex.UNKNOWN, "Not known yet"),
        ],
        initial=Sex.UNKNOWN,
        widget=forms.RadioSelect,
    )


class JoinForm(EntryForm):
    patient = forms.UUIDField(error_messages={"required": "Choose the patient."})


OUTCOMES = (
    ("spoke", "Spoke to them"),
    ("no_answer", "No answer"),
    ("message", "Left a message"),
    ("handed_over", "Handed over to somebody else"),
)


class ContactForm(EntryForm):
    """One attempt to reach the person."""

    outcome = forms.ChoiceField(label="What came of it", choices=OUTCOMES, widget=forms.RadioSelect)
    what = forms.CharField(label="In a few words", max_length=500, required=False)


class DeclineForm(ReasonForm):
    reason = forms.CharField(label="Why no chart comes of it", max_length=500)
