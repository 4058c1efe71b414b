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
from lowtide.portal.visit import next_visit
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


def _names(care: Care, now: datetime) -> None:
    """Who takes them home, where a visit is booked."""
    chart = whole_chart(care.stream)
    found = next_visit(chart, fold(chart))
    if found and found.is_booked:
        act = _act(care, _patient(care), "names", now - 20 * HOUR)
        actions.name_escort(act, found.session, "Alex, my neighbour", "555 0189")


LIVES = (_answered, _waits, _stops, _corrects, _names)
