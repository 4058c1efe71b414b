"""Every row beside the rules of candidacy that somebody must answer for, with the numbers in it (pure).

The rows are read from the tables as they are laid here: `pathway/course/in_force.py` asks which of them a clinic has
answered for, and the pages of the rules tell them.
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any

import msgspec

from lowtide.data import (
    chair,
    consent,
    dosing,
    longterm,
    monitoring,
    opening,
    own,
    policies,
    prescreen,
    programs,
    protocols,
    reconciling,
    rescue_doses,
    rules,
    safe,
    schedules,
    titration,
    trials,
    workup,
)  # fmt: skip
from lowtide.pathway.course import approved as keys
from lowtide.pathway.course.approved import Key, row_key


class Answerable(msgspec.Struct, frozen=True, kw_only=True):
    """A row: what an approval names, and where its numbers stand. `table` and `id` lead to it.

    `holds` is what its numbers are in; `at` the way to it in the row that a loader changes.
    """

    table: str
    id: str
    key: Key
    verified: bool
    holds: Any
    row: Any
    joins: str = "/"


class Place(msgspec.Struct, frozen=True):
    """One number of a row: the key of an own value, the way to it, and its value."""

    key: str
    path: tuple[str, ...]
    value: int | float | Decimal


def places(row: Answerable) -> list[Place]:
    """Every number of a row that a clinic may set. A number by itself goes by the key of its row."""
    found = list(own.numbers_in(row.holds))
    if len(found) == 1 and row.table not in ("monitoring", "protocol"):
        path, value = found[0]
        return [Place(row.key[0], path, value)]
    return [Place("/".join((row.key[0], *path)), path, value) for path, value in found]


def answerables() -> tuple[Answerable, ...]:
    """The rows as they are laid here."""
    here = own.laid()
    return _answerables(here.values, here.settled, here.policy)


@lru_cache(maxsize=32)
def _answerables(*_laid: Any) -> tuple[Answerable, ...]:
    return tuple(_every())


def _every() -> Iterator[Answerable]:
    yield from _protocols()
    yield from _dosing()
    yield from _monitoring()
    yield from _chair()
    yield from _rescue()
    yield from _safe()
    yield from _schedules()
    yield from _workup()
    yield from _trials()
    yield from _others()
    yield from _longterm()


def _protocols() -> Iterator[Answerable]:
    for one in protocols.every().values():
        for field in protocols.open_fields(one):
            yield Answerable(
                table="protocol",
                id=f"{one.id}-{field}",
                key=keys.field_key(one, field),
                verified=False,
                holds=getattr(one, field),
                row=one,
            )


def _dosing() -> Iterator[Answerable]:
    limits = dosing.dosing(own.laid().policy)
    for name, number in dosing.numbers().items():
        value = getattr(limits, name)
        key = keys.dosing_key(name, value)
        yield _row("dosing", name, key, number.verified, value, number)


def _monitoring() -> Iterator[Answerable]:
    for item in monitoring.items().values():
        sure = item.verified and not item.unverified
        holds = {"trigger": item.trigger, "frequency": item.frequency}
        yield _row("monitoring", item.id, keys.item_key(item), sure, holds, item)


def _chair() -> Iterator[Answerable]:
    for name, number in chair.chair().numbers.items():
        yield _row("chair", name, keys.chair_key(name, number), number.verified, number.value, number)


def _rescue() -> Iterator[Answerable]:
    for name, both in rescue_doses.bounds().items():
        for which in ("usual", "never"):
            key = row_key("rescue", f"{name}/{which}", getattr(both, which), True)
            yield _row("rescue", f"{name}/{which}", key, both.is_settled(which), getattr(both, which), both)


def _safe() -> Iterator[Answerable]:
    for name, number in safe.numbers().items():
        yield _row(
            "safe", name, row_key("safe", name, number.value, True), number.verified, number.value, number
        )


def _schedules() -> Iterator[Answerable]:
    for rule in schedules.rules().values():
        yield _row("due", rule.rule_id, keys.due_key(rule), rule.verified, rule.hours, rule)
    for name, limit in schedules.thresholds().items():
        yield _row("limit", name, keys.limit_key(name, limit), limit.verified, limit.value, limit)


def _workup() -> Iterator[Answerable]:
    for name, test in workup.tests().items():
        key = row_key(
            "workup", name, test.max_age_days if test.max_age_days else [test.limit, test.when], True
        )
        yield _row("workup", name, key, test.verified, test.max_age_days, test)
    for name in workup.Times.__struct_fields__:
        yield _plain("workup", name, getattr(workup.times(), name))


def _trials() -> Iterator[Answerable]:
    table = trials.tables()
    for (use, agent), dose in trials.minimum_doses().items():
        name = f"{use}|{agent}"
        key = row_key("minimum_dose", name, dose.mg_day, True)
        yield _row("minimum_dose", name, key, dose.verified, dose.mg_day, dose)
    for name, kind in trials.kinds_of(table).items():
        least = kind.min_weeks or kind.min_sessions
        yield _row("trial", name, row_key("trial", name, least, True), False, least, kind)
    response = table.response_from_pct
    key = row_key("trial", "response", response.value, True)
    yield _row("trial", "response", key, response.verified, response.value, response)
    failures = table.maudsley.failures
    sure = table.maudsley.failures_verified
    yield _row("trial", "failures", row_key("trial", "failures", failures), sure, None, table.maudsley)


def _others() -> Iterator[Answerable]:
    for limit in titration.bearing().limits:
        key = row_key("tolerability", limit.value, limit.at_least, True)
        yield _row("tolerability", limit.value, key, limit.verified, limit.at_least, limit)
    age = consent.max_age()
    yield _row(
        "consent", "max_age", row_key("consent", "max_age", age.value, True), age.verified, age.value, age
    )
    made = consent.compounding()
    said = [made.products, made.routes]
    yield _row("consent", "compounding", row_key("consent", "compounding", said), made.verified, None, made)
    for name in ("from_one_address", "in_all"):
        yield _plain("prescreen", name, getattr(prescreen.prescreen().limits, name))
    for name in ("step_min", "look_ahead_days", "therapy_min"):
        yield _plain("booking", name, getattr(opening.defaults(), name))
    stale = reconciling.reconciling().stale_after_days
    key = row_key("reconciling", "stale_after_days", stale.value, True)
    yield _row("reconciling", "stale_after_days", key, stale.verified, stale.value, stale)
    for name, country in programs.countries().items():
        key = row_key("program", name, [country.requires, country.text])
        yield _row("program", name, key, country.verified, None, country)


def _longterm() -> Iterator[Answerable]:
    for name, number in longterm.numbers().items():
        key = row_key("longterm", name, number.value, True)
        yield _row("longterm", name, key, number.verified, number.value, number)
    for name, stop in longterm.stops().items():
        said = [stop.item, stop.terms, stop.conditions, stop.scales]
        yield _row("longterm", name, row_key("longterm", name, said), stop.verified, None, stop)


def _plain(table: str, name: str, value: int) -> Answerable:
    """A default that stands in its table without a source."""
    return _row(table, name, row_key(table, name, value, True), False, value, None)


def _row(table: str, name: str, key: Key, verified: bool, holds: Any, row: Any) -> Answerable:
    return Answerable(table=table, id=name, key=key, verified=verified, holds=holds, row=row)


# -- candidacy -----------------------------------------------------------------------------------------------------


def named_numbers() -> Iterator[tuple[Key, bool]]:
    """The rules' named numbers, rules and interactions under the policy that is laid here, and whether seen."""
    for number in policies.in_force().numbers().values():
        yield keys.number_key(number), number.verified
    for rule in rules.rules().values():
        yield keys.rule_key(rule), rule.verified
    for row in rules.interactions().values():
        yield keys.interaction_key(row), row.verified and not row.unverified_fields


# -- what contradicts itself -----------------------------------------------------------------------------------------


def contradiction(row: Answerable) -> str:
    """Why the numbers of a row cannot stand beside one another; empty where they can."""
    if isinstance(row.row, monitoring.Item) and row.row.trigger:
        for condition in (c for one in row.row.trigger.when for c in one):
            low, high = condition.at_least or condition.above, condition.below or condition.at_most
            if low is not None and high is not None and low >= high:
                return f"{monitoring.word(condition.value)} cannot be from {low:f} and under {high:f} at once"
    if isinstance(row.row, protocols.Protocol):
        return _doses(row.row)
    return ""


def _doses(one: protocols.Protocol) -> str:
    given = [(name, amount) for name in ("dose_min", "dose", "dose_max") if (amount := getattr(one, name))]
    for (low_name, low), (high_name, high) in pairwise(given):
        if low.unit == high.unit and low.value > high.value:
            words = (low_name.replace("_", " "), high_name.replace("_", " "))
            return f"the {words[0]} {low.value:f} {low.unit} would be above the {words[1]} {high.value:f}"
    if one.schedule and one.schedule.sessions and (one.schedule.sessions_min or 0) > one.schedule.sessions:
        return "the least number of sessions would be above the number of sessions"
    return ""
