"""What is watched before, during and after a session and over the long term: how often, and what it leads to.

A session compiles its due items from these; the thresholds are reminders, never a bedside monitor's alarms.
"""

from decimal import Decimal
from functools import cache
from typing import Literal

import msgspec

from lowtide.data import own, read
from lowtide.data.own import Values
from lowtide.data.policies import policies

Anchor = Literal["check_in", "dose", "start", "end", "discharge"]


class Scope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom an item is for; an empty list means everybody. The minutes are those that the ordered infusion is planned for."""

    routes: tuple[str, ...] = ()
    indications: tuple[str, ...] = ()
    weight_based: bool = False
    childbearing: bool = False
    planned_over_min: int | None = None
    planned_up_to_min: int | None = None

    def at_chair(self, route: str | None, planned_min: Decimal | None) -> bool:
        """Whether it is for a dose by this route that is planned to last so long; before an order all are, save those
        for a length that nothing is known of."""
        if self.routes and route is not None and route not in self.routes:
            return False
        if planned_min is None:
            return self.planned_over_min is None
        over, up_to = self.planned_over_min, self.planned_up_to_min
        return (over is None or planned_min > over) and (up_to is None or planned_min <= up_to)


class Frequency(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"with_items": "with"}):
    """When an item is due. Minutes count from the start of the dose unless the name says otherwise.

    `until` ends a repetition sooner than discharge; `with_items` are done together with those items;
    `max_age_days` lets a recent value stand in.
    """

    each_session: bool = False
    at: tuple[Anchor, ...] = ()
    within_min_before: int | None = None
    at_min: tuple[int, ...] = ()
    during_every_min: int | None = None
    after_every_min: int | None = None
    until: Literal["discharge", "bp_falling"] = "discharge"
    continuous: bool = False
    any_time: bool = False
    minimum_min: int | None = None
    after: Anchor | None = None
    with_items: tuple[str, ...] = ()
    max_age_days: int | None = None
    baseline: bool = False
    after_induction: bool = False
    every_sessions: int | None = None
    every_days: int | None = None


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bounds on one value, or whether a yes-or-no value `holds`."""

    value: str
    above: Decimal | None = None
    at_least: Decimal | None = None
    below: Decimal | None = None
    at_most: Decimal | None = None
    holds: bool | None = None


class Trigger(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Any of the alternatives, each all of its conditions, seen `times` times or lasting `for_s` seconds; those of
    `at_once` need no second look. After the first reading that crosses, one is due again in `repeat_min`; before the dose
    a lower one counts from then on."""

    when: tuple[tuple[Condition, ...], ...]
    at_once: tuple[tuple[Condition, ...], ...] = ()
    times: int = 1
    apart_min: int | None = None
    for_s: int | None = None
    repeat_min: int | None = None

    @property
    def alternatives(self) -> tuple[tuple[Condition, ...], ...]:
        return (*self.when, *self.at_once)


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to watch. `paces`: items whose frequency this one's takes the place of; what they lead to stays theirs."""

    id: str
    phase: Literal["pre", "during", "any", "staff", "discharge", "long_term"]
    parameter: str
    values: tuple[str, ...]
    frequency: Frequency
    frequency_text: str
    trigger_text: str
    level: Literal["inform", "hold", "stop", "emergency", "discharge_gate"]
    action: str
    responsible: str
    basis: str
    source: tuple[str, ...]
    verified: bool
    unverified: tuple[str, ...]
    scope: Scope = Scope()
    trigger: Trigger | None = None
    loinc: tuple[str, ...] = ()
    loinc_verified: bool = False
    note: str = ""
    paces: tuple[str, ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    words: dict[str, str]
    rises: dict[str, str]
    items: tuple[Item, ...]


def items() -> dict[str, Item]:
    """Every item by id, in order, as the policy in force has it, with this clinic's own numbers before that."""
    return _items(in_force(), own.of("monitoring")[1])


def in_force() -> Values:
    """The values that stand instead of the published ones: the policy's, and the clinic's own before them."""
    values, policy = own.of("monitoring")[0], policies()[own.laid().policy].monitoring
    return tuple(sorted((policy | dict(values)).items())) if policy else values


@cache
def _items(values: Values, settled: frozenset[str]) -> dict[str, Item]:
    found = own.changed({item.id: item for item in _file().items}, values)
    moved = {tuple(key.split("/")[:2]) for key, _ in values}
    for name, item in found.items():
        if (name, "trigger") in moved and item.trigger:
            item = msgspec.structs.replace(item, trigger_text=told(item.trigger))
        if (name, "frequency") in moved:
            item = msgspec.structs.replace(item, frequency_text=how_often(item.frequency))
        if name in settled:
            item = msgspec.structs.replace(item, verified=True, unverified=())
        found[name] = item
    return found


def told(trigger: Trigger) -> str:
    """A trigger in words made from its numbers: what a clinic changed is never told by the old words."""
    often = f", {trigger.times} times" if trigger.times > 1 else ""
    apart = f" {trigger.apart_min} min apart" if trigger.apart_min else ""
    lasting = f", for {trigger.for_s} s" if trigger.for_s else ""
    said, once = (
        " or ".join(" and ".join(map(_told, one)) for one in each) for each in (trigger.when, trigger.at_once)
    )
    return f"{said}{often}{apart}{lasting}{f' or {once}' if once else ''}"


def _told(condition: Condition) -> str:
    name = word(condition.value)
    if condition.holds is not None:
        return name if condition.holds else f"not {name}"
    bounds = {
        "over": condition.above,
        "from": condition.at_least,
        "under": condition.below,
        "up to": condition.at_most,
    }
    return f"{name} {' '.join(f'{how} {bound:f}' for how, bound in bounds.items() if bound is not None)}"


def word(value: str) -> str:
    """What a value is called in a trigger."""
    return _file().words.get(value, value.replace("_", " "))


def rises() -> dict[str, str]:
    """The name of a rise -> the value that it is the rise of, over the last one before the dose."""
    return _file().rises


def how_often(often: Frequency) -> str:
    """A frequency in words made from its numbers."""
    said = {
        "each session": often.each_session,
        "at baseline": often.baseline,
        "after induction": often.after_induction,
        f"at {', '.join(map(str, often.at_min))} min": often.at_min,
        f"within {often.within_min_before} min before the dose": often.within_min_before,
        f"every {often.during_every_min} min during": often.during_every_min,
        f"every {often.after_every_min} min after": often.after_every_min,
        f"at least {often.minimum_min} min": often.minimum_min,
        f"or one at most {often.max_age_days} days old": often.max_age_days,
        f"every {often.every_sessions} sessions": often.every_sessions,
        f"every {often.every_days} days": often.every_days,
        "continuously": often.continuous,
    }
    return ", ".join(words for words, holds in said.items() if holds)


def items_for(route: str, indication: str, *, weight_based: bool, childbearing: bool) -> tuple[Item, ...]:
    """The items of a course with this route and indication."""

    def applies(scope: Scope) -> bool:
        return (
            (not scope.routes or route in scope.routes)
            and (not scope.indications or indication in scope.indications)
            and (weight_based or not scope.weight_based)
            and (childbearing or not scope.childbearing)
        )

    return tuple(item for item in items().values() if applies(item.scope))


def version() -> str:
    return f"{_file().version}+{read.digest('monitoring.toml')}"


@cache
def _file() -> _File:
    return read.toml("monitoring.toml", _File)
