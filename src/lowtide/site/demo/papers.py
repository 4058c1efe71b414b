"""What the demonstration's clinic has sent: its letterhead, who gets letters, and how the last ones fared."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import cycle
from uuid import UUID, uuid5

from lowtide.documents import sending
from lowtide.documents.loading import sources_of
from lowtide.pathway.course.sendings import standing
from lowtide.pathway.course.sessions import Session, Status, sessions
from lowtide.people.charts import whole_chart
from lowtide.people.clinic import CLINIC, zone
from lowtide.record import store
from lowtide.record.entries.base import Answer, Body, Draft
from lowtide.record.entries.chair import Note
from lowtide.record.entries.papers import Correspondent, Coverage, Letterhead
from lowtide.record.entries.reminding import ActionsWritten
from lowtide.site.demo.acting import acting
from lowtide.site.demo.care import Care
from lowtide.site.demo.staff import NAMESPACE

HOUR = timedelta(hours=1)
LETTERHEAD = Letterhead(
    address="1 North Quay", city="Tidehaven", postcode="00000", phone="555 0140", email="desk@example.invalid"
)
STEPS = {
    "M12": ("Arm at heart height, cuff checked", "Measure again after 5 min", "Light and sound down"),
    "M13": (
        "Pause the infusion",
        "Call the prescriber to the chair",
        "Measure every 5 min until two are below the bound",
        "Rescue medicine only by order, from the red box",
    ),
    "M14": (
        "Stop the infusion",
        "Call the prescriber to the chair at once",
        "Ask about headache, chest pain, sight and speech",
        "Open the emergency checklist if anything of it is there",
    ),
    "M17": ("Check the probe", "Speak to the patient, lift the chin", "Head up, ask for three deep breaths"),
    "M18": ("Stop the infusion", "Oxygen, airway, call for help", "Open the emergency checklist"),
}
"""What the invented clinic does at its chairs; examples of a list, no advice."""
DOCTORS = ("Dr K. Lindahl", "Dr Amara Bello", "Dr Jonas Feld")


def send(now: datetime, told: Iterable[Care]) -> None:
    """One letter each for those in the middle of a series: some on their way, one came back, one amended since."""
    _write(CLINIC, LETTERHEAD, "letterhead", now - timedelta(weeks=4), "director")
    for rule, steps in STEPS.items():
        _write(
            CLINIC,
            ActionsWritten(rule=rule, steps=steps),
            f"steps {rule}",
            now - timedelta(weeks=4),
            "director",
        )
    in_series = [care for care in told if care.person.stage.name in ("INDUCTION", "INDUCTION_DONE")]
    for place, (care, doctor) in enumerate(zip(in_series, cycle(DOCTORS), strict=False)):
        last = _last(care)
        if last is None:
            continue
        _addressees(care, doctor, last.at - 2 * HOUR, agreed=Answer.NO if place == 5 else Answer.YES)
        if place < len(FATES):
            FATES[place](care, last, now - 20 * HOUR)


def _last(care: Care) -> Session | None:
    signed = [s for s in sessions(store.load(care.stream)) if s.status is Status.SIGNED]
    return signed[-1] if signed else None


def _addressees(care: Care, doctor: str, at: datetime, agreed: Answer) -> None:
    body = Correspondent(name=doctor, role="family_doctor", agreed=agreed, address="2 Hill Road, Tidehaven")
    _write(care.stream, body, "correspondent", at, "frontdesk")
    if care.person.seed % 2:
        _write(
            care.stream,
            Coverage(payer_kind="commercial", payer="Harbour Mutual"),
            "coverage",
            at,
            "frontdesk",
        )


def _write(stream: str, body: Body, what: str, at: datetime, who: str, session: UUID | None = None) -> None:
    entry = uuid5(NAMESPACE, f"{stream} {what}")
    store.append(
        [Draft(id=entry, stream=stream, body=body, by=acting(who).by, at=at, session=session)], now=at
    )


def _act(care: Care, session: Session, what: str, at: datetime) -> sending.Act:
    return sending.Act(
        person=acting("frontdesk"),
        patient=care.patient_id,
        session=session.id,
        document="letter",
        entry_id=uuid5(NAMESPACE, f"{what} {session.id}"),
        now=at,
    )


def _sent(care: Care, session: Session, at: datetime) -> None:
    sources = sources_of(whole_chart(care.stream), session.id, zone())
    found = sources.chart.last(Correspondent)
    to = found[1].name if found else DOCTORS[0]
    sending.sent(_act(care, session, "letter", at), sources, to=to, how="fax", reference="555 0190")


def _confirmed(care: Care, session: Session, at: datetime) -> None:
    _sent(care, session, at)
    found = standing(whole_chart(care.stream), session.id, "letter")
    sending.acknowledged(_act(care, session, "receipt", at + HOUR), found, receipt="the practice rang back")


def _came_back(care: Care, session: Session, at: datetime) -> None:
    _sent(care, session, at)
    found = standing(whole_chart(care.stream), session.id, "letter")
    sending.failed(
        _act(care, session, "failed", at + HOUR),
        found,
        to=DOCTORS[0],
        how="fax",
        reason="the line was busy three times",
    )


def _amended(care: Care, session: Session, at: datetime) -> None:
    """Something is remembered after the letter went out."""
    _sent(care, session, at)
    told = Note(text="She rang: a mild headache in the evening, gone by the morning.")
    _write(care.stream, told, "addendum", at + 2 * HOUR, "nurse", session.id)


FATES: tuple[Callable[[Care, Session, datetime], None], ...] = (_confirmed, _came_back, _amended, _sent)
