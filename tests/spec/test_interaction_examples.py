"""Each interaction said in examples: a medicine that meets it, a neighbour that just does not, every route's severity."""

import copy
import tomllib
from typing import Any

import msgspec
import pytest

from lowtide.data import rules, vocabulary
from tests.spec.examples import HERE, VIGNETTES, judged, put


class Neighbours(msgspec.Struct, forbid_unknown_fields=True):
    """Two medicines (or two findings of a drug screen) of which one meets the interaction."""

    id: str
    from_: str = msgspec.field(default="V01", name="from")
    route: str = ""
    met: dict[str, str] = {}
    just_not: dict[str, str] = {}
    met_screen: str = ""
    just_not_screen: str = ""

    def found(self, medicine: dict[str, str], screen: str, route: str = "") -> dict[str, str]:
        """What is found for the case with this medicine: interaction -> severity."""
        form: Any = copy.deepcopy(VIGNETTES[self.from_])
        if medicine:
            form["medications"] = [medicine]
        if screen:
            put(form, "substance.uds_positive", [screen])
        if route or self.route:
            put(form, "requested.route", route or self.route)
        return {i.interaction.id: i.severity for i in judged(form).interactions}


ROWS = msgspec.convert(
    tomllib.loads((HERE / "interactions.toml").read_text())["interaction"], list[Neighbours]
)
ROUTES = tuple(vocabulary.words()["route"])


def test_every_interaction_has_its_neighbours() -> None:
    assert sorted(row.id for row in ROWS) == sorted(rules.interactions())


@pytest.mark.hazard("H029")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_the_one_meets_it_and_its_neighbour_does_not(row: Neighbours) -> None:
    assert row.id in row.found(row.met, row.met_screen)
    assert row.id not in row.found(row.just_not, row.just_not_screen)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_each_route_has_the_severity_of_the_table_or_none(row: Neighbours) -> None:
    table, product = rules.interactions()[row.id], VIGNETTES[row.from_]["requested"]["product"]
    for route in ROUTES:
        said = row.found(row.met, row.met_screen, route).get(row.id)
        speaks = table.applies_to.includes("trd", product, route)
        assert said == (table.severity_for(route) if speaks else None), route


@pytest.mark.parametrize("name", ["cocaine", "methamphetamine", "non-prescribed ketamine"])
def test_an_illicit_stimulant_on_the_list_of_medicines_is_one(name: str) -> None:
    form = copy.deepcopy(VIGNETTES["V01"])
    form["medications"] = [{"name": name}]
    assert "I34" in [found.interaction.id for found in judged(form).interactions]
