"""The verbs on who somebody is: register, correct, join two charts, part them, say that they are two people."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from lowtide.people import retry
from lowtide.people.charts import linked, stream_of
from lowtide.people.models import User
from lowtide.people.passwords import check_login, temporary
from lowtide.people.patients.numbers import append_numbered, numbered
from lowtide.people.patients.search import look_alikes
from lowtide.people.projections import Word, latest_words, number_of, words_on_others
from lowtide.people.who import Person
from lowtide.problems import Conflict, bad, refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Draft, Entry
from lowtide.record.entries.identity import Linked, NotLinked, Patient, Unlinked
from lowtide.record.store import Charts, Guard


def register(
    person: Person,
    patient_id: UUID,
    entry_id: UUID,
    patient: Patient,
    *,
    now: datetime,
    others: Iterable[str] = (),
) -> Entry:
    """Open a chart for a new patient with the clinic's next number.

    `others` are the look-alike charts that the person has said are somebody else; that is recorded in both. A second
    call with the same ids answers the first one's entry. Raises Refused while a look-alike is not spoken for.
    """
    stream, others = stream_of(patient_id), sorted(others)
    if stored := _registered(entry_id, patient):
        return stored

    def drafts(number: str) -> list[Draft]:
        named = Draft(id=entry_id, stream=stream, body=numbered(patient, number), by=person.by, at=now)
        return [named, *(d for other in others for d in _apart(person, stream, other, entry_id, now))]

    try:
        return append_numbered(drafts, _new_and_unlike(stream, patient, others), now=now)[0]
    except Conflict:  # the same form arrived a second time while the first was being written
        stored = _registered(entry_id, patient)
        assert stored
        return stored


def _registered(entry_id: UUID, patient: Patient) -> Entry | None:
    stored = store.find(entry_id)
    if stored is None:
        return None
    said = stored.body
    if not isinstance(said, Patient) or numbered(patient, number_of(said)) != said:
        raise Conflict(stored, patient)
    return stored


def _new_and_unlike(stream: str, patient: Patient, spoken_for: list[str]) -> Guard:
    def check(charts: Charts) -> None:
        if len(charts[stream]):
            raise refuse("this chart is already somebody’s", "family", "Open the registration page again.")
        for other in look_alikes(patient):
            if other.stream not in spoken_for:
                raise refuse(
                    f"{other.patient.given} {other.patient.family} may be the same person: "
                    + " and ".join(other.reasons),
                    "others",
                    "Open that chart, or say that this is another person.",
                )

    return check


def _apart(person: Person, stream: str, other: str, entry_id: UUID, now: datetime) -> list[Draft]:
    reason = "registered as another person"
    pair = (stream, other), (other, stream)
    return [_word(person, here, NotLinked(other=there), entry_id, reason, now) for here, there in pair]


def _word(person: Person, stream: str, body: Word, of: UUID, reason: str, now: datetime) -> Draft:
    """A word on another chart; its id follows from the form's id and the chart, so that a retry is recognised."""
    entry_id = uuid5(of, f"{stream} {body.other}")
    return Draft(id=entry_id, stream=stream, body=body, by=person.by, at=now, reason=reason)


def correct_identity(
    person: Person,
    patient_id: UUID,
    entry_id: UUID,
    corrects: UUID,
    patient: Patient,
    reason: str,
    *,
    now: datetime,
) -> Entry:
    """Correct who the patient is; the clinic's own number stays."""
    stream = stream_of(patient_id)
    before = store.load(stream).last(Patient)
    if before is None:
        raise bad("there is no such patient", str(patient_id), "Search again.")
    draft = Draft(
        id=entry_id,
        stream=stream,
        body=numbered(patient, number_of(before[1])),
        by=person.by,
        at=now,
        corrects=corrects,
        reason=_given(reason),
    )
    return retry.append([draft], now=now)[0]


def give_sign_in(patient_id: UUID, login: str, *, now: datetime) -> str:
    """A sign-in for the patient's own place, or a new temporary password for the one they have; shown once."""
    check_login(login)
    user = User.objects.filter(patient=str(patient_id)).first() or User(patient=str(patient_id))
    if User.objects.filter(username=login).exclude(pk=user.pk).exists():
        raise bad(f"the sign-in name “{login}” is taken", "login", "Choose another.")
    user.username = login
    return temporary(user, now)


def link(
    person: Person, patient_id: UUID, other_id: UUID, entry_id: UUID, reason: str, *, now: datetime
) -> list[Entry]:
    """Join two charts as one person, in both; nothing moves, and it can be undone."""
    return _both(person, patient_id, other_id, entry_id, reason, now, Linked, _not_yet_one)


def unlink(
    person: Person, patient_id: UUID, other_id: UUID, entry_id: UUID, reason: str, *, now: datetime
) -> list[Entry]:
    """Part two charts that were joined, in both."""
    return _both(person, patient_id, other_id, entry_id, reason, now, Unlinked, _joined_directly)


def tell_apart(
    person: Person, patient_id: UUID, other_id: UUID, entry_id: UUID, reason: str, *, now: datetime
) -> list[Entry]:
    """Record, in both charts, that a look-alike was reviewed and is another person."""
    return _both(person, patient_id, other_id, entry_id, reason, now, NotLinked, _not_yet_one)


def _both(
    person: Person,
    patient_id: UUID,
    other_id: UUID,
    entry_id: UUID,
    reason: str,
    now: datetime,
    kind: type[Word],
    rule: Guard,
) -> list[Entry]:
    here, there = stream_of(patient_id), stream_of(other_id)
    if here == there:
        raise bad("this is the same chart", "other", "Choose the other chart.")
    given, at = _given(reason), _after_earlier_words(here, there, now)
    pair = (here, there), (there, here)
    drafts = [_word(person, a, kind(other=b), entry_id, given, at) for a, b in pair]
    return retry.append(drafts, rule, now=now)


def _after_earlier_words(here: str, there: str, now: datetime) -> datetime:
    """Now, but never before an earlier word on the two: the latest one counts, even after a clock was set back."""
    said = [entry.at for entry, body in words_on_others(store.load(here)) if body.other == there]
    return max([now, *(at + timedelta(microseconds=1) for at in said)])


def _not_yet_one(charts: Charts) -> None:
    here, there = _two(charts)
    if there.stream in linked(here.stream):
        raise refuse(
            "these two charts are joined already", "other", "Part them first if they are two people."
        )


def _joined_directly(charts: Charts) -> None:
    here, there = _two(charts)
    if not isinstance(latest_words(here).get(there.stream), Linked):
        raise refuse("these two charts are not joined to each other", "other", "Look at the chart again.")


def _two(charts: Charts) -> tuple[Chart, Chart]:
    here, there = charts.values()
    for chart in (here, there):
        if chart.last(Patient) is None:
            raise refuse("there is no such patient", chart.stream, "Search again.")
    return here, there


def _given(reason: str) -> str:
    if not reason.strip():
        raise bad("a reason is needed", "reason", "Say in a few words why.")
    return reason.strip()
