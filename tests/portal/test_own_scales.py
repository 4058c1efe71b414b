"""What a condition asks beside the course's own questionnaire, on the patient's phone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.test import Client

from lowtide.data.instruments import instrument
from lowtide.data.translations import translated, translations
from lowtide.record import store
from lowtide.record.entries.base import Source
from lowtide.record.entries.care import Answers
from tests.pathway.course.story import Story, items_for
from tests.portal.conftest import sent

SignIn = Callable[..., Client]
pytestmark = pytest.mark.django_db


@pytest.fixture
def story(clinic: object) -> Story:
    """Two months into treatment: the overall change is asked for."""
    at = datetime.now(UTC) - timedelta(days=60)
    return Story(at=at).took_history().decided().planned().induced().tell()


def answered(**given: object) -> dict[str, object]:
    return sent(**{f"q_{name}": value for name, value in given.items()})


def own(sign_in: SignIn, story: Story) -> Client:
    return sign_in("patient", patient=story.patient)


def said(story: Story) -> list[Answers]:
    return [body for _, body in store.load(story.stream).said(Answers)]


def test_what_is_due_is_asked_one_after_the_other_until_nothing_is(sign_in: SignIn, story: Story) -> None:
    client = own(sign_in, story)
    page = client.get("/my/scales", follow=True)
    assert "Very much improved" in page.content.decode()
    assert "555 0100" in page.content.decode()
    path = page.redirect_chain[-1][0]
    assert path == "/my/scales/pgic"
    following = client.post(path, {"form": str(uuid4()), "item_1": "2"}, follow=True)
    assert following.redirect_chain[-1][0] == "/my/checks/bladder"
    client.post("/my/checks/bladder", answered(pain="no", urgency="no", often="no", blood="no"))
    last = answered(craving=2, liking=1, new_use="no")
    done = client.post("/my/checks/dependence", last, follow=True).content.decode()
    assert "Nothing more is asked for now" in done
    body = said(story)[-1]
    assert (body.instrument, body.mode, body.complete) == ("PGIC", "phone", True)
    entry = store.load(story.stream).said(Answers)[-1][0]
    assert (entry.source, entry.by) == (Source.PATIENT, f"patient:{story.patient}")


def test_they_follow_the_course_s_own_questionnaire(sign_in: SignIn, story: Story) -> None:
    client = own(sign_in, story)
    data: dict[str, Any] = {"form": str(uuid4()), **{f"item_{n}": v for n, v in items_for(9).items()}}
    assert client.post("/my/questions?anyway=1", data)["Location"] == "/my/scales"
    assert client.get("/my/questions")["Location"] == "/my/scales"


@pytest.mark.hazard("H026")
def test_help_comes_before_any_further_question(sign_in: SignIn, story: Story) -> None:
    client = own(sign_in, story)
    data: dict[str, Any] = {"form": str(uuid4()), **{f"item_{n}": v for n, v in items_for(9, 2).items()}}
    assert client.post("/my/questions?anyway=1", data)["Location"] == "/my/questions/done"
    stopped = client.get("/my/scales?stop=1").content.decode()
    assert "You are not alone with this" in stopped


def test_somebody_may_stop_and_go_on_later(sign_in: SignIn, story: Story) -> None:
    page = own(sign_in, story).get("/my/scales?stop=1").content.decode()
    assert "3 more questionnaires are open." in page


@pytest.mark.hazard("H041")
def test_words_that_the_clinic_does_not_have_are_not_asked_on_a_phone(sign_in: SignIn, story: Story) -> None:
    client = own(sign_in, story)
    assert client.get("/my/scales/isi")["Location"] == "/my/scales"
    assert client.get("/my/scales/madrs")["Location"] == "/my/scales"


@pytest.mark.parametrize("role", ["nurse", "prescriber", "administrator"])
def test_staff_have_no_place_of_their_own(sign_in: SignIn, story: Story, role: str) -> None:
    assert sign_in(role).get("/my/scales").status_code == 403


# -- in the reader's language ---------------------------------------------------------------------------------------

SPANISH = {"HTTP_ACCEPT_LANGUAGE": "es"}


def whole(total: int, item_nine: int = 0) -> dict[str, Any]:
    return {"form": str(uuid4()), **{f"item_{n}": v for n, v in items_for(total, item_nine).items()}}


def test_a_questionnaire_whose_translation_may_be_printed_is_asked_in_the_reader_s_language(
    sign_in: SignIn, story: Story
) -> None:
    client = own(sign_in, story)
    page = client.get("/my/questions?anyway=1", **SPANISH).content.decode()
    assert "Poco interés o placer en hacer cosas" in page
    assert "No se requiere permiso para reproducir" in page
    assert "Little interest" not in page
    client.post("/my/questions?anyway=1", whole(9), **SPANISH)
    assert (said(story)[-1].language, said(story)[-1].complete) == ("es", True)


def test_answers_in_another_language_raise_and_score_as_in_the_first(sign_in: SignIn, story: Story) -> None:
    client = own(sign_in, story)
    sent_off = client.post("/my/questions?anyway=1", whole(9, 2), **SPANISH)
    assert sent_off["Location"] == "/my/questions/done"
    assert "No está solo ni sola con esto" in client.get("/my/questions/done", **SPANISH).content.decode()


def test_one_that_may_not_be_translated_stays_in_its_own_words_and_says_so_in_the_reader_s(
    sign_in: SignIn, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lowtide.portal.asked.translated", lambda *named: None)
    page = own(sign_in, story).get("/my/scales/pgic", **SPANISH).content.decode()
    assert "Estas preguntas están aquí solo en inglés." in page
    assert '<span lang="en">Very much improved</span>' in page
    assert "Parar aquí por ahora" in page
    assert '<nav class="tabs"' in page


def test_one_of_the_public_domain_is_asked_in_the_reader_s_language(sign_in: SignIn, story: Story) -> None:
    page = own(sign_in, story).get("/my/scales/pgic", **SPANISH).content.decode()
    assert "Muchísimo mejor" in page
    assert "Traducción propia, no validada." in page
    assert "Very much improved" not in page


def test_in_the_house_s_own_language_nothing_is_said_about_languages(sign_in: SignIn, story: Story) -> None:
    page = own(sign_in, story).get("/my/scales/pgic").content.decode()
    assert "in English only" not in page
    assert 'lang="en"' not in page.partition("<main")[2].partition("<footer")[0]


@pytest.mark.parametrize(("name", "language"), list(translations()))
def test_a_translation_changes_words_and_nothing_else(name: str, language: str) -> None:
    one, other = instrument(name), translated(name, language)
    assert other is not None
    assert other.has_text
    assert translations()[name, language].licence
    assert [o.value for o in other.options] == [o.value for o in one.options]
    assert [o.code for o in other.options] == [o.code for o in one.options]
    assert set(translations()[name, language].items) == set(one.ids)
    for item in one.ids:
        same = msgspec.structs.replace(other.item(item), text="", options=())
        assert same == msgspec.structs.replace(one.item(item), text="", options=())
    assert (other.flags, other.bands, other.total) == (one.flags, one.bands, one.total)


def test_no_instrument_is_translated_whose_own_words_may_not_be_shipped() -> None:
    assert all(instrument(name).embed_item_text == "yes" for name, _ in translations())
