"""The value of one row: the number, in Lowtide's unit, with a flag for each reason not to chart it as it stands."""

import re
from collections.abc import Container, Mapping
from decimal import Decimal

import msgspec

from lowtide.data import monitors
from lowtide.data.monitors import Unit
from lowtide.exchange.hl7v2.messages import Segment, unescaped

_NUMBER = re.compile(r"[+-]?(?:\d{1,15}(?:\.\d{0,12})?|\.\d{1,12})", re.ASCII)
_COMPARED = re.compile(r"(<=|>=|<>|<|>|=)?\s*(.*)", re.DOTALL)
NUMBERS = ("NM", "SN", "")
CODED = ("CE", "CWE", "CNE", "CF")


class Measured(msgspec.Struct, frozen=True):
    """What a row says: a number or a text, its unit, and flags. `known` is false where the unit is not the quantity's."""

    value: Decimal | str | None
    unit: str | None
    flags: tuple[str, ...] = ()
    known: bool = True


def measured(row: Segment, quantity: str | None, weight_kg: Decimal | None) -> Measured:
    """The row's value. `weight_kg` is the one programmed at the pump, for doses told per kilogram."""
    value, flags = _value(row, quantity)
    flags += _states(row)
    if quantity is not None and row.marks.repetition in row.field(5):
        flags += ("several_values",)  # nobody knows which of them it is
    if quantity is None or not isinstance(value, Decimal):
        return Measured(value, _unit_as_sent(row), flags)
    if value in monitors.monitors().sentinels.values:
        return Measured(value, _unit_as_sent(row), (*flags, "sentinel"))
    return _in_unit(row, quantity, value, weight_kg, flags)


def number(text: str) -> Decimal | None:
    """The text as HL7's NM, which knows no exponent, no NaN and no thousands; None for anything else."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _value(row: Segment, quantity: str | None) -> tuple[Decimal | str | None, tuple[str, ...]]:
    kind, text = row.field(2).upper(), row.component(5)
    if kind == "SN" and row.field(5) not in ("", '""'):
        return _structured(row)
    if not row.field(5) or text == "":
        return (row.component(5, 2) or None if quantity is None else None), (("empty",) if quantity else ())
    if kind not in NUMBERS and quantity is None:
        return (row.component(5, 2) if kind in CODED else "") or unescaped(row.field(5), row.marks), ()
    sign, rest = _COMPARED.fullmatch(text).groups() if quantity else ("", text)  # type: ignore[union-attr]
    found = number(rest.strip())
    if found is None:
        return (None, ("not_a_number",)) if quantity or kind == "NM" else (text, ())
    untyped = ("untyped",) if not kind else ()
    return found, (*untyped, *(("compared",) if sign and sign != "=" else ()))


def _structured(row: Segment) -> tuple[Decimal | None, tuple[str, ...]]:
    """SN: comparator, number, separator, number; a range or a ratio is no single number."""
    sign, told = row.component(5), row.component(5, 2)
    found = number(told or sign)
    if found is None or row.component(5, 3):
        return None, ("not_a_number",)
    return found, ("compared",) if told and sign not in ("", "=") else ()


def _states(row: Segment) -> tuple[str, ...]:
    """What the device itself says of the measurement; a word that nobody knows is no recommendation."""
    status = monitors.monitors().status
    words = row.field(8).replace("~", "^").replace("&", "^").split("^")
    found = [_state(word, status.measurement, status.measurement_fine) for word in words]
    found.append(_state(row.component(11), status.result, status.result_fine))
    return tuple(dict.fromkeys(flag for flag in found if flag))


def _state(word: str, flags: Mapping[str, str], fine: Container[str]) -> str | None:
    said = word.strip().upper()
    return flags.get(said, None if not said or said in fine else "state_not_known")


def _unit_as_sent(row: Segment) -> str | None:
    return next((text for text in (row.component(6, at) for at in (4, 5, 2, 1)) if text), None)


def _in_unit(
    row: Segment, quantity: str, value: Decimal, weight_kg: Decimal | None, flags: tuple[str, ...]
) -> Measured:
    wanted = monitors.monitors().quantity[quantity].unit
    given = [text for text in (row.component(6, at) for at in range(1, 6)) if text]
    rows = (monitors.units().get(text.casefold()) for text in given)
    unit = next((found for found in rows if found and found.unit == wanted), None)
    if unit is None or (unit.per_kg and weight_kg is None):
        why = "unit_missing" if not given else "unit_not_known" if unit is None else "weight_not_known"
        return Measured(value, _unit_as_sent(row), (*flags, why), known=False)
    if not unit.as_sent:
        value = _converted(value, unit, weight_kg)
        flags = (*flags, "converted")
    if not monitors.believable(quantity, value):
        flags = (*flags, "out_of_range")
    return Measured(value, wanted, flags)


def _converted(value: Decimal, unit: Unit, weight_kg: Decimal | None) -> Decimal:
    per = weight_kg if unit.per_kg and weight_kg is not None else Decimal(1)
    return ((value + unit.offset) * unit.factor / unit.divisor * per).quantize(
        Decimal("0.001")
    ).normalize() + 0
