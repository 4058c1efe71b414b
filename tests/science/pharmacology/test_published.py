"""Each published model says what its paper says for the typical person (b2, b3 of the sources as read)."""

import numpy as np
import pytest

from lowtide.pathway.plan.simulating import tables
from lowtide.science.pharmacology.ensemble import Group, Plan, typical
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import Dose, split_devices

MOMENTS = (20, 40, 60, 80, 110, 230)
# 35 mg over 40 min as one drug in 70 kg, ng/mL: an independent solver's numbers for the parameters as read
THIRTY_FIVE_MG = {
    "kamp_2020": ("arterial", (198, 253, 96, 74, 54, 27)),
    "noppers_2011": ("arterial", (224, 277, 89, 63, 45, 23)),
    "simons_2022": ("arterial", (235, 289, 91, 63, 42, 21)),
    "otto_2021": ("venous", (98, 158, 104, 79, 60, 27)),
    "clements_1981": ("venous", (110, 177, 115, 85, 63, 36)),
    "herd_2007": ("venous", (187, 253, 119, 96, 74, 26)),
    "elkomy_2015": ("venous", (215, 322, 170, 104, 66, 37)),
    "hornik_2018": ("venous", (348, 496, 223, 124, 77, 50)),
    "domino_1984": ("arterial", (210, 240, 55, 46, 38, 18)),
}
# doi:10.1007/s40262-020-00953-4 Table 4: age, ancestry, mg, Cmax, AUC0-24, noresketamine Cmax
NASAL = [
    (45, None, 28, 43.8, 147.3, 59.1),
    (45, None, 84, 101.0, 362.2, 180.0),
    (45, "asian", 28, 44.1, 158.2, 73.4),
    (45, "asian", 56, 73.2, 275.9, 148.5),
    (45, "japanese", 28, 57.5, 194.7, 72.1),
    (45, "japanese", 56, 94.5, 335.1, 146.3),
    (70, None, 28, 44.6, 160.4, 57.3),
    (70, None, 56, 73.8, 275.8, 117.2),
    (70, None, 84, 102.7, 391.2, 177.0),
    (70, "asian", 28, 44.9, 171.0, 71.4),
    (70, "asian", 84, 103.8, 421.5, 220.4),
    (70, "japanese", 84, 133.8, 513.9, 214.4),
]


def followed(name: str, doses: tuple[Dose, ...], minutes: list[float], person: Person) -> Group:
    plan = Plan(doses, person, {name: 1.0}, 1, 1, np.array([0.0, *minutes]) / 60)
    return typical(plan, tables(), name)


@pytest.mark.parametrize("name", THIRTY_FIVE_MG)
def test_the_typical_curve_is_the_published_one(name: str) -> None:
    site, expected = THIRTY_FIVE_MG[name]
    found = followed(name, (Dose(0, "esketamine", "iv", 35, 40),), list(MOMENTS), Person(70))
    assert found.level(site, "ketamine", "s")[0, 1:] == pytest.approx(expected, abs=1.0)


@pytest.mark.parametrize(("age", "ancestry", "mg", "cmax", "auc", "nk_cmax"), NASAL)
def test_nasal_esketamine_is_what_the_paper_prints(
    age: float, ancestry: str | None, mg: float, cmax: float, auc: float, nk_cmax: float
) -> None:
    dose = Dose(0, "esketamine", "in", mg)
    doses = tuple(split_devices(dose, tables().routes[dose.way]))
    found = followed("perez_ruixo_2021", doses, list(range(1, 1441)), Person(70, age=age, ancestry=ancestry))
    assert found.level("venous", "ketamine", "s").max() == pytest.approx(cmax, rel=0.015)
    assert found.areas["s"][0, 0] == pytest.approx(auc, rel=0.015)
    assert found.level("venous", "norketamine", "s").max() == pytest.approx(nk_cmax, rel=0.015)


def test_racemic_ketamine_has_an_arterial_and_a_venous_side() -> None:
    found = followed("simons_2022", (Dose(0, "ketamine", "iv", 35, 40),), list(MOMENTS), Person(70))
    for site, expected in {
        "arterial": (240, 297, 96, 67, 46, 23),
        "venous": (128, 186, 107, 89, 70, 32),
    }.items():
        total = found.level(site, "ketamine", "s") + found.level(site, "ketamine", "r")
        assert total[0, 1:] == pytest.approx(expected, abs=1.2)
