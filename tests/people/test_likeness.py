"""Two charts that may be one person are asked about; others are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.people.patients.likeness import nearness, reasons
from lowtide.record.entries.identity import Contact, Identifier, Patient

INES = Patient(family="Halvorsen", given="Ines", birth_date="1983-03-14")


def patient(
    family: str = "Lindqvist", given: str = "Marta", birth_date: str | None = "1970-01-01", **more: object
) -> Patient:
    return Patient(family=family, given=given, birth_date=birth_date, **more)  # type: ignore[arg-type]


@pytest.mark.hazard("H001")
def test_same_family_name_and_a_birth_date_one_day_apart_is_asked_about() -> None:
    assert reasons(INES, patient("Halvorsen", "Ingrid", "1983-03-15"))


@pytest.mark.hazard("H002")
@pytest.mark.parametrize(
    "other",
    [
        patient("Halvorson", "Agnes", "1983-03-14"),
        patient("Halvorsen", "Agnes", "1938-03-14"),
        patient("Halvorsen", "Agnes", "1983"),
        patient("Brandt-Halvorsen", "Agnes", "1983-03-14"),
        patient("Brandt", "Agnes", "1983-03-14", former_names=("Halvorsen",)),
        patient("Halvorsen", "Inés", None),
        patient("Brandt", "Inez", "1983-03-14"),
    ],
)
def test_a_likely_second_registration_is_asked_about(other: Patient) -> None:
    assert reasons(INES, other)


def test_the_same_telephone_or_number_is_asked_about() -> None:
    one = patient(contact=Contact(phone="+49 151 234 5678"), identifiers=(Identifier("insurer", "A 12"),))
    by_phone = patient("Okafor", "Emeka", "1990-02-02", contact=Contact(phone="0151 2345678"))
    by_number = patient("Okafor", "Emeka", "1990-02-02", identifiers=(Identifier("insurer", "a 12"),))
    assert reasons(one, by_phone) == ("the telephone number is the same",)
    assert reasons(one, by_number) == ("the number A 12 is the same",)


@pytest.mark.parametrize(
    "other",
    [
        patient("Halvorsen", "Agnes", "1951-11-30"),
        patient("Brandt", "Tomas", "1983-03-14"),
        patient("Brandt", "Ines", "1975-08-08"),
    ],
)
def test_one_thing_in_common_is_not_enough(other: Patient) -> None:
    assert not reasons(INES, other)


def test_day_and_month_swapped_are_near() -> None:
    assert nearness("1983-03-09", "1983-09-03") == "one slip of the pen apart"


BORN = st.dates().map(str) | st.integers(1900, 2020).map(str)
SOMEBODY = st.builds(
    patient,
    st.sampled_from(["Meyer", "Maier", "Brandt"]),
    st.sampled_from(["Ines", "Inez", "Li", "Tomas"]),
    st.none() | BORN,
)


@given(SOMEBODY, SOMEBODY)
def test_likeness_goes_both_ways(a: Patient, b: Patient) -> None:
    assert bool(reasons(a, b)) == bool(reasons(b, a))


@given(SOMEBODY)
def test_everybody_is_like_themselves(a: Patient) -> None:
    assert reasons(a, a)
