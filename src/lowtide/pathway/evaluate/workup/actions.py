"""Recording one test of the work-up: as a result for review, an answer of the history, or a weight."""

from datetime import datetime, time
from decimal import Decimal
from typing import Any

import msgspec

from lowtide.data import intake
from lowtide.data.workup import Test
from lowtide.pathway.evaluate.asking.actions import Act
from lowtide.people.retry import append
from lowtide.problems import bad
from lowtide.record.dates import earliest
from lowtide.record.entries.base import Answer, Body, Entry
from lowtide.record.entries.history import HistoryItem, Measurement, Result


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody saw of a test: the day it was made (as far as it is known), and what it said."""

    on: str
    value: str = ""
    abnormal: Answer = Answer.NOT_KNOWN


def record(act: Act, test: Test, seen: Seen) -> Entry:
    """One entry in the chart, the day of the test with it. Raises BadInput for a value the item cannot have."""
    body = _body(test, seen)
    at = _first_instant(act, seen.on) if isinstance(body, Result | Measurement) else act.now
    return append([act.draft(body, at=min(at, act.now))], now=act.now)[0]


def _first_instant(act: Act, on: str) -> datetime:
    """When it was made, as far as it is known: today is now."""
    if on == act.now.astimezone(act.zone).date().isoformat():
        return act.now
    return datetime.combine(earliest(on), time(), act.zone)


def _body(test: Test, seen: Seen) -> Body:
    label = intake.items()[test.item].label
    match test.records:
        case "result":
            return Result(label=label, test=test.key, text=seen.value, abnormal=seen.abnormal, dated=seen.on)
        case "weight":
            return Measurement(quantity=test.item, value=_number(test, seen.value), dated=seen.on)
        case "number":
            return _answer(test, seen, str(_number(test, seen.value)))
        case "choice":
            return _answer(test, seen, seen.value)
        case _:
            return _answer(test, seen, None)


def _answer(test: Test, seen: Seen, value: str | None) -> HistoryItem:
    return HistoryItem(
        item=test.item, answer=Answer.YES, value=value, date=seen.on, detail=_detail(test, seen)
    )


def _detail(test: Test, seen: Seen) -> str | None:
    """What was noted where the item itself takes no value."""
    return seen.value or None if test.records == "done" else None


def _number(test: Test, text: Any) -> Decimal:
    item = intake.items()[test.item]
    value = Decimal(str(text))
    low, high = Decimal(str(item.min or 0)), Decimal(str(item.max))
    if not low <= value <= high:
        raise bad(
            f"{text} {item.unit} is outside what is possible", "value", f"Give a number from {low} to {high}."
        )
    return value
