"""A message taken apart by device: whose rows are whose, and whom and which bed each device says that it is on.

A central station may put several beds into one message, and a gateway may send many under one name. A device is named by
OBX-18 of its own rows; where there is none, by the sender together with the bed of PV1-3; where there is none either, by the sender.
"""

from collections.abc import Iterator

import msgspec

from lowtide.exchange.hl7v2.messages import Message, Segment
from lowtide.people.names import words

NUMBERED = (2, 3, 4)  # the fields of PID that carry numbers; old senders use the second and the fourth
BED_PARTS = (1, 2, 3)


class Whose(msgspec.Struct, frozen=True):
    """Whom a device says that it is on: the numbers, the name and birth date, the bed. It ties nothing to anybody."""

    numbers: frozenset[str] = frozenset()
    name: str = ""
    born: str = ""
    bed: str = ""

    def contradicts(self, other: "Whose") -> str:
        """What of the two cannot both be true of one person in one bed, in words; empty where nothing is."""
        if self.bed and other.bed and self.bed != other.bed:
            return f"bed {self.bed} and bed {other.bed}"
        if self.numbers and other.numbers:
            return "" if self.numbers & other.numbers else "two patients"
        return "" if alike(self.name, other.name) else "two patients"

    def with_what_it_lacks(self, other: "Whose") -> "Whose":
        """This, and of the other what this does not say."""
        return Whose(
            self.numbers or other.numbers,
            self.name or other.name,
            self.born or other.born,
            self.bed or other.bed,
        )


def alike(one: str, other: str) -> bool:
    """Whether two names may be one person's: neither says a word that the other leaves no room for."""
    first, second = set(words(one)), set(words(other))
    return first <= second or second <= first


class Row(msgspec.Struct, frozen=True):
    """An OBX with its place in the message and the order it stands under."""

    number: int
    segment: Segment
    order: Segment | None


class Part(msgspec.Struct):
    """What one device says of one patient."""

    device: str
    whose: Whose
    rows: list[Row]


class _Group(msgspec.Struct):
    """A patient's share of a message."""

    pid: Segment | None = None
    visit: Segment | None = None
    rows: list[Row] = []


def parts(message: Message) -> list[Part]:
    """The message by device, in the order in which they first speak; at least one part."""
    found: dict[tuple[int, str], Part] = {}
    for number, group in enumerate(_groups(message)):
        whose = _whose(group)
        for row, device in _named(group, message.sender, whose.bed):
            part = found.setdefault((number, device), Part(device, whose, []))
            part.rows.append(row)
    return list(found.values()) or [Part(message.sender, Whose(), [])]


def _groups(message: Message) -> Iterator[_Group]:
    """A new PID begins a patient; so does a PV1 that comes after rows, where a gateway names beds only."""
    group, order = _Group(), None
    for number, segment in enumerate(message.segments, 1):
        match segment.name:
            case "PID" | "PV1":
                if group.rows or (segment.name == "PID" and group.pid):
                    yield group
                    group, order = _Group(), None
                group = _told(group, segment)
            case "OBR":
                order = segment
            case "OBX":
                group.rows.append(Row(number, segment, order))
            case _:
                pass
    yield group


def _told(group: _Group, segment: Segment) -> _Group:
    field = "pid" if segment.name == "PID" else "visit"
    return msgspec.structs.replace(group, **{field: segment})


def _named(group: _Group, sender: str, bed: str) -> Iterator[tuple[Row, str]]:
    """Each row with its device: the one that holds it, else the one spoken of before it, else the first of the group."""
    holders: dict[tuple[int, str], str] = {}
    for row in group.rows:
        if own := _own(row.segment):
            holders.setdefault(_held(row), own)
    first = next(iter(holders.values()), f"{sender} {bed}".strip() if bed else sender)
    before = ""
    for row in group.rows:
        within = "." in row.segment.field(4)
        own = "" if within else _own(row.segment)
        before = own or holders.get(_held(row), "") or before or first
        yield row, before


def _held(row: Row) -> tuple[int, str]:
    """The order and the device within it (the first number of OBX-4) that a row belongs to."""
    return id(row.order), row.segment.field(4).partition(".")[0]


def _own(row: Segment) -> str:
    return row.component(18) or row.component(18, 3) if row.field(18) else ""


def _whose(group: _Group) -> Whose:
    pid, visit = group.pid, group.visit
    bed = "^".join(visit.component(3, at) for at in BED_PARTS).strip("^") if visit else ""
    if pid is None:
        return Whose(bed=bed)
    numbers = (pid.components(field, 1) for field in NUMBERED)
    name = " ".join(part for part in (pid.component(5, 2), pid.component(5)) if part)
    return Whose(frozenset(n for each in numbers for n in each if n), name, pid.component(7)[:8], bed)
