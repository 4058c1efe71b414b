"""Every instrument is scored by its own rule, its published traps included."""

from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.data.instruments import Instrument, instrument, instruments
from lowtide.problems import BadInput
from lowtide.science.instruments.score import Score, score, urgent

SUMMED = [one for one in instruments().values() if one.total == "sum"]


def filled(one: Instrument, value: int, **others: int) -> dict[str, int]:
    return dict.fromkeys(one.ids, value) | others


def scored(name: str, answers: dict[str, Any]) -> Score:
    return score(instrument(name), answers)


def flags(result: Score) -> set[str]:
    return {flag.id for flag in result.flags}


@st.composite
def answered(draw: st.DrawFn, instruments_: list[Instrument]) -> tuple[Instrument, dict[str, int]]:
    one = draw(st.sampled_from(instruments_))
    choices = [one.item(i).steps or range(one.item(i).range[0], one.item(i).range[1] + 1) for i in one.ids]  # type: ignore[index]
    return one, {
        item_id: draw(st.sampled_from(choice)) for item_id, choice in zip(one.ids, choices, strict=True)
    }


@given(answered([one for one in SUMMED if one.id != "DAST10"]))
def test_a_sum_is_the_sum_of_its_items(case: tuple[Instrument, dict[str, int]]) -> None:
    one, answers = case
    result = score(one, answers)
    assert (result.total, result.missing, result.prorated) == (sum(answers.values()), (), False)


@pytest.mark.hazard("H039")
@given(answered(SUMMED), st.data())
def test_a_missing_answer_is_never_taken_as_zero(
    case: tuple[Instrument, dict[str, int]], data: st.DataObject
) -> None:
    one, answers = case
    gone = data.draw(st.sampled_from(one.ids))
    left = {key: value for key, value in answers.items() if key != gone}
    if left:
        result = score(one, left)
        assert (result.total, result.band, result.missing) == (None, None, (gone,))


@pytest.mark.parametrize(
    ("name", "total", "band"),
    [
        ("PHQ9", 0, "minimal"), ("PHQ9", 4, "minimal"), ("PHQ9", 5, "mild"), ("PHQ9", 9, "mild"),
        ("PHQ9", 10, "moderate"), ("PHQ9", 14, "moderate"), ("PHQ9", 15, "moderately severe"),
        ("PHQ9", 19, "moderately severe"), ("PHQ9", 20, "severe"), ("PHQ9", 27, "severe"),
        ("GAD7", 4, "minimal"), ("GAD7", 5, "mild"), ("GAD7", 10, "moderate"), ("GAD7", 15, "severe"), ("GAD7", 21, "severe"),
        ("MADRS", 6, "normal"), ("MADRS", 7, "mild"), ("MADRS", 20, "moderate"), ("MADRS", 34, "moderate"), ("MADRS", 35, "severe"),
        ("HAMD17", 7, "none"), ("HAMD17", 8, "mild"), ("HAMD17", 17, "moderate"), ("HAMD17", 24, "severe"),
        ("ISI", 7, "none"), ("ISI", 8, "subthreshold"), ("ISI", 15, "moderate"), ("ISI", 22, "severe"),
        ("WSAS", 9, "subclinical"), ("WSAS", 10, "significant"), ("WSAS", 20, "significant"), ("WSAS", 21, "severe"),
        ("PDQ", 12, "unlikely"), ("PDQ", 13, "unclear"), ("PDQ", 19, "likely"),
        ("MSM", 6, "mild"), ("MSM", 7, "moderate"), ("MSM", 11, "severe"),
        ("ALDR", 8, "not ready"), ("ALDR", 9, "ready by this scale"),
    ],
)  # fmt: skip
def test_each_band_begins_where_it_is_published(name: str, total: int, band: str) -> None:
    assert scored(name, spread(instrument(name), total)).band == band


def spread(one: Instrument, total: int) -> dict[str, int]:
    """Some answers that add up to `total`."""
    answers = {item_id: (one.item(item_id).range or (0, 0))[0] for item_id in one.ids}
    left = total - sum(answers.values())
    for item_id in one.ids:
        low, high = one.item(item_id).range or (0, 0)
        step = min(high - low, left) if not one.item(item_id).steps else 0
        answers[item_id], left = low + step, left - step
    assert left == 0
    return answers


@pytest.mark.hazard("H026")
@pytest.mark.parametrize(
    ("name", "item"), [("PHQ9", "9"), ("QIDSSR16", "12"), ("MADRS", "10"), ("HAMD17", "3"), ("CSSRS", "1")]
)
def test_a_suicidality_answer_is_flagged_even_in_an_unfinished_form(name: str, item: str) -> None:
    assert "suicidality" in flags(scored(name, {item: 1}))
    assert "suicidality" not in flags(scored(name, {item: 0}))


@pytest.mark.hazard("H026")
def test_a_suicidality_answer_is_raised_even_from_a_form_that_cannot_be_scored() -> None:
    assert [flag.id for flag in urgent(instrument("PHQ9"), {"1": 99, "9": "LA6569-3"})] == ["suicidality"]


@pytest.mark.hazard("H039")
def test_qids_counts_nine_domains_and_not_sixteen_items() -> None:
    result = scored("QIDSSR16", filled(instrument("QIDSSR16"), 3))
    assert (result.total, result.band, len(result.subscales)) == (27, "very severe", 9)


@pytest.mark.hazard("H039")
def test_qids_takes_the_worst_of_sleep_appetite_and_movement() -> None:
    answers = filled(instrument("QIDSSR16"), 0) | {"3": 2, "1": 1, "9": 3, "6": 1, "16": 2, "15": 1, "10": 1}
    result = scored("QIDSSR16", answers)
    assert result.total == 2 + 3 + 2 + 1
    assert (
        result.subscales["sleep"],
        result.subscales["appetite_weight"],
        result.subscales["psychomotor"],
    ) == (2, 3, 2)


def test_peg_is_a_mean_and_not_a_sum() -> None:
    assert scored("PEG", {"1": 5, "2": 6, "3": 8}).total == Fraction(19, 3)


def test_dast_item_three_is_reversed() -> None:
    assert scored("DAST10", filled(instrument("DAST10"), 0)).total == 1
    assert scored("DAST10", filled(instrument("DAST10"), 1)).total == 9
    assert scored("DAST10", {"1": "no"} | {str(n): "no" for n in range(2, 11)} | {"3": "yes"}).band == "none"


def test_fiqr_weighs_its_three_domains() -> None:
    result = scored("FIQR", filled(instrument("FIQR"), 10))
    assert (result.total, result.subscales) == (100, {"function": 30, "overall": 20, "symptoms": 50})


def test_fiqr_is_prorated_domain_by_domain_as_its_authors_say() -> None:
    answers = filled(instrument("FIQR"), 6)
    answers.pop("4")
    result = scored("FIQR", answers)
    assert (result.subscales["function"], result.prorated, result.missing) == (18, True, ("4",))


def test_bpi_keeps_severity_and_interference_apart() -> None:
    result = scored(
        "BPISF", {"3": 8, "4": 2, "5": 5, "6": 5, **{f"9{c}": 4 for c in "abcdefg"}, "1": "yes", "8": "60 %"}
    )
    assert (result.total, result.subscales) == (None, {"severity": 5, "interference": 4})


@pytest.mark.parametrize(("given", "interference"), [("abcd", 4), ("abc", None)])
def test_bpi_interference_needs_four_of_seven(given: str, interference: int | None) -> None:
    result = scored("BPISF", {f"9{c}": 4 for c in given})
    assert (result.subscales["interference"], result.prorated) == (interference, interference is not None)


def test_cadss_gives_the_short_form_too() -> None:
    answers = filled(instrument("CADSS"), 0) | {"1": 4, "7": 3, "3": 2}
    result = scored("CADSS", answers)
    assert (result.total, result.subscales) == (9, {"cadss6": 7})


def test_bladder_symptoms_and_problems_keep_their_own_index() -> None:
    result = scored("ICSI", {str(n): 2 for n in range(1, 9)})
    assert (result.total, result.subscales) == (None, {"icsi": 8, "icpi": 8})


def test_pcl5_gives_clusters_the_cut_and_the_provisional_rule() -> None:
    result = scored("PCL5", filled(instrument("PCL5"), 2))
    assert (result.total, result.subscales) == (40, {"B": 10, "C": 4, "D": 14, "E": 12})
    assert flags(result) == {"provisional_ptsd", "provisional_cut"}


@pytest.mark.parametrize("spared", ["C", "D"])
def test_pcl5_needs_every_cluster_for_the_provisional_rule(spared: str) -> None:
    low = {"C": ["6", "7"], "D": [str(n) for n in range(9, 15)]}[spared]
    answers = filled(instrument("PCL5"), 4) | dict.fromkeys(low, 1)
    assert "provisional_ptsd" not in flags(scored("PCL5", answers))


def test_audit_c_says_when_all_points_come_from_the_first_question() -> None:
    assert flags(scored("AUDITC", {"1": 4, "2": 0, "3": 0})) == {"frequency_only"}
    assert flags(scored("AUDITC", {"1": 3, "2": 1, "3": 0})) == set()


def test_work_that_does_not_apply_is_said_and_not_scored_as_zero() -> None:
    result = scored("WSAS", {"1": "not applicable", "2": 2, "3": 2, "4": 2, "5": 2})
    assert (result.total, result.missing, flags(result)) == (None, ("1",), {"not_applicable"})


@pytest.mark.hazard("H021")
@pytest.mark.parametrize(
    ("value", "raised"), [(5, set()), (4, set()), (3, {"sedation"}), (1, {"sedation", "unresponsive"})]
)
def test_a_low_sedation_score_is_the_deep_one(value: int, raised: set[str]) -> None:
    assert flags(scored("MOAAS", {"1": value})) == raised


def test_a_stated_total_never_replaces_the_answers() -> None:
    result = scored("PHQ9", filled(instrument("PHQ9"), 1) | {"44261-6": 3})
    assert (result.total, flags(result)) == (9, {"suicidality", "stated_total_differs"})


@pytest.mark.parametrize("name", ["KSET", "ATHF", "CTCAE"])
def test_what_has_no_score_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="cannot be scored"):
        scored(name, {"1": 1})


def test_an_empty_form_is_refused() -> None:
    with pytest.raises(BadInput, match="no answer"):
        scored("PHQ9", {})


def test_recalled_bands_stay_marked() -> None:
    assert "bands" in scored("MADRS", filled(instrument("MADRS"), 1)).unverified


def expected_triage(q1: bool, q2: bool, q3: bool, q4: bool, q5: bool, ever: bool, recent: bool) -> str:
    if (q2 and (q4 or q5)) or (ever and recent):
        return "high"
    if (q2 and q3) or ever:
        return "moderate"
    return "low" if q1 or q2 else "none"


@pytest.mark.hazard("H027")
@pytest.mark.parametrize("path", list(product((False, True), repeat=7)))
def test_every_path_through_the_suicide_screener_leads_to_its_band(path: tuple[bool, ...]) -> None:
    q1, q2, q3, q4, q5, ever, recent = path
    answers = {"1": q1, "2": q2, "6": ever}
    answers |= {"3": q3, "4": q4, "5": q5} if q2 else {}
    answers |= {"6b": recent} if ever else {}
    result = scored("CSSRS", answers)
    assert (result.band, result.total, result.missing) == (expected_triage(*path), None, ())
    assert ("suicidality" in flags(result)) is any(answers.values())


@pytest.mark.hazard("H027")
def test_behaviour_of_unknown_date_counts_as_recent_until_known() -> None:
    result = scored("CSSRS", {"1": False, "2": False, "6": True})
    assert (result.band, result.missing) == ("high", ("6b",))


@pytest.mark.hazard("H027")
def test_an_unfinished_screener_has_no_band_unless_it_is_already_the_worst() -> None:
    assert scored("CSSRS", {"1": True, "2": True, "3": True}).band is None
    assert scored("CSSRS", {"2": True, "5": True}).band == "high"
    assert scored("CSSRS", {"1": False, "2": False}).band is None


@pytest.mark.parametrize(
    ("severity", "band"),
    [((0, 0, 0, 3), "none"), ((5, 4, 5, 5), "mild"), ((5, 5, 5, 5), "moderate"), ((8, 7, 7, 6), "severe")],
)
def test_a_pain_inventory_is_banded_by_its_severity(severity: tuple[int, ...], band: str) -> None:
    given = dict(zip(("3", "4", "5", "6"), severity, strict=True))
    found = score(instrument("BPI-SF"), given)
    assert (found.total, found.band, found.subscale_bands) == (None, band, {"severity": band})
    assert "bands" in found.unverified


@pytest.mark.parametrize(("last", "band"), [(1, "below 6"), (2, "6 or more: bladder symptoms")])
def test_the_cut_of_a_bladder_index_is_said_for_its_own_part(last: int, band: str) -> None:
    given = {"1": 2, "2": 1, "3": 1, "4": last, "5": 4, "6": 4, "7": 4, "8": 4}
    assert score(instrument("ICSI"), given).band == band


def test_a_highest_answer_that_cannot_be_raised_decides_its_domain() -> None:
    whole = {str(n): 1 for n in range(1, 17) if n not in (4, 7, 9)}
    qids = instrument("QIDSSR16")
    open_ = score(qids, {**whole, "1": 2})
    decided = score(qids, {**whole, "1": 3})
    assert (open_.total, open_.subscales["sleep"]) == (None, None)
    assert (decided.total, decided.subscales["sleep"]) == (11, 3)
    assert (decided.missing, decided.prorated) == (("4",), False)
