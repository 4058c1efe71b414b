"""The clinic's forms about a patient's own place."""

from django import forms

from lowtide.people.forms import EntryForm
from lowtide.record.entries.portal import LONGEST

CLOSINGS = (
    ("called", "Called the patient"),
    ("spoken", "Spoken about at the visit"),
    ("elsewhere", "Handed over to somebody else"),
    ("nothing", "Nothing to do"),
)


class AnswerForm(EntryForm):
    text = forms.CharField(label="To the patient", max_length=LONGEST, widget=forms.Textarea)


class SettleForm(EntryForm):
    how = forms.ChoiceField(label="What was done", choices=CLOSINGS, widget=forms.RadioSelect)
    note = forms.CharField(label="In a few words", max_length=500, required=False)


class OutcomeForm(EntryForm):
    request = forms.UUIDField(widget=forms.HiddenInput)
    outcome = forms.CharField(label="What came of it", max_length=500)
