"""The doses a protocol allows in one person, from the lowest to the highest, none above a cap, and as regimens.

Steps named by the protocol are kept; where it names none, its range is cut into round steps. A protocol with one dose
has one candidate. All of it is exact; the dose that would be given is rounded as the plan rounds it.
"""

from decimal import ROUND_DOWN, Decimal

import msgspec

from lowtide.data.dosing import Dosing
from lowtide.data.protocols import Amount, Protocol
from lowtide.pathway.plan.dose import drug_of, planned_dose
from lowtide.pathway.plan.refusals import refuse_reference_only
from lowtide.problems import bad
from lowtide.science.pharmacology.ensemble import Tables
from lowtide.science.pharmacology.regimen import Dose, split_devices
from lowtide.science.units import plain

SHOWN = Decimal("0.0001")
STEPS = (Decimal(1), Decimal(2), Decimal(5))


class Candidate(msgspec.Struct, frozen=True):
    """One dose in the protocol's unit, the mg of base that it gives this person, and the caps that took hold."""

    dose: str
    mg: Decimal
    caps: dict[str, str]


def candidates(protocol: Protocol, weight_kg: Decimal, limits: Dosing, most: int) -> tuple[Candidate, ...]:
    """In ascending order; doses that a cap brings to the same amount are one, named by what is left of them.

    Raises BadInput for a protocol that is for reference only.
    """
    refuse_reference_only(protocol)
    assert protocol.dose is not None  # a protocol without one is reference only
    found: dict[Decimal, Candidate] = {}
    for value in allowed(protocol, most):
        asked = Amount(value, protocol.dose.unit)
        planned = planned_dose(msgspec.structs.replace(protocol, dose=asked), weight_kg, limits)
        assert planned is not None  # the weight is known
        named = value
        if planned.caps:
            named = (value * planned.exact_mg / planned.asked_mg).quantize(SHOWN, ROUND_DOWN)
        found.setdefault(
            planned.exact_mg, Candidate(f"{plain(named)} {asked.unit}", planned.mg, planned.caps)
        )
    return tuple(found[mg] for mg in sorted(found))


def allowed(protocol: Protocol, most: int) -> tuple[Decimal, ...]:
    """The doses the protocol's source allows, in its unit, before any cap."""
    assert protocol.dose is not None
    if protocol.dose_steps:
        return tuple(sorted(protocol.dose_steps))
    usual = protocol.dose.value
    low = protocol.dose_min.value if protocol.dose_min else usual
    high = protocol.highest or usual
    if low == high:
        return (low,)
    by = protocol.titration.increment if protocol.titration else None
    step = protocol.device_mg or (by.value if by else _step(high - low, most))
    round_ones = {step * n for n in range(int(low / step), int(high / step) + 1) if low < step * n < high}
    return tuple(sorted({low, usual, high} | round_ones))


def _step(span: Decimal, most: int) -> Decimal:
    """The finest of 1, 2, 5 times a power of ten that cuts the span into at most `most`."""
    power = Decimal(1).scaleb(span.adjusted() - 2)
    steps = (power * ten * step for ten in (1, 10, 100, 1000) for step in STEPS)
    return next(step for step in steps if span / step <= most)


def route_of(protocol: Protocol, given: str | None) -> str:
    """The protocol's route, or the one chosen where its source leaves it open. Raises BadInput otherwise."""
    if protocol.route is None and given is None:
        left = protocol.unsettled.get("route", "its source does not say")
        raise bad(f"{protocol.id} leaves the route open ({left})", "--route", "Choose it, like --route im.")
    if protocol.route is not None and given not in (None, protocol.route):
        raise bad(
            f"{protocol.id} gives its dose by {protocol.route}, not by {given}",
            "--route",
            "Leave the route out; a dose does not carry over to another.",
        )
    return protocol.route or given or ""


def session(
    protocol: Protocol, route: str, mg: Decimal, tables: Tables, at_h: float = 0.0
) -> tuple[Dose, ...]:
    """One session of this dose, nasal ones as devices."""
    over = float(protocol.over_min or 0)
    dose = Dose(at_h, drug_of(protocol), route, float(mg), over)
    return tuple(split_devices(dose, tables.routes[dose.way]))
