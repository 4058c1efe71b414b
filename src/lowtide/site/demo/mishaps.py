"""What goes wrong in the stories of the demonstration, what is done about it, and what the therapist writes down."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from lowtide.data.emergencies import checklists
from lowtide.pathway.safety import actions as safety
from lowtide.pathway.safety.rules import event_of
from lowtide.pathway.session.actions import emergency, rescuing, therapy
from lowtide.pathway.session.actions.common import Act
from lowtide.record import store
from lowtide.record.entries.base import Answer
from lowtide.record.entries.events import AdverseEvent, AdverseEventFollowed, RescueGiven
from lowtide.site.demo.acting import acting
from lowtide.site.demo.longterm import LongTerm
from lowtide.site.demo.telling import told

STEP = timedelta(seconds=20)
PREPARED = {
    "intention": "“I want to be able to sit with my brother’s death without turning to stone.”",
    "set": "Slept badly, a little afraid; looks forward to it all the same.",
    "setting": "Curtains half drawn, the blue blanket, eye shades from the start. Sister waits outside.",
    "music": "Her own list, quiet strings; off when she lifts a hand.",
    "support": "Say her name and where she is. No questions while it lasts.",
    "touch": "A hand on the forearm, agreed. “Off” ends it.",
}
INTEGRATED = {
    "told": "A wide grey sea, then her brother laughing on the pier. Cried, and was glad of it.",
    "meaning": "That the memory does not only hurt.",
    "steps": "Writes him a letter until the next time.",
    "team": "Longer silence after the dose: fifteen minutes before anybody speaks.",
}


class Mishaps(LongTerm):
    """The part of a story that nobody planned, and the talks around it."""

    stream: str

    @told
    def went_wrong(
        self, at: datetime, number: int | None, key: str, term: str, grade: int, **more: Any
    ) -> None:
        body = AdverseEvent(term=term, grade=grade, **({"serious": Answer.NO} | more))
        session = self._session(number) if number else None
        safety.record(self._safely(at, key, session), body)

    @told
    def followed(self, at: datetime, key: str, outcome: str, **more: Any) -> None:
        event = event_of(store.load(self.stream), self._id(key))
        assert event
        body = AdverseEventFollowed(event=event.id, outcome=outcome, **more)
        safety.follow(self._safely(at, f"{key} {at}"), event, body)

    @told
    def take_report(self, at: datetime, key: str, report: str) -> None:
        act = safety.Act(
            person=acting("prescriber"),
            patient_id=self.patient_id,
            entry_id=self._id(f"{key} {report}"),
            now=at,
        )
        safety.take_report(act, self._id(key), report)

    @told
    def rescue(self, at: datetime, number: int, medicine: str, dose: str, route: str, why: str) -> None:
        prescriber = acting("prescriber")
        body = RescueGiven(
            medicine=medicine,
            dose=Decimal(dose),
            unit="mg",
            route=route,
            ordered_by=prescriber.name,
            orderer=prescriber.by,
            why=why,
        )
        act = Act(**self._at(number, at), entry_id=self._id(f"rescue {number}"))
        rescuing.give(act, body, reason="looked at with the prescriber")

    @told
    def rescue_helped(self, at: datetime, number: int) -> None:
        rescuing.effect(Act(**self._at(number, at)), self._id(f"rescue {number}"), effect="settled")

    def emergency(self, at: datetime, number: int, key: str, outcome: str, rule: str = "") -> None:
        """Opened, worked through step by step, ended."""
        self._open(at, number, key, rule)
        for n, step in enumerate(checklists()[key].steps):
            self._tick(at + (n + 1) * STEP, number, key, step.id, done=step.id != "ambulance")
        self._end(at + timedelta(minutes=9), number, key, outcome)

    @told
    def _open(self, at: datetime, number: int, key: str, rule: str) -> None:
        act = Act(**self._at(number, at), entry_id=self._id(f"emergency {number}"))
        emergency.open_checklist(act, key, rule=rule or None)

    @told
    def _tick(self, at: datetime, number: int, key: str, step: str, *, done: bool) -> None:
        emergency.tick(Act(**self._at(number, at)), self._id(f"emergency {number}"), step, done=done)

    @told
    def _end(self, at: datetime, number: int, key: str, outcome: str) -> None:
        emergency.end(Act(**self._at(number, at)), self._id(f"emergency {number}"), outcome=outcome)

    @told
    def talk(self, at: datetime, number: int, stage: str, said: dict[str, str]) -> None:
        """What the therapist writes down."""
        act = Act(
            person=acting("therapist"), patient_id=self.patient_id, session_id=self._session(number), now=at
        )
        therapy.write(act, stage, said)

    def _safely(self, at: datetime, key: str, session: UUID | None = None) -> safety.Act:
        return safety.Act(
            person=acting("nurse"),
            patient_id=self.patient_id,
            entry_id=self._id(key),
            session=session,
            now=at,
        )

    def _at(self, number: int, at: datetime) -> dict[str, Any]:
        return {
            "person": acting("nurse"),
            "patient_id": self.patient_id,
            "session_id": self._session(number),
            "now": at,
        }
