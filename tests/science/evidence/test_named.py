"""Answers by name come from rows: a changed row changes them, a new trial joins them, a recalled row says nothing."""

from collections.abc import Callable

import pytest

from lowtide.data.evidence import Tables, shipped
from lowtide.data.evidence_checks import tables
from lowtide.data.named_answers import named
from lowtide.pathway.course.trial_answers import Standing, standing
from lowtide.science.evidence.named import Answer

Change = Callable[[str], str]


def altered(**changes: Change) -> Standing:
    """The product's own tables with the text of some of them changed."""
    texts = {name: changes.get(name, str)(text) for name, text in shipped().items()}
    return standing(tables(texts))


def swapped(before: str, after: str) -> Change:
    def change(text: str) -> str:
        assert before in text, before
        return text.replace(before, after)

    return change


def without(start: str) -> Change:
    """The table without the lines that begin so."""

    def change(text: str) -> str:
        kept = [line for line in text.splitlines() if not line.startswith(start)]
        assert len(kept) < len(text.splitlines()), start
        return "\n".join(kept) + "\n"

    return change


def added(*lines: str) -> Change:
    return lambda text: text.rstrip("\n") + "\n" + "\n".join(lines) + "\n"


def test_every_answer_that_is_named_is_found_in_the_table() -> None:
    assert set(standing().answers) == set(named())


def test_a_share_a_ratio_and_the_people_are_those_of_the_rows() -> None:
    answer = standing().answers["dissociation_drip"]
    assert (answer.events, answer.n, answer.control_events, answer.control_n) == (55, 91, 14, 90)
    assert (answer.per_100, answer.control_per_100) == (60, 16)
    assert answer.effect == pytest.approx(55 * 76 / (36 * 14))
    assert answer.people == 181


def test_a_share_that_a_review_prints_in_its_note_is_read_from_there() -> None:
    answer = standing().answers["fibromyalgia_duloxetine"]
    assert (answer.percent, answer.control_percent) == (36.6, 23.3)
    assert answer.people == 528


def test_a_published_subgroup_is_not_taken_for_everybody() -> None:
    found = standing().answers
    assert found["suicidal_3d_bipolar"].effect == 14.1
    assert found["suicidal_3d_depressive"].effect == 1.3
    assert found["suicidal_3d"].effect == pytest.approx(3.68, abs=0.05)


def test_words_and_p_values_say_whether_a_difference_was_shown() -> None:
    found = standing().answers
    assert found["ptsd_veterans"].shown == 0
    assert found["crps_week12"].shown == 0
    assert found["crps_odd_feelings"].shown == 1
    assert found["rate_24h"].shown is None


def test_a_changed_row_changes_its_answer() -> None:
    now = altered(durability=swapped("median_time_to_relapse,,18,days", "median_time_to_relapse,,75,days"))
    assert now.answers["relapse_after_course"].value == 75
    assert standing().answers["relapse_after_course"].value == 18


def of_a_new_trial(condition: str) -> Answer:
    study = f"New2026,New2026,New A et al. A trial 2026,2026,,,,no,{condition},,RCT parallel,double-blind; active placebo,200,200,MADRS,midazolam,,,yes,https://example.org/new"
    arm = "New2026,{id},{id},{node},{drug},IV,0.5,mg/kg,40,2/week,8,28,,100,,,,,,yes,https://example.org/new,"
    outcome = "New2026,{id},depression,MADRS,response,day 28,28,100,,,,,,{events},{events},reported,,,,,,,,yes,https://example.org/new,"
    now = altered(
        studies=added(study),
        arms=added(
            arm.format(id="K", node="ketamine_iv_repeated", drug="racemic ketamine"),
            arm.format(id="M", node="midazolam", drug="midazolam"),
        ),
        outcomes=added(outcome.format(id="K", events=60), outcome.format(id="M", events=30)),
    )
    return now.answers["response_course_midazolam"]


def test_a_new_trial_joins_the_answer() -> None:
    answer = of_a_new_trial("MDD/bipolar inpatients")
    assert set(answer.studies) == {"KARMADep2", "New2026"}
    assert answer.people == 262
    assert answer.shown == 1


def test_a_trial_of_one_diagnosis_is_not_pooled_with_one_of_two() -> None:
    assert of_a_new_trial("MDD").studies == ("New2026",)


def test_an_answer_whose_row_is_gone_or_recalled_is_not_there() -> None:
    start = "Murrough2013Rep,KET6,responders,median_time_to_relapse"
    gone = altered(durability=without(start))
    recalled = altered(
        durability=lambda text: (
            "\n".join(
                line.replace(",yes,", ",no,") if line.startswith(start) else line
                for line in text.splitlines()
            )
            + "\n"
        )
    )
    assert "relapse_after_course" not in gone.answers
    assert "relapse_after_course" not in recalled.answers


def test_every_row_behind_an_answer_was_read() -> None:
    for answer in standing().answers.values():
        assert all(row.verified for _, row in answer.rows), answer.name


def test_the_answers_are_kept_for_each_state_of_the_data() -> None:
    assert standing() is standing()
    given: Tables = tables()
    assert standing(given) is standing()


def test_a_part_of_a_trial_has_its_people_and_the_test_of_whether_it_is_unlike_the_others() -> None:
    found = standing().answers
    assert (found["spray_men"].people, found["spray_women"].people) == (95 + 70, 215 + 138)
    assert found["spray_men"].interaction == 0.3546
    assert found["spray_old"].interaction is None


def test_a_printed_chance_says_whether_a_difference_was_shown_where_no_limits_are_printed() -> None:
    found = standing().answers["spray_alone_84"]
    assert (found.p, found.p_said, found.shown) == (0.001, "<0.001", 1)
    beside = altered(outcomes=swapped("PBO,LSMD,-6.8,,,<0.001", "PBO,LSMD,-6.8,,,0.21"))
    assert beside.answers["spray_alone_84"].shown == 0
    assert standing().answers["spray_japan_84"].shown is None
    assert standing().answers["spray_japan_84"].value_gap == pytest.approx(0.2)
