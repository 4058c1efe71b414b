"""The generated pages of docs/ say what the tables and the tests say now."""

import pytest

from lowtide.data import monitoring, rules
from lowtide.data.protocols import protocols
from tests.repository.write_docs import DOCS, PAGES, text


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == text(name), "run make docs"


def test_the_rules_manual_has_everything_that_decides() -> None:
    manual = text("rules.md")
    ids = [*rules.rules(), *rules.thresholds(), *rules.interactions(), *protocols(), *monitoring.items()]
    assert not [i for i in ids if i not in manual]
