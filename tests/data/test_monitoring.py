"""What is watched, when, and at which value it leads to what."""

from decimal import Decimal

import pytest

from lowtide.data.monitoring import Item, items, items_for
from lowtide.data.vocabulary import words

BOUNDS = {"above", "at_least", "below", "at_most"}


def of(route: str) -> set[str]:
    return {item.id for item in items_for(route, "trd", weight_based=True, childbearing=False)}


def test_every_item_is_there_in_order() -> None:
    assert list(items()) == [f"M{n:02}" for n in range(1, 47)]


@pytest.mark.hazard("H015")
@pytest.mark.parametrize("route", words()["route"])
def test_blood_pressure_is_watched_after_every_route(route: str) -> None:
    assert of(route) & {"M10", "M11", "M41"}
    assert {"M12", "M13", "M14"} <= of(route)


def test_an_infusion_has_pressure_every_ten_minutes_and_every_fifteen_after() -> None:
    frequency = items()["M10"].frequency
    assert (frequency.during_every_min, frequency.after_every_min) == (10, 15)


def test_dissociation_is_asked_at_forty_minutes_and_at_the_end() -> None:
    frequency = items()["M21"].frequency
    assert (frequency.at_min, frequency.at) == ((40,), ("end",))


@pytest.mark.hazard("H022")
@pytest.mark.parametrize("route", words()["route"])
def test_observation_is_counted_from_the_end_of_the_dose(route: str) -> None:
    observed = [items()[name].frequency for name in of(route) & {"M27", "M28"}]
    assert [(f.minimum_min, f.after) for f in observed] == [(120, "end")]


@pytest.mark.hazard("H029")
def test_the_pressure_gate_is_strictly_above_and_looser_from_sixty_five() -> None:
    gate = items()["M02"].trigger
    assert gate
    young = {c.value: c for c in gate.when[0]}
    old = {c.value: c for c in gate.when[2]}
    assert (young["sbp_mmhg"].above, young["age_years"].below) == (Decimal(140), Decimal(65))
    assert (old["sbp_mmhg"].above, old["age_years"].at_least) == (Decimal(150), Decimal(65))


@pytest.mark.parametrize("item", items().values(), ids=lambda item: item.id)
def test_each_condition_has_a_bound(item: Item) -> None:
    for group in item.trigger.when if item.trigger else ():
        for condition in group:
            given = {name for name in BOUNDS if getattr(condition, name) is not None}
            assert bool(given) != (condition.holds is not None)


@pytest.mark.parametrize("item", items().values(), ids=lambda item: item.id)
def test_a_verified_item_has_a_source_and_unverified_fields_exist(item: Item) -> None:
    assert item.source or not item.verified
    assert set(item.unverified) <= set(Item.__struct_fields__)
    assert set(item.frequency.with_items) <= set(items())


def test_a_pregnancy_test_is_for_those_who_can_bear_children() -> None:
    asked = {i.id for i in items_for("iv", "trd", weight_based=True, childbearing=True)}
    assert asked - of("iv") == {"M08"}
