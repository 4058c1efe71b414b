"""Forms on the clinic, its staff and its chairs."""

from typing import Any
from uuid import UUID

from django import forms

from lowtide.people.forms import EntryForm
from lowtide.people.roles import ROLES
from lowtide.people.staff.actions import STAFF_ROLES
from lowtide.record.entries.clinic import Chair, Clinic, Staff


class StaffForm(EntryForm):
    """A new member of staff."""

    name = forms.CharField(label="Name", max_length=120, help_text="As it stands under entries.")
    login = forms.CharField(label="Sign-in name", max_length=60, help_text="Small letters, digits, dots.")
    roles = forms.MultipleChoiceField(
        label="Roles",
        choices=[(r, f"{ROLES[r].label}: {ROLES[r].about}") for r in STAFF_ROLES],
        widget=forms.CheckboxSelectMultiple,
    )
    clinical_lead = forms.BooleanField(
        label="Clinical lead",
        required=False,
        help_text="Answers for the numbers. Only for prescribers and medical directors.",
    )

    def staff(self, staff_id: UUID) -> Staff:
        said = self.cleaned_data
        return Staff(
            staff=staff_id,
            name=said["name"].strip(),
            roles=tuple(said["roles"]),
            login=said["login"].strip().lower(),
            active=said.get("active", True),
            clinical_lead=said["clinical_lead"],
        )


class StaffChangeForm(StaffForm):
    """A change of somebody's name, roles, grant, or whether they work here."""

    active = forms.BooleanField(label="Works here", required=False)
    corrects = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(label="Reason", max_length=500)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["login"].disabled = True


class ResetForm(forms.Form):
    """A temporary password for somebody who cannot sign in."""

    second_steps = forms.BooleanField(
        label="Take off the authenticator app and keys too",
        required=False,
        help_text="Only when the phone or key is lost.",
    )


class ClinicForm(EntryForm):
    """The clinic's own facts."""

    name = forms.CharField(label="Name", max_length=200)
    zone = forms.CharField(
        label="Time zone", max_length=60, help_text="Such as Europe/Berlin. It rules the calendar."
    )
    country = forms.RegexField(r"^[A-Za-z]{2}$", label="Country", help_text="Two letters, such as DE.")
    crisis_line = forms.CharField(
        label="Crisis line", max_length=200, help_text="Shown to patients on every page of theirs."
    )
    corrects = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(label="Reason", max_length=500)

    def clinic(self, demo: bool) -> Clinic:
        said = self.cleaned_data
        return Clinic(
            name=said["name"].strip(),
            zone=said["zone"].strip(),
            country=said["country"].upper(),
            crisis_line=said["crisis_line"].strip(),
            demo=demo,
        )


class ChairForm(EntryForm):
    """One chair: added, renamed, taken out of use."""

    chair = forms.SlugField(widget=forms.HiddenInput, required=False)
    label = forms.CharField(label="Name", max_length=60)
    active = forms.BooleanField(label="In use", required=False, initial=True)
    corrects = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def said(self) -> Chair:
        data = self.cleaned_data
        return Chair(
            chair=data["chair"] or f"chair-{data['entry_id'].hex[:8]}",
            label=data["label"].strip(),
            active=data["active"],
        )
