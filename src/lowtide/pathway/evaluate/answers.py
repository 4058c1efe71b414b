"""Whether an answer is one that its item can have."""

from typing import Any

from lowtide.data import intake
from lowtide.data.expression import Span
from lowtide.problems import bad

Value = bool | float | str | frozenset[str] | Span
"""A Span is a number known only to lie between two, such as an age from a partial date of birth."""


def checked(item: intake.Item, value: Any, where: str) -> Value | None:
    """The answer as the rules compare it; None when it says nothing. Raises BadInput naming `where`."""
    if value is None or (isinstance(value, str) and intake.says_nothing(value)):
        return None
    match item.kind:
        case "yes_no" | "medicine" | "allergy":
            return _yes_no(value, where)
        case "condition":
            return _presence(value, where)
        case "number":
            return _number(item, value, where)
        case "choice":
            return _choice(item, value, where)
        case "several":
            return _several(value, where)
        case _:
            return _word(value, where)


def _yes_no(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise bad(f"{value!r} is neither yes nor no", where, "Give true, false or null.")
    return value


def _presence(value: Any, where: str) -> str:
    words = {True: "active", False: "never", "active": "active", "past": "past", "never": "never"}
    if not isinstance(value, bool | str) or value not in words:
        raise bad(f"{value!r} does not say whether it is present", where, "Answer active, past or never.")
    return words[value]


def _number(item: intake.Item, value: Any, where: str) -> float | Span:
    if isinstance(value, Span):
        return Span(_one_number(item, value.low, where), _one_number(item, value.high, where))
    return _one_number(item, value, where)


def _one_number(item: intake.Item, value: Any, where: str) -> float:
    low, high = item.min or 0, item.max
    wanted = f"Give a number from {low:g} to {high:g} ({item.unit}), or null."
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise bad(f"{value!r} is not a number", where, wanted)
    if high is None or not low <= value <= high:
        raise bad(f"{value!r} is outside what is possible", where, wanted)
    return value


def _choice(item: intake.Item, value: Any, where: str) -> str:
    found = [
        choice
        for choice in item.choices
        if isinstance(value, str) and choice.lower() == value.strip().lower()
    ]
    if not found:
        raise bad(f"{value!r} is not a choice", where, f"Use one of: {', '.join(item.choices)}, or null.")
    return found[0]


def _several(value: Any, where: str) -> frozenset[str]:
    if not isinstance(value, list | tuple | frozenset) or not all(isinstance(word, str) for word in value):
        raise bad(
            f"{value!r} is not a list of words",
            where,
            "Give a list of words, empty if there are none, or null.",
        )
    return frozenset(word.strip().lower() for word in value)


def _word(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise bad(f"{value!r} is not text", where, "Give text or null.")
    return value.strip().lower()
