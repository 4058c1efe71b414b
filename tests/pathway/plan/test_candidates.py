"""The doses that a protocol allows in one person: its steps, its range, never above a cap."""

from decimal import Decimal

import pytest

from lowtide.data.dosing import dosing
from lowtide.data.protocols import protocol, protocols
from lowtide.pathway.plan.candidates import candidates, route_of
from lowtide.problems import BadInput

LOCAL = dosing()
USABLE = [p.id for p in protocols().values() if not p.reference_only]


def doses(name: str, kg: str = "70") -> list[str]:
    return [one.dose for one in candidates(protocol(name), Decimal(kg), LOCAL, 8)]


def test_a_protocol_of_one_dose_has_one_candidate() -> None:
    assert doses("P05") == ["0.5 mg/kg"]


def test_steps_of_the_protocol_are_kept_and_a_range_is_cut_into_round_ones() -> None:
    assert doses("P02") == ["28 mg", "56 mg", "84 mg"]
    assert doses("P10") == ["0.5 mg/kg", "0.6 mg/kg", "0.75 mg/kg", "0.9 mg/kg"]
    assert doses("P22") == ["0.3 mg/kg", "0.35 mg/kg", "0.4 mg/kg", "0.45 mg/kg", "0.5 mg/kg"]


def test_doses_that_a_cap_makes_equal_are_one_and_say_which_cap() -> None:
    found = candidates(protocol("P07"), Decimal(200), LOCAL, 8)[-1]
    assert (found.dose, found.mg, found.caps) == ("0.75 mg/kg", Decimal(150), {"max_mg": "150 mg"})


@pytest.mark.hazard("H003")
@pytest.mark.parametrize("kg", ["40", "83.7", "160", "250"])
def test_no_candidate_is_above_a_cap_of_its_protocol(kg: str) -> None:
    for name in USABLE:
        known = protocol(name)
        for one in candidates(known, Decimal(kg), LOCAL, 8):
            assert known.max_mg is None or one.mg <= known.max_mg
            assert known.max_mg_per_kg is None or one.mg <= known.max_mg_per_kg * Decimal(kg)


def test_the_route_is_chosen_only_where_the_source_leaves_it_open() -> None:
    assert route_of(protocol("P16"), "im") == "im"
    with pytest.raises(BadInput, match="leaves the route open"):
        route_of(protocol("P16"), None)
    with pytest.raises(BadInput, match="does not carry over"):
        route_of(protocol("P05"), "im")
