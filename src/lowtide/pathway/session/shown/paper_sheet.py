"""What a paper sheet for a session without network needs (pure): the compiled slots still empty, and each limit with what to do."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from uuid import UUID

import msgspec

from lowtide.data.chair import Parameter, parameters
from lowtide.data.monitoring import Item
from lowtide.pathway.session.rules.due import due_items, watched
from lowtide.pathway.session.rules.facts import Facts, facts
from lowtide.pathway.session.shown.grid import minutes
from lowtide.record.entries.base import Body, Entry, Source
from lowtide.record.entries.chair import DoseGiven, DoseStarted

LONGEST, ON_PAPER = timedelta(hours=12), 13
LIMITS = ("during", "any", "staff")
EARLY = timedelta(
    minutes=30
)  # what was due shortly before is still on the sheet: it may not have been charted


class Slot(msgspec.Struct, frozen=True):
    """One column: from the start, and by the clock where the dose has begun."""

    since: str
    clock: str
    at: datetime


class Strip(msgspec.Struct, frozen=True):
    """So many columns as a sheet is wide; a cell that is not due is shaded."""

    slots: tuple[Slot, ...]
    rows: tuple[tuple[Parameter, tuple[bool, ...]], ...]


def strips(known: Facts, monitoring: Mapping[str, Item], now: datetime, zone: tzinfo) -> list[Strip]:
    """The empty part of the flowsheet: from now on, or from the start where it is still ahead; twelve hours at most."""
    begun = known.started is not None
    as_begun = known if begun else _as_if_begun(known, now)
    start = as_begun.started_at
    if start is None:
        return []
    first = max(start, now - EARLY) if begun else start
    due = [
        d
        for d in due_items(as_begun, monitoring)
        if first <= d.due_at <= first + LONGEST and d.open and d.parameter.in_grid
    ]
    times = sorted({d.due_at for d in due})
    here = {(d.parameter.id, d.due_at) for d in due}
    wanted = {d.parameter.id for d in due} | {n for n, read in known.readings.items() if read}
    rows = [p for p in parameters().values() if p.in_grid and p.id in wanted]
    return [
        Strip(
            tuple(
                Slot(minutes(start, at), f"{at.astimezone(zone):%H:%M}" if begun else "", at) for at in part
            ),
            tuple((p, tuple((p.id, at) in here for at in part)) for p in rows),
        )
        for part in _parts(times)
    ]


def _parts(times: Sequence[datetime]) -> list[tuple[datetime, ...]]:
    return [tuple(times[at : at + ON_PAPER]) for at in range(0, len(times), ON_PAPER)]


def _as_if_begun(known: Facts, now: datetime) -> Facts:
    """The session as it will be if the dose begins as ordered at the planned time."""
    if known.order is None:
        return known
    entry, order = known.order
    at = known.scheduled[1].planned_at if known.scheduled else now
    body: Body
    if order.rate_ml_per_h and order.final_volume_ml:
        body = DoseStarted(
            order=entry.id,
            rate_ml_per_h=order.rate_ml_per_h,
            mg_per_ml=order.dose_mg / order.final_volume_ml,
            volume_ml=order.final_volume_ml,
        )
    else:
        mg = order.each_mg or order.dose_mg
        body = DoseGiven(order=entry.id, form=known.way.form, route=order.route, number=1, mg=mg, of_mg=mg)
    return facts(known.session, [*known.entries, _supposed(known.session, body, max(at, entry.at))])


def _supposed(session: UUID, body: Body, at: datetime) -> Entry:
    """An entry that nobody wrote: only to lay the slots."""
    return Entry(
        id=UUID(int=0),
        stream="",
        seq=0,
        kind=body.kind_tag(),
        at=at,
        recorded_at=at,
        by="",
        source=Source.SYSTEM,
        previous="",
        body_digest="",
        session=session,
        body=body,
    )


def limits(known: Facts, monitoring: Mapping[str, Item]) -> list[Item]:
    """What is watched with a limit and an action, the gravest first."""
    order = ("emergency", "stop", "hold", "inform")
    found = [i for i in watched(known, monitoring).values() if i.phase in LIMITS and i.trigger]
    return sorted(found, key=lambda i: (order.index(i.level) if i.level in order else 9, i.id))
