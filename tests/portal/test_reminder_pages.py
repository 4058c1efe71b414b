"""Pages about reminders: the patient's own switch, the desk's list of all, and one patient's mails."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client

from lowtide.pathway.course.models import DueRow
from lowtide.portal.desk import actions as desk
from lowtide.portal.models import ReminderRow
from lowtide.record import store
from lowtide.record.entries.mailed import LanguageChosen, RemindersChosen
from tests.pathway.course.story import Story
from tests.portal.conftest import SignIn, act, html, sent
from tests.portal.reminding import noon, remind, somebody, tomorrow, with_visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clinic", "mailing")]


def own(sign_in: SignIn, story: Story) -> Client:
    return sign_in("patient", patient=story.patient)


def test_the_patient_turns_them_off_and_on_and_staff_see_it(sign_in: SignIn) -> None:
    story = somebody()
    client = own(sign_in, story)
    assert "Turn them off" in html(client, "/my/reminders")
    client.post("/my/reminders", sent(do="off"))
    assert "Reminders are off." in html(client, "/my/reminders")
    word = store.load(story.stream).last(RemindersChosen)
    assert word
    assert (word[0].by, word[1].on) == (f"patient:{story.patient}", False)
    assert "off, said by" in html(sign_in("front_desk"), f"/patients/{story.patient}/own-place/reminders")
    client.post("/my/reminders", sent(do="on"))
    assert "Reminders are on." in html(client, "/my/reminders")


def test_whoever_switches_the_language_of_their_place_is_mailed_in_it(sign_in: SignIn) -> None:
    story = somebody()
    client = own(sign_in, story)
    for _ in range(2):
        client.post("/my/language", {"language": "es", "back": "/my/"})
    assert len(store.load(story.stream).said(LanguageChosen)) == 1
    remind()
    assert "En su propio lugar hay preguntas" in mail.outbox[0].body


def test_the_same_button_pressed_twice_says_it_once(sign_in: SignIn) -> None:
    story = somebody()
    client, form = own(sign_in, story), sent(do="off")
    for _ in range(2):
        assert client.post("/my/reminders", form).status_code == 302
    assert len(store.load(story.stream).said(RemindersChosen)) == 1


def test_the_desk_sees_who_was_reminded_and_whom_no_mail_reaches(sign_in: SignIn) -> None:
    somebody(given="Reached")
    with_visit(somebody(None, given="Without"), tomorrow())
    closed = somebody("c@example.org", given="Closed")
    desk.close(act(closed.patient, now=noon(-1)))
    remind()
    page = html(sign_in("front_desk"), "/reminders/")
    none, told = page.split("Reminded in the last two weeks")
    assert "Without Testperson" in none
    assert "no e-mail address" in none
    assert "their own place is not open" in none
    assert "Reached Testperson" in told
    assert "Reached Testperson" not in none
    assert not [word for word in ("ketamine", "PHQ", "depress") if word in page]


def test_a_mail_that_came_back_is_told_at_the_desk_and_makes_the_address_due(sign_in: SignIn) -> None:
    story = somebody()
    remind(datetime.now(UTC) - timedelta(minutes=1) if 9 <= datetime.now(UTC).hour < 20 else noon(-1))
    front_desk, url = sign_in("front_desk"), f"/patients/{story.patient}/own-place/reminders"
    assert front_desk.post(url, sent(do="returned")).status_code == 302
    assert DueRow.objects.filter(stream=story.stream, task="reminder_address").exists()
    assert "took no mail" in html(front_desk, url)
    front_desk.post(url, sent(do="on"))
    assert not DueRow.objects.filter(stream=story.stream, task="reminder_address").exists()


def test_a_form_that_says_nothing_gets_one_clear_error(sign_in: SignIn) -> None:
    story = somebody()
    url = f"/patients/{story.patient}/own-place/reminders"
    assert sign_in("front_desk").post(url, {"entry_id": str(uuid4()), "do": "sing"}).status_code == 422


def test_the_table_of_reminders_is_that_of_the_charts() -> None:
    from lowtide.record.projections import REGISTERED, differs

    story = somebody()
    remind()
    assert ReminderRow.objects.get(stream=story.stream).last_how == "sent"
    assert not differs(REGISTERED["portal.reminders"], store.load(story.stream))
