"""Bags and syringes: made up with a label, checked by a second person, begun by their label's number, changed (hazard H012).

What is hung is what was made up for this very session: the number on the label says so, not a glance (hazard H001).
"""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec

from lowtide.data.made_up import made_up
from lowtide.data.safe import limits, products
from lowtide.pathway.course.approved_here import dosing_here
from lowtide.pathway.course.ordered import pump
from lowtide.pathway.session.actions.common import Act, append, require
from lowtide.pathway.session.actions.dosing import ordered, words
from lowtide.pathway.session.rules import label_code
from lowtide.pathway.session.rules.beyond import Source, beyond
from lowtide.pathway.session.rules.containers import containers, running, scanned
from lowtide.pathway.session.rules.custody import fits
from lowtide.pathway.session.rules.drawn import made_as_ordered
from lowtide.pathway.session.rules.facts import Facts, session_facts
from lowtide.pathway.session.rules.state import SessionState, Verb
from lowtide.people.charts import whole_chart
from lowtide.people.roles import Permission
from lowtide.problems import bad, refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import OrderSigned
from lowtide.record.entries.longrun import ContainerChanged, ContainerPrepared
from lowtide.safe.actions.session import everywhere
from lowtide.safe.places import books_of, every_safe


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody made up, as read off vial, syringe and container. With draws of the safe lot and strength are theirs."""

    container: str
    vial_volume_ml: Decimal
    final_volume_ml: Decimal
    diluent: str | None = None
    vial_mg_per_ml: Decimal | None = None
    lot: str | None = None
    vial_expires: date | None = None
    draws: tuple[UUID, ...] = ()
    because: str | None = None


def make_up(act: Act, made: Made) -> list[Entry]:
    """Record what was made up; it gets the next number and the number of its label. A second person checks it next.

    Refused where it is not what was ordered: another strength, another share of the vial, more than the order holds. What
    goes beyond what the order has left, or was not drawn for the session, needs its reason, or is refused where the clinic says so.
    """
    require(act, Permission.CHART_SESSION)
    if made.container not in made_up().containers:
        raise bad("say whether it is a bag or a syringe", "container", "Choose one.")
    if stored := _made_already(act):
        return [stored]
    entry, order = ordered(act)
    body = _body(act, entry, order, made, _next_number(act))
    made_as_ordered(order, body, dosing_here())
    body = _answered(act, order, body, words(made.because))
    why = words(made.because) if body.beyond else None
    return append(
        act,
        Verb.MAKE_UP,
        [act.draft(body, reason=why)],
        lambda chart, state: _still(state.facts, entry, body.number),
    )


def _made_already(act: Act) -> Entry | None:
    """An earlier press of the same button: its number was given then."""
    stored = store.find(act.entry_id)
    same = stored and stored.session == act.session_id and isinstance(stored.body, ContainerPrepared)
    return stored if same else None


def _answered(
    act: Act, order: OrderSigned, body: ContainerPrepared, because: str | None
) -> ContainerPrepared:
    """The body with what it goes beyond, once that has a reason."""
    source = Source(lots=drawn_lots(act.session_id, order.drug), keeps=_keeps(order))
    found = list(beyond(_facts(act), body, source, dosing_here(), limits(), act.when))
    if first := next((one for one in found if one.refused), None):
        raise refuse(first.what, first.field, "Look at the order and at the safe again.")
    if found and not because:
        said = "; ".join(one.what for one in found)
        raise bad(
            said, "because", "Look once more. If it is meant, give the reason; it stays with the record."
        )
    return msgspec.structs.replace(body, beyond=tuple(one.what for one in found))


def _keeps(order: OrderSigned) -> bool:
    """Whether any safe ever had the ordered drug in a form for this route."""
    books = (books_of(store.load(name)) for name in every_safe())
    return any(fits(order, key[0]) for each in books for key in each.lots)


def drawn_lots(session: UUID, drug: str) -> frozenset[str]:
    """The lots of this drug that the safes gave out for the session."""
    draws = [draw.body for _, _, draw in everywhere(session)]
    return frozenset(b.lot for b in draws if (p := products().get(b.product)) and p.drug == drug)


def _next_number(act: Act) -> int:
    """One more than any label of this session ever bore, struck ones too: two bags never share a label."""
    known = whole_chart(act.stream).entries.values()
    made = (e.body for e in known if e.session == act.session_id)
    return max((b.number for b in made if isinstance(b, ContainerPrepared)), default=0) + 1


def _body(act: Act, entry: Entry, order: OrderSigned, made: Made, number: int) -> ContainerPrepared:
    lot, strength = _vial(act, order, made)
    return ContainerPrepared(
        order=entry.id,
        number=number,
        container=made.container,
        drug=order.drug,
        vial_mg_per_ml=strength,
        vial_volume_ml=made.vial_volume_ml,
        final_volume_ml=made.final_volume_ml,
        lot=lot,
        use_by=act.when + timedelta(hours=float(dosing_here().made_up_use_h)),
        preparer=act.person.by,
        code=label_code.code(act.session_id, number),
        diluent=made_up().diluents.get(made.diluent or "", made.diluent),
        vial_expires=made.vial_expires,
        draw=made.draws[0] if made.draws else None,
        also_drawn=made.draws[1:],
    )


def _vial(act: Act, order: OrderSigned, made: Made) -> tuple[str, Decimal]:
    """(lots, strength): as the safe says of the draws, else as typed."""
    if not made.draws:
        if made.vial_mg_per_ml is None:
            raise bad("the strength of the vial is missing", "vial_mg_per_ml", "Read it off the vial.")
        if made.vial_expires and made.vial_expires < act.when.date():
            raise refuse("this vial has expired", "vial_expires", "Take another one.")
        return words(made.lot) or "", made.vial_mg_per_ml
    found = [(books, draw) for _, books, draw in everywhere(act.session_id) if draw.id in made.draws]
    if len(found) != len(made.draws):
        raise bad("this was not drawn for this session", "draws", "Choose from the list.")
    for _, draw in found:
        product = products().get(draw.body.product)
        if product and product.drug != order.drug:
            raise refuse(f"{product.label} was drawn, {order.drug} is ordered", "draws", "Take that one.")
    if made.vial_volume_ml > sum((books.in_hand(draw.id) for books, draw in found), Decimal(0)):
        raise bad("so much of this is not in hand", "vial_volume_ml", "Draw it at the safe first.")
    strengths = {books.lots[draw.body.product, draw.body.lot].mg_per_unit for books, draw in found}
    if len(strengths) > 1:
        raise refuse("the vials are of different strengths", "draws", "Take vials of one strength.")
    return ", ".join(dict.fromkeys(draw.body.lot for _, draw in found)), strengths.pop()


def _facts(act: Act) -> Facts:
    return session_facts(whole_chart(act.stream), act.session_id)


def _still(facts: Facts, order: Entry, number: int) -> None:
    """Under the lock: the order stands, and nobody has taken this number meanwhile."""
    if facts.order is None or facts.order[0].id != order.id:
        raise refuse("the order was changed meanwhile", "order", "Look at the session again.")
    if number in {c.body.number for c in containers(facts)}:
        raise refuse("another one was made up meanwhile", "number", "Open the page again.")


def change(
    act: Act,
    *,
    residual_ml: Decimal,
    scanned_code: str,
    rate_ml_per_h: Decimal,
    reason: str | None = None,
) -> list[Entry]:
    """One ended with what was measured in it, the next was hung: by its label's number, at the rate read off the pump.

    Refused for a label of another session, one that nobody checked, or more left than the one that ended can have held.
    """
    require(act, Permission.CHART_SESSION)
    if stored := _changed_already(act, residual_ml, rate_ml_per_h, scanned_code):
        return [stored]
    facts = _facts(act)
    order = ordered(act)[1]
    following = scanned(facts, scanned_code, act.when)
    if following is None:
        raise refuse(
            "nothing was made up to change to", "scanned", "Make up the next one, and have it checked."
        )
    by_pump = pump(order)
    if by_pump and rate_ml_per_h not in (0, by_pump.rate_ml_per_h) and not words(reason):
        raise bad(
            f"the pump says {rate_ml_per_h} mL/h, the order {by_pump.rate_ml_per_h} mL/h",
            "rate_ml_per_h",
            "Check the pump with a second person. If it is meant, give the reason.",
        )
    ending = running(facts)
    body = ContainerChanged(
        ended=ending.id if ending else None,
        residual_ml=residual_ml,
        begun=following.id,
        volume_ml=following.body.final_volume_ml,
        mg_per_ml=by_pump.mg_per_ml(order.dose_mg) if by_pump else following.body.mg_per_ml,
        rate_ml_per_h=rate_ml_per_h,
        scanned=following.body.code,
    )
    return append(
        act,
        Verb.CHANGE_CONTAINER,
        [act.draft(body, reason=words(reason))],
        lambda chart, state: _changes(act, chart, state, body),
    )


def _changed_already(act: Act, residual_ml: Decimal, rate: Decimal, code: str) -> Entry | None:
    """An earlier press of the same button said the same."""
    stored = store.find(act.entry_id)
    if stored is None or stored.session != act.session_id or not isinstance(stored.body, ContainerChanged):
        return None
    said = stored.body
    same = (said.residual_ml, said.rate_ml_per_h, said.scanned) == (residual_ml, rate, label_code.plain(code))
    return stored if same else None


def _changes(act: Act, chart: Chart, state: SessionState, body: ContainerChanged) -> None:
    """Under the lock: the same one still hangs, and there was room for the rest in it."""
    facts = state.facts
    ending = running(facts)
    if (ending.id if ending else None) != body.ended:
        raise refuse("it was changed meanwhile", "scanned", "Look at the session again.")
    scanned(facts, body.scanned, act.when)
    held = facts.infusion.held[-1] if facts.infusion else None
    if held and act.when < held.began_at:
        raise refuse("it was hung later than that", "at", "Check the time.")
    if held and body.residual_ml > held.volume_ml:
        raise bad(
            f"it held {held.volume_ml} mL, so much cannot be left", "residual_ml", "Measure the rest again."
        )
