"""What every verb of the session shares: who acts, the guard under the lock, and answering a repeated press once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec

from lowtide.data import monitoring
from lowtide.pathway.session.rules.facts import facts
from lowtide.pathway.session.rules.state import SessionState, Verb, session_state, state_of
from lowtide.people.charts import linked, stream_of
from lowtide.people.roles import Permission
from lowtide.people.who import Person
from lowtide.problems import Conflict, Refused, refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Body, Draft, Entry

MEND = "Look at the session again: it may have moved on."
Check = Callable[[Chart, SessionState], None]
# What can happen once only: judged by everything that is known, however late it arrives (hazard H008).
ONCE = frozenset({Verb.START, Verb.STOP, Verb.GIVE, Verb.END_DOSING})


class Queued(msgspec.Struct, frozen=True, kw_only=True):
    """How an entry was made at a chair without a network: the device, what its clock said, the number that the device
    gave it, and by how much the server's clock is ahead of the device's. `odd` is what else is marked about its time."""

    device: str
    device_at: datetime
    counter: int
    offset_s: int
    odd: str | None = None

    @property
    def at(self) -> datetime:
        return self.device_at + timedelta(seconds=self.offset_s)


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Who does something at which session. `at` is when somebody says it happened, `now` the server's clock; both
    default to now.

    `entry_id` is made with the form, so that a double click or a retry is one entry. `queued` says how an entry was
    made that waited for the network: it is never refused for its time.
    """

    person: Person
    patient_id: UUID
    session_id: UUID
    entry_id: UUID = msgspec.field(default_factory=uuid4)
    at: datetime | None = None
    now: datetime = msgspec.field(default_factory=lambda: datetime.now(UTC))
    queued: Queued | None = None

    @property
    def stream(self) -> str:
        return stream_of(self.patient_id)

    @property
    def when(self) -> datetime:
        return self.at or (self.queued.at if self.queued else self.now)

    def draft(self, body: Body, **envelope: Any) -> Draft:
        """The act as an entry of its session."""
        fields = {"id": self.entry_id, "stream": self.stream, "session": self.session_id, **envelope}
        return Draft(body=body, by=self.person.by, at=self.when, **fields, **self.made_so())

    def made_so(self) -> dict[str, Any]:
        """How it was made, for the envelope of what waited for the network."""
        if self.queued is None:
            return {}
        offset_s = None if self.at else self.queued.offset_s
        return {"queued": True, **msgspec.structs.asdict(self.queued), "offset_s": offset_s}


def require(act: Act, permission: Permission) -> None:
    if not act.person.can(permission):
        raise refuse(
            f"{act.person.name} may not {permission.value}", "person", "Ask somebody whose role includes it."
        )


def append(
    act: Act,
    verb: Verb,
    drafts: Sequence[Draft],
    check: Check | None = None,
    *,
    also: Callable[[Mapping[str, Chart]], None] | None = None,
    streams: Sequence[str] = (),
) -> list[Entry]:
    """Write the drafts if the verb is allowed now; `check` sees the person's whole chart and the state under the lock.

    `also` sees the other streams. A repeated press is answered with what was stored the first time.
    """
    own = linked(act.stream)

    def guard(charts: Mapping[str, Chart]) -> None:
        chart = Chart.union(charts[name] for name in own)
        state = session_state(chart, act.session_id, monitoring.items(), act.when)
        allow(_judged_by(act, state, verb), verb)
        if check:
            check(chart, state)
        if also:
            also(charts)

    return once(
        drafts[0], lambda: store.append(drafts, guard, also_lock=[*own, *streams], now=act.now), timed=act.at
    )


def _judged_by(act: Act, state: SessionState, verb: Verb) -> SessionState:
    """The state that says whether the verb is allowed. What waited for the network is judged by how the session stood
    when it was made, except for what can happen once only."""
    if act.queued is None or verb in ONCE or state.refusal(verb) is None:
        return state
    then = facts(act.session_id, (e for e in state.facts.entries if e.at <= act.when))
    return state_of(then, state.monitoring, act.when)


def allow(state: SessionState, verb: Verb) -> None:
    """Raise Refused unless the state lets the verb through."""
    why = state.refusal(verb)
    if why:
        raise refuse(f"not now: {why}", verb.value, MEND)


def once(draft: Draft, write: Callable[[], list[Entry]], timed: datetime | None) -> list[Entry]:
    """Write, or answer what an earlier press of the same button wrote.

    The same id with other content is a Conflict. Only a time that somebody typed is part of the content.
    """
    stored = store.find(draft.id)
    if stored is None:
        try:
            return write()
        except (Conflict, Refused):
            stored = store.find(draft.id)
            if stored is None:
                raise
    if not _repeats(draft, stored, timed):
        raise Conflict(stored, draft)
    return [stored]


def _repeats(draft: Draft, stored: Entry, timed: datetime | None) -> bool:
    same = all(
        getattr(draft, name) == getattr(stored, name) for name in ("stream", "session", "by", "reason")
    )
    return same and timed in (None, stored.at) and said(draft.body) == said(stored.body)


def said(body: Any) -> Any:
    """What a person said with a body, without what the program worked out for it."""
    if hasattr(body, "warnings"):
        return msgspec.structs.replace(body, warnings=())
    if hasattr(body, "known"):
        return msgspec.structs.replace(body, known={})
    if hasattr(body, "criteria"):
        return msgspec.structs.replace(
            body, criteria=tuple(msgspec.structs.replace(c, detail=None) for c in body.criteria)
        )
    return body
