"""Ketamine against what else there is: each trial once, nothing merged in silence, and no number where nothing connects."""

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.data.evidence_certainty import certainty
from lowtide.data.evidence_checks import tables
from lowtide.data.evidence_words import words
from lowtide.science.evidence.compare import Known, compare, terms
from lowtide.science.evidence.selection import Question
from tests.science.evidence.trials import MIDAZOLAM, ONE, SALINE, Trials

SHIPPED = Known(tables(), words(), certainty(), (), tables().digest)


def odds_ratio(one: tuple[int, int], two: tuple[int, int]) -> float:
    return one[0] * (two[1] - two[0]) / (two[0] * (one[1] - one[0]))


def test_one_trial_gives_its_own_odds_ratio() -> None:
    found = Trials().add("A", {ONE: (22, 40), MIDAZOLAM: (12, 40)}).between(ONE, MIDAZOLAM)
    assert found.effect == pytest.approx(odds_ratio((22, 40), (12, 40)))
    assert (found.measure, found.evidence, found.studies) == ("OR", "direct", ("A",))
    assert found.lower == pytest.approx(1.14, abs=0.005)
    assert found.upper == pytest.approx(7.15, abs=0.005)
    assert found.favours == "treatment"


def test_people_of_100_come_from_the_comparators_own_arms() -> None:
    found = (
        Trials()
        .add("A", {ONE: (20, 40), MIDAZOLAM: (10, 40)})
        .add("B", {ONE: (30, 60), MIDAZOLAM: (12, 60)})
        .between(ONE, MIDAZOLAM)
    )
    assert found.absolute is not None
    assert found.absolute.baseline == pytest.approx(22)
    assert found.absolute.baseline_from == "22 of 100 people in A, B"
    assert found.effect is not None
    odds = 0.22 / 0.78 * found.effect
    assert found.absolute.per_100 == pytest.approx(100 * odds / (1 + odds))


def test_saline_and_midazolam_are_never_one_control() -> None:
    trials = (
        Trials().add("A", {ONE: (20, 40), SALINE: (2, 40)}).add("B", {ONE: (20, 40), MIDAZOLAM: (15, 40)})
    )
    assert trials.between(ONE, SALINE).studies == ("A",)
    assert trials.between(ONE, MIDAZOLAM).studies == ("B",)
    assert trials.between(ONE, SALINE).effect != trials.between(ONE, MIDAZOLAM).effect


def test_what_no_trial_connects_has_no_number() -> None:
    trials = (
        Trials()
        .add("A", {ONE: (20, 40), SALINE: (2, 40)})
        .add("B", {"esketamine_in": (20, 40), "ECT": (9, 40)})
    )
    found = trials.between(ONE, "ECT")
    assert found.no_evidence
    assert (found.effect, found.lower, found.upper, found.absolute) == (None, None, None, None)
    assert "No trial connects" in found.why[0]


def test_treatments_that_were_compared_with_the_same_third_are_compared_through_it() -> None:
    trials = (
        Trials()
        .add("A", {ONE: (20, 40), MIDAZOLAM: (10, 40)})
        .add("B", {"ECT": (25, 40), MIDAZOLAM: (10, 40)})
    )
    found = trials.between(ONE, "ECT")
    assert found.evidence == "indirect"
    assert log(found.effect or 0) == pytest.approx(
        log(odds_ratio((20, 40), (10, 40))) - log(odds_ratio((25, 40), (10, 40)))
    )
    assert found.certainty is not None
    assert any(step.domain == "indirectness" and step.down == 1 for step in found.certainty.steps)


def test_direct_and_indirect_evidence_stand_beside_each_other() -> None:
    found = (
        Trials()
        .add("A", {ONE: (20, 40), MIDAZOLAM: (10, 40)})
        .add("B", {"ECT": (25, 40), MIDAZOLAM: (10, 40)})
        .add("C", {ONE: (22, 40), "ECT": (18, 40)})
        .between(ONE, "ECT")
    )
    assert found.evidence == "both"
    assert found.parts is not None
    assert found.parts.direct is not None
    assert found.parts.direct[0] == pytest.approx(odds_ratio((22, 40), (18, 40)))
    assert found.spread is not None
    assert found.spread.trials == 3


def test_populations_are_not_merged() -> None:
    trials = Trials().add("A", {ONE: (20, 40), MIDAZOLAM: (10, 40)})
    trials.add("B", {ONE: (10, 40), MIDAZOLAM: (10, 40)}, condition="TRD primary care")
    found = trials.between(ONE, MIDAZOLAM)
    assert found.studies == ("A",)
    assert [one.studies for one in found.also] == [("B",)]
    assert {found.population, found.also[0].population} == {"resistant", "resistant_milder"}


def test_depression_that_was_not_selected_stays_out_of_the_resistant() -> None:
    trials = Trials().add("A", {ONE: (20, 40), MIDAZOLAM: (10, 40)}, condition="MDD")
    assert trials.between(ONE, MIDAZOLAM, indication="mdd").studies == ("A",)
    assert trials.between("ketamine", MIDAZOLAM, indication="trd").no_evidence


def test_a_crossover_trial_does_not_stand_in_the_network_and_says_what_it_is() -> None:
    trials = (
        Trials()
        .add("A", {ONE: (20, 40), MIDAZOLAM: (10, 40)})
        .add("X", {ONE: (9, 10), MIDAZOLAM: (1, 10)}, design="RCT crossover")
    )
    found = trials.between(ONE, MIDAZOLAM)
    assert found.studies == ("A",)
    assert [(one.evidence, one.studies) for one in found.also] == [("crossover", ("X",))]
    assert "Kept apart: X (crossover)." in found.why
    alone = (
        Trials().add("X", {ONE: (9, 10), MIDAZOLAM: (1, 10)}, design="RCT crossover").between(ONE, MIDAZOLAM)
    )
    assert alone.evidence == "crossover"
    assert any("Crossover" in said for said in alone.why)


def test_a_trial_that_took_the_treatment_away_says_nothing_of_the_first_weeks() -> None:
    found = (
        Trials().add("W", {ONE: (20, 40), MIDAZOLAM: (10, 40)}, design="RCT randomised withdrawal").answer()
    )
    assert all(one.no_evidence for one in found.comparisons)
    assert ("W", True) in {(one.study, "away" in one.reason) for one in found.left}


def test_what_a_trial_printed_that_took_the_treatment_away_is_told_and_not_lost() -> None:
    found = compare(SHIPPED, Question("trd", "change", "91d"), "placebo_pill")
    (one,) = found.comparisons
    assert one.no_evidence
    assert any(
        "BEDROC2024, it took the treatment away" in said and "LSMD -6.1 (-11.16 to -1.0)" in said
        for said in one.why
    )


def test_two_reports_on_the_same_people_count_once() -> None:
    trials = Trials().add("A", {ONE: (20, 40), MIDAZOLAM: (10, 40)}, family="F")
    trials.add("B", {ONE: (10, 20), MIDAZOLAM: (5, 20)}, family="F")
    assert trials.between(ONE, MIDAZOLAM).studies == ("A",)
    told = [one.reason for one in trials.answer().left if one.study == "B"]
    assert told == ["its people are counted with A"]


def test_two_trials_of_one_family_with_numbers_of_their_own_count_both() -> None:
    trials = Trials().add("A", {ONE: (20, 40), MIDAZOLAM: (10, 40)}, family="F", registry="NCT1")
    trials.add("B", {ONE: (10, 20), MIDAZOLAM: (5, 20)}, family="F", registry="NCT2")
    assert trials.between(ONE, MIDAZOLAM).studies == ("A", "B")


def test_recalled_rows_speak_only_when_asked_and_are_marked() -> None:
    trials = Trials().add("A", {ONE: (20, 40), MIDAZOLAM: (10, 40)}, verified="no")
    assert all(one.no_evidence for one in trials.answer().comparisons)
    found = trials.between(ONE, MIDAZOLAM, unverified=True)
    assert found.verified is False
    assert any("Recalled" in said and "A" in said for said in found.why)


def test_a_new_row_changes_the_answer() -> None:
    trials = Trials().add("A", {ONE: (20, 40), MIDAZOLAM: (10, 40)})
    before = trials.between(ONE, MIDAZOLAM)
    after = trials.add("B", {ONE: (10, 40), MIDAZOLAM: (12, 40)}).between(ONE, MIDAZOLAM)
    assert before.effect is not None
    assert after.effect is not None
    assert after.effect < before.effect
    assert after.studies == ("A", "B")


def test_times_outside_the_window_do_not_count_and_are_told() -> None:
    trials = Trials().add("A", {ONE: (20, 40), MIDAZOLAM: (10, 40)}, day=7)
    assert trials.between(ONE, MIDAZOLAM, at="7d").studies == ("A",)
    found = trials.answer(at="24h")
    assert all(one.no_evidence for one in found.comparisons)
    assert found.elsewhere == (("A", "then"),)


def percentages(trials: Trials) -> Trials:
    """Of the last trial's two arms only shares are printed: 54 and 39 of 100."""
    for row, percent in zip(trials.rows["outcomes"][-2:], (54, 39), strict=True):
        row |= {"events": "", "n_analysed": "", "percent": percent, "events_basis": "percent only"}
    return trials


def test_of_percentages_without_their_people_nobody_is_said_to_be_counted() -> None:
    found = percentages(Trials().add("A", {ONE: (20, 100), MIDAZOLAM: (10, 100)})).between(ONE, MIDAZOLAM)
    assert (found.people, found.took_part) == (None, 200)
    assert found.effect == pytest.approx(odds_ratio((54, 100), (39, 100)), rel=0.05)
    assert any("as if 80% of each arm" in said for said in found.why)


def test_the_limits_of_percentages_hold_for_every_share_that_may_have_been_looked_at() -> None:
    found = percentages(Trials().add("A", {ONE: (20, 100), MIDAZOLAM: (10, 100)})).between(ONE, MIDAZOLAM)
    assert found.lower is not None
    assert found.upper is not None
    for n in (80, 90, 100):
        one = Trials().add("A", {ONE: (round(0.54 * n), n), MIDAZOLAM: (round(0.39 * n), n)})
        of = one.between(ONE, MIDAZOLAM)
        assert of.lower is not None
        assert of.upper is not None
        assert found.lower <= of.lower + 0.03
        assert of.upper <= found.upper + 0.03


def test_percentages_are_of_the_people_whom_another_row_of_the_scale_and_time_counts() -> None:
    trials = percentages(Trials().add("A", {ONE: (20, 100), MIDAZOLAM: (10, 100)}))
    for arm, n in (("A0", 90), ("A1", 95)):
        trials.row("outcomes", study_id="A", arm_id=arm, outcome_domain="depression", instrument="MADRS", metric="change_mean",
                   timepoint_label="then", time_days=1, mean="-9", n_analysed=n)  # fmt: skip
    found = trials.between(ONE, MIDAZOLAM)
    assert found.effect == pytest.approx(odds_ratio((49, 90), (37, 95)))
    assert any("90 of the 100 people" in said for said in found.why)


def test_the_people_of_the_two_trials_of_the_spray_are_those_that_the_table_counts() -> None:
    found = compare(SHIPPED, Question("trd", "response", "28d"), "newAD")
    one = next(c for c in found.comparisons if c.treatment == "esketamine_in+AD")
    assert (one.people, one.took_part) == (None, 565)
    assert any("310 of the 343 people" in said for said in one.why)
    assert "477" not in " ".join(one.why)


def test_a_published_effect_stands_in_where_arms_are_not_printed() -> None:
    trials = Trials().add("A", {ONE: (0, 40), MIDAZOLAM: (0, 40)}, metric="completed")
    trials.row("outcomes", study_id="A", arm_id="A0", outcome_domain="depression", instrument="MADRS", metric="mean_difference",
               timepoint_label="24 h", time_days=1, comparator_arm_id="A1", effect_type="MD", effect="-4", effect_ci_low="-7",
               effect_ci_high="-1")  # fmt: skip
    found = trials.between(ONE, MIDAZOLAM, outcome="change")
    assert (found.measure, found.effect, found.group) == ("MD", pytest.approx(-4), "MADRS")
    assert found.lower == pytest.approx(-7)
    assert found.upper == pytest.approx(-1)
    assert found.favours == "treatment"
    assert found.absolute is None


def test_means_without_their_spread_are_told_and_not_pooled() -> None:
    trials = Trials().add("A", {ONE: (0, 40), MIDAZOLAM: (0, 40)}, metric="completed")
    for arm, mean in (("A0", "-15.2"), ("A1", "-15.3")):
        trials.row("outcomes", study_id="A", arm_id=arm, outcome_domain="depression", instrument="MADRS", metric="change_mean",
                   timepoint_label="24 h", time_days=1, mean=mean, n_analysed=40)  # fmt: skip
    found = trials.between(ONE, MIDAZOLAM, outcome="change")
    assert found.no_evidence
    assert "its means stand without their spread" in found.why[0]
    assert "-15.2" in found.why[0]


def test_side_effects_asked_in_different_ways_stand_apart() -> None:
    trials = Trials()
    for study, asked in (("A", "asked by name"), ("B", "asked by name"), ("C", "told by themselves")):
        trials.add(study, {ONE: (5, 40), MIDAZOLAM: (5, 40)})
        trials.row("asked", study_id=study, asked=asked)
        for arm, events in (("A0", 20), ("A1", 5)):
            trials.row(
                "adverse_events",
                study_id=study,
                arm_id=arm,
                event="nausea",
                period="course",
                n_at_risk=40,
                n_events=events,
            )
    found = trials.between(ONE, MIDAZOLAM, outcome="nausea")
    assert found.studies == ("A", "B")
    assert [one.studies for one in found.also] == [("C",)]
    assert found.favours == "comparator"


def test_a_study_that_says_not_how_it_asked_is_pooled_with_none() -> None:
    trials = Trials()
    for study in ("A", "B"):
        trials.add(study, {ONE: (5, 40), MIDAZOLAM: (5, 40)})
        for arm in ("A0", "A1"):
            trials.row(
                "adverse_events",
                study_id=study,
                arm_id=arm,
                event="nausea",
                period="course",
                n_at_risk=40,
                n_events=9,
            )
    found = trials.between(ONE, MIDAZOLAM, outcome="nausea")
    assert len(found.studies) == 1
    assert len(found.also) == 1


def test_relapse_is_told_for_each_group_of_people_apart() -> None:
    found = compare(SHIPPED, Question("trd", "relapse", "28d"), "placebo_spray+AD")
    (one,) = (c for c in found.comparisons if not c.no_evidence)
    assert (one.measure, one.effect, one.lower, one.upper) == ("HR", 0.49, 0.29, 0.84)
    assert one.absolute is not None
    assert (round(one.absolute.per_100), round(one.absolute.baseline), one.people) == (27, 45, 176)
    assert "Not at 28d: no row is dated inside it; this is over the whole follow-up." in one.why
    ratios = {(c.group, c.measure): c.effect for c in one.also}
    assert ratios["stable remitters after 16 weeks", "OR"] == pytest.approx(odds_ratio((24, 90), (39, 86)))
    assert any("OR of its counts" in said for said in one.why)
    assert ratios["stable responders (not remitted)", "HR"] == pytest.approx(0.30)


def test_nobody_ill_in_any_arm_is_no_answer() -> None:
    found = Trials().add("A", {ONE: (0, 40), MIDAZOLAM: (0, 40)}).answer()
    assert all(one.no_evidence for one in found.comparisons)
    assert [one.study for one in found.left] == ["A"]


@given(st.permutations(["A", "B", "C", "D"]), st.integers(1, 38))
def test_the_order_of_the_rows_does_not_matter(order: list[str], events: int) -> None:
    arms = {
        "A": {ONE: (events, 40), MIDAZOLAM: (10, 40)},
        "B": {ONE: (20, 39), SALINE: (7, 41)},
        "C": {"ECT": (30, 50), MIDAZOLAM: (15, 50)},
        "D": {"ECT": (12, 30), ONE: (13, 33)},
    }
    found = [_by_order(arms, names) for names in (order, sorted(order))]
    assert found[0] == pytest.approx(found[1])


def _by_order(arms: dict[str, dict[str, tuple[int, int]]], names: list[str]) -> list[float]:
    trials = Trials()
    for name in names:
        trials.add(name, arms[name])
    return [one.effect or 0.0 for one in trials.answer().comparisons]


def test_every_question_has_answers_without_a_number_out_of_nothing() -> None:
    for indication in words().indication:
        for outcome in (*words().outcome, *terms(SHIPPED)[:12]):
            for one in compare(SHIPPED, Question(indication, outcome, "28d", unverified=True)).comparisons:
                assert one.no_evidence == (one.effect is None)
                assert one.why
                assert one.no_evidence or (one.lower is not None and one.studies and one.certainty)
                assert one.no_evidence or one.lower <= one.effect <= one.upper  # type: ignore[operator]


def test_an_answer_is_worked_out_once_for_the_same_tables() -> None:
    asked = Question("trd", "response", "28d")
    assert compare(SHIPPED, asked) is compare(
        Known(tables(), words(), certainty(), (), tables().digest), asked
    )


def test_placebo_that_was_blinded_and_open_usual_care_are_never_one_control() -> None:
    its = tables()
    nodes = {
        study: its.arm[study, arm].nma_node for study, arm in (("SUSTAIN1", "PBO"), ("CoBalT2013", "UC"))
    }
    assert len(set(nodes.values())) == 2
    open_, blinded = its.node[nodes["CoBalT2013"]], its.node[nodes["SUSTAIN1"]]
    assert open_.control != blinded.control
    assert its.arm["Takahashi2021", "PBO"].nma_node == nodes["SUSTAIN1"]
