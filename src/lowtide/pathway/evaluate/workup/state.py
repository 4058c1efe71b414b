"""The work-up of one person on one day: each test with what is known of it, and whether that still counts (pure)."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import msgspec

from lowtide.data import expression, intake, workup
from lowtide.data import rules as tables
from lowtide.data.expression import UNKNOWN
from lowtide.data.policies import Number, Policy
from lowtide.data.workup import Test
from lowtide.pathway.evaluate.facts import Facts, Requested
from lowtide.pathway.evaluate.lookup import Asked, days_ago
from lowtide.pathway.evaluate.words import told

NOTHING = Requested("", "", "")


class State(StrEnum):
    DONE = "done"
    OLD = "out of date"
    MISSING = "missing"
    UNSETTLED = "not known if needed"
    NOT_NEEDED = "not needed"


class Limit(msgspec.Struct, frozen=True):
    """How long a result counts, and whether a source says so."""

    days: int
    verified: bool


class Line(msgspec.Struct, frozen=True):
    """One test as it stands. `age_days` is the oldest it can be; `until` the last day on which it counts."""

    test: Test
    state: State
    limit: Limit
    value: str = ""
    age_days: int | None = None
    until: date | None = None
    asks: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return intake.items()[self.test.item].label

    @property
    def is_open(self) -> bool:
        return self.state in (State.OLD, State.MISSING)


def lines(facts: Facts, requested: Requested | None, policy: Policy, on: date) -> list[Line]:
    """Every test of the table, judged on a day. Without a request, each rule is taken to speak of it."""
    numbers = policy.numbers()
    asked = Asked(facts, _words(requested), numbers, on)
    return [_line(test, facts, requested, asked, numbers) for test in workup.tests().values()]


def _words(requested: Requested | None) -> Mapping[str, Any]:
    words = {name: getattr(requested or NOTHING, name) or None for name in ("indication", "product", "route")}
    return words | {"no_inclusion_rule": None, "setting": requested.setting if requested else None}


def _line(
    test: Test, facts: Facts, requested: Requested | None, asked: Asked, numbers: Mapping[str, Number]
) -> Line:
    limit = _limit(test, numbers)
    needed = expression.answer(test.when, asked) if test.when else expression.Found(True)
    rule = tables.rules()[test.rule]
    spoken = requested is None or rule.applies_to.includes(
        requested.indication, requested.product, requested.route
    )
    if not spoken or needed.value is False:
        return _known(Line(test, State.NOT_NEEDED, limit), facts, asked.on)
    if needed.value is UNKNOWN:
        return Line(test, State.UNSETTLED, limit, asks=needed.lacks)
    return _known(Line(test, State.DONE, limit), facts, asked.on)


def _limit(test: Test, numbers: Mapping[str, Number]) -> Limit:
    """The policy's number where the table names one."""
    if not test.limit:
        return Limit(test.max_age_days or 0, test.verified)
    number = numbers[test.limit]
    assert isinstance(number.value, int | float), test.limit
    return Limit(int(number.value), number.verified)


def _known(line: Line, facts: Facts, on: date) -> Line:
    """The line with what is on record of the test. A result of which nobody knows the day does not count as current."""
    value, taken = facts.values.get(line.test.item), facts.taken.get(line.test.item)
    state = line.state
    if value is None or value is False:
        return msgspec.structs.replace(line, state=State.MISSING if state is State.DONE else state)
    item = intake.items()[line.test.item]
    said = "" if value is True else told("", value, item.unit)
    if taken is None:
        old = State.OLD if state is State.DONE else state
        return msgspec.structs.replace(line, state=old, value=said)
    age = int(days_ago(taken, on).high)
    until = on + timedelta(days=line.limit.days - age)
    if state is State.DONE and age > line.limit.days:
        state = State.OLD
    return msgspec.structs.replace(line, state=state, value=said, age_days=age, until=until)
