"""The verbs on a line of the record: correct, retract, move to the right patient, write a note, redact."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import msgspec

from lowtide.data.audiences import audience
from lowtide.people import retry
from lowtide.people.record_pages.following import with_what_follows
from lowtide.people.record_pages.rights import Right, may_change, right, writable
from lowtide.people.who import Person
from lowtide.problems import bad, refuse
from lowtide.record import redaction
from lowtide.record.chart import Line
from lowtide.record.entries.base import Body, Draft, Entry
from lowtide.record.entries.chair import DoseGiven, DoseStarted, Note
from lowtide.record.entries.clinic import EnteredInError
from lowtide.record.entries.identity import Patient
from lowtide.record.entries.longrun import ContainerChanged
from lowtide.record.store import Charts, Guard


def correct(
    person: Person,
    entry_id: UUID,
    line: Line,
    body: Body,
    reason: str,
    *,
    at: datetime,
    now: datetime,
    made: Mapping[str, Any] | None = None,
) -> Entry:
    """Replace what the line says, in its own stream; the old entry stays readable. `made` is what the envelope says of a
    correction that waited on a tablet."""
    latest = line[-1]
    mine = may_change(person, line)
    if mine is None or not mine.correct:
        raise refuse("this entry is not yours to correct", "entry", "Ask somebody whose role includes it.")
    draft = Draft(
        id=entry_id,
        stream=latest.stream,
        body=_keeping(mine, latest.body, body),
        by=person.by,
        at=at,
        counter=latest.counter,
        reason=_given(reason),
        **(made or {}),
    )
    return retry.append(with_what_follows(person, draft.correcting(latest), now), now=now)[0]


def retract(
    person: Person,
    entry_id: UUID,
    line: Line,
    reason: str,
    *,
    now: datetime,
    made: Mapping[str, Any] | None = None,
) -> Entry:
    """Say that the line should never have been written."""
    _may_retract(person, line)
    draft = _error(person, entry_id, line[-1], EnteredInError(), reason)
    draft = msgspec.structs.replace(draft, **(made or {}))
    drafts = with_what_follows(person, draft, now)
    return retry.append(drafts, _not_given(line[-1]), now=now)[0]


def move(
    person: Person,
    entry_id: UUID,
    line: Line,
    to: str,
    reason: str,
    *,
    session: UUID | None = None,
    now: datetime,
) -> list[Entry]:
    """It was another patient’s: retract it here and write it there, each naming the other. `to` is a stream."""
    movable = _may_retract(person, line)
    latest = line[-1]
    if not movable:
        raise refuse(
            "this kind of entry cannot be moved", "entry", "Mark it as entered in error, write it anew."
        )
    if to == latest.stream:
        raise bad("it is in this chart already", "to", "Choose the other patient.")
    there_id = uuid5(entry_id, to)
    there = Draft(
        id=there_id,
        stream=to,
        body=_unsaid(latest.body, kept_of(latest)),
        by=person.by,
        at=latest.at,
        counter=latest.counter,
        session=session,
        origin=f"{latest.stream}/{latest.id}",
        reason=_given(reason),
        visible_to=latest.visible_to,
    )
    here = _error(person, entry_id, latest, EnteredInError(now_in=f"{to}/{there_id}"), reason)
    drafts = [*with_what_follows(person, here, now), there]
    return retry.append(drafts, _somebody_there(to), now=now)


def write_note(person: Person, entry_id: UUID, stream: str, topic: str, text: str, *, now: datetime) -> Entry:
    """A note; who may read it follows from its topic."""
    if topic not in writable(person):
        raise refuse("your role does not write notes of this kind", "topic", "Choose another kind.")
    draft = Draft(
        id=entry_id,
        stream=stream,
        body=Note(text=text, topic=topic),
        by=person.by,
        at=now,
        visible_to=audience(topic),
    )
    return retry.append([draft], now=now)[0]


def redact(person: Person, second: Person, line: Line, legal_basis: str, reason: str) -> list[Entry]:
    """Remove what the line says, for good: two people, a legal basis, and the chain still holds."""
    return redaction.redact(
        line[-1].id,
        by=person.by,
        second_person=second.by,
        legal_basis=legal_basis,
        reason=_given(reason),
    )


NAMED_BY = ("name", "label", "codings", "keys", "known_as")


def _keeping(right: Right, before: Body, after: Body) -> Body:
    """The corrected body with what was said of it under another right: that stands while it is named the same."""
    changed = [name for name in right.kept if getattr(after, name) != getattr(before, name)]
    if changed:
        raise refuse(
            "this is not said by a correction",
            changed[0],
            "Say it on its own page, in your name and with a reason.",
        )
    named = [n for n in NAMED_BY if hasattr(before, n) and getattr(after, n) != getattr(before, n)]
    return _unsaid(after, right.kept) if named else after


def _unsaid(body: Body, names: tuple[str, ...]) -> Body:
    """The body with these fields as they are where nobody said anything."""
    empty = dict(zip(reversed(body.__struct_fields__), reversed(body.__struct_defaults__), strict=False))
    return msgspec.structs.replace(body, **{name: empty[name] for name in names})


def kept_of(entry: Entry) -> tuple[str, ...]:
    """The fields of an entry that no correction sets."""
    found = right(entry.kind)
    return found.kept if found else ()


def _may_retract(person: Person, line: Line) -> bool:
    """Whether it may also be moved. Raises Refused when the person may not retract it."""
    mine = may_change(person, line)
    if mine is None:
        raise refuse("this entry is not yours to retract", "entry", "Ask somebody whose role includes it.")
    return mine.move


def _error(person: Person, entry_id: UUID, entry: Entry, body: EnteredInError, reason: str) -> Draft:
    draft = Draft(
        id=entry_id, stream=entry.stream, body=body, by=person.by, at=entry.at, reason=_given(reason)
    )
    return msgspec.structs.replace(draft.correcting(entry), counter=entry.counter)


def _not_given(entry: Entry) -> Guard:
    """An order that was begun, and a bag or syringe that went in, stand."""

    def check(charts: Charts) -> None:
        chart = charts[entry.stream]
        begun: list[DoseStarted | DoseGiven] = [b for _, b in chart.said(DoseStarted)]
        begun += [b for _, b in chart.said(DoseGiven)]
        if entry.id in {body.order for body in begun}:
            raise refuse(
                "this order was given: the dose was begun", "entry", "Correct what was given instead."
            )
        if entry.id in {*(b.container for b in begun), *(b.begun for _, b in chart.said(ContainerChanged))}:
            raise refuse("this was given: it was begun", "entry", "Correct what was given instead.")

    return check


def _somebody_there(to: str) -> Guard:
    def check(charts: Charts) -> None:
        if charts[to].last(Patient) is None:
            raise bad("there is no such patient", "to", "Search again.")

    return check


def _given(reason: str) -> str:
    if not reason.strip():
        raise bad("a reason is needed", "reason", "Say in a few words why.")
    return reason.strip()
