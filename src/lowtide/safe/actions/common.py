"""What every verb of the safe shares: who acts and who looks on, and the books that are tried before anything is written."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

import msgspec

from lowtide.data.safe import witness_needed
from lowtide.people.clinic import zone
from lowtide.people.roles import Permission
from lowtide.people.who import Person
from lowtide.problems import Conflict, Problem, Refused, bad, refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Body, Draft, Entry
from lowtide.record.entries.safe import DrugGiven
from lowtide.safe.ledger import Ledger, fold
from lowtide.safe.places import PREFIX, books_of, is_active, stream_of

Charts = Mapping[str, Chart]
Check = Callable[[Charts], None]


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Who does something at which safe, with whom looking on. `entry_id` is made with the form: a retry is one entry.

    `now` is the server's clock. `witness` gave their own password for this one step.
    """

    person: Person
    place: str
    entry_id: UUID = msgspec.field(default_factory=uuid4)
    witness: Person | None = None
    now: datetime = msgspec.field(default_factory=lambda: datetime.now(UTC))

    @property
    def stream(self) -> str:
        return stream_of(self.place)

    @property
    def seen_by(self) -> str | None:
        """How entries name who looked on."""
        return self.witness.by if self.witness else None

    @property
    def today(self) -> date:
        return self.now.astimezone(zone()).date()

    def draft(self, body: Body, name: str = "", **envelope: Any) -> Draft:
        """The act as an entry; `name` tells the entries of one act apart."""
        of: dict[str, Any] = {
            "id": uuid5(self.entry_id, name) if name else self.entry_id,
            "stream": self.stream,
        }
        return Draft(body=body, by=self.person.by, at=self.now, **(of | envelope))


def require(act: Act, permission: Permission, verb: str) -> None:
    """The right to it, and the second person where the policy asks for one (hazards H036, H043)."""
    if not act.person.can(permission):
        raise refuse(
            f"{act.person.name} may not {permission.value}", "person", "Ask somebody whose role includes it."
        )
    if act.witness is None and witness_needed(verb):
        raise bad(
            "a second person looks on at this step",
            "second_login",
            "They sign in here with their own password.",
        )
    if act.witness is not None:
        _may_witness(act.person, act.witness)


def _may_witness(person: Person, witness: Person) -> None:
    if witness.by == person.by:
        raise refuse("nobody is their own witness", "second_login", "Another member of staff signs in here.")
    if not witness.can(Permission.WITNESS_SAFE):
        raise refuse(
            f"{witness.name} may not {Permission.WITNESS_SAFE.value}",
            "second_login",
            "A nurse, a prescriber or the medical director looks on.",
        )


def append(
    act: Act,
    drafts: Sequence[Draft],
    check: Check | None = None,
    *,
    streams: Iterable[str] = (),
) -> list[Entry]:
    """Write the drafts if the books of every safe they touch still hold with them; `check` sees all locked charts.

    A form that was sent before is answered with what it wrote then.
    """
    touched = sorted({d.stream for d in drafts if d.stream.startswith(PREFIX)})

    def guard(charts: Charts) -> None:
        for name in touched:
            _holds(charts[name], [d for d in drafts if d.stream == name])
        if check:
            check(charts)

    stored = _stored(drafts)
    if stored:
        return stored
    try:
        return store.append(drafts, guard, also_lock=streams, now=act.now)
    except (Conflict, Refused):
        stored = _stored(drafts)
        if stored:
            return stored
        raise


def _stored(drafts: Sequence[Draft]) -> list[Entry]:
    """What an earlier press of the same button wrote; a Conflict when it said something else."""
    found = [store.find(d.id) for d in drafts]
    if found[0] is None:
        return []
    for draft, entry in zip(drafts, found, strict=True):
        if entry is None or entry.stream != draft.stream or _told(draft.body) != _told(entry.body):
            raise Conflict(entry or found[0], draft)
    return [entry for entry in found if entry is not None]


def _told(body: Any) -> Any:
    """What a person said with a body, without what the program worked out for it from the books of the moment."""
    worked_out: dict[str, Any] = {"vial": None} if getattr(body, "opens", False) else {}
    if isinstance(body, DrugGiven):
        worked_out |= {"since": None, "until": None}
    if hasattr(body, "due_at"):
        worked_out |= {"due_at": datetime(1, 1, 1, tzinfo=UTC)}
    return msgspec.structs.replace(body, **worked_out)


def _holds(chart: Chart, drafts: Sequence[Draft]) -> None:
    """Refuse what would bring a contradiction into the books, at any instant: nothing below zero, nothing unnamed."""
    opening = any(d.body.kind_name() == "safe_opened" for d in drafts)
    if not opening and not is_active(chart):
        raise refuse("this safe is not in use", "place", "Choose another safe.")
    before = set(books_of(chart).faults)
    after = fold(chart.extended(d.as_entry(chart.seq + 1) for d in drafts))
    new = [f for f in after.faults if f not in before]
    if new:
        raise Refused(*(Problem(f.what, "quantity", f.mend) for f in new))


def books(place: str) -> Ledger:
    """The books as they stand, to look things up before the lock; the guard tries them again under it."""
    return books_of(store.load(stream_of(place)))
