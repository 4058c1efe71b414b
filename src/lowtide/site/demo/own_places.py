"""Patients of the demonstration in their own place: it is open for all in treatment; some have written, one wants to stop."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import uuid5

from lowtide.pathway.course.state import fold
from lowtide.people.charts import PatientChart, identity, whole_chart
from lowtide.people.roles import permissions
from lowtide.people.who import Person
from lowtide.portal import actions
from lowtide.portal.actions import Act
from lowtide.portal.desk import actions as desk
from lowtide.portal.reminders import actions as reminders
from lowtide.portal.reminders import told
from lowtide.portal.reminders.sending import BY
from lowtide.portal.visit import next_visit
from lowtide.record import store
from lowtide.record.entries.base import Body, Draft, Source
from lowtide.record.entries.mailed import ReminderMailed, ReminderOutcome
from lowtide.site.demo.acting import acting
from lowtide.site.demo.care import Care
from lowtide.site.demo.staff import NAMESPACE

IN_TREATMENT = ("INDUCTION", "INDUCTION_DONE", "MAINTENANCE")
HOUR, MOST = timedelta(hours=1), 12


def open_them(now: datetime, told: Iterable[Care]) -> None:
    """Everybody in treatment got a link some weeks ago; then what each of the first few wrote."""
    people = [care for care in told if care.person.stage.name in IN_TREATMENT][:MOST]
    for care in people:
        _desk(care, "open", now - timedelta(days=21), lambda act: desk.hand_out(act, desk.PAPER))
    for care, life in zip(people, LIVES, strict=False):
        life(care, now)
    for care, (about, how, ago) in zip(people, REMINDED, strict=False):
        _reminded(care, about, how, (now - ago).replace(hour=10, minute=0))
    if people[len(REMINDED) :]:
        last = people[-1]
        reminders.choose(_act(last, _patient(last), "no mails", now - 200 * HOUR), on=False)


def _act(care: Care, by: Person, what: str, at: datetime) -> Act:
    whole = whole_chart(care.stream)
    who = identity(whole, care.patient_id)
    assert who
    chart = PatientChart(care.patient_id, who, whole, whole)
    return Act(by, chart, uuid5(NAMESPACE, f"{care.stream} place {what}"), at)


def _patient(care: Care) -> Person:
    who = care.person
    name = f"{who.given} {who.family}"
    return Person(f"patient:{care.patient_id}", name, ("patient",), permissions(("patient",)))


def _desk(care: Care, what: str, at: datetime, verb: Callable[[Act], object]) -> None:
    verb(_act(care, acting("frontdesk"), what, at))


def _answered(care: Care, now: datetime) -> None:
    asked = "May I take my antihistamine on the evening before my visit?"
    actions.write(_act(care, _patient(care), "asks", now - 50 * HOUR), asked)
    reply = "Yes, as usual. Please tell us in the morning that you took it."
    desk.answer(_act(care, acting("nurse"), "answers", now - 47 * HOUR), reply)


def _waits(care: Care, now: datetime) -> None:
    text = "My sister cannot take me home on my next visit. May my neighbour come instead?"
    actions.write(_act(care, _patient(care), "asks", now - 5 * HOUR), text)


def _stops(care: Care, now: datetime) -> None:
    text = "I would like to talk first. The last two visits did nothing for me."
    actions.ask(_act(care, _patient(care), "stops", now - 9 * HOUR), "stop_treatment", text)


def _corrects(care: Care, now: datetime) -> None:
    actions.ask(
        _act(care, _patient(care), "corrects", now - 30 * HOUR), "correct", "My street is spelt with two t."
    )


# -- reminders that went out ------------------------------------------------------------------------------------

REMINDED = (
    (("visit", "questions"), "sent", 26 * HOUR),
    (("questions",), "sent", 75 * HOUR),
    (("questions",), "refused", 50 * HOUR),
    (("visit",), "sent", 120 * HOUR),
)


def _reminded(care: Care, about: tuple[str, ...], how: str, at: datetime) -> None:
    """A mail of before; the demonstration itself sends none."""
    to = told.address(whole_chart(care.stream))
    if not to:
        return
    mailed = ReminderMailed(about=about, items=(f"demonstration|{at:%Y-%m-%d}",), address=to, language="en")
    said = "550" if how == "refused" else ""
    first = _draft(care, "reminder", mailed, at)
    outcome = ReminderOutcome(reminder=first.id, how=how, said=said)
    store.append([first, _draft(care, "outcome", outcome, at + timedelta(seconds=2))], now=at + HOUR / 60)


def _draft(care: Care, what: str, body: Body, at: datetime) -> Draft:
    key = uuid5(NAMESPACE, f"{care.stream} mail {what}")
    return Draft(id=key, stream=care.stream, body=body, by=BY, at=at, source=Source.SYSTEM)


def _names(care: Care, now: datetime) -> None:
    """Who takes them home, where a visit is booked."""
    chart = whole_chart(care.stream)
    found = next_visit(chart, fold(chart))
    if found and found.is_booked:
        act = _act(care, _patient(care), "names", now - 20 * HOUR)
        actions.name_escort(act, found.session, "Alex, my neighbour", "555 0189")


LIVES = (_answered, _waits, _stops, _corrects, _names)
