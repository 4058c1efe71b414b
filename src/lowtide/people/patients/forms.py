"""Forms on who somebody is."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone

from lowtide.data.plausibility import limits
from lowtide.people.forms import EntryForm, PartialDateField
from lowtide.people.projections import OWN_NUMBER
from lowtide.record.dates import PartialDate, age_years
from lowtide.record.entries.identity import Contact, Identifier, Patient, Sex
from lowtide.record.entries.words import day

SEXES = [
    (Sex.FEMALE, "Female"),
    (Sex.MALE, "Male"),
    (Sex.OTHER, "Other"),
    (Sex.UNKNOWN, "Not known"),
]
SPARE_IDENTIFIERS = 2
AGE = "age_years"


class PatientForm(EntryForm):
    """Names, birth date, sex, contact and numbers given by others."""

    family = forms.CharField(label="Family name", max_length=120)
    given = forms.CharField(label="Given names", max_length=120, required=False)
    birth_date = PartialDateField(label="Birth date", required=False)
    sex = forms.ChoiceField(
        label="Sex at birth",
        choices=SEXES,
        widget=forms.RadioSelect,
        help_text="Used by dose and screening rules.",
    )
    preferred = forms.CharField(label="Called by", max_length=120, required=False)
    former_names = forms.CharField(
        label="Former family names", max_length=240, required=False, help_text="Separated by commas."
    )
    phone = forms.CharField(label="Telephone", max_length=40, required=False)
    email = forms.EmailField(label="E-mail", required=False)
    address = forms.CharField(
        label="Address", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    other_person = forms.CharField(label="Who to call in an emergency", max_length=120, required=False)
    other_phone = forms.CharField(label="Their telephone", max_length=40, required=False)
    language = forms.CharField(label="Language", max_length=60, required=False)
    deceased = forms.BooleanField(label="Has died", required=False)

    def __init__(self, *args: Any, patient: Patient | None = None, **more: Any) -> None:
        more.setdefault("initial", _initial(patient) if patient else {"entry_id": uuid4()})
        super().__init__(*args, **more)
        self.rows = len(_others(patient)) + SPARE_IDENTIFIERS
        for n in range(self.rows):
            self.fields[f"system_{n}"] = forms.CharField(
                label="Number given by", max_length=120, required=False
            )
            self.fields[f"value_{n}"] = forms.CharField(label="Number", max_length=120, required=False)

    def clean_birth_date(self) -> PartialDate | None:
        """A date that makes nobody's age is a slip of the hand."""
        born: PartialDate | None = self.cleaned_data["birth_date"]
        if born and (why := _unbelievable(born)):
            raise forms.ValidationError(f"{why} {limits()[AGE].mend}")
        return born

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for n in range(self.rows):
            if cleaned.get(f"value_{n}") and not cleaned.get(f"system_{n}"):
                self.add_error(f"system_{n}", "Say who gave this number, such as the insurer.")
        return cleaned

    def names(self) -> list[forms.BoundField]:
        return [self[name] for name in ("family", "given", "birth_date", "preferred", "former_names")]

    def contact(self) -> list[forms.BoundField]:
        return [self[n] for n in ("phone", "email", "other_person", "other_phone", "language", "address")]

    def numbers(self) -> list[forms.BoundField]:
        return [self[f"{part}_{n}"] for n in range(self.rows) for part in ("system", "value")]

    def patient(self) -> Patient:
        """What the form says; without the clinic's own number, which is not typed."""
        said = self.cleaned_data
        contact = {n: said[n].strip() or None for n in Contact.__struct_fields__}
        former = tuple(name.strip() for name in said["former_names"].split(",") if name.strip())
        return Patient(
            family=said["family"].strip(),
            given=said["given"].strip(),
            birth_date=said["birth_date"],
            sex=Sex(said["sex"]),
            preferred=said["preferred"].strip() or None,
            former_names=former,
            identifiers=tuple(self._identifiers()),
            contact=Contact(**contact),
            language=said["language"].strip() or None,
            deceased=said["deceased"],
        )

    def _identifiers(self) -> Iterator[Identifier]:
        for n in range(self.rows):
            if value := self.cleaned_data[f"value_{n}"].strip():
                yield Identifier(self.cleaned_data[f"system_{n}"].strip(), value)


class CorrectionForm(PatientForm):
    """A correction of who somebody is: what it replaces, and why."""

    corrects = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(label="Reason for the correction", max_length=500)


class SignInForm(forms.Form):
    """A sign-in for the patient's own place."""

    login = forms.CharField(label="Sign-in name", max_length=60, help_text="Small letters, digits, dots.")


class OtherChartForm(EntryForm):
    """What a reviewer says about this chart and another one."""

    other = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Reason", max_length=500, help_text="What you compared, and what you found."
    )


def _unbelievable(born: PartialDate) -> str:
    """What age the date would make, where nobody is so old or so young."""
    youngest, oldest = age_years(born, timezone.localdate())
    if oldest < limits()[AGE].low:
        return f"Born {day(born)}: the patient would not be {limits()[AGE].low} year old yet."
    if youngest > limits()[AGE].high:
        return f"Born {day(born)}: the patient would be {youngest} years old."
    return ""


def _others(patient: Patient | None) -> list[Identifier]:
    return [i for i in patient.identifiers if i.system != OWN_NUMBER] if patient else []


def _initial(patient: Patient) -> dict[str, Any]:
    said: dict[str, Any] = {
        "entry_id": uuid4(),
        "family": patient.family,
        "given": patient.given,
        "birth_date": patient.birth_date,
        "sex": patient.sex.value,
        "preferred": patient.preferred,
        "former_names": ", ".join(patient.former_names),
        "language": patient.language,
        "deceased": patient.deceased,
    }
    said |= {name: getattr(patient.contact, name) for name in Contact.__struct_fields__}
    for n, identifier in enumerate(_others(patient)):
        said |= {f"system_{n}": identifier.system, f"value_{n}": identifier.value}
    return said
