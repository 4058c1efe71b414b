"""The areas that forecasts rest on are the ensemble's own, and go with the dose."""

import numpy as np
import pytest

from lowtide.data.designs import areas
from lowtide.data.pharmacology import response
from lowtide.pathway.plan.simulating import tables
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import Dose, in_order
from lowtide.science.pharmacology.response.areas import exposure
from lowtide.science.pharmacology.response.exposure import sessions


@pytest.mark.parametrize(
    ("drug", "route", "mg", "over_min"),
    [
        ("ketamine", "iv", 35, 40),
        ("ketamine", "sc", 35, 0),
        ("ketamine", "po", 100, 0),
        ("esketamine", "iv", 28, 40),
        ("esketamine", "in", 28, 0),
        ("esketamine", "in", 56, 0),
        ("esketamine", "in", 84, 0),
    ],
)
def test_an_area_is_what_the_ensemble_says(drug: str, route: str, mg: float, over_min: float) -> None:
    doses = in_order([Dose(0, drug, route, mg, over_min)], tables().routes)
    found = sessions(doses, Person(areas().weight_kg), tables(), response(), 1000, 1)[0].exposure_ng_h_ml
    own = float(exposure(response(), areas(), drug, route, mg))
    assert own == pytest.approx(float(np.median(np.asarray(found))), rel=0.06)


def test_an_area_goes_with_the_dose_and_later_devices_count_less() -> None:
    def of(drug: str, route: str, mg: float) -> float:
        return float(exposure(response(), areas(), drug, route, mg))

    assert of("ketamine", "iv", 70) == pytest.approx(2 * of("ketamine", "iv", 35))
    assert of("esketamine", "in", 28) < of("esketamine", "in", 56) < 2 * of("esketamine", "in", 28)
