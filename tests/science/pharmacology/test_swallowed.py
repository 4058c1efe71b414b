"""What is swallowed is accounted for, and what is counted in whole points is timed fairly."""

import numpy as np
import pytest

from lowtide.pathway.plan.simulating import person, tables
from lowtide.science.pharmacology.ensemble import able
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import Dose, split_devices
from lowtide.science.pharmacology.simulate import Question, simulate
from tests.science.pharmacology.published import followed


def made(route: str, who: Person) -> float:
    """Norketamine's area for ever under the core after 50 mg, ng h/mL."""
    found = followed("simons_2022", (Dose(0, "esketamine", route, 50),), [60], who)
    return float(found.areas_for_ever["s"][0, found.outputs.index("arterial norketamine")])


@pytest.mark.parametrize("route", ["po", "sl", "in"])
def test_a_swallowed_part_makes_as_much_norketamine_as_the_vein(route: str) -> None:
    assert made(route, Person(70)) == pytest.approx(made("iv", Person(70)), rel=1e-9)


def test_a_blocked_gut_leaves_less_to_become_norketamine_for_each_ketamine() -> None:
    def ratio(who: Person) -> float:
        found = followed("simons_2022", (Dose(0, "esketamine", "po", 14),), [60], who)
        ketamine, norketamine = found.areas_for_ever["s"][0, :2]
        return float(norketamine / ketamine)

    assert ratio(person(70, taking=("grapefruit",))) < 0.5 * ratio(person(70))


def test_the_devices_weights_are_theirs_alone() -> None:
    esketamine = able(tables(), (Dose(0, "esketamine", "in", 28),))
    racemic = able(tables(), (Dose(0, "ketamine", "in", 28),))
    assert esketamine["perez_ruixo_2021"] > racemic["perez_ruixo_2021"]
    assert racemic["simons_2022"] > racemic["perez_ruixo_2021"]


def test_the_highest_dissociation_is_timed_at_the_middle_of_its_top() -> None:
    doses = tuple(split_devices(Dose(0, "esketamine", "in", 84), tables().routes["in_esketamine"]))
    found = simulate(Question(doses, Person(75), (0.25,), 4.0, members=300), tables())
    cadss, high = found.effects["cadss"].peak_min, found.effects["high"].peak_min
    assert cadss.median == pytest.approx(high.median, abs=8)
    assert np.isfinite(cadss.p95)
