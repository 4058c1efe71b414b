"""The dot before a source says what the source is; a number that was not read in it carries no green one."""

import pytest
from django.template import Context, Template

from lowtide.data import sources
from lowtide.pathway.evaluate.ruling.backing import Backing, backing_here
from lowtide.pathway.evaluate.templatetags import backing as tag
from lowtide.record.entries.base import Entry

FORUM = ("https://forums.studentdoctor.net/threads/x",)


def drawn(monkeypatch: pytest.MonkeyPatch, links: tuple[str, ...], *, read: bool) -> str:
    found = Backing(
        "M1", "1", sources.told(links), links, "", open=False, kind=sources.kind(links), read=read
    )
    monkeypatch.setattr(tag, "backing_here", lambda key: found)
    return Template("{% load backing %}{% backing 'M1' %}").render(Context())


def test_a_label_a_guideline_and_a_forum_are_told_apart() -> None:
    assert sources.kind(("https://www.pdr.net/x",)) == "label"
    assert sources.kind(("https://www.asahq.org/x", *FORUM)) == "guideline"
    assert sources.kind(FORUM) == "secondary"
    assert sources.kind(()) == ""


def test_a_forum_is_named_as_secondary(monkeypatch: pytest.MonkeyPatch) -> None:
    page = drawn(monkeypatch, FORUM, read=True)
    assert "src--secondary" in page
    assert "secondary: forums.studentdoctor.net" in page


def test_what_was_not_read_in_its_source_has_the_dot_of_none(monkeypatch: pytest.MonkeyPatch) -> None:
    page = drawn(monkeypatch, ("https://www.pdr.net/x",), read=False)
    assert "src--unread" in page
    assert "src--label" not in page


def test_without_a_source_there_is_no_dot(monkeypatch: pytest.MonkeyPatch) -> None:
    page = drawn(monkeypatch, (), read=False)
    assert "no source" in page
    assert "src--" not in page


def test_of_two_rows_of_the_tables_the_dots_say_what_they_are(clinic: Entry) -> None:
    forum, none = backing_here("M13"), backing_here("M28")
    assert forum is not None
    assert none is not None
    assert (forum.kind, forum.read) == ("secondary", False)
    assert (none.kind, none.source) == ("", "no source")
