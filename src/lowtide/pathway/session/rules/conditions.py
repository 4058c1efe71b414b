"""What one condition of a rule makes of values, and which of two values is the worse (pure)."""

from collections.abc import Mapping
from decimal import Decimal

from lowtide.data.chair import chair
from lowtide.data.monitoring import Condition, Item, Trigger
from lowtide.pathway.session.rules.readings import Value

COUNTS_DOWN = frozenset({"vtbi_ml"})  # what is left to be infused is another number each minute
Values = Mapping[str, Value]


def met(condition: Condition, values: Values) -> bool | None:
    """Whether one condition is met; None when its value is not known."""
    value = values.get(condition.value)
    if value is None:
        return None
    if condition.holds is not None:
        return value is condition.holds
    return (
        (condition.above is None or value > condition.above)
        and (condition.at_least is None or value >= condition.at_least)
        and (condition.below is None or value < condition.below)
        and (condition.at_most is None or value <= condition.at_most)
    )


def is_worse(item: Item, values: Values, answered: Values) -> bool:
    """A value that crosses is further beyond its bound than the answered one, by more than the clinic's share; or, of what
    either holds or not, another value than the answered one."""
    conditions = [c for all_ in (item.trigger.alternatives if item.trigger else ()) for c in all_]
    return any(_further(c, values, answered) for c in conditions if c.holds is None) or (
        any(c.holds is not None for c in conditions)
        and any(
            name in answered and values[name] != answered[name]
            for name in item.values
            if name in values and name not in COUNTS_DOWN
        )
    )


def excess(trigger: Trigger, values: Values) -> Decimal:
    """How far beyond the bounds that it crosses, as a share of each, the furthest counts."""
    shares = [Decimal(0)]
    for condition in (c for each in trigger.alternatives for c in each):
        bound = next(
            (b for b in (condition.above, condition.at_least, condition.below, condition.at_most) if b), None
        )
        value = values.get(condition.value)
        if bound is not None and value is not None and met(condition, values):
            shares.append(abs(Decimal(value) - bound) / abs(bound))
    return max(shares)


def _further(condition: Condition, values: Values, answered: Values) -> bool:
    now, before = values.get(condition.value), answered.get(condition.value)
    if now is None or before is None or not met(condition, values):
        return False
    low = condition.above is None and condition.at_least is None
    apart = Decimal(before) - now if low else Decimal(now) - before
    return apart > abs(Decimal(before)) * chair().numbers["worse_pct"].value / 100
