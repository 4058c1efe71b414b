"""The validation page speaks of every number in the sources, of these data, and hides no miss."""

import re
from pathlib import Path

import pytest

from tests.science.pharmacology import mood
from tests.science.pharmacology.observing import Row, rows
from tests.science.pharmacology.published import published
from tests.science.pharmacology.validation import GROUPS, MEMBERS, stamp, study_lines

PAGE = (Path(__file__).parents[3] / "docs" / "validation.md").read_text()
IDS = [
    *(f"KIN-{n:02}" for n in range(1, 24)),
    *(f"DYN-{n:02}" for n in range(1, 21)),
    *(f"TYP-{n:02}" for n in range(1, 13)),
]


def lines(heading: str) -> list[list[str]]:
    """The cells of the tables under a heading, without the tables' heads."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    found = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    return [cells for cells in found if cells[0] not in ("Id", "What", "Group")]


def of_studies() -> list[list[str]]:
    return [cells for title in GROUPS.values() for cells in lines(title)]


def test_every_study_of_the_sources_is_answered_or_says_why_not() -> None:
    assert {row.id for row in rows()} | {row.id for row in published().nasal} == set(IDS)
    assert not [row.id for row in rows() if not row.numbers and not row.silent]
    assert not [i for i in IDS if i not in PAGE]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.id)
def test_a_study_gives_its_source_and_how_it_was_read(row: Row) -> None:
    assert row.source
    assert row.seen
    assert not row.numbers or (row.group in GROUPS and row.who and row.doses)
    assert all(silent.reason for silent in row.silent)


def test_a_number_has_one_kind_of_spread() -> None:
    for row in rows():
        for number in row.numbers:
            given = [number.sd is not None, number.geo_sd is not None, number.low is not None]
            assert sum(given) <= 1, (row.id, number)
            assert (number.value is None) == (number.low is not None), (row.id, number)


def test_the_stored_page_was_made_with_the_numbers_in_force() -> None:
    assert stamp() in PAGE, "run make docs"


def test_every_miss_is_listed_and_explained() -> None:
    missed = [cells for cells in of_studies() if cells[4] == "**no**"]
    listed = lines("What lies outside, and why")
    assert len(listed) == len(missed) > 0
    assert all(len(cells) == 6 and len(cells[5]) > 10 for cells in listed)


def test_the_shares_are_those_of_the_tables() -> None:
    found = of_studies()
    inside = sum(cells[4] == "yes" for cells in found)
    both = [cells for cells in lines("Shares inside") if cells[1] == "both"]
    counts = [tuple(map(int, re.findall(r"\d+", cells[2])[:2])) for cells in both]
    assert (sum(a for a, _ in counts), sum(b for _, b in counts)) == (inside, len(found))


def test_a_stored_prediction_is_what_the_engine_says() -> None:
    assert MEMBERS >= 2000
    row = next(row for row in rows() if row.id == "DYN-12")
    for line in study_lines(row):
        assert " | ".join(line) in PAGE


def test_every_printed_mood_score_is_shown_beside_the_fitted_model() -> None:
    shown = {row.id for row in mood.table().row}
    waiting = {row.id for row in rows() for silent in row.silent if silent.waits}
    assert shown <= waiting
    assert all(f"| {line[0]} | {line[1]} | {line[2]} | {line[3]} |" in PAGE for line in mood.lines())
