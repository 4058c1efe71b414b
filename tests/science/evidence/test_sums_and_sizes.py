"""Whose numbers lead, and of how many people: reviews beside smaller trials, arms that were added up, people in two arms."""

import pytest
from msgspec.structs import replace

from lowtide.data.evidence import Arm
from lowtide.data.evidence_certainty import certainty
from lowtide.data.evidence_checks import tables
from lowtide.data.evidence_words import words
from lowtide.science.evidence.added import added_up
from lowtide.science.evidence.answering import Comparison
from lowtide.science.evidence.compare import Known, compare
from lowtide.science.evidence.selection import Question
from tests.science.evidence.trials import MIDAZOLAM, ONE, SALINE, Trials

SHIPPED = Known(tables(), words(), certainty(), (), tables().digest)


def reviewed(trials: Trials) -> Trials:
    """With a review of four trials and 296 people on the first answer of the page."""
    trials.row(
        "pooled", pooled_id="REVIEW", citation="Dean RL 2021", comparison="ketamine vs midazolam", outcome="response",
        k_trials=4, n_participants=296, effect_type="OR", effect="2.48", ci_low="1.0", ci_high="6.18", certainty="very low"
    )  # fmt: skip
    trials.rows["pooled_contrasts"].append(
        {
            "pooled_id": "REVIEW",
            "indications": "trd",
            "population": "mixed",
            "treatment": ONE,
            "versus": MIDAZOLAM,
        }
        | {"outcome": "response", "time_days": 1, "baseline_percent": "25.9"}
    )
    return trials


def between(trials: Trials) -> Comparison:
    return trials.between(ONE, MIDAZOLAM)


def test_one_new_trial_of_ten_people_does_not_displace_a_review_of_296() -> None:
    found = between(reviewed(Trials()).add("New", {ONE: (5, 5), MIDAZOLAM: (0, 5)}))
    assert found.studies == ("REVIEW",)
    assert [one.studies for one in found.also] == [("New",)]
    assert any("fewer trials and people than the review" in said for said in found.why)


def test_rows_of_as_many_people_or_as_many_trials_go_before_a_review() -> None:
    assert between(reviewed(Trials()).add("New", {ONE: (80, 150), MIDAZOLAM: (60, 150)})).studies == ("New",)
    small = reviewed(Trials())
    for name in "ABCD":
        small.add(name, {ONE: (6, 10), MIDAZOLAM: (3, 10)})
    assert between(small).studies == ("A", "B", "C", "D")


def test_what_one_trial_counted_is_told_beside_its_shares() -> None:
    assert between(Trials().add("A", {ONE: (5, 5), MIDAZOLAM: (0, 5)})).counted == ((5, 5), (0, 5))
    two = Trials().add("A", {ONE: (5, 9), MIDAZOLAM: (2, 9)}).add("B", {ONE: (5, 9), MIDAZOLAM: (2, 9)})
    assert between(two).counted is None


def arm(study: str, node: str, n: int | None) -> Arm:
    (one,) = (a for a in tables().arms if (a.study_id, a.arm_id) == ("Grunebaum2018", "KET"))
    return replace(one, study_id=study, arm_id=node, nma_node=node, n_arm=n)


def test_arms_added_up_over_trials_with_unlike_lots_are_said_to_be() -> None:
    unlike = [arm("A", ONE, 200), arm("A", SALINE, 100), arm("B", ONE, 100), arm("B", SALINE, 100)]
    assert "A and B" in added_up(unlike)
    assert "67 and 50" in added_up(unlike)
    assert not added_up(unlike[:2])
    assert not added_up([*unlike[2:], arm("C", ONE, 50), arm("C", SALINE, 51)])
    assert "an unknown number" in added_up([*unlike[2:], arm("C", ONE, None), arm("C", SALINE, 51)])


def test_a_published_effect_goes_before_the_sums_of_two_trials_arms() -> None:
    found = compare(SHIPPED, Question("trd", "change", "28d"), "newAD")
    one = next(c for c in found.comparisons if c.treatment == "esketamine_in+AD")
    women, men, old = (-4.5, (7.26 - 1.7) / 3.92), (-1.6, (5.6 + 2.41) / 3.92), (-3.6, (7.2 + 0.07) / 3.92)
    parts = (women, men, old)
    weights = [1 / se**2 for _, se in parts]
    expected = sum(w * value for w, (value, _) in zip(weights, parts, strict=True)) / sum(weights)
    assert one.effect == pytest.approx(expected, abs=1e-3)
    assert one.upper == pytest.approx(expected + 1.96 / sum(weights) ** 0.5, abs=2e-3)
    assert one.people == 518 + 137
    assert any("women and men put together" in said for said in one.why)


def test_counts_that_are_only_printed_as_sums_over_unlike_trials_lose_a_level() -> None:
    found = compare(SHIPPED, Question("trd", "nausea"), "newAD")
    one = next(c for c in found.comparisons if c.treatment == "esketamine_in+AD")
    assert one.certainty is not None
    assert next(s for s in one.certainty.steps if s.domain == "risk of bias").down == 2
    assert any("added up as if of one trial" in said for said in one.why)


def test_in_a_crossover_everybody_is_counted_once() -> None:
    trials = Trials().add("X", {ONE: (9, 18), MIDAZOLAM: (1, 17)}, design="RCT crossover")
    assert between(trials).people == 18
    found = compare(SHIPPED, Question("social_anxiety", "response", "14d"), SALINE)
    assert [one.people for one in found.comparisons if not one.no_evidence] == [18]
