"""What leaves the safe for a session, and what became of it: drawn = given + wasted + returned (hazard H036).

The draw names the patient and the session of the chart; the chart is read, never written.
"""

from decimal import Decimal
from uuid import UUID

import msgspec

from lowtide.data.safe import products, safe
from lowtide.people.charts import linked
from lowtide.people.charts import stream_of as chart_of
from lowtide.people.roles import Permission
from lowtide.problems import Refused, bad, refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Draft, Entry
from lowtide.record.entries.safe import DrugDrawn, DrugGiven, DrugReturned, DrugWasted
from lowtide.safe.actions.common import Act, Charts, append, books, require
from lowtide.safe.due import expired
from lowtide.safe.ledger import Draw, Key, Ledger
from lowtide.safe.places import books_of, every_safe, held_because
from lowtide.safe.reckoned import reckoned
from lowtide.safe.sessions import closed_because, misfit

TRIES = 5


class Waste(msgspec.Struct, frozen=True):
    """A quantity that was poured away, why, and how it was made unusable."""

    quantity: Decimal
    why: str
    how: str


def draw(
    act: Act, *, key: Key, quantity: Decimal, patient: UUID, session: UUID, vial: str | None = None
) -> list[Entry]:
    """Take a quantity out for a session: from an opened vial, from a new one (no `vial`), or whole devices.

    Two who open a vial at once want the same number for it: the second takes the next.
    """
    require(act, Permission.USE_SAFE, "draw")
    for _ in range(TRIES):
        wanted = _drawn(act, key, quantity, patient, session, vial)
        try:
            return _draw(act, wanted, patient)
        except Refused:
            if not _raced(act.place, wanted):
                raise
    return _draw(act, _drawn(act, key, quantity, patient, session, vial), patient)


def _draw(act: Act, wanted: Draft, patient: UUID) -> list[Entry]:
    also = [*linked(chart_of(patient)), *every_safe()]
    return append(act, [wanted], lambda charts: _may_draw(charts, act, wanted), streams=also)


def _raced(place: str, wanted: Draft) -> bool:
    """Somebody else opened a vial under the very number meanwhile."""
    body = wanted.body
    assert isinstance(body, DrugDrawn)
    return body.opens and any(account.name == body.vial for account in books(place).opened)


def _drawn(act: Act, key: Key, quantity: Decimal, patient: UUID, session: UUID, vial: str | None) -> Draft:
    found = books(act.place)
    lot = found.lots.get(key)
    if lot is None:
        raise bad(f"lot {key[1]} is not here", "source", "Choose one of the list.")
    body = DrugDrawn(
        product=key[0],
        lot=key[1],
        quantity=quantity,
        patient=patient,
        vial=None if lot.counted else vial or next_vial(act.place, found),
        opens=not lot.counted and not vial,
        witness=act.seen_by,
    )
    return act.draft(body, session=session)


def next_vial(place: str, found: Ledger) -> str:
    """The number that the next opened vial of this safe gets; it is written on it."""
    start = f"{place.upper()}-"
    used = [
        int(a.name[len(start) :])
        for a in found.opened
        if a.name.startswith(start) and a.name[len(start) :].isdigit()
    ]
    return f"{start}{max(used, default=0) + 1:03d}"


def _may_draw(charts: Charts, act: Act, draft: Draft) -> None:
    """Not from an expired or a held lot, and only for a session that is still open."""
    body = draft.body
    assert isinstance(body, DrugDrawn)
    found, key = books_of(charts[act.stream]), (body.product, body.lot)
    if expired(found.lots[key].expires, act.today):
        raise refuse(
            f"lot {body.lot} expired on {found.lots[key].expires:%d %b %Y}",
            "source",
            "Take another lot; expired stock is sent for destruction.",
        )
    if notice := held_because(key, charts.values()):
        raise refuse(f"lot {body.lot} is held: {notice}", "source", "Take another lot.")
    own = linked(chart_of(body.patient))
    whole = Chart.union(charts[name] for name in own)
    why = closed_because(whole, draft.session)
    if why:
        raise refuse(why, "session", "Choose the session of this patient, or ask who is at the chair.")
    product = products().get(body.product)
    wrong = misfit(whole, draft.session, product) if product else ""
    if wrong:
        raise refuse(wrong, "source", "Take what was ordered, or the prescriber signs the order anew.")


def account(
    act: Act,
    *,
    draw: UUID,
    given: Decimal | None = None,
    wasted: tuple[Waste, ...] = (),
    returned: Decimal | None = None,
) -> list[Entry]:
    """Say what became of a draw, in one act: given, wasted line by line, returned. The rest stays in hand."""
    found = books(act.place).draws.get(draw)
    if found is None:
        raise bad("this was not drawn here", "draw", "Look at the safe again.")
    if not given and not wasted and not returned:
        raise bad("nothing was entered", "given", "Write what was given, wasted or returned.")
    for verb, needed in (("give", given), ("waste", wasted), ("return", returned)):
        if needed:
            require(act, Permission.USE_SAFE, verb)
    _known(wasted)
    return append(act, list(_became(act, found, given, wasted, returned)))


def _became(
    act: Act, draw: Draw, given: Decimal | None, wasted: tuple[Waste, ...], returned: Decimal | None
) -> list[Draft]:
    """The entries of one act; the first bears the form's own id, so that a retry is recognised."""
    by_chart = reckoned(draw) if given else None
    when = {"since": by_chart.since, "until": by_chart.until} if by_chart else {}
    bodies = [
        *([DrugGiven(draw=draw.id, quantity=given, **when)] if given else []),
        *(
            DrugWasted(draw=draw.id, quantity=w.quantity, why=w.why, how=w.how, witness=act.seen_by)
            for w in wasted
        ),
        *([DrugReturned(draw=draw.id, quantity=returned, witness=act.seen_by)] if returned else []),
    ]
    return [
        act.draft(body, f"{place}" if place else "", session=draw.entry.session)
        for place, body in enumerate(bodies)
    ]


def waste_vial(act: Act, *, key: Key, vial: str, waste: Waste) -> list[Entry]:
    """Pour away the rest of an opened vial. Sealed stock goes for destruction instead."""
    require(act, Permission.USE_SAFE, "waste")
    _known((waste,))
    body = DrugWasted(
        quantity=waste.quantity,
        why=waste.why,
        how=waste.how,
        product=key[0],
        lot=key[1],
        vial=vial,
        witness=act.seen_by,
    )
    return append(act, [act.draft(body)])


def _known(wasted: tuple[Waste, ...]) -> None:
    table = safe()
    for waste in wasted:
        if waste.why not in table.wasted or waste.how not in table.methods:
            raise bad(f"“{waste.why}, {waste.how}” is no way of wasting", "why", "Choose from the lists.")


def everywhere(session: UUID) -> list[tuple[str, Ledger, Draw]]:
    """Every draw for a session, whichever safe it came from: (stream, its books, the draw)."""
    found = ((name, books_of(store.load(name))) for name in every_safe())
    return [(name, ledger, draw) for name, ledger in found for draw in ledger.of_session(session)]
