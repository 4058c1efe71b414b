"""Which chart an arriving Patient belongs to (pure).

The same patient of the same source is the same chart. A number (system and value) that one chart carries joins that
chart, unless name and birth date both speak against it. Anything less certain makes a new chart and asks: a person
decides on the patient's page.
"""

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID, uuid5

import msgspec

from lowtide.exchange.fhir.mapping import patient
from lowtide.exchange.fhir.references import Arrived, Key
from lowtide.people.names import words
from lowtide.record.dates import earliest, latest
from lowtide.record.entries.identity import Identifier, Patient

NAMESPACE = UUID("6f9b2a54-3d0e-5c1b-9a57-0c7d1e2f4b68")


class Placed(msgspec.Struct, frozen=True):
    """Where a patient goes. `joined_by` is the number that decided; `shares` are charts with the same number that
    cannot be the same person by name and birth date, or of which there are several."""

    stream: str
    new: bool
    joined_by: str | None = None
    shares: tuple[str, ...] = ()


def new_stream(key: Key) -> str:
    return f"chart:{uuid5(NAMESPACE, chr(10).join(key))}"


def place(
    arriving: Iterable[Arrived],
    stored: Mapping[Key, str],
    owners: Mapping[Identifier, list[str]],
    identities: Mapping[str, Patient],
) -> dict[Key, Placed]:
    """Patient key -> its chart. `stored`: chart of those known by key; `owners`: charts that carry a number;
    `identities`: who those charts say they are. The answer does not depend on the order of arrival."""
    people = {a.key: patient.read(a.resource) for a in sorted(arriving, key=lambda a: a.order)}
    placed = {key: Placed(stored[key], new=False) for key in people if key in stored}
    newly = ((number, stored[key]) for key in placed for number in people[key].identifiers)
    owners = {**{number: [stream] for number, stream in newly}, **owners}
    for group in _sharing_numbers({k: p for k, p in people.items() if k not in stored}):
        _place_group(group, people, owners, dict(identities), placed)
    return placed


def _place_group(
    group: list[Key],
    people: Mapping[Key, Patient],
    owners: Mapping[Identifier, list[str]],
    who: dict[str, Patient],
    placed: dict[Key, Placed],
) -> None:
    """Patients of one import that are tied by numbers: each joins the first chart it may, or begins one."""
    begun: list[str] = []
    for key in group:
        person = people[key]
        numbers = {n: owners.get(n, []) for k in group for n in people[k].identifiers}
        claimed = dict.fromkeys(s for streams in numbers.values() for s in streams)
        may = [s for s in (*claimed, *begun) if s in who and not contradicts(person, who[s])]
        by_number = len(claimed) <= 1
        if may and by_number:
            stream = may[0]
            placed[key] = Placed(stream, stream in begun, _shown(numbers, stream))
        else:
            stream = new_stream(key)
            placed[key] = Placed(stream, True, None, tuple(claimed))
            begun.append(stream)
            who[stream] = person


def _shown(numbers: Mapping[Identifier, list[str]], stream: str) -> str | None:
    return next((f"{n.system} {n.value}" for n, streams in numbers.items() if stream in streams), None)


def _sharing_numbers(people: Mapping[Key, Patient]) -> Iterator[list[Key]]:
    """Groups of patients connected by numbers they share, each in the order of their keys."""
    holders: dict[Identifier, list[Key]] = {}
    for key, person in people.items():
        for number in person.identifiers:
            holders.setdefault(number, []).append(key)
    left = dict.fromkeys(people)
    while left:
        group, waiting = [], [next(iter(left))]
        while waiting:
            key = waiting.pop()
            if key in left:
                del left[key]
                group.append(key)
                waiting += [k for number in people[key].identifiers for k in holders[number]]
        yield sorted(group)


def contradicts(a: Patient, b: Patient) -> bool:
    """True when neither a name nor the birth date can be the same: a shared number is then no proof."""
    return _births_differ(a, b) and _names_differ(a, b)


def _births_differ(a: Patient, b: Patient) -> bool:
    if not (a.birth_date and b.birth_date):
        return False
    return latest(a.birth_date) < earliest(b.birth_date) or latest(b.birth_date) < earliest(a.birth_date)


def _names_differ(a: Patient, b: Patient) -> bool:
    ours, theirs = _names(a), _names(b)
    return bool(ours and theirs) and ours.isdisjoint(theirs)


def _names(person: Patient) -> set[str]:
    if person.family == patient.UNNAMED:
        return set()
    return set(words(person.family, *person.former_names))
