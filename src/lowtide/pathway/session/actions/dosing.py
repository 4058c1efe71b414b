"""The pump, as a person read it: started, changed, paused, resumed, stopped. Lowtide records, it never drives one."""

from decimal import Decimal

from lowtide.data import monitoring
from lowtide.pathway.course.approved_here import dosing_here
from lowtide.pathway.course.ordered import Pump, pump
from lowtide.pathway.session.actions.common import Act, append, require
from lowtide.pathway.session.actions.enrolment import held_by_programs
from lowtide.pathway.session.rules.containers import Container, containers, scanned
from lowtide.pathway.session.rules.facts import Facts, session_facts
from lowtide.pathway.session.rules.gates import blockers
from lowtide.pathway.session.rules.preparation import read_off
from lowtide.pathway.session.rules.state import SessionState, Verb
from lowtide.people.charts import whole_chart
from lowtide.people.clinic import zone
from lowtide.people.roles import Permission
from lowtide.problems import BadInput, Problem, Refused, bad, refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import OrderSigned
from lowtide.record.entries.chair import DoseStarted, DoseStopped, RateChanged


def start(
    act: Act,
    *,
    rate_ml_per_h: Decimal,
    volume_ml: Decimal,
    reason: str | None = None,
    scanned_code: str | None = None,
) -> list[Entry]:
    """The infusion was started: rate and volume as read off the pump.

    Refused while anything blocks the dose, each reason said. A rate or volume other than the ordered one needs a
    reason; a volume above the one made up is refused. What was made up with a label is begun by its label.
    """
    require(act, Permission.CHART_SESSION)
    entry, order, by_pump = _pumped(act)
    first = _first(act, scanned_code)
    _agrees(by_pump, rate_ml_per_h, volume_ml, reason, first.body.final_volume_ml if first else None)
    body = DoseStarted(
        order=entry.id,
        rate_ml_per_h=rate_ml_per_h,
        mg_per_ml=by_pump.mg_per_ml(order.dose_mg),
        volume_ml=volume_ml,
        container=first.id if first else None,
        scanned=first.body.code if first else None,
        lot=first.body.lot if first else _lot(act),
    )

    def check(chart: Chart, state: SessionState) -> None:
        nothing_blocks(act, chart, state)
        scanned(state.facts, body.scanned, act.when)

    return append(act, Verb.START, [act.draft(body, reason=words(reason))], check)


def _lot(act: Act) -> str | None:
    """The lot as the second person read it off the vial."""
    return read_off(session_facts(whole_chart(act.stream), act.session_id), "lot")


def _first(act: Act, code: str | None) -> Container | None:
    """What is begun, by its label. A repeated press begins what it began."""
    facts, stored = session_facts(whole_chart(act.stream), act.session_id), store.find(act.entry_id)
    if stored is not None and isinstance(stored.body, DoseStarted):
        return next((c for c in containers(facts) if c.id == stored.body.container), None)
    return scanned(facts, code, act.when)


def change_rate(act: Act, *, rate_ml_per_h: Decimal, reason: str | None = None) -> list[Entry]:
    """The rate as read off the pump: a check when it is unchanged, a change when it is not (hazard H014).

    Another rate than the ordered one needs a reason.
    """
    require(act, Permission.CHART_SESSION)
    if rate_ml_per_h == 0:
        raise bad("a rate of 0 is a pause", "rate_ml_per_h", "Record a pause.")
    return _rate(act, Verb.CHANGE_RATE, rate_ml_per_h, reason)


def pause(act: Act, *, reason: str | None = None) -> list[Entry]:
    require(act, Permission.CHART_SESSION)
    body = RateChanged(rate_ml_per_h=Decimal(0))
    return append(
        act,
        Verb.PAUSE,
        [act.draft(body, reason=words(reason))],
        lambda chart, state: _in_order(act, state.facts),
    )


def resume(act: Act, *, rate_ml_per_h: Decimal, reason: str | None = None) -> list[Entry]:
    """The pump runs again, at this rate as read."""
    require(act, Permission.CHART_SESSION)
    if rate_ml_per_h == 0:
        raise bad("a rate of 0 is a pause", "rate_ml_per_h", "Read the rate off the pump.")
    return _rate(act, Verb.RESUME, rate_ml_per_h, reason)


def stop(act: Act, *, delivered_ml: Decimal, complete: bool, reason: str | None = None) -> list[Entry]:
    """The infusion ended: what the pump says went in. One that was cut short needs a reason."""
    require(act, Permission.CHART_SESSION)
    if not complete and not words(reason):
        raise bad("a dose that was cut short needs a reason", "reason", "Say in a few words why.")
    body = DoseStopped(delivered_ml=delivered_ml, complete=complete)
    return append(
        act,
        Verb.STOP,
        [act.draft(body, reason=words(reason))],
        lambda chart, state: stop_fits(act, state.facts, delivered_ml),
    )


def stop_fits(act: Act, facts: Facts, delivered_ml: Decimal) -> None:
    """Refuse a stop before the start, and more volume than was made up."""
    _in_order(act, facts)
    if facts.infusion and delivered_ml > facts.infusion.loaded_ml:
        raise refuse(
            f"only {facts.infusion.loaded_ml} mL were made up", "delivered_ml", "Read the pump again."
        )


def _rate(act: Act, verb: Verb, rate_ml_per_h: Decimal, reason: str | None) -> list[Entry]:
    _rate_agrees(_pumped(act)[2], rate_ml_per_h, reason)
    body = RateChanged(rate_ml_per_h=rate_ml_per_h)
    return append(
        act,
        verb,
        [act.draft(body, reason=words(reason))],
        lambda chart, state: _in_order(act, state.facts),
    )


def ordered(act: Act) -> tuple[Entry, OrderSigned]:
    """The standing order of the session. Raises Refused without one."""
    found = session_facts(whole_chart(act.stream), act.session_id).order
    if found is None:
        raise refuse("the dose is not ordered", "order", "A prescriber signs the order on the plan.")
    return found


def _pumped(act: Act) -> tuple[Entry, OrderSigned, Pump]:
    entry, order = ordered(act)
    by_pump = pump(order)
    if by_pump is None:
        raise refuse(
            f"the order is for route “{order.route}”, which has no pump", "order", "Chart it as given."
        )
    return entry, order, by_pump


def nothing_blocks(act: Act, chart: Chart, state: SessionState) -> None:
    """Refuse the first of a dose while anything stands in its way, each reason said."""
    found = [
        *held_by_programs(chart, state.facts.session, act.when),
        *blockers(chart, state.facts, monitoring.items(), act.when, zone(), dosing_here()),
    ]
    if found:
        raise Refused(*(Problem(b.what, b.id, b.mend) for b in found))


def _agrees(
    order: Pump, rate: Decimal, volume_ml: Decimal, reason: str | None, holds: Decimal | None
) -> None:
    """`holds` is what the label of the first of several says."""
    whole, by = (order.final_volume_ml, "order") if holds is None else (holds, "label")
    if volume_ml > whole or volume_ml <= 0:
        made = f"the order makes up {whole} mL" if by == "order" else f"the label says {whole} mL"
        raise bad(made, "volume_ml", "Read the pump again, or stop it.")
    if volume_ml != whole and not words(reason):
        raise _differs("volume_ml", f"{volume_ml} mL", f"{whole} mL", by)
    _rate_agrees(order, rate, reason)


def _rate_agrees(order: Pump, rate: Decimal, reason: str | None) -> None:
    if rate != order.rate_ml_per_h and not words(reason):
        raise _differs("rate_ml_per_h", f"{rate} mL/h", f"{order.rate_ml_per_h} mL/h")


def _differs(where: str, read: str, ordered: str, by: str = "order") -> BadInput:
    return bad(
        f"the pump says {read}, the {by} {ordered}",
        where,
        "Check the pump with a second person. If it is meant, give the reason.",
    )


def _in_order(act: Act, facts: Facts) -> None:
    """Refuse what would lie before the start of the dose."""
    if facts.started_at and act.when < facts.started_at:
        raise refuse(
            f"the dose was started later, at {facts.started_at.astimezone(zone()):%H:%M}",
            "at",
            "Check the time.",
        )


def words(reason: str | None) -> str | None:
    return reason.strip() or None if reason else None
