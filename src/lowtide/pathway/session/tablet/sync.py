"""What a tablet kept while there was no network, taken in the order in which it was made, each entry exactly once.

The author of an entry is whoever held its token, never whoever is signed in while it is sent. One that is refused or
stands in conflict is answered as such and never keeps the others back.
"""

import logging
from datetime import datetime, timedelta
from math import floor
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from django.db import DatabaseError

from lowtide.data.record import clocks
from lowtide.pathway.session.actions import queued
from lowtide.pathway.session.actions.common import Act, Queued
from lowtide.pathway.session.forms import WALL, wall_time
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.pathway.session.shown.lines import words
from lowtide.people.charts import row_of, stream_of, whole_chart
from lowtide.people.clinic import zone
from lowtide.people.tablets.tokens import Untaken, author_of
from lowtide.people.who import Person, names_of
from lowtide.problems import BadInput, Conflict, Problem, bad, refuse
from lowtide.record import access_log
from lowtide.record.entries.base import Entry

log = logging.getLogger(__name__)
State = Literal["stored", "refused", "conflict", "unread"]
WITHIN = timedelta(days=366)


class Sent(msgspec.Struct, frozen=True):
    """One portion of a tablet's queue; `sent_at_device` is what its clock says while it sends."""

    device: UUID
    sent_at_device: datetime
    entries: list[msgspec.Raw]


class Made(msgspec.Struct, frozen=True):
    """One entry as it was made at the chair. `offset_ms`: how far the server's clock was ahead of the device's when the
    two were last compared before; `taken`: the clock time that was typed, where it happened earlier."""

    id: UUID
    token: Annotated[str, msgspec.Meta(max_length=600)]
    patient: UUID
    session: UUID
    kind: Annotated[str, msgspec.Meta(max_length=40)]
    body: dict[str, Any]
    at_device: datetime
    counter: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
    offset_ms: Annotated[int, msgspec.Meta(ge=-(2**45), le=2**45)] | None = None
    taken: Annotated[str, msgspec.Meta(max_length=5)] | None = None


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one entry. `unread`: it could not be looked at now; the tablet keeps it and sends it again.
    `why` is one word where the author’s token is at fault."""

    id: str
    state: State
    why: str = ""
    seq: int | None = None
    at: datetime | None = None
    problems: tuple[Problem, ...] = ()
    stored: str = ""
    stored_by: str = ""


def take(sent: Sent, *, now: datetime, address: str = "") -> list[Answer]:
    """Take each entry in turn; answers come in the same order."""
    if sent.sent_at_device.tzinfo is None:
        raise bad("the time has no zone", "sent_at_device", "Write it as 2026-05-17T10:32:00Z.")
    offset = now - sent.sent_at_device
    return [_take(raw, str(sent.device), offset, now, address) for raw in sent.entries]


def _take(raw: msgspec.Raw, device: str, offset: timedelta, now: datetime, address: str) -> Answer:
    made_id = _id_of(raw)
    try:
        made = _read(raw)
        act = _act(made, device, offset, now)
        entry = queued.tell(act, made.kind, made.body)[0]
    except Conflict as conflict:
        return _conflict(made_id, conflict)
    except Untaken as error:
        return Answer(made_id, "refused", why=error.why, problems=error.problems)
    except BadInput as error:
        return Answer(made_id, "refused", problems=error.problems)
    except DatabaseError:
        log.exception("a tablet's entry waits: the database did not answer")
        return Answer(made_id, "unread")
    except Exception:
        log.exception("a tablet's entry could not be taken")
        fault = Problem("Lowtide could not take it: a fault of the program", "entry", queued.MEND)
        return Answer(made_id, "refused", problems=(fault,))
    person = act.person
    access_log.log(
        person.by,
        "chart from a tablet’s queue",
        stream=act.stream,
        roles=" ".join(person.roles),
        detail=f"{made.kind}, tablet {device}",
        address=address,
    )
    return Answer(made_id, "stored", seq=entry.seq, at=entry.at)


def _id_of(raw: msgspec.Raw) -> str:
    """The id of an entry of whatever shape, so that the tablet knows which one the answer is about."""
    try:
        found = msgspec.json.decode(raw)
    except msgspec.DecodeError:
        return ""
    return str(found.get("id", ""))[:60] if isinstance(found, dict) else ""


def _read(raw: msgspec.Raw) -> Made:
    try:
        made = msgspec.json.decode(raw, type=Made)
    except msgspec.DecodeError as error:
        raise bad(f"it cannot be read: {error}", "entry", queued.MEND) from error
    if made.at_device.tzinfo is None:
        raise bad("its time has no zone", "at_device", queued.MEND)
    return made


def _act(made: Made, device: str, sending: timedelta, now: datetime) -> Act:
    """Who did it, when by the server's clock, at which session. Raises Refused for a token that names nobody here and
    then, and for a session that is not of this patient."""
    made_queued = _corrected(made, device, sending, now)
    person: Person = author_of(made.token, device, made_at=made_queued.at, now=now)
    if row_of(stream_of(made.patient)) is None:
        raise refuse("there is no such patient", "patient", queued.MEND)
    if not session_facts(whole_chart(stream_of(made.patient)), made.session).entries:
        raise refuse("this session is not one of this patient’s", "session", queued.MEND)
    typed = _typed(made, made_queued)
    made_at = made_queued.at.replace(microsecond=0)
    if typed and typed > made_at + timedelta(seconds=clocks().future_tolerance_s):
        made_queued = msgspec.structs.replace(made_queued, odd=f"typed as {made.taken}, which lay ahead")
    return Act(
        person=person,
        patient_id=made.patient,
        session_id=made.session,
        entry_id=made.id,
        at=min(typed, made_at) if typed else None,
        now=now,
        queued=made_queued,
    )


def _corrected(made: Made, device: str, sending: timedelta, now: datetime) -> Queued:
    """When it was made by the server's clock: by the offset measured before it was made, else by the one measured while
    it is sent. Nothing was made later than it arrives (hazard H023)."""
    offset = sending if made.offset_ms is None else timedelta(milliseconds=made.offset_ms)
    latest = now - made.at_device
    if min(offset, latest) < -WITHIN * 100 or now - made.at_device - offset > WITHIN:
        raise bad("its time is more than a year ago", "at_device", queued.MEND)
    seconds = floor(min(offset, latest).total_seconds())
    return Queued(device=device, device_at=made.at_device, counter=made.counter, offset_s=seconds)


def _typed(made: Made, at: Queued) -> datetime | None:
    """The instant that was typed."""
    if not made.taken:
        return None
    found = WALL.fullmatch(made.taken)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise bad(f"“{made.taken}” is no time", "taken", "Write it like 10:32.")
    return wall_time(made.taken, at.at, zone())


def _conflict(made_id: str, conflict: Conflict) -> Answer:
    """Both are shown: what is stored under this id, and the one that waits on the tablet."""
    stored = conflict.stored
    problem = Problem(
        "another entry is stored under its number",
        "id",
        "Compare the two. Throw this one away, or correct the stored one on the record’s page.",
    )
    if not isinstance(stored, Entry) or stored.visible_to:
        return Answer(made_id, "conflict", problems=(problem,))
    told = ", ".join(filter(None, words(stored, zone())))
    return Answer(
        made_id, "conflict", problems=(problem,), stored=told, stored_by=names_of({stored.by})[stored.by]
    )
