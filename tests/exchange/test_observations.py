"""Vital signs, weight and height, results: units converted, never guessed; dates never made up."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from lowtide.record.entries.base import Answer
from lowtide.record.entries.chair import Vitals
from lowtide.record.entries.history import Measurement, Result
from tests.exchange.making import LOINC, SNOMED, bodies, concept, observation, quantity, read, weight


def pressure(*components: dict) -> dict:
    return observation("85354-9", component=list(components))


def component(code: str, **value: object) -> dict:
    return {"code": concept(code)} | value


def test_a_blood_pressure_is_one_entry() -> None:
    systolic = component("8480-6", valueQuantity=quantity(128, "mm[Hg]"))
    diastolic = component("8462-4", valueQuantity=quantity(81, "mm[Hg]"))
    assert bodies(read(pressure(systolic, diastolic))) == [Vitals(sbp_mmhg=128, dbp_mmhg=81)]


def test_a_missing_diastolic_leaves_the_systolic_and_says_so() -> None:
    absent = concept("unknown", "http://terminology.hl7.org/CodeSystem/data-absent-reason", "not measured")
    systolic = component("8480-6", valueQuantity=quantity(128, "mm[Hg]"))
    reading = read(pressure(systolic, component("8462-4", dataAbsentReason=absent)))
    assert bodies(reading) == [Vitals(sbp_mmhg=128)]
    assert reading.kept_because == "8462-4: no value: not measured"


def test_fractions_of_a_millimetre_are_rounded() -> None:
    reading = read(observation("8480-6", valueQuantity=quantity(Decimal("127.5").__float__(), "mm[Hg]")))
    assert bodies(reading) == [Vitals(sbp_mmhg=128)]


def test_kilopascals_become_millimetres_of_mercury() -> None:
    assert bodies(read(observation("8480-6", valueQuantity=quantity(16, "kPa")))) == [Vitals(sbp_mmhg=120)]


def test_pressures_that_cannot_be_are_kept_and_not_charted() -> None:
    systolic = component("8480-6", valueQuantity=quantity(60, "mm[Hg]"))
    diastolic = component("8462-4", valueQuantity=quantity(90, "mm[Hg]"))
    reading = read(pressure(systolic, diastolic))
    assert reading.said == ()
    assert "systolic is not above diastolic" in (reading.kept_because or "")


def test_both_saturation_codes_are_known_and_oxygen_is_noted() -> None:
    code = {"coding": [{"system": LOINC, "code": "2708-6"}, {"system": LOINC, "code": "59408-5"}]}
    flow = component("3151-8", valueQuantity=quantity(6, "L/min"))
    given = observation("2708-6", code=code, valueQuantity=quantity(95, "%"), component=[flow])
    assert bodies(read(given)) == [Vitals(spo2_pct=95, on_oxygen=True)]


def test_fahrenheit_becomes_celsius() -> None:
    (vitals,) = bodies(read(observation("8310-5", valueQuantity=quantity(98.6, "[degF]"))))
    assert vitals == Vitals(temp_c=Decimal(37))


def test_inches_become_centimetres() -> None:
    (height,) = bodies(read(observation("8302-2", valueQuantity=quantity(70, "[in_i]"))))
    assert isinstance(height, Measurement)
    assert (height.quantity, height.value) == ("height_cm", Decimal("177.8"))


@pytest.mark.hazard("H005")
def test_pounds_are_stored_as_kilograms_beside_what_was_read() -> None:
    (found,) = bodies(read(weight(154, "[lb_av]")))
    assert found == Measurement(
        quantity="weight_kg", value=Decimal("69.85"), read_value=Decimal(154), read_unit="[lb_av]"
    )


@pytest.mark.hazard("H005")
@pytest.mark.parametrize("unit", [None, "", "stone", "1"])
def test_a_weight_without_a_known_unit_is_kept_and_never_guessed(unit: str | None) -> None:
    reading = read(weight(154, unit))
    assert reading.said == ()
    assert "unit" in (reading.kept_because or "")


@pytest.mark.hazard("H005")
def test_a_weight_that_says_two_units_is_kept_and_not_charted() -> None:
    reading = read(weight(154, None) | {"valueQuantity": {"value": 154, "unit": "kg", "code": "[lb_av]"}})
    assert reading.said == ()
    assert "both kg and [lb_av]" in (reading.kept_because or "")


@pytest.mark.hazard("H005")
def test_a_weight_beyond_belief_is_kept_and_not_charted() -> None:
    reading = read(weight(400, "kg"))
    assert reading.said == ()
    assert "outside 30 to 250" in (reading.kept_because or "")


def test_a_written_unit_counts_where_no_code_is_given() -> None:
    (found,) = bodies(read(weight(154, None) | {"valueQuantity": {"value": 154, "unit": "lbs"}}))
    assert isinstance(found, Measurement)
    assert found.value == Decimal("69.85")


def test_a_day_without_a_time_keeps_its_precision() -> None:
    (said,) = read(weight(70, "kg", effectiveDateTime="2026-11")).said
    assert isinstance(said.body, Measurement)
    assert said.body.dated == "2026-11"
    assert said.at == datetime(2026, 11, 1, tzinfo=UTC)


def test_a_period_counts_from_its_start() -> None:
    given = weight(70, "kg", effectivePeriod={"start": "2026-11-02T08:00:00Z", "end": "2026-11-02T09:00:00Z"})
    del given["effectiveDateTime"]
    (said,) = read(given).said
    assert said.at == datetime(2026, 11, 2, 8, tzinfo=UTC)


def test_without_a_date_nothing_is_charted() -> None:
    given = weight(70, "kg")
    del given["effectiveDateTime"]
    assert read(given).kept_because == "when it was measured is not said"


@pytest.mark.parametrize("status", ["preliminary", "registered", "cancelled", "unknown", "entered-in-error"])
def test_only_final_values_are_charted(status: str) -> None:
    reading = read(weight(70, "kg", status=status))
    assert reading.said == ()
    assert reading.kept_because


def test_a_result_carries_the_clinics_name_unit_and_limits() -> None:
    limits = [{"low": quantity(7, "U/L"), "high": quantity(56, "U/L")}]
    high = [concept("H", "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation")]
    (found,) = bodies(
        read(
            observation(
                "1742-6", valueQuantity=quantity(90, "U/L"), referenceRange=limits, interpretation=high
            )
        )
    )
    assert isinstance(found, Result)
    assert (found.test, found.value, found.unit, found.abnormal) == (
        "alt_u_l",
        Decimal(90),
        "U/L",
        Answer.YES,
    )
    assert (found.reference_low, found.reference_high) == (Decimal(7), Decimal(56))


def test_a_result_and_its_limits_are_converted_together() -> None:
    limits = [{"high": quantity(106, "umol/L")}]
    (found,) = bodies(
        read(observation("2160-0", valueQuantity=quantity(88.4, "umol/L"), referenceRange=limits))
    )
    assert isinstance(found, Result)
    assert (found.value, found.reference_high, found.unit) == (Decimal(1), Decimal("1.20"), "mg/dL")


def test_a_result_in_an_unknown_unit_is_charted_under_no_tests_name() -> None:
    reading = read(observation("1742-6", valueQuantity=quantity(1.5, "ukat/L")))
    (found,) = bodies(reading)
    assert isinstance(found, Result)
    assert (found.test, found.value, found.unit) == (None, Decimal("1.5"), "ukat/L")
    assert "not one known for ALT" in (reading.kept_because or "")


def test_a_bounded_result_is_words_and_no_number() -> None:
    (found,) = bodies(read(observation("1742-6", valueQuantity=quantity(5, "U/L", comparator="<"))))
    assert isinstance(found, Result)
    assert (found.test, found.value, found.text) == ("alt_u_l", None, "< 5")


def test_an_unknown_laboratory_test_keeps_its_own_name() -> None:
    laboratory = [concept("laboratory", "http://terminology.hl7.org/CodeSystem/observation-category")]
    given = observation("787-2", valueQuantity=quantity(85, "fL"), category=laboratory)
    (found,) = bodies(read(given | {"code": concept("787-2", text="MCV")}))
    assert isinstance(found, Result)
    assert (found.label, found.test, found.value, found.unit) == ("MCV", None, Decimal(85), "fL")


def test_social_history_without_a_place_here_is_kept() -> None:
    social = [concept("social-history", "http://terminology.hl7.org/CodeSystem/observation-category")]
    reading = read(observation("72166-2", valueCodeableConcept={"text": "never"}, category=social))
    assert reading.said == ()
    assert "no place for it" in (reading.kept_because or "")


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ({"valueCodeableConcept": concept("260385009", SNOMED)}, "negative"),
        ({"valueCodeableConcept": concept("LA6576-8")}, "positive"),
        ({"valueString": "Negative"}, "negative"),
    ],
)
def test_a_pregnancy_test_answers_in_the_words_rules_know(value: dict, word: str) -> None:
    (found,) = bodies(read(observation("2106-3", **value)))
    assert isinstance(found, Result)
    assert (found.test, found.text) == ("hcg", word)


def test_a_panel_with_members_is_kept_because_they_come_by_themselves() -> None:
    reading = read(observation("34566-0", hasMember=[{"reference": "Observation/o2"}]))
    assert reading.kept_because == "a panel: its parts come in by themselves"


@pytest.mark.parametrize("value", ["1e400", "1E+999999999", "123456789012345678901234567890123"])
def test_a_number_no_chart_can_hold_is_kept(value: str) -> None:
    from lowtide.exchange.fhir.mapping.parts import number

    assert number(value) is None


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1066"])
def test_a_date_no_chart_can_hold_is_as_good_as_none(when: str) -> None:
    assert read(weight(70, "kg", effectiveDateTime=when)).said == ()


def test_a_leap_second_is_a_moment() -> None:
    (said,) = read(weight(70, "kg", effectiveDateTime="2016-12-31T23:59:60Z")).said
    assert said.at == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)
