"""One quantity told twice in one message for one instant, with different numbers: which of them is charted.

Two probes, or two ways to count breaths, measure one quantity twice, and a median over both was measured by neither: the first
row speaks, and the other keeps its flag. Of a pump's two rates or volumes nobody can tell which is the dose's: none of them
is charted.
"""

from collections.abc import Iterable

import msgspec

from lowtide.exchange.hl7v2.channels import POURS
from lowtide.exchange.hl7v2.messages import Fault
from lowtide.exchange.hl7v2.values import TWICE, Value

DOUBT = "it tells a rate or a volume twice, with different numbers: those are not charted"


def once(values: Iterable[Value]) -> tuple[list[Value], list[Fault]]:
    """The values, those that are not charted for this reason flagged; and that in words."""
    found = list(values)
    rows: dict[object, list[Value]] = {}
    for value in found:
        if value.chartable:
            rows.setdefault((value.lowtide, value.at, "arterial" in value.flags), []).append(value)
    differing = [each for each in rows.values() if len({value.value for value in each}) > 1]
    aside = {id(value) for each in differing for value in each if _is_aside(value, each[0])}
    return [_flagged(v) if id(v) in aside else v for v in found], [_said(each) for each in differing]


def is_flow(value: Value) -> bool:
    """Whether it is a pump's rate or volume that another one speaks against."""
    return TWICE in value.flags and value.lowtide in POURS


def _is_aside(value: Value, first: Value) -> bool:
    return value.lowtide in POURS or value.value != first.value


def _flagged(value: Value) -> Value:
    return msgspec.structs.replace(value, flags=(*value.flags, TWICE))


def _said(each: list[Value]) -> Fault:
    numbers = " and ".join(dict.fromkeys(f"{value.value:f}" for value in each))
    charted = "none of them" if each[0].lowtide in POURS else "the first"
    what = f"{each[0].lowtide} is told more than once for one instant, {numbers}: {charted} is charted"
    return Fault("OBX-5", what, "103")
