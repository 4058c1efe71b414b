"""The generated pages of docs/ say what the tables and the tests say now."""

import pytest

from lowtide.data import monitoring, rules
from lowtide.data.protocols import protocols
from lowtide.data.read import csv_rows
from tests.repository import hazards_page
from tests.repository.write_docs import DOCS, PAGES, text


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == text(name), "run make docs"


def test_the_rules_manual_has_everything_that_decides() -> None:
    manual = text("rules.md")
    ids = [*rules.rules(), *rules.thresholds(), *rules.interactions(), *protocols(), *monitoring.items()]
    assert not [i for i in ids if i not in manual]


def test_the_hazard_log_names_each_hazard_with_its_tests_or_says_that_there_is_none() -> None:
    sections = text("hazards.md").split("\n## H")[1:]
    assert len(sections) == len(csv_rows("hazards.csv"))
    for section in sections:
        has_test = f"H{section[:3]}" in hazards_page.marked()
        assert ("**No test carries its mark.**" in section, "- Shown by:" in section) == (
            not has_test,
            has_test,
        )


def test_a_mark_on_one_parameter_counts() -> None:
    named = [test for test in hazards_page.marked()["H003"] if "test_planning" in test]
    assert len(named) == 1
