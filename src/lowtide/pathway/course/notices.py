"""What waits for one person that belongs to no patient: each step adds its own, the worklist shows them."""

from collections.abc import Callable

import msgspec

from lowtide.people.who import Person


class Notice(msgspec.Struct, frozen=True):
    """One thing to do: `verb` is what its button says, `page` the name of its address."""

    title: str
    text: str
    verb: str
    page: str


Source = Callable[[Person], Notice | None]
_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Add a step's notice; a name that is known already is replaced."""
    _sources[name] = source


def notices(person: Person) -> list[Notice]:
    """What waits for this person."""
    return [found for source in _sources.values() if (found := source(person))]
