"""Whoever takes somebody home is named in a sentence without their telephone number."""

import pytest

from lowtide.pathway.course.escorts import name_of


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("sister, 555 0177", "sister"),
        ("Kim 555-0177", "Kim"),
        ("Maria Yilmaz, +49 (0)170 12345", "Maria Yilmaz"),
        ("Bo (brother), tel. 555 0144", "Bo (brother)"),
        ("555 0144: her neighbour", "her neighbour"),
        ("sister (phone: (212) 555-0177)", "sister"),
        ("Anna from room 12", "Anna from room 12"),
        ("555 0144", ""),
        ("", ""),
    ],
)
def test_the_name_is_what_is_left_without_the_number(written: str, name: str) -> None:
    assert name_of(written) == name
