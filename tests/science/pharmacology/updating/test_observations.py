"""Rows of observations are read in any usual unit and refused where their meaning is open."""

import math

import pytest

from lowtide.pathway.plan.simulating import tables
from lowtide.problems import BadInput
from lowtide.science.pharmacology.updating.observations import Observation, Reading, readings

CONSTANTS = tables().ensemble.constants


def read(*, given: tuple[str, ...] = ("s", "r"), **row: object) -> Reading:
    whole = {"at_h": 1.0, "kind": "plasma", "analyte": "ketamine", "unit": "ng/mL", "value": 100.0} | row
    return readings([Observation(**whole)], "seen.json", CONSTANTS, given)[0]  # type: ignore[arg-type]


def refusal(**row: object) -> str:
    with pytest.raises(BadInput) as error:
        read(**row)
    return str(error.value)


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        (100.0, "ng/mL"),
        (100.0, "ug/L"),
        (100.0, "µg/l"),
        (0.1, "mg/L"),
        (0.1, "ug/mL"),
        (100 / 237.7, "nmol/mL"),
        (100 / 237.7, "µmol/L"),
        (100 / 237.7, "umol/L"),
        (100 / 0.2377, "nmol/L"),
    ],
)
def test_a_level_is_the_same_in_any_unit(value: float, unit: str) -> None:
    assert read(value=value, unit=unit).value == pytest.approx(100)


def test_molar_units_follow_the_analyte() -> None:
    assert read(analyte="norketamine", value=1.0, unit="umol/L").value == pytest.approx(223.7)


def test_an_assay_of_the_total_sums_what_was_given() -> None:
    assert read().enantiomers == ("s", "r")
    assert read(given=("s",)).enantiomers == ("s",)


def test_a_chiral_assay_reads_one_enantiomer() -> None:
    found = read(analyte="r_norketamine", assay="chiral")
    assert (found.analyte, found.enantiomers) == ("norketamine", ("r",))


def test_the_site_is_venous_unless_said() -> None:
    assert read().site == "venous"
    assert read(site="arterial").site == "arterial"


@pytest.mark.parametrize(
    ("row", "where", "says"),
    [
        ({"unit": "furlong"}, "seen.json[0].unit", "ng/mL"),
        ({"unit": None}, "seen.json[0].unit", "ng/mL"),
        ({"analyte": None}, "seen.json[0].analyte", "ketamine"),
        ({"analyte": "midazolam"}, "seen.json[0].analyte", "s_ketamine"),
        ({"assay": "chiral"}, "seen.json[0].analyte", "s_ketamine or r_ketamine"),
        ({"assay": "total", "analyte": "s_ketamine"}, "seen.json[0].analyte", "Give ketamine"),
        ({"assay": "dipstick"}, "seen.json[0].assay", "chiral or total"),
        ({"analyte": "r_ketamine", "given": ("s",)}, "seen.json[0].analyte", "Check the drug"),
        ({"site": "capillary"}, "seen.json[0].site", "venous, arterial"),
        ({"value": -1.0}, "seen.json[0].value", "0 or more"),
        ({"value": math.nan}, "seen.json[0].value", "0 or more"),
        ({"at_h": 1e6}, "seen.json[0].at_h", "within two years"),
        ({"at_h": math.inf}, "seen.json[0].at_h", "within two years"),
        ({"kind": "mood"}, "seen.json[0].kind", "phq9"),
    ],
)
def test_a_level_that_could_mean_anything_is_refused(row: dict[str, object], where: str, says: str) -> None:
    line = refusal(**row)
    assert line.startswith(f"{where}:")
    assert says in line


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("cadss", 93.0),
        ("cadss", 3.5),
        ("high", 11.0),
        ("sbp", 20.0),
        ("dbp", 400.0),
        ("madrs", 61.0),
        ("phq9", 28.0),
    ],
)
def test_a_score_or_pressure_outside_its_scale_is_refused(kind: str, value: float) -> None:
    assert refusal(kind=kind, value=value, analyte=None, unit=None).startswith("seen.json[0].value:")


def test_a_pressure_in_another_unit_is_refused() -> None:
    assert "mmHg" in refusal(kind="sbp", value=120.0, analyte=None, unit="kPa")


def test_a_score_has_no_site() -> None:
    assert refusal(kind="cadss", value=3.0, analyte=None, unit=None, site="venous").startswith(
        "seen.json[0].site:"
    )


def test_an_empty_file_says_so() -> None:
    with pytest.raises(BadInput, match="holds no observation"):
        readings([], "seen.json", CONSTANTS, ("s",))
