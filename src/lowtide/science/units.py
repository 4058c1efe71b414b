"""Quantities as people write them (“0.5 mg/kg”, “40min”, “50mg/mL”, “154 lb”), read into exact decimals.

The unit is part of every quantity: a bare number is refused wherever a wrong guess could change a dose.
Only plain decimal numbers are read; a comma, an exponent or a naked leading point is refused, because each
of them has caused tenfold errors. Of a field of a form, which shows what it took, `with_point` reads a decimal comma.

A number of a million or more, or finer than a millionth, is refused too: no quantity here is so large or so fine, and
within those bounds the exact arithmetic of a dose sheet fits the 28 digits it is done in.
"""

import re
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from lowtide.problems import BadInput, bad

KG_PER_LB = Decimal("0.45359237")  # exact by definition: NIST SP 811, appendix B.8
SCALE_STEP_KG, SCALE_DECIMALS = Decimal("0.1"), 2
WHOLE_DIGITS, DECIMALS = 6, 6
TENTH = Decimal("0.1")
FINER = ((1, Decimal("0.001")), (10, Decimal("0.01")))  # below this a mass or volume is shown in these steps

QUANTITY = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([a-z/]*)\s*", re.IGNORECASE | re.ASCII)
COMMA = re.compile(r"\s*([+-]?[0-9]+),([0-9]+)\s*", re.ASCII)
THOUSANDS = re.compile(r"\s*[+-]?[1-9][0-9]{0,2},[0-9]{3}\s*", re.ASCII)
MINUTES_PER = {"min": 1, "h": 60, "d": 1440}


class Dose(msgspec.Struct, frozen=True):
    """An amount of drug in mg, mg/kg, mg/h or mg/kg/h, as ordered."""

    value: Decimal
    per_kg: bool = False
    per_h: bool = False

    def __str__(self) -> str:
        return f"{plain(self.value)} mg{'/kg' * self.per_kg}{'/h' * self.per_h}"


def dose(text: str, where: str = "dose") -> Dose:
    """“0.5 mg/kg”, “35 mg”, “22 mg/h” or “0.35mg/kg/h”. A number without a unit is refused."""
    value, unit = _quantity(text, where, "0.5 mg/kg")
    if unit not in ("mg", "mg/kg", "mg/h", "mg/kg/h"):
        raise _unit(text, where, "mg, mg/kg, mg/h or mg/kg/h", "0.5 mg/kg")
    return Dose(value, per_kg="/kg" in unit, per_h=unit.endswith("/h"))


def minutes(text: str, where: str = "duration") -> Decimal:
    """“40min”, “2h” or “3d” in minutes."""
    value, unit = _quantity(text, where, "40min")
    if unit not in MINUTES_PER:
        raise _unit(text, where, "min, h or d", "40min")
    return value * MINUTES_PER[unit]


def strength_mg_per_ml(text: str, where: str = "vial") -> Decimal:
    """“50mg/mL” in mg/mL."""
    return _in("mg/mL", text, where, "50mg/mL")


def volume_ml(text: str, where: str = "volume") -> Decimal:
    """“50mL” in mL."""
    return _in("mL", text, where, "50mL")


def rate_ml_per_h(text: str, where: str = "rate") -> Decimal:
    """“0.1mL/h” in mL/h."""
    return _in("mL/h", text, where, "0.1mL/h")


def weight_kg(text: str, where: str = "weight", *, bare_is_kg: bool = False) -> Decimal:
    """A body weight in kg. Pounds become their exact product, 69.85322498 kg for 154 lb: a dose rests on it and is
    rounded once, at its end. `on_scale` is the weight as it is shown.

    `bare_is_kg` is for a field that says kg beside it; from a device a number without unit is refused.
    """
    value, unit = _quantity(text, where, "70 kg")
    if unit in ("lb", "lbs"):
        return value * KG_PER_LB
    if unit == "kg" or (bare_is_kg and not unit):
        return value
    raise _unit(text, where, "kg or lb", "70 kg")


def on_scale(kg: Decimal) -> Decimal:
    """A weight for reading: finer than any scale tells it, it is shown to 0.1 kg, so 154 lb is 69.9 kg; never for a dose."""
    fine = kg != round(kg, SCALE_DECIMALS)
    return kg.quantize(SCALE_STEP_KG, ROUND_HALF_UP) if fine else kg


def count(text: str, where: str) -> Decimal:
    """A number that has no unit, such as the drops per mL of a gravity set."""
    value, unit = _quantity(text, where, "20")
    if unit:
        raise bad(f"“{text}” is not a bare number", where, "Write it like “20”.")
    return value


def with_point(text: str, where: str = "value") -> str:
    """“0,9” as “0.9”. A comma that may as well part thousands is asked about; all else stays as it was written."""
    if THOUSANDS.fullmatch(text):
        point, none = text.strip().replace(",", "."), text.strip().replace(",", "")
        raise bad(
            f"“{text.strip()}” can mean {point} and {none}", where, "Write it with a point, or without."
        )
    return COMMA.sub(r"\1.\2", text) if COMMA.fullmatch(text) else text


def amount(value: Decimal) -> Decimal:
    """A mass or volume that was worked out, as it is shown: to a tenth, below 10 to a hundredth, below 1 to a thousandth,
    half up; the one rule for screen, paper and tablet (decision note 83)."""
    step = next((step for below, step in FINER if abs(value) < below), TENTH)
    return value.quantize(step, ROUND_HALF_UP)


def plain(value: Decimal) -> str:
    """The decimal as people write it: no exponent, no trailing zeros."""
    return format(value.normalize(), "f")


def _in(unit: str, text: str, where: str, example: str) -> Decimal:
    value, given = _quantity(text, where, example)
    if given != unit.lower():
        raise _unit(text, where, unit, example)
    return value


def _quantity(text: str, where: str, example: str) -> tuple[Decimal, str]:
    found = QUANTITY.fullmatch(text)
    if found is None:
        raise bad(f"cannot read “{text}”", where, f"Write it like “{example}”.")
    whole, _, decimals = found[1].partition(".")
    if len(whole.lstrip("0")) > WHOLE_DIGITS or len(decimals.rstrip("0")) > DECIMALS:
        limits = f"Give a number below {10**WHOLE_DIGITS:,} with at most {DECIMALS} decimals"
        raise bad(f"“{text}” cannot be meant", where, f"{limits}, like “{example}”.")
    value = Decimal(found[1])
    if not value:
        raise bad(f"“{text}” is not above zero", where, f"Write it like “{example}”.")
    return value, found[2].lower()


def _unit(text: str, where: str, units: str, example: str) -> BadInput:
    return bad(f"“{text}” has no unit that fits here", where, f"Give it in {units}, like “{example}”.")
