"""`lowtide compare` and `lowtide evidence`: answers in the shape of the contract, from rows that anyone can look up."""

import json
from pathlib import Path
from typing import Any

import pytest

from lowtide.data.evidence import shipped
from lowtide.site.cli import main
from tests.science.evidence.trials import Trials, table


def asked(capsys: pytest.CaptureFixture[str], *given: str) -> dict[str, Any]:
    assert main([*given, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def against(found: dict[str, Any], versus: str) -> dict[str, Any]:
    return next(c for c in found["comparisons"] if c["versus"] == versus and not c["no_evidence"])


def test_a_comparison_has_everything_that_the_contract_names(capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys, "compare", "--indication", "trd", "--outcome", "response", "--at", "28d")
    one = against(found, "ECT")
    assert one["measure"] == "OR"
    assert one["lower"] < one["effect"] < one["upper"]
    assert one["absolute"]["lower"] < one["absolute"]["per_100"] < one["absolute"]["upper"]
    assert one["absolute"]["per_100"] == pytest.approx(55.4, abs=0.1)
    assert one["absolute"]["baseline_per_100"] == pytest.approx(41.2, abs=0.1)
    assert one["absolute"]["difference_per_100"]["value"] == pytest.approx(14.2, abs=0.1)
    assert one["absolute"]["needed_to_treat"]["number"] == pytest.approx(7.0, abs=0.1)
    assert one["certainty"] in ("high", "moderate", "low", "very low")
    assert one["studies"] == ["ELEKTD2023"]
    assert one["rows"][0]["source"].startswith("https://")
    assert one["why"]


def test_no_path_is_no_evidence_and_no_number(capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(
        capsys,
        "compare",
        "--indication",
        "trd",
        "--outcome",
        "response",
        "--at",
        "28d",
        "--versus",
        "rTMS+AD",
    )
    assert found["comparisons"]
    for one in found["comparisons"]:
        assert one["no_evidence"] is True
        assert not {"effect", "lower", "upper", "absolute"} & one.keys()


def test_a_published_result_stands_in_with_its_own_certainty(capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(
        capsys,
        "compare",
        "--indication",
        "trd",
        "--outcome",
        "response",
        "--at",
        "24h",
        "--versus",
        "midazolam",
    )
    one = against(found, "midazolam")
    assert (one["effect"], one["lower"], one["upper"], one["certainty"]) == (2.48, 1.0, 6.18, "very low")
    assert one["evidence"] == "published"
    assert one["absolute"]["per_100"] == pytest.approx(46.5, abs=0.1)
    assert "several sorts" in one["why"]


def test_what_is_recalled_is_marked_and_only_there_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    given = (
        "compare",
        "--indication",
        "trd",
        "--outcome",
        "remission",
        "--at",
        "28d",
        "--versus",
        "midazolam",
    )
    assert all(one["no_evidence"] for one in asked(capsys, *given)["comparisons"])
    one = against(asked(capsys, *given, "--unverified"), "midazolam")
    assert one["verified"] is False
    assert one["studies"] == ["KADS2023"]
    assert "Recalled" in one["why"]


def test_null_trials_are_told_where_they_cannot_be_pooled(capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(
        capsys, "compare", "--indication", "ptsd", "--outcome", "change", "--at", "28d", "--versus", "saline"
    )
    (one,) = (c for c in found["comparisons"] if c["treatment"] == "ketamine_iv_repeated")
    assert one["no_evidence"] is True
    assert one["studies"] == ["Abdallah2022"]
    assert "not significant" in one["why"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (
            ("--indication", "gout", "--outcome", "response"),
            "indication: “gout” is not known. Use one of: trd,",
        ),
        (
            ("--indication", "trd", "--outcome", "joy"),
            "outcome: “joy” is not known. Use one of: response, remission",
        ),
        (
            ("--indication", "trd", "--outcome", "response", "--at", "soon"),
            "at: “soon” is not known. Use one of: 2h, 24h",
        ),
        (
            ("--indication", "trd", "--outcome", "response", "--versus", "tea"),
            "versus: “tea” is not known. Use one of: ket",
        ),
    ],
)
def test_an_unknown_word_is_told_with_those_that_are_known(
    given: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", *given]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("word", ["trd", "mdsi", "gad", "anxiety", "social_anxiety", "panic", "ptsd", "crps", "fibromyalgia",
                                  "neuropathic", "chronic_pain", "suicidality", "bipolar", "mdd"])  # fmt: skip
def test_every_indication_is_answered(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "--indication", word, "--outcome", "response", "--at", "24h"]) == 0
    assert capsys.readouterr().out


def test_where_ketamine_was_compared_with_nothing_cohorts_are_told_and_no_number_is_made(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = asked(capsys, "compare", "--indication", "anxiety", "--outcome", "response", "--at", "28d")
    assert found["no_evidence"] is True
    assert found["comparisons"] == []
    (cohort,) = found["left_out"]
    assert cohort["reason"] == "nobody was drawn by lot to another treatment"
    assert "GAD-7 62.9 %" in cohort["printed"]
    assert main(["compare", "--indication", "panic", "--outcome", "response"]) == 0
    assert "No evidence: no trial in the table compares ketamine" in capsys.readouterr().out


def test_a_folder_with_a_new_row_changes_the_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = shipped()["outcomes"].replace("108,55.4,", "50,25.6,")
    (tmp_path / "outcomes.csv").write_text(text)
    given = ("compare", "--indication", "trd", "--outcome", "response", "--at", "28d", "--versus", "ECT")
    before = against(asked(capsys, *given), "ECT")
    after = against(asked(capsys, *given, "--tables", str(tmp_path)), "ECT")
    assert before["favours"] == "treatment"
    assert after["favours"] == "comparator"


def test_the_table_shows_sources_bias_and_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys, "evidence", "--indication", "trd")
    assert all(
        row["verified"] and row["source"] for row in (*found["studies"], *found["arms"], *found["outcomes"])
    )
    study = next(s for s in found["studies"] if s["study_id"] == "ELEKTD2023")
    assert study["risk_of_bias"]["overall"] == "high"
    assert {d["judged_by"] for d in study["risk_of_bias"]["domains"]} == {"default, unapproved"}
    assert "38 people left" in study["risk_of_bias"]["why"]
    gaps = {(q["outcome"], q["at"]): q["answered_at"] for q in found["missing"]["questions"]}
    assert gaps["response", "7d"] == ["24h", "28d", "56d", "182d"]
    assert ("response", "28d") not in gaps
    assert any("n_arm" in gap for gap in found["missing"]["studies"]["KADS2023"])


def test_recalled_rows_are_counted_and_shown_only_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    hidden = asked(capsys, "evidence", "--indication", "trd")
    shown = asked(capsys, "evidence", "--indication", "trd", "--unverified")
    assert "Zarate2006" not in {s["study_id"] for s in hidden["studies"]}
    assert hidden["recalled_and_not_shown"] > 20
    assert next(s for s in shown["studies"] if s["study_id"] == "Zarate2006")["verified"] is False


def test_both_can_be_read_without_a_machine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "--indication", "trd", "--outcome", "dissociation", "--at", "28d"]) == 0
    said = capsys.readouterr().out
    assert "OR 6.66 (4.05 to 10.96)" in said
    assert "of 100 people 41" in said
    assert main(["evidence", "--indication", "crps"]) == 0
    assert "Sigtermans2009" in capsys.readouterr().out


def test_what_a_new_row_would_move_can_be_asked_before_it_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "outcomes.csv").write_text(shipped()["outcomes"].replace("108,55.4,", "50,25.6,"))
    (one,) = asked(capsys, "evidence", "changes", "--tables", str(tmp_path))["moved"]
    assert "ketamine_iv_repeated against ECT" in one["answer"]
    assert one["why"]
    assert main(["evidence", "changes"]) == 0
    assert "No answer differs" in capsys.readouterr().out


def test_rows_of_a_new_study_can_be_added_to_ours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trials = Trials().add("New2020", {"ketamine_iv_repeated": (20, 100), "ECT": (70, 100)}, day=28)
    for name in ("studies", "arms", "outcomes"):
        (tmp_path / f"{name}.csv").write_text(table(name, trials.rows[name]))
    given = ("compare", "--indication", "trd", "--outcome", "response", "--at", "28d", "--versus", "ECT")
    one = against(asked(capsys, *given, "--add", str(tmp_path)), "ECT")
    assert one["studies"] == ["ELEKTD2023", "New2020"]
    assert one["heterogeneity"]["q"]["df"] == 1
    assert asked(capsys, "evidence", "changes", "--add", str(tmp_path))["moved"][0]["why"]
    assert main(["evidence", "--add", str(tmp_path / "studies.csv"), str(tmp_path / "arms.csv")]) == 0


def test_a_row_that_is_ours_already_cannot_be_added_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "arms.csv"
    path.write_text("\n".join(shipped()["arms"].splitlines()[:2]))
    assert main(["evidence", "--add", str(path)]) == 2
    assert f"{path}, line 2, arm_id: the same as line 2" in capsys.readouterr().err


TRD = ("compare", "--indication", "trd", "--outcome", "response")


def test_the_spread_of_few_trials_has_its_interval_and_q_its_parts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    one = against(asked(capsys, *TRD, "--at", "28d"), "newAD")
    spread = one["heterogeneity"]
    assert spread["tau2_interval"]["lower"] <= spread["tau2"] <= spread["tau2_interval"]["upper"]
    assert spread["q"]["within"] == pytest.approx(spread["q"]["total"])
    assert (spread["q"]["between"], spread["q"]["df_between"]) == (0, 0)


def test_the_course_lays_every_time_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys, *TRD, "--versus", "quetiapine+AD", "--course")
    (one,) = [c for c in found["course"] if c["treatment"] == "esketamine_in+AD"]
    assert [point["window"] for point in one["points"]] == ["56d", "182d"]
    assert {tuple(point["studies"]) for point in one["points"]} == {("ESCAPETRD2023",)}
    assert "course" not in asked(capsys, *TRD)


def test_people_of_100_follow_a_stated_baseline(capsys: pytest.CaptureFixture[str]) -> None:
    one = against(asked(capsys, *TRD, "--at", "28d", "--baseline", "30"), "newAD")
    odds = 0.3 / 0.7 * one["effect"]
    assert one["absolute"]["per_100"] == pytest.approx(100 * odds / (1 + odds))
    assert one["absolute"]["baseline_from"] == "30 of 100 under the comparator, as stated"


def test_a_time_inside_a_window_says_which_window_answers(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("compare", "--indication", "trd", "--outcome", "remission", "--at")
    assert main([*asked, "5d"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("5d was asked for: the window 7d answers, from day 5 to day 10.")
    for own in ("7d", "28d", "24h", "day 1", "4w"):
        assert main([*asked, own]) == 0
        assert "was asked for" not in capsys.readouterr().out


def test_what_nothing_connects_is_told_once_for_treatments_alike(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "--indication", "trd", "--outcome", "remission", "--at", "7d"]) == 0
    said = [line for line in capsys.readouterr().out.splitlines() if "Nothing connects" in line]
    assert len(said) == 1
    assert "one ketamine infusion; a course of ketamine infusions" in said[0]
