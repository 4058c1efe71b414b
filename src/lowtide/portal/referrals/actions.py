"""The verbs on a referral: take it, open a chart from it, join it to a chart, decline it. Each leaves both streams told."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID, uuid5

import msgspec

from lowtide.data.prescreen import questions
from lowtide.pathway.course.referrals import Waiting, referrals
from lowtide.people.charts import row_of, stream_of
from lowtide.people.clinic import INBOX
from lowtide.people.patients import actions as patients
from lowtide.people.retry import append
from lowtide.people.roles import Permission
from lowtide.people.who import Person
from lowtide.problems import bad, refuse
from lowtide.record import store
from lowtide.record.entries.base import Answer, Body, Draft, Entry, Source
from lowtide.record.entries.clinic import Filed
from lowtide.record.entries.history import HistoryItem
from lowtide.record.entries.identity import Contact, Patient, Sex
from lowtide.record.entries.referral import Referral, ReferralContacted, ReferralDeclined, ReferralTaken
from lowtide.record.store import Charts, Guard

ANSWERS = {"yes": Answer.YES, "no": Answer.NO, "unsure": Answer.NOT_KNOWN}


class Act(msgspec.Struct, frozen=True):
    """Who does something about which referral; `entry_id` is made with the form."""

    person: Person
    item: UUID
    entry_id: UUID
    now: datetime

    def draft(self, stream: str, body: Body, what: str = "", **more: object) -> Draft:
        made = uuid5(self.entry_id, what) if what else self.entry_id
        fields = {"by": self.person.by, **more}
        return Draft(id=made, stream=stream, body=body, at=self.now, **fields)  # type: ignore[arg-type]


def found(item: UUID) -> Waiting:
    """The referral as it stands. Raises BadInput when there is none."""
    one = next((w for w in referrals(store.load(INBOX)) if w.id == item), None)
    if one is None:
        raise bad("there is no such referral", "item", "Open the list again.")
    return one


def take(act: Act) -> list[Entry]:
    """I have read it and have it: of an urgent one somebody who may act on what was said (hazard H026)."""
    if found(act.item).body.urgent and not act.person.can(Permission.CLOSE_RISK):
        raise refuse("a clinician has to call this person", "item", "Tell a nurse or prescriber now.")
    return _append(
        act, [act.draft(INBOX, ReferralTaken(item=act.item), visible_to=found(act.item).entry.visible_to)]
    )


def contact(act: Act, outcome: str, what: str) -> list[Entry]:
    """Write down an attempt to reach the person; of an urgent one only who may act on what was said."""
    one = found(act.item)
    if one.body.urgent and not act.person.can(Permission.CLOSE_RISK):
        raise refuse("a clinician has to call this person", "outcome", "Tell a nurse or prescriber now.")
    body = ReferralContacted(item=act.item, outcome=outcome, what=what.strip())
    return _append(act, [act.draft(INBOX, body, visible_to=one.entry.visible_to)])


def decline(act: Act, reason: str) -> list[Entry]:
    """No chart comes of it. An urgent one is first taken by somebody."""
    one = found(act.item)
    if one.body.urgent and one.taken is None:
        raise refuse("a clinician has to call this person first", "reason", "Tell a nurse or prescriber now.")
    body = ReferralDeclined(item=act.item)
    return _append(act, [act.draft(INBOX, body, reason=reason, visible_to=one.entry.visible_to)])


def join(act: Act, stream: str) -> list[Entry]:
    """File it into a chart that is there already."""
    if row_of(stream) is None:
        raise bad("there is no such patient", "patient", "Search again.")
    return _append(act, _filed(act, found(act.item), stream))


def open_chart(act: Act, patient_id: UUID, sex: Sex, others: Iterable[str]) -> list[Entry]:
    """Register the person and file the referral into the new chart, in one step for whoever does it.

    Registering comes first and is repeated safely: a second press finds the chart and files into it.
    """
    one = found(act.item)
    if store.find(act.entry_id) is None:
        _still_open(act)({INBOX: store.load(INBOX)})
    body = one.body
    patient = Patient(
        family=body.family,
        given=body.given,
        birth_date=body.birth_date,
        sex=sex,
        contact=Contact(phone=body.phone, email=body.email),
    )
    patients.register(
        act.person, patient_id, uuid5(act.entry_id, "patient"), patient, now=act.now, others=others
    )
    return _append(act, _filed(act, one, stream_of(patient_id)))


def _filed(act: Act, one: Waiting, stream: str) -> list[Draft]:
    """The referral in the chart, its answers as history to be confirmed, and in the inbox where it went."""
    origin = f"{INBOX}/{one.id}"
    said = {"by": one.entry.by, "source": Source.PATIENT, "origin": origin}
    copy = act.draft(stream, one.body, "referral", **said)
    items = [act.draft(stream, item, f"said {item.item}", **said) for item in history(one.body)]
    return [act.draft(INBOX, Filed(item=act.item, chart=stream)), copy, *items]


def history(body: Referral) -> list[HistoryItem]:
    """Answers that are, word for word, answers to an item of the intake."""
    known = questions()
    return [
        HistoryItem(
            item=known[a.question].records,
            answer=ANSWERS[a.answer],
            detail="said by the patient in the pre-screen",
        )
        for a in body.answers
        if a.question in known and known[a.question].records and a.answer in ANSWERS
    ]


def _append(act: Act, drafts: Sequence[Draft]) -> list[Entry]:
    return append(drafts, _still_open(act), also_lock=[INBOX], now=act.now)


def _still_open(act: Act) -> Guard:
    def check(charts: Charts) -> None:
        one = next((w for w in referrals(charts[INBOX]) if w.id == act.item), None)
        if one is None or not one.is_open:
            raise refuse("somebody settled it meanwhile", "item", "Open the list again.")

    return check
