"""Words that a twelve-year-old reads, in two languages; pages that are light on a slow network and need no script."""

import gettext
import re
from functools import cache
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from lowtide.data import portal
from tests.pathway.course.story import Story
from tests.portal import readability, words
from tests.portal.conftest import html
from tests.portal.test_pages import with_visit

pytestmark = pytest.mark.either

Mine = tuple[Client, Story]
FIRST_PAGE_BYTES, GRADE, EASE = 60_000, 7.0, 65.0
RUNNING, HARD, LONGEST = 8, 11.0, 26
"""Grade 7 is read at twelve; an INFLESZ of 65 or more is easy Spanish."""


# -- two languages ----------------------------------------------------------------------------------------------


@cache
def catalogue() -> gettext.GNUTranslations:
    with (words.CATALOGUE / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def test_words_are_found_in_templates_in_code_and_in_the_tables() -> None:
    found = {said[0] for said in words.told()}
    assert {"Urgent help", "Write what you want to say.", "Last food", "Serious risks"} <= found
    assert len(found) > 400


def test_every_word_of_the_own_place_is_said_in_spanish_with_all_that_is_filled_in() -> None:
    for said in (*words.told(), *words.told_to_anybody()):
        for form in in_spanish(said):
            for hole in (r"%\(\w+\)s", r"\{[\w.]+\}"):
                assert sorted(re.findall(hole, form)) == sorted(re.findall(hole, said[-1])), form


def in_spanish(said: tuple[str, ...]) -> list[str]:
    """Each form of it; what is not in the catalogue fails."""
    known = catalogue()
    if len(said) == 2:
        forms = [known.ngettext(*said, n) for n in (1, 2)]
        assert forms != list(said), said
        return forms
    found = known._catalog.get(said[0])  # type: ignore[attr-defined]
    assert found, said[0]
    return [found]


def test_the_compiled_catalogue_is_that_of_the_written_one() -> None:
    written = (words.CATALOGUE / "django.po").read_text()
    for asked, said in re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', written, re.M):
        plain = [text.replace('\\"', '"').replace("\\\\", "\\") for text in (asked, said)]
        assert catalogue().gettext(plain[0]) == plain[1]


def test_no_template_of_the_own_place_says_a_word_past_the_catalogue() -> None:
    for path in (*words.TEMPLATES, *words.PUBLIC_TEMPLATES):
        text = re.sub(
            r"{% comment %}.*?{% endcomment %}|{% blocktranslate.*?{% endblocktranslate %}",
            "",
            path.read_text(),
            flags=re.S,
        )
        bare = re.sub(
            r"{% block room %}phone|{%.*?%}|{{.*?}}|<[^>]*>|class=\"\w+\"|Lowtide", " ", text, flags=re.S
        )
        assert not re.findall(r"[A-Za-z]{3,}", bare), (path.name, re.findall(r"[A-Za-z]{3,}", bare))


# -- plain words ------------------------------------------------------------------------------------------------


def sentences() -> list[str]:
    """What is read as text: two words at least, without what is filled in."""
    found = [text for said in words.told() for text in said]
    return [text for text in found if text not in words.FORMATS and len(text.split()) > 2]


def test_the_words_of_the_own_place_are_read_at_twelve() -> None:
    assert readability.grade(sentences()) <= GRADE


def test_running_sentences_alone_are_read_at_twelve_and_none_of_them_is_hard() -> None:
    """Without the short words on buttons, which read as easy whatever the text does."""
    running = [
        one for text in sentences() for one in re.split(r"(?<=[.!?])\s+", text) if len(one.split()) >= RUNNING
    ]
    assert readability.grade(running) <= GRADE
    hard = {one for one in running if readability.grade([one]) > HARD or len(one.split()) > LONGEST}
    assert not hard


@pytest.mark.parametrize("part", ["session", "known", "instructions", "consent", "asked"])
def test_each_longer_text_is_read_at_twelve(part: str) -> None:
    texts = {
        "session": [line.text for line in portal.pages().session],
        "known": [known.text for known in portal.pages().known],
        "instructions": list(words.instructions()),
        "consent": [text for text in words.agreed() if len(text.split()) > 4],
        "asked": [text for text in words.asked() if len(text.split()) > 4],
    }
    assert readability.grade(texts[part]) <= GRADE


def test_the_spanish_words_are_easy_ones_too() -> None:
    spanish = [catalogue().gettext(text) for text in sentences()]
    assert readability.ease_es(spanish) >= EASE


def test_the_index_knows_plain_words_from_hard_ones() -> None:
    assert readability.grade(["The cat sat on the mat. It was hot."]) < 3
    hard = "Dissociative phenomenology necessitates comprehensive multidisciplinary pharmacological deliberation."
    assert readability.grade([hard]) > 15
    assert readability.ease_es(["El gato está en la casa."]) > readability.ease_es(
        ["La fenomenología disociativa necesita deliberación farmacológica multidisciplinaria."]
    )


@pytest.mark.django_db
def test_no_page_promises_anything(mine: Mine) -> None:
    promising = re.compile(
        r"\b(will help|will work|cures?|guarantee\w*|you will feel better|promise\w*|100 %)\b", re.I
    )
    for path in ("/my/", "/my/course", "/my/treatment", "/my/session", "/my/side-effects"):
        assert not promising.search(html(mine[0], path))


# -- light ------------------------------------------------------------------------------------------------------


def on_the_wire(client: Client, path: str) -> int:
    """The page with every style, script and picture it names, in bytes as they are served."""
    page = client.get(path)
    text = page.content.decode()
    assert page.status_code == 200
    total = len(page.content)
    for url in set(re.findall(r'(?:href|src)="(/static/[^"]+)"', text)):
        file = finders.find(url.removeprefix("/static/"))
        assert file, url
        total += Path(str(file)).stat().st_size
    return total


@pytest.mark.django_db
def test_the_first_page_with_all_that_it_needs_is_under_60_kb(mine: Mine) -> None:
    client, story = mine
    with_visit(story)
    assert on_the_wire(client, "/my/") < FIRST_PAGE_BYTES


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/my/questions?anyway=1", "/my/course", "/my/messages", "/my/help", "/my/side-effects"]
)
def test_the_other_pages_are_light_too(mine: Mine, path: str) -> None:
    assert on_the_wire(mine[0], path) < FIRST_PAGE_BYTES + 10_000


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/my/", "/my/course", "/my/messages", "/my/data", "/my/more", "/my/passport"]
)
def test_a_page_carries_no_script_at_all(mine: Mine, path: str) -> None:
    assert "<script" not in html(mine[0], path)
