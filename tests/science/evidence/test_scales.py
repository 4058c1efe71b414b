"""Trials on different scales: each scale has its own answer, and beside them stands one in standard deviations."""

import pytest

from lowtide.science.evidence.analysis import analyse
from lowtide.science.evidence.certainty import LEVELS
from lowtide.science.evidence.compare import Comparison
from lowtide.science.evidence.table import MeanArm
from tests.science.evidence.trials import MIDAZOLAM, ONE, Trials

MEANS = {"A": ("HRSD-17", -14.0, -8.0, 9.0), "B": ("MADRS", -15.0, -10.0, 12.0)}


def on(means: dict[str, tuple[str, float, float, float]], **metrics: str) -> Trials:
    """Study -> scale, mean under ketamine, mean under midazolam, standard deviation."""
    trials = Trials()
    for study, (scale, one, two, sd) in means.items():
        trials.add(study, {ONE: (0, 50), MIDAZOLAM: (0, 50)}, metric="completed")
        for arm, mean in (("A0", one), ("A1", two)):
            trials.row("outcomes", study_id=study, arm_id=arm, outcome_domain="depression", instrument=scale,
                       metric=metrics.get(study, "change_mean"), timepoint_label="24 h", time_days=1, n_analysed=50, mean=mean,
                       sd=sd)  # fmt: skip
    return trials


def across(found: Comparison) -> Comparison:
    return next(one for one in (found, *found.also) if one.scales)


def test_a_standardised_answer_stands_beside_those_on_each_scale() -> None:
    found = on(MEANS).between(ONE, MIDAZOLAM, outcome="change")
    assert [(one.measure, one.studies) for one in (found, *found.also)] == [
        ("MD", ("B",)),
        ("MD", ("A",)),
        ("SMD", ("A", "B")),
    ]
    arms = [
        MeanArm(study, name, mean, sd, 50)
        for study, (_, one, two, sd) in MEANS.items()
        for name, mean in (("k", one), ("m", two))
    ]
    network = analyse(arms, "SMD").main.found
    assert across(found).effect == pytest.approx(network.estimate(0, 1))


def test_of_two_scales_with_as_many_trials_and_people_the_preferred_one_leads() -> None:
    found = on(MEANS).between(ONE, MIDAZOLAM, outcome="change")
    assert found.group == "MADRS"
    assert across(found).scales == ("MADRS", "HRSD-17")


def test_its_certainty_is_lowered_for_the_scales_and_says_so() -> None:
    found = on(MEANS).between(ONE, MIDAZOLAM, outcome="change")
    sure = across(found).certainty
    assert sure is not None
    assert found.certainty is not None
    step = next(s for s in sure.steps if s.domain == "indirectness")
    assert (step.down, step.reason) == (1, "MADRS and HRSD-17 do not measure quite the same")
    assert LEVELS.index(sure.level) > LEVELS.index(found.certainty.level)


def test_it_is_told_in_points_of_the_preferred_scale() -> None:
    one = across(on(MEANS).between(ONE, MIDAZOLAM, outcome="change"))
    assert any("On MADRS, where people lay 12.0 points about their mean, that is" in said for said in one.why)


def test_one_scale_needs_no_standard_deviations() -> None:
    same = {"A": MEANS["B"], "B": MEANS["B"]}
    found = on(same).between(ONE, MIDAZOLAM, outcome="change")
    assert (found.measure, found.studies, found.also) == ("MD", ("A", "B"), ())


def test_changes_and_values_at_the_end_are_not_brought_onto_one_scale() -> None:
    scale, one, two, sd = MEANS["A"]
    at_the_end = MEANS | {"A": (scale, 22 + one, 22 + two, sd)}
    found = on(at_the_end, A="endpoint_mean").between(ONE, MIDAZOLAM, outcome="change")
    assert not [one for one in (found, *found.also) if one.scales]
