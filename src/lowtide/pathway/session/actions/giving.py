"""A dose without a pump: injected, sprayed device by device, swallowed, put under the tongue. Each part is an event.

What is unusual asks for a reason and is never refused in silence: a part too early, one that did not go in whole, one
given over an open reminder. More than was ordered is never recorded as planned (hazard H008).
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from lowtide.data import monitoring
from lowtide.data.giving import way
from lowtide.pathway.course.approved_here import dosing_here
from lowtide.pathway.session.actions.common import Act, append, require
from lowtide.pathway.session.actions.dosing import nothing_blocks, ordered, words
from lowtide.pathway.session.rules.containers import Container, scanned
from lowtide.pathway.session.rules.drawn import holds_mg
from lowtide.pathway.session.rules.facts import Facts, session_facts
from lowtide.pathway.session.rules.giving import coming, gap_at
from lowtide.pathway.session.rules.preparation import read_off
from lowtide.pathway.session.rules.state import SessionState, Verb
from lowtide.pathway.session.rules.thresholds import crossings, pressing
from lowtide.people.charts import whole_chart
from lowtide.people.clinic import zone
from lowtide.people.roles import Permission
from lowtide.problems import Problem, Refused, bad, refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import OrderSigned
from lowtide.record.entries.chair import DoseGiven, DosingEnded
from lowtide.science.units import plain


def give(
    act: Act,
    *,
    number: int,
    mg: Decimal | None = None,
    site: str | None = None,
    lot: str | None = None,
    reason: str | None = None,
    scanned_code: str | None = None,
) -> list[Entry]:
    """Part `number` of the dose went in, whole unless `mg` says how much of it did.

    The number is the one that stood on the page: when another hand has recorded it meanwhile, nothing is written. What was
    drawn up with a label is given by its label.
    """
    require(act, Permission.CHART_SESSION)
    if stored := _given_already(act, number):
        return [stored]
    entry, order = ordered(act)
    facts = session_facts(whole_chart(act.stream), act.session_id)
    said = Said(number, mg, words(site), words(lot), scanned(facts, scanned_code, act.when))
    body = _part(facts, entry, order, said)
    if not body.whole and not words(reason):
        raise bad(
            f"{plain(body.mg)} of {plain(body.of_mg)} mg went in",
            "reason",
            "Say what happened: it failed, was refused, was spilt.",
        )
    return append(
        act,
        Verb.GIVE,
        [act.draft(body, reason=words(reason))],
        lambda chart, state: _fits(act, chart, state, body, words(reason)),
    )


def end(act: Act, *, reason: str) -> list[Entry]:
    """Nothing more is given, although not all of the order went in."""
    require(act, Permission.CHART_SESSION)
    if not words(reason):
        raise bad("a dose that was cut short needs a reason", "reason", "Say in a few words why.")
    return append(act, Verb.END_DOSING, [act.draft(DosingEnded(), reason=words(reason))])


def _given_already(act: Act, number: int) -> Entry | None:
    """What an earlier press of the same button wrote."""
    stored = store.find(act.entry_id)
    if stored is None or not isinstance(stored.body, DoseGiven):
        return None
    same = (stored.stream, stored.session, stored.by) == (act.stream, act.session_id, act.person.by)
    return stored if same and stored.body.number == number else None


class Said(NamedTuple):
    """What whoever gave it says of a part; `by_label` is the syringe whose label was read, where it was drawn up with one."""

    number: int
    mg: Decimal | None
    site: str | None
    lot: str | None
    by_label: Container | None


def in_hand_mg(facts: Facts, by_label: Container | None) -> Decimal:
    """How much one part is: what the syringe with the label holds of it, else what comes next by the order."""
    following = coming(facts)
    if by_label is None or facts.order is None or not following.of_mg:
        return following.of_mg
    return holds_mg(facts.order[1], by_label.body, following.open_mg, dosing_here())


def _part(facts: Facts, entry: Entry, order: OrderSigned, said: Said) -> DoseGiven:
    """The part as it is written: how much of what, and the lot of the syringe's label or as the second person read it."""
    of_mg, label = in_hand_mg(facts, said.by_label), said.by_label
    if of_mg <= 0:
        raise refuse("all of the order was given", "part", "Look at the session again.")
    went_in = of_mg if said.mg is None else said.mg
    return DoseGiven(
        order=entry.id,
        form=way(order.product, order.route).form,
        route=order.route,
        number=said.number,
        mg=went_in,
        of_mg=of_mg,
        volume_ml=_volume(order, went_in) if order.vial_mg_per_ml else None,
        count=_count(order, went_in, of_mg),
        site=said.site,
        lot=said.lot or (label.body.lot if label else read_off(facts, "lot")),
        container=label.id if label else None,
        scanned=label.body.code if label else None,
    )


def _volume(order: OrderSigned, mg: Decimal) -> Decimal:
    """The volume that holds so many mg; of the whole dose the one that was drawn."""
    assert order.vial_mg_per_ml
    if mg == order.dose_mg and order.vial_volume_ml:
        return order.vial_volume_ml
    return mg / order.vial_mg_per_ml


def _count(order: OrderSigned, mg: Decimal, of_mg: Decimal) -> Decimal | None:
    """How many units were used up: one device whatever it gave, of anything else what went in."""
    if order.each_mg is None:
        return None
    return Decimal(1) if order.apart_min is not None else mg / order.each_mg


def _fits(act: Act, chart: Chart, state: SessionState, body: DoseGiven, reason: str | None) -> None:
    """Under the lock: the part is the next one, nothing blocks the first, and what is unusual has its reason."""
    facts = state.facts
    if facts.order is None or facts.order[0].id != body.order:
        raise refuse("the order was changed meanwhile", "order", "Look at the session again.")
    following = coming(facts)
    if following.number != body.number:
        at = facts.parts.last[0].at.astimezone(zone()) if facts.parts else None
        when = f", at {at:%H:%M}" if at else ""
        raise refuse(
            f"{facts.way.said(body.route, body.number)}: it is recorded already{when}",
            "part",
            "Look at the session again before anything else is given.",
        )
    scanned(facts, body.scanned, act.when)
    if body.of_mg > facts_open(facts):
        raise refuse("that is more than the order leaves open", "mg", "Look at the session again.")
    if facts.parts is None:
        nothing_blocks(act, chart, state)
    elif not reason:
        _asks(act, facts)


def facts_open(facts: Facts) -> Decimal:
    """What the order still has to give."""
    if facts.parts:
        return facts.parts.open_mg
    return facts.order[1].dose_mg if facts.order else Decimal(0)


def _asks(act: Act, facts: Facts) -> None:
    """A later part that needs a reason and has none: too soon after another, or over an open reminder."""
    found = [*_too_soon(act, facts), *_reminders(facts, act.when)]
    if found:
        raise Refused(*found)


def _too_soon(act: Act, facts: Facts) -> Iterator[Problem]:
    allowed = gap_at(facts, act.when)
    if allowed is not None:
        order = facts.order[1] if facts.order else None
        apart = plain(order.apart_min) if order and order.apart_min else ""
        local = allowed.astimezone(zone())
        yield Problem(
            f"the next one comes at {local:%H:%M:%S} at the earliest, {apart} min after the one before",
            "reason",
            "Wait, or say why it is given now.",
        )


def _reminders(facts: Facts, now: datetime) -> Iterator[Problem]:
    for crossing in pressing(crossings(facts, monitoring.items()), now):
        if crossing.rank > 0:
            yield Problem(
                f"{crossing.found}: {crossing.action.lower()} ({crossing.rule.id})",
                "reason",
                "Answer the reminder first, or say why more is given now.",
            )
