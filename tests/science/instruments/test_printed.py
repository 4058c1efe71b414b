"""What others printed as a score is the score here."""

import pytest

from tests.science.instruments.printed import Example, examples, page


@pytest.mark.hazard("H039")
@pytest.mark.parametrize("example", examples(), ids=lambda e: f"{e.instrument} {e.what}")
def test_a_printed_score_is_the_score_here(example: Example) -> None:
    assert example.is_met(), example.scored()


def test_the_page_says_no_nowhere() -> None:
    told = "\n".join(page())
    assert "**no**" not in told
    assert "PHQ-9 | 9 | 9 | 36 of 36 | yes" in told
