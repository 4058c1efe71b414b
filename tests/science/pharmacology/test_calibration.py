"""The fitted response: made of the table as it stands, honest about what it left out, and as sure as it says."""

import re
from pathlib import Path

import numpy as np
import pytest

from lowtide.data.designs import calibration, designs, worlds
from lowtide.data.instruments import instrument
from lowtide.data.pharmacology import response
from tests.science.pharmacology.calibration import targets
from tests.science.pharmacology.calibration.fit import KEPT, fitted, made_of, prior
from tests.science.pharmacology.calibration.table import FITTED, HERE, families, trials

PAGE = (Path(__file__).parents[3] / "docs" / "validation.md").read_text()


def test_the_stored_ensemble_was_made_of_the_table_and_the_prior_in_force() -> None:
    with np.load(KEPT) as kept:
        assert str(kept["made_of"]) == made_of(), "run tests.science.pharmacology.calibration.writing"
        assert list(kept["families"]) == list(families(*FITTED))


def test_enough_worlds_are_left_whichever_study_is_left_out() -> None:
    assert fitted().ess() > 100
    assert min(fitted().ess(family) for family in families("yes")) > 25


def test_weights_without_a_study_do_not_know_its_figures() -> None:
    found = fitted()
    for family in families("yes")[:5]:
        other = {**found.by_family, family: found.by_family[family] * 0 + 7}
        same = type(found)(found.z, found.worlds, other, found.log_prior)
        assert same.weights(family) == pytest.approx(found.weights(family))


def test_the_products_worlds_are_the_fitted_ones() -> None:
    """Their middle is that of the weighed ensemble, within what 300 draws leave."""
    w = fitted().weights()
    for path, column in fitted().worlds.columns.items():
        mean = float(w @ column)
        sd = float(np.sqrt(w @ (column - mean) ** 2))
        kept = np.array([row[path] for row in worlds()])
        assert kept.mean() == pytest.approx(mean, abs=0.25 * sd + 1e-9), path


def test_what_was_fitted_says_so_and_what_was_not_does_not() -> None:
    for path in prior():
        number = response().number(path)
        assert number.seen in ("computed", "assumed")
        assert (number.seen == "computed") or path in ("potency.im", "potency.sc", "potency.sl")


def test_every_arm_has_a_source_and_says_what_was_assumed() -> None:
    for trial in trials():
        assert trial.source
        assert trial.assumed
        assert trial.instrument in designs().instrument
        assert instrument(trial.instrument)
        assert {name for row in trial.rows for name in row.arms} <= {arm.id for arm in trial.arms}


def test_null_trials_stay_in() -> None:
    assert {t.left_out_with for t in trials() if t.null} >= {"Lii2023", "KARMADep2", "Takahashi2021"}


def test_pain_and_ptsd_are_in_no_weight() -> None:
    apart = {t.left_out_with for t in trials() if t.scored == "apart"}
    assert apart
    assert not apart & fitted().by_family.keys()


def test_the_calibration_that_the_product_tells_is_that_of_the_page() -> None:
    found = calibration()
    line = next(row for row in PAGE.splitlines() if row.startswith("| all |"))
    assert [int(n) for n in re.findall(r"\d+", line)[:2]] == [found.figures, found.inside_50]
    assert f"| {found.inside_90} (" in line
    assert 0.8 <= found.inside_90 / found.figures <= 0.97


def test_every_target_is_on_the_page_with_an_answer_or_a_reason() -> None:
    text = (HERE / "targets.toml").read_text()
    ids = re.findall(r'^id = "(.+)"', text, re.M)
    assert len(ids) == 31
    assert not [i for i in ids if f"| {i} |" not in PAGE]
    for target in targets.table():
        assert target.ask or target.why


def test_well_people_relapse_about_as_often_as_was_printed_going_on_and_stopping() -> None:
    asked = next(target for target in targets.table() if target.id == "MAINT-HR-REM").ask
    going_on, stopping = (float(np.median(targets.answered(ask))) for ask in asked)
    assert going_on == pytest.approx(0.267, abs=0.06)
    assert stopping == pytest.approx(0.453, abs=0.06)


def test_worlds_are_plain_numbers() -> None:
    assert len(worlds()) == designs().people["worlds"].value
    assert all(np.isfinite(value) for row in worlds() for value in row.values())
