"""Members counted from where the scores of one person put them, so that few need to be moved far.

Given all else of a member, some normals move the sum of parts evenly: what is expected, what comes by itself, what months
bring. Were the score to follow that sum in a straight line, scores would put them within a normal distribution that is
known beforehand. Near the course that was scored it nearly does: a member holds standard normals that are carried there.
What is left for weights and moves to find is the little that scores say of the others, and how far the line is bent.
"""

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from lowtide.science.pharmacology.response import months
from lowtide.science.pharmacology.response.model import (
    Members,
    Session,
    bent,
    drug,
    fall,
    hope,
    settled,
    sum_of,
    summed,
)
from lowtide.science.pharmacology.structure import Array

FIRST, LAST = (
    "response background",
    "response expectancy",
)  # of those that move the sum evenly; months between
WIDER = 1.2  # times as wide as the line says: near the end of a scale it says too little
LEAST = 0.25  # of what the steepness alone says, where the curve turns towards a score
ROUNDS = 8  # of drawing the line at the course that somebody typical takes by the line before


class Seen(msgspec.Struct, frozen=True):
    """Falls that were scored, as parts of the baseline, and the errors of scoring them; (scores,) each."""

    days: Array
    falls: Array
    errors: Array


class Centred:
    """The members of one person; `people` makes them from rows of the normals of these `names`."""

    def __init__(
        self,
        people: Callable[[Array], Members],
        names: Sequence[str],
        sessions: tuple[Session, ...],
        seen: Seen,
    ) -> None:
        self.people, self.sessions, self.seen = people, sessions, seen
        even = (FIRST, *(name for name in names if name.startswith(months.NAME)), LAST)
        self.even = [names.index(name) for name in even]
        nobody = np.zeros((1, len(names)))
        typical, other = people(nobody), people(nobody + 1)
        self.numbers, self.hoping = typical.numbers, other.expectancy - typical.expectancy
        by_itself = (other.background - typical.background) * settled(typical, seen.days)
        walked = months.walked(self.numbers, typical.knots, np.eye(len(typical.knots)))
        self.moved = np.vstack([by_itself, months.brought(typical.knots, walked, seen.days).T])
        self._draw(sum_of(self.numbers, seen.falls))
        without = self._without(nobody)
        for _ in range(ROUNDS):
            self._draw(self._carried(nobody, *without)[1][:, 0])

    def log(self, rows: Array) -> Array:
        """What the scores say of centred rows beyond standard normals, (rows,)."""
        carried, sums, wider = self._carried(rows, *self._without(rows))
        missed = (fall(self.numbers, sums) - self.seen.falls[:, None]) / self.seen.errors[:, None]
        gained = (rows[:, self.even] ** 2).sum(1) - (carried**2).sum(0) - (missed**2).sum(0)
        return np.asarray(wider + 0.5 * gained)

    def plain(self, rows: Array) -> Array:
        """The rows as the model knows them."""
        found = rows.copy()
        found[:, self.even] = self._carried(rows, *self._without(rows))[0].T
        return found

    def _draw(self, sums: Array) -> None:
        """The line at these sums of parts, (scores,): by slope and curvature of the likelihood, the sums that would have
        been scored on it and their errors."""
        fallen = fall(self.numbers, sums)
        steep, bend = bent(self.numbers, fallen)
        missed = self.seen.falls - fallen
        curved = np.maximum(steep**2 - missed * bend, LEAST * steep**2)
        self.aims, self.errors = sums + missed * steep / curved, self.seen.errors / np.sqrt(curved)
        self.scaled = self.moved / self.errors
        self.factor = np.linalg.cholesky(np.eye(len(self.scaled)) + self.scaled @ self.scaled.T)
        self.inverse = np.linalg.inv(self.factor)

    def _carried(self, rows: Array, sums: Array, hoped: Array) -> tuple[Array, Array, Array]:
        """The even normals where the line puts them, (even, rows); the sums of parts with them, (scores, rows); and the log
        of how much wider they lie."""
        gaps, hopes = (self.aims[:, None] - sums) / self.errors[:, None], hoped / self.errors[:, None]
        # Cholesky's factor, of which only the last row is a member's own
        across = self.inverse @ summed(self.scaled.T, hopes)
        last = np.sqrt(1 + (hopes**2).sum(0) - (across**2).sum(0))
        forth = self.inverse @ summed(self.scaled.T, gaps)
        end = ((hopes * gaps).sum(0) - (across * forth).sum(0)) / last
        own = WIDER * rows[:, self.even].T
        end = (end + own[-1]) / last
        others = self.inverse.T @ (forth + own[:-1] - across * end)
        sums = sums + summed(self.moved, others)
        sums += hoped * end
        wider = len(self.even) * np.log(WIDER) - np.log(np.diag(self.factor)).sum() - np.log(last)
        return np.vstack([others, end]), sums, wider

    def _without(self, rows: Array) -> tuple[Array, Array]:
        """The sums of parts without the even normals, and what a normal of one brings of what is expected; (scores, rows)."""
        others, days = rows.copy(), self.seen.days
        others[:, self.even] = 0.0
        people = self.people(others)
        hoped = hope(people, self.sessions, days).T
        sums = drug(people, self.sessions, days).T + people.expectancy * hoped
        return sums + np.outer(settled(people, days), people.background), self.hoping * hoped
