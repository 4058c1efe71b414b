"""What the people of the demonstration answer: questionnaires, their own goal, and what is done about a raised answer."""

from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from lowtide.data.instruments import instrument
from lowtide.pathway.outcomes import actions as outcomes
from lowtide.pathway.outcomes.trajectory import actions as trajectory
from lowtide.pathway.outcomes.trajectory.goals import goals
from lowtide.record import store
from lowtide.record.entries.base import Source
from lowtide.record.entries.care import RiskReviewed
from lowtide.record.entries.goals import GoalRated
from lowtide.site.demo.telling import told
from lowtide.virtual.people import phq9_items


class Answering:
    """The part of a story that the person tells themselves."""

    stream: str
    patient_id: UUID
    random: Random
    prescriber: Any
    _id: Any

    @told
    def phq9(self, at: datetime, total: int, item9: int = 0) -> None:
        self._answered(at, "PHQ9", f"phq9 {at}", phq9_items(total, item9, self.random))

    @told
    def gad7(self, at: datetime, total: int) -> None:
        whole, rest = divmod(min(total, 21), 7)
        items = {str(n): whole + (n <= rest) for n in range(1, 8)}
        self._answered(at, "GAD7", f"gad7 {at}", items)

    def _answered(self, at: datetime, measure: str, key: str, items: dict[str, int]) -> None:
        who = outcomes.Answerer(by=f"patient:{self.patient_id}", source=Source.PATIENT, mode="phone")
        outcomes.answer(self.stream, self._id(key), instrument(measure), items, who, at)

    @told
    def near_the_goal(self, at: datetime, value: int, words: str | None = None) -> None:
        """How near the person says they are to what the plan names."""
        for goal in goals(store.load(self.stream))[:1]:
            rated = GoalRated(goal=goal.id, value=value, mode="phone", words=words)
            by = f"patient:{self.patient_id}"
            trajectory.rate(self.stream, rated, by, Source.PATIENT, at, self._id(f"goal {at}"))

    @told
    def act_on_risk(self, at: datetime, asked_at: datetime) -> None:
        """What was done about a raised item 9."""
        form = self._id(f"phq9 {asked_at}")
        body = RiskReviewed(
            answers=form,
            action="Spoke with the patient: no intent, no plan; safety plan gone through",
            closed=True,
            contact="spoke",
            because="safe",
        )
        outcomes.review(self.stream, body, self.prescriber.by, at, self._id(f"risk {asked_at}"))
