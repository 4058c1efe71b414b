"""One row of what decides: what it says, where it comes from, who answers for it (pure)."""

from math import ceil, floor
from typing import Literal

import msgspec

from lowtide.data import approving
from lowtide.pathway.course.approved import Approvals
from lowtide.record.entries.base import Entry

Kind = Literal[
    "rules", "numbers", "interactions", "protocols", "dosing", "monitoring", "chair", "rescue", "safe", "schedules", "workup", "ledger",
    "tolerability", "consent", "booking", "prescreen", "programs", "longterm",
]  # fmt: skip
State = Literal["verified", "approved", "unverified"]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One number of a row that the clinic may set itself: `known` are the values that sources and policies give it."""

    key: str
    name: str
    label: str
    value: str
    unit: str = ""
    known: tuple[float, ...] = ()
    whole: bool = False

    @property
    def plausible(self) -> tuple[float, float] | None:
        """(lowest, highest) value that the clinic may set; None where it may set none."""
        found = approving.plausible(self.name, self.known) if self.known else None
        if found and self.whole:
            found = ceil(found[0]), floor(found[1])
        return found if found and found[0] < found[1] else None

    @property
    def range(self) -> str:
        """The plausible range as it reads."""
        low, high = self.plausible or (0.0, 0.0)
        return f"{low:.4g} to {high:.4g}{', whole' if self.whole else ''}"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One row. `key` and `value` are what an approval names; without a key it cannot be approved here.

    `title` tells it with its value and unit, `place` is the rule table or the phase it belongs to. `parts` are its
    numbers that the clinic may set itself.
    """

    id: str
    kind: Kind
    title: str
    text: str
    state: State
    decides: str = ""
    sources: tuple[str, ...] = ()
    note: str = ""
    approval: Entry | None = None
    key: str = ""
    value: str = ""
    others: tuple[str, ...] = ()
    place: str = ""
    parts: tuple[Part, ...] = ()

    @property
    def words(self) -> str:
        return " ".join((self.id, self.title, self.text, self.decides, self.note, *self.sources)).lower()

    @property
    def changeable(self) -> tuple[Part, ...]:
        """The numbers of this row that have a plausible range."""
        return tuple(part for part in self.parts if part.plausible)


def seen(verified: bool) -> State:
    """Whether a row was seen in its source."""
    return "verified" if verified else "unverified"


def answered(line: Line, approved: Approvals) -> Line:
    """The row with who answers for it here."""
    entry = approved.get((line.key, line.value))
    return msgspec.structs.replace(line, state="approved", approval=entry) if entry else line
