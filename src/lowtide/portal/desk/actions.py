"""What the clinic does about a patient's own place: open it, hand out a link, close it, answer, settle."""

from datetime import timedelta

from django.db import transaction

from lowtide.data.portal import sign_in
from lowtide.people.charts import PatientChart
from lowtide.people.models import User
from lowtide.people.projections import number_of
from lowtide.portal.actions import Act
from lowtide.portal.conversation import messages, requests
from lowtide.portal.sign_in import links
from lowtide.problems import bad, refuse
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.portal import (
    Message,
    MessageClosed,
    PatientRequestClosed,
    PortalClosed,
    PortalOpened,
)

PAPER, ALOUD, MAIL = "paper", "aloud", "mail"


def is_open(chart: Chart) -> bool:
    """Whether the clinic opened it and nobody closed it since."""
    said = sorted(
        (e.order, isinstance(b, PortalOpened))
        for kind in (PortalOpened, PortalClosed)
        for e, b in chart.said(kind)
    )
    return bool(said) and said[-1][1]


def hand_out(act: Act, how: str) -> str:
    """Open the place if it is not, and make a link for it. Answers the code, which is shown once."""
    if act.chart.patient.deceased:
        raise refuse("this person has died", "how", "Nobody gets a link.")
    numbers = sign_in()
    lasts = (
        timedelta(minutes=numbers.mail_link_min.value)
        if how == MAIL
        else timedelta(hours=numbers.paper_link_h.value)
    )
    with transaction.atomic():
        if not is_open(act.chart.whole):
            act.say(PortalOpened(how=how))
        user = _sign_in_of(act.chart)
        links.end_before(user.patient, act.now)
        return links.make(user.patient, act.person.by, lasts, act.now)


def _sign_in_of(chart: PatientChart) -> User:
    """The patient's sign-in: the one they have, or a new one without a password."""
    patient = str(chart.patient_id)
    user = User.objects.filter(patient=patient).first()
    if user is None:
        user = User(username=f"{number_of(chart.patient)}-{patient[:8]}".lower(), patient=patient)
        user.set_unusable_password()
    user.is_active = True
    user.save()
    return user


def close(act: Act) -> Entry:
    """No link, device or password opens it from now on; what was written there stays in the chart."""
    with transaction.atomic():
        entry = act.say(PortalClosed())
        User.objects.filter(patient=str(act.chart.patient_id)).update(is_active=False)
        links.forget_all(str(act.chart.patient_id), act.now)
    return entry


def answer(act: Act, text: str) -> Entry:
    """Write to the patient; it answers the last message of theirs."""
    theirs = [m.entry.id for m in messages(act.chart.chart) if m.is_patients]
    return act.say(Message(text=text.strip(), answers=theirs[-1] if theirs else None))


def settle(act: Act, how: str, note: str) -> Entry:
    """The patient's messages up to now are dealt with."""
    theirs = [m for m in messages(act.chart.chart) if m.is_patients]
    if not theirs:
        raise bad("there is no message", "how", "Load the page again.")
    return act.say(MessageClosed(message=theirs[-1].entry.id, how=how, note=note.strip()))


def settle_request(act: Act, request: str, outcome: str) -> Entry:
    """Say what came of a request. Raises BadInput where there is no such one."""
    found = next((r for r in requests(act.chart.chart) if str(r.entry.id) == request), None)
    if found is None:
        raise bad("there is no such request", "request", "Load the page again.")
    if found.closed and found.closed[0].id != act.entry_id:
        raise refuse("it was dealt with before", "request", "Nothing more to do.")
    return act.say(PatientRequestClosed(request=found.entry.id, outcome=outcome.strip()))
