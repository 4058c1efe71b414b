"""The pages of a payer's agreement, and what the patient reads of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client

from lowtide.pathway.course.models import DueRow
from lowtide.record import store
from lowtide.record.entries.authorising import AuthorisationAnswered, AuthorisationAsked
from lowtide.record.entries.papers import Coverage
from tests.pathway.course.story import Story
from tests.portal.conftest import html, sent

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
SPRAY, PAYER = "esketamine_nasal", "Harbour Mutual"


@pytest.fixture
def story() -> Story:
    told = Story(at=datetime.now(UTC)).took_history().decided()
    told.say(Coverage(payer_kind="commercial", payer=PAYER, member="M-7"))
    return told.planned(protocol="P01").tell()


@pytest.fixture
def desk(sign_in: SignIn) -> Client:
    return sign_in("front_desk")


def page(story: Story, step: str = "") -> str:
    return f"/patients/{story.patient}/authorisation{step}"


def asked(desk: Client, story: Story) -> UUID:
    given = sent(payer=PAYER, product=SPRAY, sessions="8", how="", reference="R-1")
    assert desk.post(page(story, "/ask"), given).status_code == 302
    return store.load(story.stream).said(AuthorisationAsked)[-1][0].id


def costs(sign_in: SignIn, story: Story, language: str = "en") -> str:
    return html(sign_in("patient", patient=story.patient), "/my/costs", HTTP_ACCEPT_LANGUAGE=language)


def test_what_nobody_wrote_down_is_not_known(desk: Client, story: Story, sign_in: SignIn) -> None:
    assert "Nobody has recorded whether the payer agrees" in html(desk, page(story))
    assert "Whether they pay for all of it is not known here." in costs(sign_in, story)


def test_from_asking_to_an_agreement_that_the_patient_reads(
    desk: Client, story: Story, sign_in: SignIn
) -> None:
    case = asked(desk, story)
    assert "They have not answered yet." in costs(sign_in, story)
    last = datetime.now(UTC).date() + timedelta(days=60)
    given = sent(sessions="8", first="", last=last.isoformat(), number="4711")
    assert desk.post(page(story, f"/{case}/agreed"), given).status_code == 302
    shown = html(desk, page(story))
    assert "<b>8</b> of 8 sessions left" in shown
    assert "number 4711" in shown
    told = costs(sign_in, story)
    assert "They agreed until" in told
    assert "They pay for 8 visits. 8 are left." in told
    assert "Dieron permiso hasta" in costs(sign_in, story, "es")
    assert DueRow.objects.filter(task="authorisation_ends").exists()


def test_a_refusal_is_told_with_its_reason_and_the_day_of_objection(
    desk: Client, story: Story, sign_in: SignIn
) -> None:
    case = asked(desk, story)
    by = datetime.now(UTC).date() + timedelta(days=20)
    desk.post(page(story, f"/{case}/refused"), sent(why="two trials are missing", by=by.isoformat()))
    told = costs(sign_in, story)
    assert "The reason they gave: two trials are missing" in told
    assert "We can ask them to look again until" in told
    assert DueRow.objects.filter(task="authorisation_appeal").exists()
    desk.post(page(story, f"/{case}/objected"), sent(how="", reference=""))
    assert "we asked them to look again" in costs(sign_in, story)
    assert not DueRow.objects.filter(task="authorisation_appeal").exists()


@pytest.mark.parametrize(
    ("step", "given", "told"),
    [
        ("agreed", {"last": "", "number": ""}, "The last day that their letter names is missing"),
        ("agreed", {"first": "2026-05-02", "last": "2026-05-01"}, "The last day is before the first"),
        ("refused", {"why": "", "by": ""}, "aria-invalid"),
    ],
)
def test_what_is_missing_is_said_beside_its_field_and_nothing_is_kept(
    desk: Client, story: Story, step: str, given: dict[str, str], told: str
) -> None:
    answer = desk.post(page(story, f"/{asked(desk, story)}/{step}"), sent(**given))
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not store.load(story.stream).said(AuthorisationAnswered)


def test_a_form_sent_twice_is_one_entry_and_an_objection_needs_a_refusal(desk: Client, story: Story) -> None:
    case, given = asked(desk, story), sent(why="later", by="")
    for _ in range(2):
        assert desk.post(page(story, f"/{case}/wants-more"), given).status_code == 302
    assert len(store.load(story.stream).said(AuthorisationAnswered)) == 1
    assert desk.post(page(story, f"/{case}/objected"), sent(how="", reference="")).status_code == 422
    assert desk.get(page(story, f"/{story.patient}/agreed")).status_code == 404


def test_that_none_is_needed_is_kept_with_how_it_is_known(
    desk: Client, story: Story, sign_in: SignIn
) -> None:
    desk.post(page(story, "/none"), sent(product=SPRAY, payer=PAYER, reason="their letter of May"))
    assert "their letter of May" in html(desk, page(story))
    assert "Nobody has to agree before your treatment." in costs(sign_in, story)
