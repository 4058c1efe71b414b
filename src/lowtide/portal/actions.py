"""What a patient does in their own place: write, ask, withdraw. Each is one append in their own name."""

from datetime import datetime
from uuid import UUID

import msgspec

from lowtide.people.charts import PatientChart
from lowtide.people.retry import append
from lowtide.people.who import Person
from lowtide.portal.conversation import crisis_in, open_requests
from lowtide.problems import refuse
from lowtide.record.entries.base import Body, Draft, Entry, Source
from lowtide.record.entries.portal import EscortNamed, Message, PatientRequest
from lowtide.record.store import Charts, Guard


class Act(msgspec.Struct, frozen=True):
    """Who writes into which chart; `entry_id` is made with the form, so that a double press says it once."""

    person: Person
    chart: PatientChart
    entry_id: UUID
    now: datetime

    def say(self, body: Body, guard: Guard | None = None, session: UUID | None = None) -> Entry:
        source = Source.PATIENT if self.person.is_patient else Source.MANUAL
        draft = Draft(
            id=self.entry_id,
            stream=self.chart.stream,
            body=body,
            by=self.person.by,
            at=self.now,
            source=source,
            session=session,
        )
        return append([draft], guard, now=self.now)[0]


def write(act: Act, text: str) -> Entry:
    """A message to the clinic; words of crisis are kept with it, so that it is found as long as it stands."""
    return act.say(Message(text=text.strip(), crisis=crisis_in(text)))


def name_escort(act: Act, session: UUID, name: str, phone: str) -> Entry:
    """Who takes the patient home from this session; the last word counts."""
    return act.say(EscortNamed(name=name.strip(), phone=phone.strip()), session=session)


def ask(act: Act, what: str, text: str) -> Entry:
    """Ask for something. Refused while the same is asked for already."""

    def once(charts: Charts) -> None:
        waiting = (a for a in open_requests(charts[act.chart.stream]) if a.entry.id != act.entry_id)
        if any(a.body.what == what for a in waiting):
            raise refuse("you have asked for this already", "what", "The clinic will come back to you.")

    return act.say(PatientRequest(what=what, text=text.strip()), once)
