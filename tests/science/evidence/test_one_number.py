"""One number, and one certainty, for a row wherever it is told: comparisons, answers by name, claims, pages and documents."""

import pytest

from lowtide.data.named_answers import Named, named
from lowtide.pathway.course.trial_answers import known, standing
from lowtide.science.evidence.compare import compare
from lowtide.science.evidence.printing import answered
from lowtide.science.evidence.rated import AS_NAMED, every, level, spots
from lowtide.science.evidence.selection import Question
from lowtide.science.evidence.shares import limits, of_100, share, whole
from lowtide.site.evidence_pages.page import answer_row, comparison_row


def absolute_of(term: str, study: str, indication: str, grade: str = "") -> tuple[float, float]:
    found = compare(known(), Question(indication, term))
    one = next(c for c in every(found.comparisons) if study in c.studies and c.group.startswith(grade))
    assert one.absolute is not None
    return one.absolute.per_100, one.absolute.baseline


def test_an_answer_is_as_sure_as_the_comparison_of_its_rows() -> None:
    of, found = known(), standing().answers
    held: set[str] = set()
    for _, its in answered(of):
        for one in its:
            rows = {(seen.table, seen.line) for seen in one.seen}
            for answer in found.values():
                same = answer.measure != "HR" or one.measure == "HR"  # its counts are told beside it
                if (
                    answer.said.against
                    and not answer.said.asked
                    and rows
                    and same
                    and rows <= spots(of, answer)
                ):
                    assert one.certainty is not None
                    assert answer.certainty == AS_NAMED[one.certainty.level], answer.name
                    held.add(answer.name)
    assert len(held) >= 19
    assert {"crps_week1", "nasal_24h", "relapse_on_off_spray", "serious_four_weeks", "spray_pressure"} <= held


def test_the_two_tell_the_same_of_100_people_and_the_same_ratio() -> None:
    of, found = known(), standing().answers
    for _, its in answered(of):
        for one in its:
            rows = {(seen.table, seen.line) for seen in one.seen}
            for answer in found.values():
                if not answer.rows or answer.said.asked or rows != spots(of, answer):
                    continue
                if one.absolute and answer.percent is not None and answer.name != "usual_ssri_ptsd":
                    told = (whole(one.absolute.per_100), whole(one.absolute.baseline))
                    assert (answer.per_100, answer.control_per_100) == told, answer.name
                if one.measure == answer.measure and one.effect is not None and answer.effect is not None:
                    assert answer.effect == pytest.approx(one.effect), answer.name


def test_claims_and_pages_tell_the_certainty_of_the_answer_and_no_other() -> None:
    now = standing()
    for answer in now.answers.values():
        assert answer_row(answer, now)["certainty"] == answer.certainty.replace("_", " ")


def test_a_certainty_is_typed_only_where_nothing_is_compared_and_with_its_reason() -> None:
    for name, said in named().items():
        typed = said.certainty != "unknown"
        assert typed is not bool(said.against or said.count), name
        assert typed is bool(said.because), name
    with pytest.raises(ValueError, match="worked out"):
        Named(about="a", treated="b", against="c", certainty="high", because="d", rate="AE001")
    with pytest.raises(ValueError, match="because"):
        Named(about="a", treated="b", rate="AE061")


def test_every_answer_that_compares_something_says_how_sure_it_is_and_why() -> None:
    for answer in standing().answers.values():
        if answer.said.against:
            assert answer.certainty in AS_NAMED.values(), answer.name
            assert answer.because, answer.name


def test_rows_that_no_comparison_takes_are_judged_by_the_same_rules() -> None:
    found = standing().answers
    assert "side effects told people what they had been given" in found["crps_week12"].because
    assert "the interval holds no difference" in found["ptsd_veterans"].because
    assert "no limits are printed" in found["relapse_one_year"].because
    assert found["relapse_one_year"].certainty == "very_low"


def test_a_count_goes_before_a_printed_percentage_that_was_rounded() -> None:
    assert share(91, 25, 27.5) == pytest.approx(27.47, abs=0.01)
    assert share(30, None, 76.0) == 76.0
    treated, beside = absolute_of("nausea", "Ekstrand2022", "mdd")
    assert (whole(treated), whole(beside)) == (27, 26)


def test_a_printed_percentage_is_told_where_nobody_says_of_how_many() -> None:
    assert absolute_of("psychotomimetic effect", "Sigtermans2009", "crps") == (76.0, 18.0)
    found = standing().answers["crps_odd_feelings"]
    assert (found.per_100, found.control_per_100) == (76, 18)


def test_no_half_person_is_told_where_nobody_had_it() -> None:
    treated, beside = absolute_of("dissociation", "TRANSFORM1", "trd", "serious")
    assert (whole(treated), beside) == (4, 0.0)
    assert absolute_of("nausea", "TRANSFORM1", "trd", "serious") == (1.5, 0.0)
    assert absolute_of("amnesia lasting >24 h", "Ekstrand2022", "mdd")[0] == 0.0
    low, high = limits(0, 50)
    assert low == 0.0
    assert 0 < high < 10


def test_what_is_rare_is_not_written_as_nobody() -> None:
    assert [of_100(v) for v in (0.0, 0.01, 0.45, 46.5)] == ["0", "under 0.1", "0.5", "47"]


def test_a_review_that_prints_both_shares_is_told_with_its_own() -> None:
    of = known()
    found = compare(of, Question("trd", "response", "24h"), "saline")
    one = next(c for c in every(found.comparisons) if "DEAN-SAL-RESP" in c.studies)
    assert one.absolute is not None
    assert (one.absolute.per_100, one.absolute.lower, one.absolute.upper) == (27.4, 12.9, 49.2)
    assert comparison_row(one, of.tables)["per_100"] == "27 (13 to 49) against 9"
    assert standing().answers["response_24h_saline"].per_100 == 27


def test_a_part_of_a_trial_has_its_own_shares_and_not_the_people_of_the_whole() -> None:
    found = standing().answers
    bipolar, depressive = found["suicidal_3d_bipolar"], found["suicidal_3d_depressive"]
    assert (bipolar.percent, bipolar.control_percent, bipolar.people) == (84.6, 28.0, None)
    assert (depressive.percent, depressive.control_percent, depressive.people) == (42.3, 35.7, None)


def test_how_grave_it_was_in_one_arm_does_not_part_the_arms() -> None:
    found = compare(known(), Question("crps", "psychotomimetic effect"))
    (one,) = every(found.comparisons)
    assert (one.measure, one.studies, one.group.split(";")[0]) == ("OR", ("Sigtermans2009",), "of any grade")


def test_levels_are_those_of_a_comparison() -> None:
    for _, its in answered(known()):
        for one in its:
            assert one.certainty is not None
            assert level(one.certainty) in AS_NAMED.values()
