"""What is due for one person: when, by which rule, whose it is and where it is done (pure).

Each step adds its own rules with `register`. The same items drive the chart's next action, the worklist and the
command line. A due item holds instants, never a state of the clock.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Literal, Self
from uuid import UUID

import msgspec

from lowtide.data.schedules import Rule
from lowtide.pathway.course.state import CourseState
from lowtide.people.roles import Permission
from lowtide.record.chart import Chart


class Group(StrEnum):
    """Where an item shows on the worklist."""

    RISK = "risk"
    DRIFT = "drift"
    DECISION = "decision"
    RESULT = "result"
    SESSION = "session"
    BOOKING = "booking"
    WORKUP = "workup"
    CLOCK = "clock"


class Task(msgspec.Struct, frozen=True):
    """A kind of due item. `verb` is what its button says, `needs` the permission it takes, `page` the name of the
    address where it is done: of the patient, and of the session or subject if `page_of` says so. `rank` orders what
    is open at once on the chart's front page, the smallest first."""

    name: str
    verb: str
    rank: int
    group: Group
    needs: Permission
    page: str
    level: str = "note"
    word: str = "Review"
    page_of: Literal["patient", "session", "subject"] = "patient"


class DueItem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that somebody has to do: it can be done from `opens_at` on and is late after `due_at`.

    `label` names it in a list, `title` as the next thing to do, `detail` gives the reason. `session` and `subject` (a form) say which of several it is about.
    The rule's owner answers for it until somebody has `taken` it; untaken, the rule's second role does too from
    `escalates_at` on. `window` is the interval that the rule proposes,
    where it proposes one.
    """

    task: Task
    rule: Rule
    due_at: datetime
    label: str
    title: str = ""
    detail: str = ""
    opens_at: datetime | None = None
    session: UUID | None = None
    subject: UUID | None = None
    taken: str = ""
    window: tuple[datetime, datetime] | None = None
    escalates_at: datetime | None = None

    @classmethod
    def after(
        cls,
        task: Task,
        rule: Rule,
        since: datetime,
        label: str,
        detail: str = "",
        *,
        title: str = "",
        opens_at: datetime | None = None,
        session: UUID | None = None,
        subject: UUID | None = None,
    ) -> Self:
        """An item due the rule's distance after an instant."""
        return cls(
            task=task,
            rule=rule,
            due_at=since + rule.span,
            label=label,
            title=title,
            detail=detail,
            opens_at=opens_at,
            session=session,
            subject=subject,
        )

    @property
    def key(self) -> str:
        return "|".join((self.task.name, *(str(i) for i in (self.session, self.subject) if i)))

    @property
    def place(self) -> UUID | None:
        """What the page is of, beside the patient."""
        return {"session": self.session, "subject": self.subject}.get(self.task.page_of)

    def is_open(self, now: datetime) -> bool:
        return self.opens_at is None or self.opens_at <= now

    def is_escalated(self, now: datetime) -> bool:
        return not self.taken and self.escalates_at is not None and self.escalates_at <= now

    def is_late(self, now: datetime) -> bool:
        return self.due_at < now


Source = Callable[[Chart, CourseState], Iterable[DueItem]]
_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Add a step's rules; a name that is known already is replaced."""
    _sources[name] = source


def due(chart: Chart, state: CourseState) -> tuple[DueItem, ...]:
    """Everything that is due for the person, the earliest first."""
    found = (item for source in _sources.values() for item in source(chart, state))
    return tuple(sorted(found, key=lambda i: (i.due_at, i.key)))
