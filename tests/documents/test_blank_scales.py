"""Blank questionnaires on paper: all the words where they may be printed, item numbers where not, and whose form it is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from lowtide.data.instruments import instrument, instruments
from lowtide.documents import pdf
from lowtide.documents.scale_papers import heads, rows
from tests.pathway.course.story import Story

SignIn = Callable[..., Client]
pytestmark = [pytest.mark.django_db, pytest.mark.either]


@pytest.fixture
def page(sign_in: SignIn, clinic: object, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """The page that becomes the PDF, as text."""

    def no_pdf(html: str, **more: object) -> bytes:
        raise pdf.NoPango

    monkeypatch.setattr(pdf, "from_html", no_pdf)
    at = datetime.now(UTC) - timedelta(days=60)
    story = Story(at=at).took_history().decided().planned().induced().tell()
    client = sign_in("nurse")

    def get(path: str) -> str:
        answer = client.get(f"/patients/{story.patient}/outcomes/{path}")
        assert answer.status_code == 200
        return str(answer.content.decode())

    return get


def test_a_form_whose_words_may_be_printed_carries_them_its_notice_and_whose_it_is(
    page: Callable[[str], str],
) -> None:
    text = page("scales/phq9/blank.pdf")
    assert "Little interest or pleasure in doing things?" in text
    assert "No permission is required" in text
    assert "Nearly every day" in text
    assert "<svg" in text
    assert text.count('class="tick"') == 9 * 4
    assert "Nobody reads this paper until you hand it in." in text


def test_a_form_whose_words_may_not_is_an_answer_sheet_by_numbers(page: Callable[[str], str]) -> None:
    text = page("scales/madrs/blank.pdf")
    assert "may not be printed from here" in text
    assert "Rated by" in text
    assert text.count('class="tick"') == 10 * 7


def test_it_comes_in_another_language_where_that_may_be_printed_and_else_in_its_own(
    page: Callable[[str], str],
) -> None:
    assert "Poco interés o placer en hacer cosas" in page("scales/phq9/blank.pdf?in=es")
    assert "Worst pain imaginable" in page("scales/nrs/blank.pdf?in=es")


def test_what_is_asked_at_a_visit_comes_in_one_go_each_on_a_sheet_of_its_own(
    page: Callable[[str], str],
) -> None:
    text = page("blank.pdf")
    assert text.count('<section class="form"') == 2
    assert "PGI-C" in text


@pytest.mark.parametrize("name", [i.id for i in instruments().values() if i.total != "unscored"])
def test_every_instrument_has_a_place_for_each_answer(name: str) -> None:
    one = instrument(name)
    said = rows(one, {"na": "does not apply", "write": "from"})
    assert [row["number"] for row in said] == list(one.ids)
    assert all(row["boxes"] or row["write"] for row in said)
    assert len(heads(one)) in (0, *(len(row["boxes"]) for row in said))


def test_it_is_a_pdf_that_can_be_printed(sign_in: SignIn, clinic: object) -> None:
    story = Story(at=datetime.now(UTC)).took_history().decided().tell()
    answer = sign_in("nurse").get(f"/patients/{story.patient}/outcomes/scales/gad7/blank.pdf")
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")


@pytest.mark.parametrize("role", ["front_desk", "researcher"])
def test_who_enters_no_questionnaire_prints_none(sign_in: SignIn, clinic: object, role: str) -> None:
    story = Story(at=datetime.now(UTC)).took_history().decided().tell()
    assert sign_in(role).get(f"/patients/{story.patient}/outcomes/blank.pdf").status_code == 403
