"""`lowtide nma`: any published table of trials in, every comparison that it allows out."""

import json
from math import exp
from pathlib import Path

import pytest

from lowtide.site.cli import main
from tests.science.evidence.bcg import TABLES

TABLE = """study,treatment,events,n
Alpha,Ketamine,12,20
Alpha,Saline,3,21
Beta,Ketamine,18,40
Beta,Midazolam,9,38
Gamma,Esketamine,30,60
Gamma,Placebo spray,22,61
Empty,Ketamine,0,10
Empty,Saline,0,10
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "trials.csv"
    path.write_text(TABLE)
    return path


def answered(capsys: pytest.CaptureFixture[str], *given: str) -> dict[str, object]:
    assert main(["nma", *given, "--json"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_islands_are_told_and_nothing_is_said_between_them(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = answered(capsys, str(table), "--measure", "OR", "--reference", "saline")
    assert found["islands"] == [["Ketamine", "Midazolam", "Saline"], ["Esketamine", "Placebo spray"]]
    assert found["reference"] == "Saline"
    effects = {(e["treatment"], e["versus"]): e for e in found["effects"]}  # type: ignore[attr-defined]
    assert len(effects) == 3 * 2 + 2
    assert ("Esketamine", "Ketamine") not in effects
    assert effects["Ketamine", "Saline"]["ratio"] == pytest.approx(12 / 8 / (3 / 18))
    assert found["dropped"] == [{"study": "Empty", "reason": "no event in any arm"}]


def test_it_can_be_read_without_a_machine(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nma", str(table), "--measure", "OR", "--reference", "Saline"]) == 0
    said = capsys.readouterr().out
    assert "Ketamine: 9.00" in said
    assert "No trial connects these with them: Esketamine, Placebo spray" in said


@pytest.mark.parametrize(
    ("text", "more", "says"),
    [
        ("", (), "the columns are missing"),
        ("study,treatment,events,n\n", (), "there are no rows"),
        (TABLE, ("--reference", "ECT"), "no trial has “ECT”"),
        ("study,treatment,events,n\none,ketamine,3,20\n", (), "one treatment only"),
    ],
)
def test_what_cannot_be_analysed_is_told_in_one_line(
    text: str, more: tuple[str, ...], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trials.csv"
    path.write_text(text)
    assert main(["nma", str(path), "--measure", "OR", *more]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (TABLE.encode("utf-16"), "UTF-16, which spreadsheets call Unicode text"),
        ("study,treatment,events,n\nÉtude,a,3,20\n".encode("latin-1"), "not UTF-8 text"),
        (b"study,treatment,events,n\none,a\0,3,20\n", "not text"),
        (b"%PDF-1.7\n", "the columns are %pdf-1.7"),
    ],
)
def test_a_file_that_is_no_table_is_told_in_one_line(
    content: bytes, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trials.csv"
    path.write_bytes(content)
    assert main(["nma", str(path), "--measure", "OR"]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1


def test_a_folder_and_a_missing_file_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (tmp_path, tmp_path / "none.csv"):
        assert main(["nma", str(path), "--measure", "OR"]) == 2
        assert str(path) in capsys.readouterr().err


PARTS = """study,treatment,mean,sd,n
Alpha,ketamine + therapy,10,5,40
Alpha,ketamine,12,5,40
Beta,ketamine,13,5,40
Beta,placebo,20,5,40
Gamma,therapy,17,5,40
Gamma,placebo,19,5,40
"""


def test_parts_of_treatments_are_told_where_the_effects_of_parts_add_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "parts.csv"
    path.write_text(PARTS)
    found = answered(
        capsys, str(path), "--measure", "MD", "--components", "+", "--inactive", "Placebo", "--model", "fixed"
    )
    parts = {part["part"]: part["estimate"] for part in found["components"]["parts"]}  # type: ignore[index]
    assert parts == {"ketamine": pytest.approx(-7), "therapy": pytest.approx(-2)}
    assert found["components"]["df"] == 1  # type: ignore[index]
    assert main(["nma", str(path), "--measure", "MD", "--components", "+", "--inactive", "placebo"]) == 0
    assert "  ketamine: -7.00 (" in capsys.readouterr().out


def test_a_part_that_no_trial_parts_from_another_has_no_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "parts.csv"
    path.write_text("study,treatment,mean,sd,n\nA,x+y,10,5,40\nA,placebo,12,5,40\n")
    found = answered(capsys, str(path), "--measure", "MD", "--components", "+", "--inactive", "placebo")
    assert found["components"]["parts"] == [  # type: ignore[index]
        {"part": "x", "no_evidence": True},
        {"part": "y", "no_evidence": True},
    ]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--inactive", "placebo"), "goes with --components"),
        (("--components", "+", "--inactive", "ECT"), "no trial has"),
    ],
)
def test_parts_are_asked_for_rightly_or_told(
    more: tuple[str, ...], says: str, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["nma", str(table), "--measure", "OR", *more]) == 2
    assert says in capsys.readouterr().err


def test_the_direction_that_is_good_can_be_said(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    higher, lower = (
        answered(capsys, str(table), "--measure", "OR", "--better", way) for way in ("higher", "lower")
    )
    assert higher["p_scores_better"] == "higher"
    for name, score in higher["p_scores"].items():  # type: ignore[attr-defined]
        assert score == pytest.approx(1 - lower["p_scores"][name])  # type: ignore[index]


def test_a_ratio_beyond_all_numbers_is_not_written_as_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "far.csv"
    path.write_text("study,treatment1,treatment2,estimate,se\nA,a,b,1,900\n")
    found = answered(capsys, str(path), "--measure", "OR", "--reference", "b")
    assert found["effects"][0]["ratio_upper"] is None  # type: ignore[index]
    assert main(["nma", str(path), "--measure", "OR", "--reference", "b"]) == 0
    assert "a: 2.72 (0.00 to ∞)" in capsys.readouterr().out


TWO = "study,treatment,events,n\nA,x,1,100\nA,y,4,100\nB,x,0,80\nB,y,2,80\nC,x,3,200\nC,y,5,190\nD,x,0,20\nD,y,0,20\n"


@pytest.mark.parametrize(
    ("options", "how"),
    [(["--hartung-knapp"], "hartung_knapp"), (["--method", "MH"], "MH"), (["--method", "Peto"], "PETO")],
)
def test_two_treatments_may_be_pooled_otherwise_in_the_same_shape(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], how: str
) -> None:
    file = tmp_path / "two.csv"
    file.write_text(TWO)
    assert main(["nma", str(file), "--measure", "OR", "--json"]) == 0
    usual = json.loads(capsys.readouterr().out)
    assert main(["nma", str(file), "--measure", "OR", "--json", *options]) == 0
    found = json.loads(capsys.readouterr().out)
    assert usual.keys() <= found.keys()
    assert (found["method"], found["dropped"]) == (how, [{"study": "D", "reason": "no event in any arm"}])
    one, two = found["effects"]
    assert (one["treatment"], one["estimate"]) == (two["versus"], -two["estimate"])
    assert one["lower"] == -two["upper"]
    assert one["ratio"] * two["ratio"] == pytest.approx(1)
    assert sum(found["p_scores"].values()) == pytest.approx(1)


def test_what_is_for_two_treatments_is_refused_for_three_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "three.csv"
    file.write_text(f"{TWO}E,x,1,30\nE,z,2,30\n")
    assert main(["nma", str(file), "--measure", "OR", "--method", "MH"]) == 2
    assert "3 treatments: x, y, z" in capsys.readouterr().err
    file.write_text(TWO)
    assert main(["nma", str(file), "--measure", "OR", "--hartung-knapp", "--model", "fixed"]) == 2
    assert "--hartung-knapp is for random effects" in capsys.readouterr().err


def vaccine(tmp_path: Path) -> str:
    """The thirteen vaccine trials as a table."""
    path = tmp_path / "bcg.csv"
    arms = (
        f"{at},{name},{events},{n}"
        for at, t in enumerate(TABLES)
        for name, events, n in (("BCG", t.events, t.n), ("control", t.control_events, t.control_n))
    )
    path.write_text("study,treatment,events,n\n" + "\n".join(arms) + "\n")
    return str(path)


def test_each_pair_is_pooled_in_every_way_when_it_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = answered(capsys, vaccine(tmp_path), "--measure", "RR", "--pairs")
    (pair,) = found["pairs"]  # type: ignore[misc]
    assert pair["random_reml"]["ratio"] == pytest.approx(exp(-0.7145323422), abs=1e-6)
    assert pair["hartung_knapp"]["upper"] > pair["random_dl"]["upper"]
    assert pair["tau2"]["interval"] == pytest.approx({"lower": 0.1196953, "upper": 1.1114863}, abs=5e-5)
    assert pair["egger"]["p"] == pytest.approx(0.1887069951)
    assert found["tau2_interval"] == pytest.approx(pair["tau2"]["interval"])
    assert "pairs" not in answered(capsys, vaccine(tmp_path), "--measure", "RR")


def test_a_funnel_is_drawn_into_a_file_and_refused_for_few_trials(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawing = tmp_path / "funnel.svg"
    assert main(["nma", vaccine(tmp_path), "--measure", "RR", "--funnel", str(drawing)]) == 0
    assert "BCG against control: 13 trials" in capsys.readouterr().out + drawing.read_text()
    assert drawing.read_text().count('class="c-trial"') == 13
    other = tmp_path / "none.svg"
    assert main(["nma", str(table), "--measure", "OR", "--funnel", str(other)]) == 2
    assert "a funnel of fewer than 10 says nothing" in capsys.readouterr().err
    assert not other.exists()


def test_people_of_100_are_told_from_a_stated_baseline(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = (vaccine(tmp_path), "--measure", "RR", "--reference", "control", "--baseline", "10")
    effects = answered(capsys, *asked)["effects"]
    (one,) = [e for e in effects if e["versus"] == "control"]  # type: ignore[attr-defined]
    assert one["absolute"]["per_100"] == pytest.approx(10 * one["ratio"])
    assert one["absolute"]["needed_to_treat"]["number"] == pytest.approx(10 / (1 - one["ratio"]))
    assert [e for e in effects if "absolute" in e] == [one]  # type: ignore[attr-defined]


@pytest.mark.parametrize("share", ["-1", "101", "many"])
def test_a_baseline_that_is_no_share_is_refused(
    share: str, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["nma", str(table), "--measure", "OR", "--baseline", share]) == 2
    assert "is not a number of people of 100" in capsys.readouterr().err


def test_points_of_a_scale_say_nothing_of_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "parts.csv"
    path.write_text(PARTS)
    assert main(["nma", str(path), "--measure", "MD", "--baseline", "30"]) == 2
    assert "Use --measure SMD" in capsys.readouterr().err


AGREEING = "study,treatment,events,n\n" + "".join(
    f"s{i},exp,{a},{n}\ns{i},ctl,{b},{m}\n"
    for i, (a, n, b, m) in enumerate([(12, 100, 8, 100), (25, 210, 17, 205), (6, 52, 4, 50)])
)


def test_hartung_and_knapps_guard_is_named_and_can_be_left_away(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trials.csv"
    path.write_text(AGREEING)
    told = {}
    for name, more in (("kept", ()), ("off", ("--no-guard",))):
        assert main(["nma", str(path), "--measure", "OR", "--hartung-knapp", "--json", *more]) == 0
        told[name] = json.loads(capsys.readouterr().out)
    assert (told["kept"]["guard"], told["off"]["guard"]) == ("ad hoc (Röver 2015)", "none")
    kept, off = (told[name]["effects"][0] for name in ("kept", "off"))
    assert off["estimate"] == pytest.approx(kept["estimate"])
    assert off["upper"] - off["lower"] < 0.5 * (kept["upper"] - kept["lower"])
    assert main(["nma", str(path), "--measure", "OR", "--hartung-knapp"]) == 0
    assert "guard: ad hoc (Röver 2015)" in capsys.readouterr().out
    assert main(["nma", str(path), "--measure", "OR", "--no-guard"]) == 2
    assert "goes with --hartung-knapp" in capsys.readouterr().err


def test_a_letter_with_its_accent_is_one_name_however_it_was_typed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trials.csv"
    composed, apart = "\u00e9t\u00e9", "e\u0301te\u0301"
    rows = [
        ("A", composed, 9),
        ("A", "z", 5),
        ("B", apart, 8),
        ("B", "z", 6),
        (composed, "y", 8),
        (apart, "z", 6),
    ]
    lines = [f"{study},{name},{events},20" for study, name, events in rows]
    path.write_text("study,treatment,events,n\n" + "\n".join(lines) + "\n", encoding="utf-8")
    assert main(["nma", str(path), "--measure", "OR", "--reference", apart, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [set(island) for island in told["islands"]] == [{composed, "y", "z"}]
    assert told["reference"] == composed
    assert not told["dropped"]


DOUBTFUL = [
    ("study,treatment,mean,sd,n\na,x,3000,1000,10\na,y,5000,2000,10\nb,x,3,1,10\nb,y,5,2,10\n", "MD", "SD of a is 1000 times that of the others: one unit?"),
    ("study,treatment,mean,sd,n\na,x,-10,0.8,200\na,y,-8,0.8,200\nb,x,-10,9,200\nb,y,-8,9,200\n", "SMD", "SD of a is 0.8, of the others 9: is it a standard error? Of 200 people the SD would be 11.3"),
    ("study,treatment1,treatment2,estimate,se\na,x,y,2.5,0.2\nb,x,y,1.8,0.3\n", "OR", "as logarithms they are ratios from 6.05 to 12.2"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "measure", "says"), DOUBTFUL)
def test_numbers_that_look_like_another_unit_are_asked_about(
    text: str, measure: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trials.csv"
    path.write_text(text)
    (doubt,) = answered(capsys, str(path), "--measure", measure)["doubts"]  # type: ignore[misc]
    assert says in doubt
    assert main(["nma", str(path), "--measure", measure]) == 0
    assert f"Look again: {doubt}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("study,treatment,mean,sd,n\na,x,9,5,30\na,y,12,6,30\nb,x,20,20,40\nb,y,30,24,40\n", "MD"),
        ("study,treatment,mean,sd,n\na,x,30,15,30\na,y,40,15,30\nb,x,3,1,25\nb,y,4,1,25\n", "SMD"),
        ("study,treatment1,treatment2,estimate,se\na,x,y,0.5,0.2\nb,x,y,0.4,0.3\n", "OR"),
        (TABLE, "OR"),
    ],
)
def test_tables_whose_studies_differ_as_studies_do_raise_no_doubt(
    text: str, measure: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trials.csv"
    path.write_text(text)
    assert answered(capsys, str(path), "--measure", measure)["doubts"] == []


def test_a_common_effect_has_no_tau2_and_says_whose_agreement_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "two.csv"
    path.write_text("study,treatment,events,n\na,x,4,20\na,y,9,20\nb,x,3,30\nb,y,9,30\n")
    for method in ("MH", "PETO"):
        found = answered(capsys, str(path), "--measure", "OR", "--method", method)
        assert found["tau2"] is None
        assert found["agreement_of"] == "inverse variance"
    assert main(["nma", str(path), "--measure", "OR", "--method", "MH"]) == 0
    said = capsys.readouterr().out
    assert "tau2" not in said
    assert "(weighed by inverse variance)" in said
