"""How much of each draw went in and what is left of it, as the chart has it, with the sum as it would be worked out by hand
(pure; hazard H036).

What was drawn for one bag or syringe is told by that one, all other draws by the whole dose. Of a volume each draw gave its
share; pieces were taken one after the other. Nobody does this in their head, and everybody can follow it.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from uuid import UUID

import msgspec

from lowtide.data.rescue import medicines
from lowtide.data.safe import is_counted, pieces
from lowtide.pathway.session.rules.containers import Container, containers, gave_ml
from lowtide.pathway.session.rules.custody import Custody, Held
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.rescue import given as rescues
from lowtide.safe.reckoned import Reckoned
from lowtide.science.units import plain

ZERO, THOUSANDTH, SHOWN_MG = Decimal(0), Decimal("0.001"), Decimal("0.0001")


class Part(msgspec.Struct, frozen=True):
    """Pieces that were given at once: how many were used up, how many went in, of which lot."""

    at: datetime
    used: Decimal
    given: Decimal
    lot: str | None


class Went(msgspec.Struct, frozen=True, kw_only=True):
    """What went in of several draws together, in mg; `what` says it in the words of whoever read the pump or the syringe."""

    draws: tuple[Held, ...]
    mg: Decimal
    what: str = ""
    since: datetime | None = None
    until: datetime | None = None


def reckoned(facts: Facts, known: Custody, draw: UUID) -> Reckoned | None:
    """None while it goes in, and where the chart does not say how much."""
    one = next((held for held in known.draws if held.draw.id == draw), None)
    went = _went(facts, known, one) if one else None
    if one is None or went is None:
        return None
    return _pieces(facts, went, one) if is_counted(one.unit) else _volume(went, one)


def _went(facts: Facts, known: Custody, one: Held) -> Went | None:
    """The draws that one is reckoned with, and what went in of them."""
    if facts.order is None or one.drug != facts.order[1].drug:
        return _rescued(facts, [d for d in known.draws if d.drug == one.drug])
    made = {draw: c for c in containers(facts) for draw in c.body.draws}
    mine = [d for d in known.draws if d.drug == one.drug and made.get(d.draw.id) == made.get(one.draw.id)]
    if one.draw.id in made:
        return _of_container(facts, made[one.draw.id], mine)
    if not (facts.stopped or facts.over_at):
        return None
    apart = sum((_mg_of(facts, c) or ZERO for c in {c.id: c for c in made.values()}.values()), ZERO)
    return Went(
        draws=tuple(mine),
        mg=(facts.given_mg or ZERO) - apart,
        what=_dose(facts) if not apart else "",
        since=facts.started_at,
        until=facts.stopped_at,
    )


def _dose(facts: Facts) -> str:
    infusion, ml = facts.infusion, facts.given_ml
    return f"{plain(ml)} of {plain(infusion.hung_ml)} mL went in" if infusion and ml is not None else ""


def _of_container(facts: Facts, one: Container, draws: Iterable[Held]) -> Went | None:
    mg = _mg_of(facts, one)
    if mg is None:
        return None
    ml, held = gave_ml(facts, one), one.held
    at = one.given[0].at if one.given else None
    return Went(
        draws=tuple(draws),
        mg=mg,
        what=f"{plain(ml)} of {plain(one.body.final_volume_ml)} mL of {one.name} went in" if ml else "",
        since=held.began_at if held else at,
        until=(held.ended_at or facts.stopped_at) if held else at,
    )


def _mg_of(facts: Facts, one: Container) -> Decimal | None:
    """What of one container went in, once that is known: nothing of one that was not begun before the dose was over."""
    if one.given:
        return one.given[1].mg
    if one.held and (one.held.ended_at or facts.stopped):
        return (gave_ml(facts, one) or ZERO) * one.body.mg_per_ml
    return ZERO if not one.held and (facts.stopped or facts.over_at) else None


def _rescued(facts: Facts, draws: Iterable[Held]) -> Went | None:
    """Of a medicine that was given because something had to be treated."""
    draws = tuple(draws)
    found = [
        one
        for one in rescues(facts)
        if one.body.unit == "mg" and medicines()[one.body.medicine].drug == draws[0].drug
    ]
    if not found:
        return None
    mg = sum((one.body.dose for one in found), ZERO)
    return Went(draws=draws, mg=mg, since=found[0].entry.at, until=found[-1].entry.at)


# -- of a volume -----------------------------------------------------------------------------------------------


def _volume(went: Went, one: Held) -> Reckoned:
    """Each draw gave its share of what is not written down yet."""
    open_mg = sum((d.left * d.mg_per_unit for d in went.draws), ZERO)
    written_mg = sum((d.given * d.mg_per_unit for d in went.draws), ZERO)
    to_go = max(ZERO, went.mg - written_mg)
    share = min(Decimal(1), to_go / open_mg) if open_mg else ZERO
    given = (one.left * share).quantize(THOUSANDTH, ROUND_HALF_UP)
    some = bool(went.mg)
    return Reckoned(
        given=given,
        rest=one.left - given if some else ZERO,
        told=tuple(_told_volume(went, one, given, (to_go, written_mg, open_mg))),
        since=went.since if some else None,
        until=went.until if some else None,
    )


def _told_volume(
    went: Went, one: Held, given: Decimal, mg: tuple[Decimal, Decimal, Decimal]
) -> Iterator[str]:
    to_go, written_mg, open_mg = mg
    if not went.mg:
        yield "Nothing of it went in: return it, or waste it."
        return
    yield f"{went.what}: {_mg(went.mg)}." if went.what else f"{_mg(went.mg)} went in."
    if written_mg:
        yield f"{_mg(written_mg)} of that are written down already: {_mg(to_go)} are not."
    if to_go > open_mg:
        yield f"That is {_mg(to_go - open_mg)} more than is in hand: look at chart and syringe."
    elif len([d for d in went.draws if d.left]) > 1:
        share = f"{_mg(to_go)} of {_mg(open_mg)} in hand, so of {plain(one.left)} {one.unit}"
        yield f"{share}: {plain(given)} {one.unit} given."
    else:
        yield f"{_mg(to_go)} ÷ {plain(one.mg_per_unit)} mg/{one.unit} = {plain(given)} {one.unit} given."
    yield f"{plain(one.left)} − {plain(given)} = {plain(one.left - given)} {one.unit} left over."


def _mg(mg: Decimal) -> str:
    return f"{plain(mg.quantize(SHOWN_MG, ROUND_HALF_UP))} mg"


# -- of pieces -------------------------------------------------------------------------------------------------


def _pieces(facts: Facts, went: Went, one: Held) -> Reckoned:
    """The pieces of this draw, as they were taken one after the other from all."""
    mine = _taken(went.draws, _parts(facts, one.mg_per_unit))[one.draw.id]
    in_all = sum((part.given for part in mine), ZERO)
    begun = sum((part.used for part in mine), ZERO).to_integral_value(ROUND_CEILING)
    given = min(one.left, max(ZERO, in_all - one.given))
    rest = min(one.left - given, max(ZERO, begun - in_all - one.wasted))
    gave = [part for part in mine if part.given]
    return Reckoned(
        given=given,
        rest=rest,
        told=tuple(_told_pieces(one, in_all, given, rest)),
        since=gave[0].at if gave else None,
        until=gave[-1].at if gave else None,
    )


def _parts(facts: Facts, each_mg: Decimal) -> list[Part]:
    given = facts.parts.parts if facts.parts else ()
    return [
        Part(e.at, b.count if b.count is not None else b.of_mg / each_mg, b.mg / each_mg, b.lot)
        for e, b in given
    ]


def _taken(draws: Iterable[Held], parts: Iterable[Part]) -> dict[UUID, list[Part]]:
    """Which parts came out of which draw: of its own lot first, else in the order in which they were drawn."""
    ordered = sorted(draws, key=lambda d: d.draw.entry.order)
    room = {d.draw.id: d.draw.body.quantity - d.returned - d.lost for d in ordered}
    found: dict[UUID, list[Part]] = {d.draw.id: [] for d in ordered}
    for part in parts:
        open_ = part.used
        for d in sorted(ordered, key=lambda d: d.draw.body.lot != part.lot):
            used = min(room[d.draw.id], open_)
            if used:
                room[d.draw.id] -= used
                open_ -= used
                share = Part(part.at, used, part.given * used / part.used, part.lot)
                found[d.draw.id].append(share)
    return found


def _told_pieces(one: Held, in_all: Decimal, given: Decimal, rest: Decimal) -> Iterator[str]:
    def counted(quantity: Decimal) -> str:
        return f"{plain(quantity)} {pieces(one.unit, quantity)}"

    if in_all:
        yield f"{_mg(in_all * one.mg_per_unit)} went in ÷ {plain(one.mg_per_unit)} mg each = {counted(in_all)} given."
    if one.given:
        yield f"{counted(one.given)} of that are written down already."
    if rest:
        yield f"{counted(rest)} begun, and not given: waste it."
    if whole := one.left - given - rest:
        yield f"{counted(whole)} not begun: return what is unused, or waste it."
