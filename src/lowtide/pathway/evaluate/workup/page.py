"""The work-up as a page shows it: a row a test, what is open first, with its owner and how it is recorded (pure)."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from lowtide.data import workup
from lowtide.pathway.evaluate.deciding.origins import Origin
from lowtide.pathway.evaluate.deciding.page import ask
from lowtide.pathway.evaluate.workup.state import Line, State
from lowtide.people.roles import ROLES

SHOWN = {
    State.MISSING: ("hold", "Missing"),
    State.OLD: ("hold", "Out of date"),
    State.UNSETTLED: ("unknown", "Open"),
    State.DONE: ("clear", "Done"),
    State.NOT_NEEDED: ("note", "Not needed"),
}
"""How a state is shown, and the order of the rows."""


def rows(found: Iterable[Line], origins: Mapping[str, Origin], on: date) -> list[dict[str, Any]]:
    """What is open first, then what is done, then what is not needed; within these the order of the table."""
    ordered = sorted(found, key=lambda line: list(SHOWN).index(line.state))
    return [_row(line, origins.get(line.test.item), on) for line in ordered]


def _row(line: Line, origin: Origin | None, on: date) -> dict[str, Any]:
    level, word = SHOWN[line.state]
    test = line.test
    return {
        "key": test.key,
        "label": line.label[:1].upper() + line.label[1:],
        "level": level,
        "word": word,
        "is_open": line.is_open,
        "why": _why(line),
        "last": f"{line.value}, " if line.value and origin else line.value,
        "origin": str(origin) if origin else "" if line.value else "nothing on record",
        "counts": _counts(line, on),
        "verified": line.limit.verified,
        "number": test.limit or f"workup:{test.key}",
        "owner": ROLES[test.owner].label,
        "how": test.how,
        "asks": [ask(item) for item in line.asks],
        "rule": test.rule,
        "order": test.order,
        "recordable": line.state is not State.NOT_NEEDED,
    }


def _why(line: Line) -> str:
    if line.state is State.NOT_NEEDED:
        return f"Not needed: {line.test.otherwise or 'the rule does not speak of this request'}."
    if line.state is State.UNSETTLED:
        return "Nobody has said whether it is needed."
    return f"{line.test.because[:1].upper()}{line.test.because[1:]}."


def _counts(line: Line, on: date) -> str:
    """How long it counts, and until when where that is known."""
    days = f"{line.limit.days} day{'' if line.limit.days == 1 else 's'}"
    if line.until is None or line.state is State.NOT_NEEDED:
        return f"counts {days}"
    if line.state is State.OLD:
        return f"counted {days}, until {line.until:%-d %b %Y}"
    return f"counts {days}, until {line.until:%-d %b %Y}"


def tally(found: Iterable[Line]) -> str:
    """How many of those needed are in."""
    needed = [line for line in found if line.state is not State.NOT_NEEDED]
    done = sum(line.state is State.DONE for line in needed)
    return f"{done} of {len(needed)} in and current"


def to_order(found: Iterable[Line]) -> dict[str, list[Line]]:
    """What a laboratory is asked for, by what it is made on."""
    asked = [line for line in found if line.is_open and line.test.order]
    by_kind = {words: [i for i in asked if i.test.kind == kind] for kind, words in workup.KINDS.items()}
    return {words: lines for words, lines in by_kind.items() if lines}
