"""Forms of risk programmes: the site's certification and the patient's enrolment, with date and proof."""

from typing import Any

from django import forms

from lowtide.data.programs import programs
from lowtide.people.forms import EntryForm, PartialDateField
from lowtide.record.entries.care import ProgramEnrolled
from lowtide.record.entries.clinic import SiteCertified


class ProgramForm(EntryForm):
    """What both share. `corrects` names the entry that is corrected, where the form corrects one."""

    corrects = forms.UUIDField(widget=forms.HiddenInput, required=False)
    program = forms.ChoiceField(label="Programme")
    reason = forms.CharField(label="Why it is corrected", max_length=500, required=False)

    def __init__(self, *args: Any, correcting: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        choice = self.fields["program"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(key, one.label) for key, one in programs().items()]
        if correcting:
            self.fields["reason"].required = True
        else:
            del self.fields["reason"], self.fields["corrects"]
        self.order_fields([name for name in self.fields if name != "reason"] + ["reason"])


class SiteForm(ProgramForm):
    certificate = forms.CharField(label="Certificate number, or other proof", max_length=200)
    certified_on = PartialDateField(label="Certified on")
    expires_on = PartialDateField(label="Holds until", required=False, future=True)

    def body(self) -> SiteCertified:
        said = self.cleaned_data
        return SiteCertified(**{name: said[name] for name in SiteCertified.__struct_fields__})


class EnrolmentForm(ProgramForm):
    enrolment = forms.CharField(label="Enrolment number, or other proof", max_length=200)
    enrolled_on = PartialDateField(label="Enrolled on")
    form_version = forms.CharField(label="Version of the enrolment form", max_length=80, required=False)
    ended_on = PartialDateField(label="Enrolment ended on", required=False)

    def body(self) -> ProgramEnrolled:
        said: dict[str, Any] = {n: self.cleaned_data[n] or None for n in ProgramEnrolled.__struct_fields__}
        return ProgramEnrolled(**said)
