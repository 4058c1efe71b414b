"""A patient at the chair, the clinic's country, and adverse events told in one line."""

from collections.abc import Callable
from typing import Any

import pytest

from lowtide.pathway.safety import actions
from lowtide.people.who import Person
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.events import AdverseEvent, AdverseEventFollowed
from tests.pathway.session.conftest import Care, register


class Told(Care):
    """The same patient, whose adverse events are told as the verbs write them."""

    def safely(self, minutes: float, who: Person | None = None, **changes: Any) -> actions.Act:
        now = self.at(minutes)
        fields = {
            "person": who or self.nurse,
            "patient_id": self.patient,
            "session": self.session,
            "now": now,
        }
        return actions.Act(**(fields | changes))

    def event(self, minutes: float = 20, who: Person | None = None, **changes: Any) -> Entry:
        fields: dict[str, Any] = {"term": "nausea", "grade": 1, "serious": Answer.NO}
        return actions.record(self.safely(minutes, who), AdverseEvent(**(fields | changes)))

    def serious(self, minutes: float = 20, **changes: Any) -> Entry:
        fields = {
            "term": "blood_pressure",
            "grade": 4,
            "serious": Answer.YES,
            "criteria": ("life_threatening",),
        }
        return self.event(minutes, **(fields | changes))

    def followed(self, event: Entry, minutes: float, outcome: str = "recovered", **changes: Any) -> Entry:
        known = self.known(event)
        ended = {"ended_at": self.at(minutes)} if outcome == "recovered" else {}
        body = AdverseEventFollowed(event=event.id, outcome=outcome, **(ended | changes))
        return actions.follow(self.safely(minutes), known, body)

    def known(self, event: Entry) -> Any:
        from lowtide.pathway.safety.rules import event_of

        found = event_of(self.chart, event.id)
        assert found
        return found


def told(care: Care) -> Told:
    return Told(care.patient, care.session, care.start, care.nurse, care.prescriber)


@pytest.fixture
def care(clinic: Entry) -> Told:
    found = told(register())
    found.prepare()
    found.begin()
    return found


@pytest.fixture
def other(clinic: Entry) -> Callable[..., Told]:
    return lambda **more: told(register(**more))
