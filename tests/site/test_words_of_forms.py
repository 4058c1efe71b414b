"""What a form says of a wrong field: the house's words, not the framework's."""

import gettext
import re
from pathlib import Path

import pytest
from django import forms

FRAMEWORK = Path(forms.__file__).parents[1]
WORDS = Path(__file__).parents[2] / "src/lowtide/site/locale/en_GB/LC_MESSAGES"


class Dose(forms.Form):
    dose_mg = forms.DecimalField(min_value=1, max_digits=5, decimal_places=1)
    vial = forms.ChoiceField(choices=[("50", "50 mg/mL")])


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({}, "dose_mg", "This is empty: fill it in or choose an answer."),
        ({"dose_mg": "-3"}, "dose_mg", "This is too low: the least it can be is 1."),
        ({"dose_mg": "99999999"}, "dose_mg", "This number is too long: it can have 5 digits in all."),
        (
            {"dose_mg": "36.55"},
            "dose_mg",
            "This is finer than can be kept: write at most 1 digit after the point.",
        ),
        ({"dose_mg": "abc"}, "dose_mg", "This is not a number: write digits with a point, such as 36.5."),
        ({"vial": "7"}, "vial", "There is no choice “7”: choose one of those shown."),
    ],
)
def test_a_wrong_field_is_told_what_is_wrong_and_how_to_mend_it(
    given: dict[str, str], field: str, says: str
) -> None:
    assert says in Dose(given).errors[field]


def test_the_compiled_words_are_those_of_the_written_ones() -> None:
    compiled = gettext.GNUTranslations((WORDS / "django.mo").open("rb"))
    written = (WORDS / "django.po").read_text()
    pairs = re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', written, re.M)
    plurals = re.findall(
        r'^msgid "(.+)"\nmsgid_plural "(.+)"\nmsgstr\[0\] "(.+)"\nmsgstr\[1\] "(.+)"$', written, re.M
    )
    assert len(pairs) + len(plurals) == written.count("\nmsgid ") - 1
    assert all(compiled.gettext(asked) == said for asked, said in pairs)
    assert all(compiled.ngettext(one, many, 2) == said for one, many, _, said in plurals)


def test_every_written_word_is_one_that_the_framework_says() -> None:
    """A message that the framework has changed would silently fall back to its own."""
    source = "".join(
        re.sub(r'"\s*\n\s*"', "", (FRAMEWORK / part).read_text())
        for part in ("forms/fields.py", "forms/models.py", "core/validators.py")
    )
    asked = re.findall(r'^msgid "(.+)"$', (WORDS / "django.po").read_text(), re.M)
    assert [each for each in asked if each not in source] == []
