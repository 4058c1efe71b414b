"""Reminders by e-mail: of what, when, to whom, how often, in which language, and what becomes of them."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from pytest_django import Settings

from lowtide.data.portal import reminders as limits
from lowtide.pathway.course.models import DueRow
from lowtide.portal.desk import actions as desk
from lowtide.portal.reminders import actions, sending
from lowtide.portal.reminders.deciding import tasks
from lowtide.record import store
from lowtide.record.entries.identity import Contact, Patient
from lowtide.record.entries.longterm import StopReviewed
from lowtide.record.entries.mailed import ReminderMailed, ReminderOutcome
from lowtide.record.entries.portal import PatientRequest
from tests.conftest import said
from tests.portal.conftest import SignIn, act, html
from tests.portal.reminding import ADA, noon, remind, somebody, tomorrow, with_visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clinic", "mailing")]
NAMING = (
    "ketamine",
    "depress",
    "treatment",
    "infusion",
    "phq",
    "mood",
    "session",
    "drug",
    "suicid",
    "testperson",
)


def body(nth: int = 0) -> str:
    return str(mail.outbox[nth].body)


# -- of what ----------------------------------------------------------------------------------------------------


def test_questions_that_wait_are_mailed_with_the_way_to_the_own_place() -> None:
    somebody()
    (done,) = remind()
    assert (done.about, done.how) == (("questions",), "sent")
    assert mail.outbox[0].to == [ADA]
    assert "Some questions wait for you" in body()
    assert "https://clinic.example/my/\n" in body()


def test_a_visit_is_mailed_the_day_before_with_its_hour_and_place() -> None:
    with_visit(somebody(), tomorrow())
    (done,) = remind()
    assert done.about[0] == "visit"
    assert (
        "Please be there at 10:30." in body() or "Please be there at 11:30." in body()
    )  # by the clinic’s clock
    assert "Where: " in body()


def test_questions_that_open_before_the_visit_are_in_the_same_mail() -> None:
    with_visit(somebody(), tomorrow())
    remind(noon().replace(hour=9))
    assert len(mail.outbox) == 1
    assert "Please answer them before you come." in body()


@pytest.mark.parametrize("days", [2, 3])
def test_a_visit_further_ahead_is_not_mailed_yet(days: int) -> None:
    with_visit(somebody(), noon(days).replace(hour=10))
    assert all("visit" not in one.about for one in remind())


def test_a_visit_that_the_clinic_has_not_confirmed_is_not_mailed() -> None:
    story = somebody()
    story.now = noon(-1)
    story.planned((2,)).tell()  # tomorrow, and nobody has booked it
    assert all("visit" not in one.about for one in remind(noon(1)))


@pytest.mark.hazard("H049")
def test_no_mail_names_an_illness_a_drug_a_treatment_or_the_person() -> None:
    with_visit(somebody(), tomorrow())
    somebody("bea@example.org")
    somebody("eva@example.org", "es")
    remind()
    assert len(mail.outbox) == 3
    for one in mail.outbox:
        text = f"{one.subject} {one.body}".lower()
        assert not [word for word in (*NAMING, "ketamina", "depres", "tratamiento") if word in text]


@pytest.mark.hazard("H026")
def test_a_mail_says_whom_to_call_and_that_nobody_reads_answers() -> None:
    somebody()
    remind()
    assert "Call 555 0100" in body()
    assert "Nobody reads the answers" in body()


def test_a_mail_speaks_the_language_noted_and_the_one_chosen_before_it() -> None:
    story = somebody(language="es")
    remind()
    assert "En su propio lugar hay preguntas" in body()
    actions.choose(act(story.patient, now=noon()), on=True, language="en")
    remind(noon(2))
    assert "Some questions wait" in body(1)


def test_who_shares_an_address_is_named_by_the_first_name() -> None:
    somebody(given="Ada")
    somebody(given="Ben")
    remind()
    assert sorted(line.splitlines()[0] for line in map(body, (0, 1))) == ["Hello Ada,", "Hello Ben,"]


# -- to whom ----------------------------------------------------------------------------------------------------


def test_who_has_no_address_or_no_open_place_gets_none() -> None:
    somebody(None)
    closed = somebody()
    desk.close(act(closed.patient, now=noon(-1)))
    assert remind() == []


def test_an_ended_course_gets_none() -> None:
    story = somebody()
    story.now = noon(-1)
    story.ended().tell()
    assert remind() == []


def test_who_wants_to_stop_hears_from_a_person_and_not_from_a_mail() -> None:
    story = somebody()
    store.append([said(PatientRequest(what="stop_treatment"), story.stream, by=f"patient:{story.patient}")])
    assert remind() == []


def test_who_turned_them_off_gets_none_until_they_are_on_again() -> None:
    story = somebody()
    actions.choose(act(story.patient, now=noon(-1)), on=False)
    assert remind() == []
    actions.choose(act(story.patient, now=noon()), on=True)
    assert len(remind()) == 1


def test_nobody_is_asked_on_the_day_of_a_dose() -> None:
    story = with_visit(somebody(), noon().replace(hour=7))
    story.now = noon().replace(hour=7)
    story.held(2).tell()
    assert remind(noon().replace(hour=18)) == []
    assert len(remind(noon(1))) == 1


# -- how often --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hour", [0, 5, 20, 23])
def test_nothing_goes_out_at_night(hour: int) -> None:
    somebody()
    assert remind(noon().replace(hour=hour)) == []


def test_at_most_one_mail_a_day() -> None:
    story = somebody()
    assert len(remind()) == 1
    with_visit(story, tomorrow())
    assert remind(noon() + timedelta(hours=2)) == []


def test_the_same_questions_are_brought_up_twice_two_days_apart_and_never_again() -> None:
    somebody()
    days = [n for n in range(12) if remind(noon(n))]
    assert len(days) == limits().per_item.value
    assert (days[1] - days[0]) * 24 >= limits().apart_h.value


def test_every_kind_of_question_that_the_phone_asks_is_reminded_of() -> None:
    assert {"phq9", "scales"} < set(tasks())
    assert any(name.startswith("longterm_") for name in tasks())


def test_answered_questions_are_not_brought_up_again() -> None:
    story = somebody()
    remind()
    story.now = noon() + timedelta(hours=1)
    story.phq9(9).tell()
    assert not [item for one in remind(noon(2)) for item in one.items if item.startswith("PHQ9")]


def test_a_visit_that_moved_after_it_was_told_is_told_again_on_the_same_day() -> None:
    story = with_visit(somebody(), tomorrow())
    assert len(remind()) == 1
    with_visit(story, noon(1).replace(hour=15), noon())
    (again,) = remind(noon() + timedelta(hours=1))
    assert again.about == ("visit",)
    assert "be there at 15:30" in body(1) or "be there at 16:30" in body(1)
    assert remind(noon() + timedelta(hours=2)) == []


def test_a_dry_run_sends_nothing_and_writes_nothing() -> None:
    story = somebody()
    (one,) = sending.remind(noon, dry=True)
    assert one.how == "would be sent"
    assert mail.outbox == []
    assert not store.load(story.stream).said(ReminderMailed)


# -- what becomes of it -----------------------------------------------------------------------------------------


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def refuse(*_: object) -> int:
        raise error

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)


def test_a_reminder_and_what_became_of_it_are_entries() -> None:
    story = somebody()
    remind()
    chart = store.load(story.stream)
    ((entry, mailed),) = chart.said(ReminderMailed)
    ((_, outcome),) = chart.said(ReminderOutcome)
    assert (mailed.address, mailed.about, mailed.language) == (ADA, ("questions",), "en")
    assert (outcome.reminder, outcome.how) == (entry.id, "sent")
    assert entry.by == "system:reminders"


def test_an_address_that_is_refused_is_mailed_no_more_and_is_due_for_the_desk(
    monkeypatch: pytest.MonkeyPatch, sign_in: SignIn
) -> None:
    story = somebody()
    failing(monkeypatch, smtplib.SMTPRecipientsRefused({ADA: (550, b"no such user")}))
    (done,) = remind()
    monkeypatch.undo()
    assert done.how == "refused"
    assert remind(noon(3)) == []
    row = DueRow.objects.get(stream=story.stream, task="reminder_address")
    assert (row.owner, row.needs) == ("front_desk", "EDIT_IDENTITY")
    assert "took no reminder" in html(sign_in("front_desk"), "/today")


def test_a_corrected_address_ends_the_due_item_and_is_mailed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    story = somebody()
    failing(monkeypatch, smtplib.SMTPRecipientsRefused({ADA: (550, b"no such user")}))
    remind()
    monkeypatch.undo()
    ((entry, _who),) = store.load(story.stream).said(Patient)
    new = Patient(family="Testperson", given="Ada", contact=Contact(email="new@example.org"))
    store.append([said(new, story.stream, corrects=entry.id, reason="told at the desk")])
    assert not DueRow.objects.filter(task="reminder_address").exists()
    remind(noon(2))
    assert [m.to for m in mail.outbox] == [["new@example.org"]]


def test_a_server_that_does_not_answer_is_asked_again_a_few_times_and_blames_no_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for email in (ADA, "bea@example.org"):
        somebody(email)
    failing(monkeypatch, ConnectionRefusedError())
    assert [one.how for one in remind()] == ["failed"]  # the second is not tried on a server that is down
    assert not DueRow.objects.filter(task="reminder_address").exists()
    assert remind(noon() + timedelta(minutes=5)) == []
    monkeypatch.undo()
    remind(noon() + timedelta(minutes=limits().again_min.value + 1))
    assert len(mail.outbox) == 2


def test_a_refusal_for_a_while_is_not_one_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    somebody()
    failing(monkeypatch, smtplib.SMTPRecipientsRefused({ADA: (450, b"busy")}))
    assert remind()[0].how == "failed"


@pytest.mark.hazard("H026")
def test_a_reminder_closes_no_answer_about_suicide() -> None:
    story = somebody()
    story.now = noon(-3)
    story.phq9(12, item_nine=3).tell()
    story.now = noon(-3)
    before = DueRow.objects.get(stream=story.stream, task="risk")
    for day in range(7, 12):
        remind(noon(day))
    assert mail.outbox
    after = DueRow.objects.get(stream=story.stream, task="risk")
    assert (after.due_at, after.taken, after.level) == (before.due_at, before.taken, before.level)


def test_where_mail_is_not_set_up_it_says_what_is_missing(settings: Settings) -> None:
    assert sending.missing() is None
    settings.PUBLIC_ADDRESS = ""
    assert "LOWTIDE_ADDRESS" in str(sending.missing())
    settings.MAIL_IS_SET_UP = False
    assert "LOWTIDE_MAIL_URL" in str(sending.missing())


def test_nobody_is_mailed_to_come_to_a_visit_that_stop_and_review_holds() -> None:
    story = with_visit(somebody(), tomorrow())
    story.say(StopReviewed(stop="other", choice="hold"), reason="the liver values are read again first")
    story.tell()
    (done,) = remind(dry=True)
    assert done.about == ("questions",)
    story.after(minutes=5).say(StopReviewed(stop="other", choice="release"), reason="they are in range")
    story.tell()
    (done,) = remind(dry=True)
    assert "visit" in done.about
