"""The bags and syringes of a session as the pages show them (pure): each with what it gave, and the sums."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec

from lowtide.pathway.session.rules.containers import Container, containers, gave_ml
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.label_code import grouped
from lowtide.science.units import amount, plain

AHEAD = timedelta(minutes=30)  # this long before a bag is empty the page asks for the next


class Row(msgspec.Struct, frozen=True):
    """One container. `state` is made up, checked, differs, running, ended, given."""

    id: UUID
    name: str
    code: str
    holds: str
    lot: str
    preparer: str
    checker: str
    state: str
    began_at: datetime | None
    ended_at: datetime | None
    rest_ml: str
    gave: str
    use_by: datetime
    draws: tuple[UUID, ...]


class Totals(msgspec.Struct, frozen=True):
    """Running sums over all containers; mL and mg as a person reads them."""

    made_up_mg: str
    given_ml: str
    given_mg: str
    ordered_ml: str
    ordered_mg: str
    left_ml: str
    empty_at: datetime | None
    ends_at: datetime | None
    again_ml: str


def rows(facts: Facts, now: datetime) -> list[Row]:
    return [_row(facts, one, now) for one in containers(facts)]


def totals(facts: Facts, now: datetime) -> Totals:
    infusion, order = facts.infusion, facts.order[1] if facts.order else None
    over = facts.stopped is not None
    given_ml = (
        facts.given_ml if facts.given_ml is not None else infusion.delivered_ml(now) if infusion else None
    )
    given_mg = (
        facts.given_mg if facts.given_mg is not None else infusion.delivered_mg(now) if infusion else None
    )
    return Totals(
        made_up_mg=plain(sum((c.body.mg for c in containers(facts)), Decimal(0))),
        given_ml=_worked_out(given_ml),
        given_mg=_worked_out(given_mg),
        ordered_ml=plain(order.final_volume_ml) if order and order.final_volume_ml else "",
        ordered_mg=plain(order.dose_mg) if order else "",
        left_ml=_worked_out(infusion.left_ml(now)) if infusion and not over else "",
        empty_at=infusion.runs_empty_at if infusion and not over else None,
        ends_at=facts.ends_at if infusion and not over else None,
        again_ml=plain(amount(facts.again_ml)) if facts.again_ml and not over else "",
    )


def _row(facts: Facts, one: Container, now: datetime) -> Row:
    body, held = one.body, one.held
    gave = gave_ml(facts, one, now)
    rest = body.final_volume_ml - amount(gave) if gave is not None else None
    return Row(
        id=one.id,
        name=one.name[:1].upper() + one.name[1:],
        code=grouped(body.code),
        holds=f"{plain(body.mg)} mg in {plain(body.final_volume_ml)} mL",
        lot=body.lot,
        preparer=body.preparer,
        checker=one.checked[1].checker if one.checked else "",
        state=_state(one, facts),
        began_at=held.began_at if held else one.given[0].at if one.given else None,
        ended_at=held.ended_at or facts.stopped_at if held else None,
        rest_ml=_said(one.residual_ml if one.residual_ml is not None else rest),
        gave=f"{_said(amount(gave))} mL" if gave is not None else "",
        use_by=body.use_by,
        draws=body.draws,
    )


def _state(one: Container, facts: Facts) -> str:
    if one.given:
        return "given"
    if one.held:
        return "ended" if one.held.ended_at or facts.stopped else "running"
    if one.checked is None:
        return "not checked"
    return "checked" if one.agreed else "check differs"


def _said(value: Decimal | None) -> str:
    """As it stands: measured, or worked out and already brought to what is shown."""
    return plain(value) if value is not None else ""


def _worked_out(value: Decimal | None) -> str:
    return plain(amount(value)) if value is not None else ""
