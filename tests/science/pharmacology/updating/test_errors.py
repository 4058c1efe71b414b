"""Error models of readings are proper probabilities, wide where the evidence is weak, and never certain."""

import numpy as np
import pytest

from lowtide.pathway.plan.simulating import tables
from lowtide.science.pharmacology.updating import errors
from lowtide.science.pharmacology.updating.observations import RANGES, Reading

OBSERVING = tables().effects["observing"]


def against(kind: str, value: float, predicted: float, model: str = "simons_2022") -> errors.Error:
    analyte = "ketamine" if kind == "plasma" else ""
    reading = Reading(0, "seen[0]", 1.0, kind, value, "", analyte, ("s",), "venous")
    return errors.error(reading, np.array([predicted]), tables().models[model], OBSERVING, 6.0)


def density(kind: str, value: float, predicted: float) -> float:
    return float(np.exp(errors.log_density(against(kind, value, predicted)))[0])


@pytest.mark.parametrize("kind", ["cadss", "high"])
@pytest.mark.parametrize("predicted", [0.0, 1.0, 6.0, 10.0])
def test_the_steps_of_a_score_add_up_to_one(kind: str, predicted: float) -> None:
    low, high = RANGES[kind]
    steps = [density(kind, value, predicted) for value in np.arange(low, high + 1)]
    assert sum(steps) == pytest.approx(1.0)


@pytest.mark.parametrize(("kind", "at", "step"), [("sbp", np.arange(30.0, 231.0), 1.0)])
def test_a_pressure_has_a_density(kind: str, at: np.ndarray, step: float) -> None:
    assert sum(density(kind, value, 130.0) for value in at) * step == pytest.approx(1.0, abs=0.01)


def test_a_level_has_a_density_on_the_log_scale() -> None:
    logs = np.arange(np.log(0.5), np.log(0.5) + OBSERVING["plasma_span"], 0.01)
    total = sum(density("plasma", float(np.exp(u) - 0.5), 100.0) for u in logs) * 0.01
    assert total == pytest.approx(1.0, abs=0.01)


def test_zero_is_scored_by_some_who_feel_much() -> None:
    assert density("cadss", 0.0, 30.0) > 0.04
    assert density("cadss", 0.0, 30.0) > 5 * density("cadss", 1.0, 30.0)


def test_no_reading_is_impossible() -> None:
    for kind, value, predicted in [("plasma", 1e6, 0.0), ("cadss", 92.0, 0.0), ("sbp", 300.0, 120.0)]:
        assert np.isfinite(errors.log_density(against(kind, value, predicted))).all()


def test_a_model_with_a_larger_residual_than_the_clinic_keeps_it() -> None:
    norketamine = Reading(0, "seen[0]", 1.0, "plasma", 50.0, "", "norketamine", ("s",), "venous")
    model = tables().models["perez_ruixo_2021"]
    found = errors.error(norketamine, np.array([40.0]), model, OBSERVING, 6.0)
    assert found.sd[0] == model.residual["norketamine"]
    assert against("plasma", 50.0, 40.0).sd[0] == OBSERVING["clinic_log_sd"]


def test_the_tail_of_what_was_expected_is_one() -> None:
    assert errors.tail(against("plasma", 100.0, 100.0))[0] == pytest.approx(1.0)
    assert errors.tail(against("plasma", 1000.0, 100.0))[0] < 1e-9
