"""Scores on one instrument read on another: as printed, either way, never between the lines, with the error that was printed."""

import pytest

from lowtide.data.evidence_checks import tables
from lowtide.science.evidence.converting import Read, known_pairs, read

TABLES = tables()


def of(one: str, value: float, two: str, kind: str) -> Read:
    found, _ = read(TABLES, one, value, two)
    return next(each for each in found if each.kind.startswith(kind))


@pytest.mark.parametrize(
    ("one", "value", "two", "kind", "reads"),
    [
        ("HAM-D", 20, "MADRS", "total", ["26"]),
        ("MADRS", 26, "HAM-D", "total", ["20"]),
        ("madrs", 53, "ham-d", "total", ["40"]),
        ("HAM-D", 25, "MADRS", "absolute", ["34"]),
        ("QIDS-SR16", 5, "HAMD-17", "total", ["7"]),
        ("HRSD-17", 18, "QIDS-SR16", "total", ["14", "15"]),
        ("PHQ-9", 15, "MADRS", "total", ["24"]),
        ("PHQ-9", -13, "MADRS", "change", ["-23"]),
    ],
)
def test_a_printed_score_reads_as_it_was_printed_from_either_side(
    one: str, value: float, two: str, kind: str, reads: list[str]
) -> None:
    assert [r.reads.text for r in of(one, value, two, kind).exact] == reads


def test_between_two_printed_scores_both_stand_and_none_is_made() -> None:
    found = of("HAM-D", 22, "MADRS", "total")
    assert found.exact == ()
    assert [(r.given.text, r.reads.text) for r in found.near] == [("20", "26"), ("30", "39")]
    beyond = of("HAM-D", 50, "MADRS", "total")
    assert [r.given.text for r in beyond.near] == ["40"]


def test_what_is_no_table_of_scores_and_what_is_recalled_are_told_apart() -> None:
    _, also = read(TABLES, "PHQ-9", 15, "MADRS")
    assert any(row.error and "often fails for one person" in row.error for row in also)
    assert read(TABLES, "QIDS-SR16", 5, "PHQ-9") == ((), ())
    recalled, _ = read(TABLES, "QIDS-SR16", 5, "PHQ-9", unverified=True)
    assert recalled == ()  # it prints “<5”, which is no score
    assert ("HAM-D", "MADRS") in known_pairs(TABLES)
