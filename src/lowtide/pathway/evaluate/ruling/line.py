"""One row of what decides: what it says, where it comes from, who answers for it (pure)."""

from typing import Literal

import msgspec

from lowtide.data import approving
from lowtide.pathway.course.approved import Approvals, Key
from lowtide.record.entries.base import Entry

Kind = Literal[
    "rules", "numbers", "interactions", "protocols", "dosing", "monitoring", "chair", "safe", "schedules"
]
State = Literal["verified", "approved", "unverified"]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One row. `key` and `value` are what an approval names; without a key it cannot be approved here.

    `title` tells it with its value and unit, `place` is the rule table or the phase it belongs to. `known` are the
    values that sources and policies give a number that the clinic may set itself; empty where it may not.
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
    name: str = ""
    unit: str = ""
    known: tuple[float, ...] = ()

    @property
    def words(self) -> str:
        return " ".join((self.id, self.title, self.text, self.decides, self.note, *self.sources)).lower()

    @property
    def plausible(self) -> tuple[float, float] | None:
        """(lowest, highest) value that the clinic may set; None where it may set none."""
        return approving.plausible(self.name, self.known) if self.known else None


def standing(verified: bool, key: Key, approved: Approvals) -> tuple[State, Entry | None]:
    """Whether a row was seen in its source, or who answers for it here."""
    entry = approved.get(key)
    return ("approved" if entry else "verified" if verified else "unverified"), entry
