"""Recording one test of the work-up: as a result for review, an answer of the history, or a weight."""

from collections.abc import Iterator
from datetime import datetime, time
from decimal import Decimal
from typing import Any

import msgspec

from lowtide.data import intake
from lowtide.data.observations import table
from lowtide.data.workup import Test
from lowtide.pathway.evaluate.asking.actions import Act
from lowtide.people.retry import append
from lowtide.problems import bad
from lowtide.record.dates import earliest
from lowtide.record.entries.base import Answer, Body, Draft, Entry
from lowtide.record.entries.history import HistoryItem, Measurement, Result

NO_LIMIT = {Answer.YES: Answer.NOT_KNOWN, Answer.NO: Answer.NO, Answer.NOT_KNOWN: Answer.NOT_KNOWN}
"""How a value without a limit is called where the whole panel was: out of range says it of none in particular."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody saw of a test: the day it was made (as far as it is known), and what it said."""

    on: str
    value: str = ""
    abnormal: Answer = Answer.NOT_KNOWN
    parts: tuple[tuple[str, Decimal, Decimal | None], ...] = ()


def record(act: Act, test: Test, seen: Seen) -> list[Entry]:
    """One entry in the chart, of a panel one a value, the day of the test with it. Raises BadInput for a value the item
    cannot have."""
    bodies = list(_panel(test, seen)) if test.panel else [_body(test, seen)]
    return append([_draft(act, body, seen.on, which) for which, body in enumerate(bodies)], now=act.now)


def _draft(act: Act, body: Body, on: str, which: int) -> Draft:
    at = _first_instant(act, on) if isinstance(body, Result | Measurement) else act.now
    return act.draft(body, str(which) if which else "", min(at, act.now))


def _panel(test: Test, seen: Seen) -> Iterator[Body]:
    """Each value as a result of its own, judged by its limit alone; what was said in words as one more.

    Where the whole was called out of range and no value lies beyond its limit, every value is called so.
    """
    beyond = any(limit is not None and value > limit for _, value, limit in seen.parts)
    called = Answer.YES if seen.abnormal is Answer.YES and not beyond and not seen.value else Answer.NOT_KNOWN
    for name, value, limit in seen.parts:
        within = NO_LIMIT[seen.abnormal] if limit is None else Answer.YES if value > limit else Answer.NO
        yield Result(
            label=table().result[name].label,
            test=name,
            value=value,
            unit=table().result[name].unit,
            reference_high=limit,
            abnormal=called if called is Answer.YES else within,
            dated=seen.on,
        )
    if seen.value:
        label = intake.items()[test.item].label
        yield Result(label=label, test=test.key, text=seen.value, abnormal=seen.abnormal, dated=seen.on)


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
        item=test.item,
        answer=Answer.YES,
        value=value,
        date=seen.on,
        detail=_detail(test, seen),
        abnormal=seen.abnormal,
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
