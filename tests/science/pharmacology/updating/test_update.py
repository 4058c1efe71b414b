"""Readings move the members that can speak to them, and nothing else; what cannot be true of anybody is said."""

from functools import cache

import msgspec
import numpy as np
import pytest

from lowtide.pathway.plan.simulating import person, tables
from lowtide.problems import BadInput
from lowtide.science.pharmacology.draws import Draws
from lowtide.science.pharmacology.ensemble import group
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import Dose, split_devices
from lowtide.science.pharmacology.simulate import Answer, Question, planned, simulate
from lowtide.science.pharmacology.summary import Figure
from lowtide.science.pharmacology.updating.observations import Observation, readings
from lowtide.science.pharmacology.updating.panel import Baseline, follow, panel, predictions, probe
from lowtide.science.pharmacology.updating.update import Update, update

INFUSION = (Dose(0.0, "ketamine", "iv", 35.0, 40.0),)
HIGH_LEVEL = Observation(0.6667, "plasma", 270.0, analyte="ketamine", unit="ng/mL")
STRONG = Observation(0.6667, "cadss", 40.0)
CALM = Observation(0.6667, "sbp", 125.0)
BASELINE = {"sbp": 125.0}


def asked(doses: tuple[Dose, ...] = INFUSION, **others: object) -> Question:
    return Question(doses, Person(70), (0.6667, 2.0), 3.0, members=800, **others)  # type: ignore[arg-type]


def after(
    *seen: Observation, question: Question | None = None, baselines: dict[str, float] | None = None
) -> Update:
    question = question or asked()
    enantiomers = planned(question, tables()).enantiomers
    found = readings(list(seen), "seen", tables().ensemble.constants, enantiomers)
    return update(question, found, tables(), baselines)


@cache
def level_and_score() -> Update:
    return after(HIGH_LEVEL, STRONG)


def figure(answer: Answer, name: str, moment: int) -> Figure:
    at = answer.analytes[name].at if name in answer.analytes else answer.effects[name].at
    found = at[moment].ng_ml or at[moment].value
    assert isinstance(found, Figure)
    return found


def test_the_prior_is_what_simulate_answers() -> None:
    assert level_and_score().prior == simulate(asked(), tables())


def test_a_high_level_raises_what_is_expected_now_and_later() -> None:
    found = level_and_score()
    for moment in (0, 1):
        before, then = (figure(a, "ketamine", moment) for a in (found.prior, found.posterior))
        assert then.median > before.median
        assert then.sd < before.sd


def test_a_strong_experience_makes_a_sensitive_person() -> None:
    found = level_and_score()
    assert figure(found.posterior, "cadss", 0).median > 2 * figure(found.prior, "cadss", 0).median
    assert figure(found.posterior, "cadss", 0).p95 < 92


def test_models_without_the_quantity_keep_their_share() -> None:
    """A venous model has nothing to say of dissociation; the arterial ones that do hold 60 % together."""
    found = after(STRONG)
    for name in ("perez_ruixo_2021", "otto_2021"):
        assert found.models[name].posterior == pytest.approx(found.models[name].prior, abs=0.005)


def test_a_level_chooses_among_the_models_that_provide_it() -> None:
    models = level_and_score().models
    assert models["perez_ruixo_2021"].posterior < models["perez_ruixo_2021"].prior
    assert sum(share.posterior for share in models.values()) == pytest.approx(1)


def test_what_was_not_observed_is_left_alone() -> None:
    found = after(CALM, baselines=BASELINE)
    assert figure(found.posterior, "sbp_rise_mmhg", 0).median < figure(found.prior, "sbp_rise_mmhg", 0).median
    before, then = figure(found.prior, "pain_relief_cm", 0), figure(found.posterior, "pain_relief_cm", 0)
    assert then.mean == pytest.approx(before.mean, rel=0.15)


def test_the_number_of_threads_changes_nothing() -> None:
    question = asked()
    found = readings([HIGH_LEVEL], "seen", tables().ensemble.constants, ("s", "r"))
    assert update(question, found, tables(), threads=1) == update(question, found, tables(), threads=3)


def test_mood_scores_are_taken_and_move_no_level() -> None:
    found = after(Observation(24.0, "madrs", 18.0), Observation(24.0, "phq9", 9.0))
    assert found.warnings == ["mood scores do not inform levels"]
    assert found.posterior == found.prior


def test_a_pressure_before_the_dose_is_the_pressure_at_rest() -> None:
    resting = Observation(-0.2, "sbp", 125.0)
    assert after(resting, CALM).posterior == after(CALM, baselines=BASELINE).posterior


def test_a_pressure_without_one_at_rest_is_refused() -> None:
    with pytest.raises(BadInput, match=r"seen\[0\]\.value.*--baseline-sbp"):
        after(CALM)


def test_a_slip_of_the_unit_is_said_and_moves_nobody() -> None:
    found = after(msgspec.structs.replace(HIGH_LEVEL, value=0.18))
    (warning,) = found.warnings
    assert "implausible under every member" in warning
    assert "It would fit as mg/L" in warning
    before, then = figure(found.prior, "ketamine", 0), figure(found.posterior, "ketamine", 0)
    assert then.median == pytest.approx(before.median, rel=0.05)


def test_a_slip_of_the_sample_site_is_guessed() -> None:
    question = asked((Dose(0.0, "ketamine", "iv", 35.0),), model="simons_2022")
    found = after(msgspec.structs.replace(HIGH_LEVEL, at_h=0.0333, value=1900.0), question=question)
    assert "as arterial" in found.warnings[0]


def test_readings_that_contradict_one_another_are_said() -> None:
    low, high = (msgspec.structs.replace(HIGH_LEVEL, value=v) for v in (70.0, 300.0))
    found = after(low, low, low, low, high)
    assert any("seen[4]" in w and "does not fit with the other observations" in w for w in found.warnings)


def test_a_quantity_that_no_model_of_the_run_provides_informs_nothing() -> None:
    found = after(STRONG, question=asked(model="otto_2021"))
    assert found.warnings == [
        "seen[0]: cadss 40 at 0.6667 h informs nothing: no model of this run provides it"
    ]
    assert found.ess == 800


def test_a_level_before_the_dose_can_only_be_nothing() -> None:
    found = after(msgspec.structs.replace(HIGH_LEVEL, at_h=0.0))
    assert "implausible under every member" in found.warnings[0]
    assert not after(msgspec.structs.replace(HIGH_LEVEL, at_h=0.0, value=0.0)).warnings


SEEN = [
    msgspec.structs.replace(HIGH_LEVEL, at_h=0.7),
    msgspec.structs.replace(HIGH_LEVEL, at_h=50.5, analyte="s_norketamine", value=40.0),
    msgspec.structs.replace(HIGH_LEVEL, at_h=50.5, analyte="r_hydroxynorketamine", value=40.0),
    Observation(49.0, "cadss", 12.0),
    Observation(0.5, "high", 5.0),
    Observation(49.0, "sbp", 140.0),
]


@pytest.mark.parametrize(
    ("model", "route"),
    [
        ("simons_2022", "iv"),
        ("simons_2022", "in"),
        ("simons_2022", "sl"),
        ("perez_ruixo_2021", "iv"),
        ("perez_ruixo_2021", "po"),
    ],
)
def test_everything_that_moves_a_prediction_is_held(model: str, route: str) -> None:
    """Members who hold only the normals found to matter predict the same as with all their normals."""
    drug, mg = ("esketamine", 84.0) if route == "in" else ("ketamine", 40.0)
    given = [Dose(at, drug, route, mg) for at in (0.0, 48.0)]
    doses = tuple(d for dose in given for d in split_devices(dose, tables().routes[dose.way]))
    question = Question(
        doses, person(130, age=66, sex="F", taking=("ticlopidine",)), (1.0,), 60.0, model=model
    )
    plan = planned(question, tables())
    rows = [s for s in SEEN if "r" in plan.enantiomers or not (s.analyte or "").startswith("r_")]
    seen = readings(rows, "seen", tables().ensemble.constants, plan.enantiomers)
    p = panel(tuple(seen), question, plan, tables(), {"sbp": Baseline(125.0, 6.0)}, threads=1)
    names, _ = probe(p, model)
    draws = Draws(300, 4, 0)
    held = np.column_stack([draws.normal(name) for name in names])
    whole = predictions(p, group(p.plan, tables(), tables().models[model], draws))
    assert np.concatenate(list(follow(p, model, names, held))) == pytest.approx(whole, rel=1e-9, nan_ok=True)
    assert "pain" not in names
