"""Entries of the person's own goal: what they want from treatment, and how near they are to it as time goes on."""

from collections.abc import Iterator
from uuid import UUID

from lowtide.data.trajectory import goal_scale
from lowtide.problems import Problem
from lowtide.record.entries.base import Body

LONGEST = 300


class GoalSet(Body, tag="goal_set.1", frozen=True, kw_only=True):
    """A goal in the person's own words. Its first entry is the goal; a correction puts its words right.

    `reached` ends it well; `dropped` ends it because it is no longer wanted.
    """

    text: str
    reached: bool = False
    dropped: bool = False

    def problems(self) -> Iterator[Problem]:
        if not self.text.strip():
            yield Problem("the goal has no words", "text", "Write what the person wants, in their words.")
        if len(self.text) > LONGEST:
            yield Problem("the goal is too long", "text", f"Say it in {LONGEST} letters.")


class GoalRated(Body, tag="goal_rated.1", frozen=True, kw_only=True):
    """How near the person is to `goal` (its first entry), by their own rating; `mode` is how it came."""

    goal: UUID
    value: int
    mode: str
    words: str | None = None

    def problems(self) -> Iterator[Problem]:
        scale = goal_scale()
        if not scale.low <= self.value <= scale.high:
            yield Problem(
                f"{self.value} is off the scale", "value", f"It runs from {scale.low} to {scale.high}."
            )
