"""Limits of belief for measured values, so that slips of the hand are caught where they are typed."""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache

import msgspec

from lowtide.data import read
from lowtide.problems import Problem


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Inclusive limits of a quantity in its unit."""

    label: str
    unit: str
    low: Decimal
    high: Decimal
    source: str
    verified: bool
    mend: str


@cache
def limits() -> dict[str, Limits]:
    return read.toml("plausibility.toml", dict[str, Limits])


def implausible(quantity: str, value: Decimal | int) -> Iterator[Problem]:
    """The problem with `value`, if it lies outside what can be believed of `quantity`.

    A quantity without limits is itself a problem: every measured value has some.
    """
    known = limits().get(quantity)
    if known is None:
        yield Problem(f"unknown quantity “{quantity}”", quantity, f"Known are: {', '.join(limits())}.")
    elif not known.low <= value <= known.high:
        yield Problem(
            f"{known.label} {value} {known.unit}".rstrip() + f" is outside {known.low} to {known.high}",
            quantity,
            known.mend,
        )
