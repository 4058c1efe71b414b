"""Three doses on the same axes: the protocol's and the steps beside it, each with its forecast, how many of a hundred
would cross the clinic's limits, and when the criteria for leaving are likely met. It shows, and picks nothing.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache

import msgspec

from lowtide.data import pharmacology
from lowtide.data.dosing import Dosing
from lowtide.data.forecast import numbers, version
from lowtide.data.monitoring import Item, items
from lowtide.data.protocols import Amount, Protocol, protocol
from lowtide.pathway.plan import forecasting
from lowtide.pathway.plan.dose import planned_dose
from lowtide.record.entries.forecast import Forecast, ForecastFor
from lowtide.science.units import plain


class Option(msgspec.Struct, frozen=True):
    """One step: the dose in the protocol's unit, the mg it means here before any cap, and what is to be said of it."""

    dose: str
    mg: Decimal
    note: str
    chosen: bool


class Counted(msgspec.Struct, frozen=True):
    """Of a hundred people, as a median with its band over what is not known."""

    median: float
    low: float
    high: float


class Chance(msgspec.Struct, frozen=True):
    """One limit of the clinic, and for each option how many of a hundred cross it; `why` where it cannot be said."""

    rule: str
    words: str
    verified: bool
    counted: tuple[Counted, ...]
    why: str = ""


class Ready(msgspec.Struct, frozen=True):
    """Minutes from the start until the criteria for leaving are likely met; None where not within the hours followed.
    `observed`: until then the patient is watched whatever is predicted."""

    median: float | None
    low: float | None
    high: float | None
    observed: float = 0.0

    @property
    def earliest(self) -> float | None:
        """When both hold."""
        return None if self.median is None else max(self.median, self.observed)


class Compared(msgspec.Struct, frozen=True):
    options: tuple[Option, ...]
    forecasts: tuple[Forecast, ...]
    chances: tuple[Chance, ...]
    ready: tuple[Ready, ...]
    criteria: str


def options(planned: Protocol, weight_kg: Decimal, limits: Dosing) -> tuple[Option, ...]:
    """The step below, the protocol's dose and the step above, as far as there are any."""
    if planned.dose is None:
        return ()
    usual = planned.dose.value
    steps = sorted({*planned.dose_steps, usual}) or [usual]
    if len(steps) == 1:
        steps = sorted([usual, *(usual * fraction for fraction in numbers().compare.fractions)])
    place = steps.index(usual)
    return tuple(_options(planned, steps[max(0, place - 1) : place + 2], weight_kg, limits))


def _options(planned: Protocol, steps: list[Decimal], weight_kg: Decimal, limits: Dosing) -> Iterator[Option]:
    assert planned.dose is not None
    for value in steps:
        amount = Amount(value, planned.dose.unit)
        found = planned_dose(msgspec.structs.replace(planned, dose=amount), weight_kg, limits)
        assert found is not None
        chosen = value == planned.dose.value
        held = ", ".join(found.caps.values())
        note = planned.id if chosen else "a step below" if value < planned.dose.value else "a step above"
        if held:
            note = (
                f"{note}, held at {held}"
                if chosen
                else f"{note}, over the ceiling of {held}: cannot be signed"
            )
        mg = found.mg if chosen or not held else found.asked_mg
        yield Option(f"{plain(value)} {amount.unit}", mg, note, chosen)


def compare(
    planned: Protocol, offered: tuple[Option, ...], who: ForecastFor, before: Mapping[str, float]
) -> Compared:
    """Raises BadInput for a dose beyond what the models describe. `before`: the pressures before the dose, in mmHg."""
    made = (pharmacology.version(), version())
    return _cached(planned.id, offered, who, tuple(sorted(before.items())), made)


@lru_cache(maxsize=64)
def _cached(
    protocol_id: str,
    offered: tuple[Option, ...],
    who: ForecastFor,
    before: tuple[tuple[str, float], ...],
    made: tuple[str, str],
) -> Compared:
    # numba and scipy take seconds to load: only who asks for a comparison waits for them
    from lowtide.pathway.plan.comparing_run import chance, ready
    from lowtide.pathway.plan.searching import criteria_text

    chosen = protocol(protocol_id)
    asked = [forecasting.one_dose(who, chosen, option.mg) for option in offered]
    found = tuple(forecasting.forecast(msgspec.structs.replace(one, course_days=())) for one in asked if one)
    rules = [items()[rule] for rule in numbers().compare.limits]
    return Compared(
        options=offered,
        forecasts=found,
        chances=tuple(chance(rule, found, dict(before)) for rule in rules),
        ready=ready(found, dict(before), chosen),
        criteria=criteria_text(),
    )


def limits_of(rule: Item, predicted: frozenset[str]) -> tuple[str, ...]:
    """The lower bounds of a monitoring rule on what is predicted, as a search is asked for them."""
    bounds = [
        either[0] for either in (rule.trigger.when if rule.trigger else ()) if either[0].value in predicted
    ]
    return tuple(
        f"{b.value}>={b.at_least}" if b.at_least is not None else f"{b.value}>{b.above}"
        for b in bounds
        if b.at_least is not None or b.above is not None
    )
