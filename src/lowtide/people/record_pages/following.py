"""What else is written in the same breath when a line of a chart is changed: a step above answers for what rests on it."""

from collections.abc import Callable
from datetime import datetime

from lowtide.people.who import Person
from lowtide.record import store
from lowtide.record.entries.base import Draft

Following = Callable[[Person, Draft, datetime], list[Draft]]
_registered: list[Following] = []


def register(following: Following) -> None:
    """Ask this, too, before a correction or retraction is written; once, however often it is registered."""
    if following not in _registered:
        _registered.append(following)


def with_what_follows(person: Person, draft: Draft, now: datetime) -> list[Draft]:
    """The change and what goes with it. A change that was sent before stands alone: the rest was written with it."""
    if store.find(draft.id):
        return [draft]
    return [draft, *(more for ask in _registered for more in ask(person, draft, now))]
