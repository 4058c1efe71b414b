"""Values in the words of a finding."""

import math
from collections.abc import Mapping
from string import Formatter
from typing import Any

from lowtide.data.expression import Span
from lowtide.data.policies import Number
from lowtide.record.entries.words import brief


def told(label: str, value: Any, unit: str) -> str:
    """A labelled value as a person reads it: “systolic pressure 162 mmHg”."""
    figure = plain(value)
    return " ".join(part for part in (label, figure, unit if figure and unit != "points" else "") if part)


def filled(text: str, numbers: Mapping[str, Number]) -> str:
    """A row's sentence with the policy's numbers in the places of their names."""
    named = {name for _, name, _, _ in Formatter().parse(text) if name}
    return text.format_map({name: plain(numbers[name].value) for name in named})


def plain(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case Span(low=low, high=high):
            return (
                f"{low:g}"
                if low == high
                else f"at least {low:g}"
                if math.isinf(high)
                else f"{low:g} to {high:g}"
            )
        case int() | float():
            return brief(value)
        case frozenset() | tuple():
            return ", ".join(sorted(value))
    return str(value)
