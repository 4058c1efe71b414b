"""The patient names who takes them home; the clinic has it wherever it looks for it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from lowtide.pathway.course.models import DueRow
from lowtide.pathway.session.models import Session
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.record import store
from lowtide.record.entries.base import Source
from lowtide.record.entries.portal import EscortNamed
from tests.pathway.course.story import Story
from tests.portal.conftest import SignIn, html, sent, treated
from tests.portal.test_pages import with_visit

Mine = tuple[Client, Story]
pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(sign_in: SignIn) -> Mine:
    """Somebody whose next visit is booked, with nobody named to take them home."""
    story = treated()
    with_visit(story)
    return sign_in("patient", patient=story.patient), story


@pytest.fixture
def visit(mine: Mine) -> str:
    """The id of the session that is booked next."""
    return str(mine[0].get("/my/escort").context["form"].initial["session"])


def named(mine: Mine, visit: str, **said: str) -> None:
    form = sent(session=visit, **{"name": "Maria Yilmaz", "phone": "555 0144", **said})
    assert mine[0].post("/my/escort", form)["Location"] == "/my/"


def test_who_takes_them_home_is_an_entry_of_that_session_in_the_patient_s_name(
    mine: Mine, visit: str
) -> None:
    named(mine, visit)
    entry, body = store.load(mine[1].stream).said(EscortNamed)[-1]
    assert (body.name, body.phone) == ("Maria Yilmaz", "555 0144")
    assert (str(entry.session), entry.source) == (visit, Source.PATIENT)
    assert "You named Maria Yilmaz, 555 0144." in html(mine[0], "/my/")


def test_the_clinic_reads_it_on_the_board_in_the_booking_and_asks_for_nobody(mine: Mine, visit: str) -> None:
    rows = DueRow.objects.filter(stream=mine[1].stream, task="escort")
    assert rows.exists()
    named(mine, visit)
    assert not rows.exists()
    assert Session.objects.get(key=visit).escort == "Maria Yilmaz, 555 0144"


def test_the_last_word_counts_whoever_said_it(mine: Mine, visit: str) -> None:
    named(mine, visit)
    named(mine, visit, name="Kim")
    chart = store.load(mine[1].stream)
    session = next(e.session for e, _ in chart.said(EscortNamed))
    assert session
    assert session_facts(chart, session).escort == "Kim, 555 0144"


def test_a_name_and_a_number_are_asked_for(mine: Mine, visit: str) -> None:
    page = mine[0].post("/my/escort", sent(session=visit, name="Kim", phone=""))
    assert page.status_code == 422
    assert "Write a number." in page.content.decode()
    assert not store.load(mine[1].stream).said(EscortNamed)


def test_a_form_about_another_visit_is_not_taken_for_this_one(mine: Mine, visit: str) -> None:
    other = sent(session="00000000-0000-4000-8000-000000000000", name="Kim", phone="1")
    assert mine[0].post("/my/escort", other).status_code == 422


def test_without_a_booked_visit_there_is_nobody_to_name(sign_in: SignIn) -> None:
    at = datetime.now(UTC) - timedelta(days=20)
    story = Story(at=at).took_history().decided().tell()
    assert sign_in("patient", patient=story.patient).get("/my/escort")["Location"] == "/my/"
