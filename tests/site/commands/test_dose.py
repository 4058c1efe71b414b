"""`lowtide dose` keeps to the shape that is promised, shows options and never picks."""

import json

import pytest

from lowtide.site.cli import main

QUICK = ("--weight", "70", "--members", "200")


def answered(capsys: pytest.CaptureFixture[str], *args: str) -> dict:
    assert main(["dose", *args, *QUICK, "--json"]) == 0
    out = capsys.readouterr()
    assert out.err == ""
    return json.loads(out.out)


def test_a_fixed_protocol_shows_its_one_dose_with_a_band(capsys: pytest.CaptureFixture[str]) -> None:
    said = (
        "--protocol",
        "P05",
        "--limit",
        "sbp_mmhg>180",
        "--max-probability",
        "0.05",
        "--baseline-sbp",
        "128",
    )
    found = answered(capsys, *said)
    assert [option["dose"] for option in found["options"]] == ["0.5 mg/kg"]
    assert found["largest_within"] == "0.5 mg/kg"
    probability = found["options"][0]["probability"]
    assert set(probability) == {"median", "p5", "p95"}
    assert 0 <= probability["p5"] <= probability["median"] <= probability["p95"] <= 1
    assert found["options"][0]["leaving"]["likely_min"]["median"] > 40
    assert found["limits"] == ["sbp_mmhg>180"]


def test_no_option_may_keep_the_probability(capsys: pytest.CaptureFixture[str]) -> None:
    found = answered(capsys, "--protocol", "P01", "--limit", "high>1", "--max-probability", "0.01")
    assert found["largest_within"] is None
    assert len(found["options"]) == 2


def test_without_a_stated_probability_nothing_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert "largest_within" not in answered(capsys, "--protocol", "P05", "--limit", "cadss>40")


def test_the_rest_of_a_running_dose_is_shown_beside_its_alternatives(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = answered(capsys, "--protocol", "P05", "--limit", "cadss>40", "--now", "20min")["from_now"]
    assert list(found["choices"]) == ["continue", "pause", "slower"]
    assert [at["min"] for at in found["choices"]["pause"]["course"]["cadss"]] == [20, 25, 30, 35, 40, 45, 50]


def test_for_a_person_it_says_that_it_recommends_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dose", "--protocol", "P05", "--limit", "cadss>40", *QUICK]) == 0
    assert "no recommendation; population estimate, not a measurement" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--protocol", "P28", "--limit", "cadss>40"], "for reference only"),
        (["--protocol", "P99", "--limit", "cadss>40"], "--protocol"),
        (["--protocol", "P16", "--limit", "cadss>40"], "--route"),
        (["--protocol", "P05", "--limit", "sbp_mmhg>180"], "--baseline-sbp"),
        (["--protocol", "P05", "--limit", "sbp_mmhg>180", "--baseline-sbp", "400"], "--baseline-sbp"),
        (["--protocol", "P05", "--limit", "pain>4"], "--limit"),
        (["--protocol", "P05", "--limit", "cadss>40", "--max-probability", "5"], "--max-probability"),
        (["--protocol", "P05", "--limit", "cadss>40", "--now", "41min"], "--now"),
    ],
)
def test_a_slip_is_refused_in_one_line_that_says_where(
    capsys: pytest.CaptureFixture[str], args: list[str], said: str
) -> None:
    assert main(["dose", *args, *QUICK, "--json"]) == 2
    out = capsys.readouterr()
    assert out.out == ""
    assert out.err.count("\n") == 1
    assert said in out.err
