"""The one thing to do next on a chart, for the person who looks at it (pure)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

import msgspec

from lowtide.pathway.course.due import DueItem
from lowtide.pathway.course.state import CourseState, Phase
from lowtide.people.roles import ROLES, Permission


class Able(Protocol):
    """Whoever looks at the page: what they may do."""

    def can(self, permission: Permission) -> bool: ...


class Next(msgspec.Struct, frozen=True, kw_only=True):
    """What to do, why, and the name of the address where it is done.

    `page` is None when nothing can be done by this person now; `item` is the due item behind it, where there is
    one. `starts_at` is set for a thing that can wait until then.
    """

    verb: str
    why: str
    page: str | None = None
    item: DueItem | None = None
    starts_at: datetime | None = None


def next_action(state: CourseState, items: Iterable[DueItem], person: Able, now: datetime) -> Next:
    """The first thing that can be done now, by rank; else what waits for somebody else; else the next to come.

    Among what can be done now, what this person may do comes before what waits for another role.
    """
    ranked = sorted(items, key=lambda i: (i.task.rank, i.due_at, i.key))
    now_open = [i for i in ranked if i.is_open(now)]
    mine = [i for i in now_open if person.can(i.task.needs)]
    if mine:
        return _to_do(mine[0])
    later = sorted((i for i in ranked if not i.is_open(now) and person.can(i.task.needs)), key=_opening)
    if later and not now_open:
        return _to_do(later[0], starts_at=later[0].opens_at)
    if now_open:
        return _waits(now_open[0])
    return _nothing(state)


def _opening(item: DueItem) -> tuple[datetime, int]:
    return (item.opens_at or item.due_at, item.task.rank)


def _to_do(item: DueItem, starts_at: datetime | None = None) -> Next:
    return Next(
        verb=item.title or item.task.verb,
        why=item.detail or f"{item.rule.text}.",
        page=item.task.page,
        item=item,
        starts_at=starts_at,
    )


def _waits(item: DueItem) -> Next:
    role = ROLES[item.rule.owner].label.lower()
    return Next(verb=f"Waits for the {role}", why=f"{item.label}. {item.rule.text}.", item=item)


def _nothing(state: CourseState) -> Next:
    if state.phase is Phase.ENDED:
        return Next(
            verb="Nothing is next", why="The course has ended. A new candidacy decision starts another one."
        )
    if state.is_refused:
        return Next(verb="Nothing is next", why="Found not eligible. The findings say what would change it.")
    return Next(verb="Nothing is next", why="Nothing is due for this patient.")
