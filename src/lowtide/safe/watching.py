"""What all safes together ask for now: for the worklist and the command line."""

from datetime import datetime

import msgspec

from lowtide.data.safe import limits
from lowtide.people.clinic import zone
from lowtide.people.roles import Permission
from lowtide.people.who import Person
from lowtide.safe import places
from lowtide.safe.due import Due, due


class Waiting(msgspec.Struct, frozen=True):
    """One thing that falls due, in which safe, and what that is called; a case has an owner by name."""

    place: str
    label: str
    due: Due
    owner: str = ""


def waiting() -> list[Waiting]:
    """Everything that falls due in the safes in use, the earliest first."""
    found = []
    for stream, chart in places.charts().items():
        if not places.is_active(chart):
            continue
        place, books = stream.removeprefix(places.PREFIX), places.books_of(chart)
        label = places.label_of(chart)
        owners = {str(case.id): case.owner for case in books.open_cases()}
        found += [
            Waiting(place, label, d, owners.get(d.about, "")) for d in due(chart, books, limits(), zone())
        ]
    return sorted(found, key=lambda w: w.due.due_at)


def late_for(person: Person, now: datetime) -> list[Waiting]:
    """What is late and this person can do something about: counts and lots by right, cases by owner or keeper."""
    late = [w for w in waiting() if w.due.due_at <= now] if person.can(Permission.USE_SAFE) else []
    return [w for w in late if not w.owner or w.owner == person.by or person.can(Permission.KEEP_SAFE)]
