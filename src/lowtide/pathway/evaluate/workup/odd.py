"""What of a typed laboratory panel is looked at twice: a value hardly anybody has, or one that was called otherwise (pure)."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from lowtide.data import longterm
from lowtide.data.laboratory import laboratory
from lowtide.data.observations import table
from lowtide.record.entries.base import Answer
from lowtide.science.units import plain

Part = tuple[str, Decimal, Decimal | None]


def odd(parts: Iterable[Part], called: Answer) -> Iterator[str]:
    """One sentence for each thing that does not fit."""
    for name, value, limit in parts:
        known = table().result[name]
        told = f"{known.label} {plain(value)} {known.unit}"
        believed = laboratory().value.get(name)
        if believed and not believed.low <= value <= believed.high:
            span = f"{plain(believed.low)} to {plain(believed.high)}"
            yield f"{told} lies outside {span}. {believed.mend}"
        elif called is Answer.NO and (why := _contradicts(name, value, limit)):
            yield f"{told} was called in range, and lies above {why}."


def _contradicts(name: str, value: Decimal, limit: Decimal | None) -> str:
    """The limit that a value called in range lies above; empty where it does not."""
    if limit is not None:
        return f"the limit of {plain(limit)} that was entered beside it" if value > limit else ""
    assumed, times = longterm.numbers().get(f"upper_limit_{name}"), laboratory().in_range.times
    if assumed is None or value <= Decimal(assumed.value) * times:
        return ""
    return f"{plain(times)} times the usual upper limit of {plain(Decimal(assumed.value))}"
