"""Without a time every time answers for itself: what was found after a day is never pooled with what was found after a month."""

import pytest

from lowtide.science.evidence.compare import Comparison, compare
from lowtide.science.evidence.printing import title
from lowtide.science.evidence.selection import Question
from tests.science.evidence.test_compare import SHIPPED, odds_ratio
from tests.science.evidence.trials import MIDAZOLAM, ONE, Trials


def two_times() -> Trials:
    trials = Trials().add("A", {ONE: (25, 50), MIDAZOLAM: (15, 50)}, day=1)
    return trials.add("B", {ONE: (30, 50), MIDAZOLAM: (15, 50)}, day=28)


def every(found: Comparison) -> dict[str, Comparison]:
    return {one.window: one for one in (found, *found.also)}


def test_trials_at_different_times_are_not_pooled_where_no_time_was_asked_for() -> None:
    found = every(two_times().between(ONE, MIDAZOLAM, at=None))
    assert {time: one.studies for time, one in found.items()} == {"24h": ("A",), "28d": ("B",)}
    assert found["24h"].effect == pytest.approx(odds_ratio((25, 50), (15, 50)))
    assert found["28d"].effect == pytest.approx(odds_ratio((30, 50), (15, 50)))


def test_the_answer_says_its_time_and_which_others_there_are() -> None:
    found = two_times().between(ONE, MIDAZOLAM, at=None)
    said = "No time was asked for, and times are not pooled: this is at 24h. At 28d there is an answer of its own."
    assert said in found.why
    assert "Kept apart: B (at 28d)." in found.why


def test_a_trial_seen_at_two_times_answers_at_both() -> None:
    trials = Trials().add("A", {ONE: (25, 50), MIDAZOLAM: (15, 50)}, day=1)
    for arm, events in (("A0", 20), ("A1", 10)):
        trials.row("outcomes", study_id="A", arm_id=arm, outcome_domain="depression", instrument="MADRS", metric="response",
                   timepoint_label="later", time_days=28, n_analysed=50, events=events)  # fmt: skip
    assert set(every(trials.between(ONE, MIDAZOLAM, at=None))) == {"24h", "28d"}


def test_a_time_outside_of_every_window_stands_under_its_own_label() -> None:
    found = two_times().add("C", {ONE: (9, 50), MIDAZOLAM: (8, 50)}, day=500)
    assert set(every(found.between(ONE, MIDAZOLAM, at=None))) == {"24h", "28d", "then"}


def test_asking_for_a_time_gives_what_stands_at_that_time_when_none_is_asked_for() -> None:
    whole = every(two_times().between(ONE, MIDAZOLAM, at=None))
    for at, one in whole.items():
        asked = two_times().between(ONE, MIDAZOLAM, at=at)
        assert (asked.effect, asked.lower, asked.studies) == (one.effect, one.lower, one.studies)
        assert asked.window == ""


def test_the_shipped_table_gives_remission_against_quetiapine_at_its_own_week() -> None:
    (one,) = (
        c for c in compare(SHIPPED, Question("trd", "remission"), "quetiapine+AD").comparisons if c.effect
    )
    (dated,) = (
        c
        for c in compare(SHIPPED, Question("trd", "remission", "56d"), "quetiapine+AD").comparisons
        if c.effect
    )
    assert (one.window, one.favours, one.effect) == ("56d", "treatment", dated.effect)


def test_printed_answers_of_different_times_have_different_names() -> None:
    found = two_times().between(ONE, MIDAZOLAM, at=None)
    asked = Question("trd", "response")
    assert len({title(asked, one) for one in (found, *found.also)}) == 2


def test_relapse_over_months_answers_no_question_on_one_day_and_is_named_beside_it() -> None:
    found = compare(SHIPPED, Question("trd", "relapse", "24h"), "placebo_spray+AD")
    assert all(one.no_evidence for one in found.comparisons)
    assert any("SUSTAIN1, the whole follow-up" in said for one in found.comparisons for said in one.why)
