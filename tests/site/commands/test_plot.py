"""`lowtide simulate --plot` writes a picture that stands alone, and says so when it cannot."""

from pathlib import Path

import msgspec
import pytest

from lowtide.site.cli import main
from tests.pathway.course import drawn

ASKED = [
    "simulate",
    "--drug",
    "ketamine",
    "--route",
    "iv",
    "--dose",
    "35 mg",
    "--over",
    "40min",
    "--weight",
    "70",
]
ASKED += ["--members", "200", "--until", "4h", "--at", "20min,40min"]


def test_the_svg_has_a_panel_a_quantity_and_its_own_colours(tmp_path: Path) -> None:
    file = tmp_path / "levels.svg"
    assert main([*ASKED, "--plot", str(file)]) == 0
    text = file.read_text()
    words = " ".join(drawn.words(drawn.parse(text)))
    for said in ("Ketamine in plasma", "Norketamine in plasma", "Dissociation", "Systolic rise", "seed 1"):
        assert said in words
    assert "Population estimate, not a measurement." in words
    assert "var(" not in text
    assert "light-dark" not in text


def test_the_png_is_the_same_picture_as_pixels(tmp_path: Path) -> None:
    file = tmp_path / "levels.png"
    assert main([*ASKED, "--plot", str(file)]) == 0
    assert file.read_bytes().startswith(b"\x89PNG")


def test_the_answer_is_the_same_with_and_without_a_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([*ASKED, "--json"])
    plain = msgspec.json.decode(capsys.readouterr().out)
    main([*ASKED, "--json", "--plot", str(tmp_path / "levels.svg")])
    pictured = msgspec.json.decode(capsys.readouterr().out)
    assert pictured["analytes"].keys() == plain["analytes"].keys()
    asked = [moment["min"] for moment in pictured["effects"]["cadss"]["at"]]
    assert asked == [20, 40]


@pytest.mark.parametrize("name", ["levels.pdf", "levels", "absent/levels.svg", "."])
def test_another_ending_or_a_place_that_cannot_be_written_is_wrong_use(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*ASKED, "--plot", str(tmp_path / name)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "--plot" in said.err
