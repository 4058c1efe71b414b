"""When a value crosses a threshold: which rule says so, where it comes from, whether somebody answered.

These are reminders beside the bedside monitor's alarms, never in their place. A trigger is three-valued: what is
not known neither crosses a threshold nor clears it.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

import msgspec

from lowtide.data.chair import chips
from lowtide.data.monitoring import Condition, Item, Trigger
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.readings import Value, happenings
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import OrderSigned
from lowtide.record.entries.chair import Acknowledged

LEVELS = ("inform", "hold", "stop", "emergency")
CHARTED_EVERY = timedelta(minutes=1)  # one charted value stands for this long: it answers “for 30 s”
Values = Mapping[str, Value]


class Crossing(msgspec.Struct, frozen=True):
    """A threshold that was crossed by entry `first` and, so far as is known, until `latest`.

    `complete` is False for the first of several readings that the rule asks for. `current`: nothing since says that
    it is over. `answered` is who said what they do about it.
    """

    rule: Item
    first: Entry
    latest: Entry
    found: str
    complete: bool
    current: bool
    answered: Entry | None

    @property
    def at(self) -> datetime:
        return self.first.at

    @property
    def verified(self) -> bool:
        return self.rule.verified and "trigger" not in self.rule.unverified

    @property
    def due(self) -> bool:
        """Whether to say it: complete, or the first of several readings, so that the next one is taken."""
        return self.complete or (self.rule.trigger is not None and self.rule.trigger.times > 1)

    @property
    def level(self) -> str:
        """The rule's level once it is complete; before that it only informs."""
        return self.rule.level if self.complete else LEVELS[0]

    @property
    def action(self) -> str:
        """What the rule asks for; after the first of several readings, to measure again."""
        trigger = self.rule.trigger
        if self.complete or trigger is None:
            return self.rule.action
        return f"Measure again in {trigger.apart_min} min"

    @property
    def again_at(self) -> datetime | None:
        """When to measure again to know whether the rule is met; None when that is known."""
        trigger = self.rule.trigger
        if self.complete or not self.current or trigger is None or trigger.times < 2:
            return None
        return self.latest.at + timedelta(minutes=trigger.apart_min or 0)

    @property
    def rank(self) -> int:
        return LEVELS.index(self.level)


class Sight(msgspec.Struct, frozen=True):
    """What was known by one entry: values by the names of the rules, and how each part of it is said."""

    entry: Entry
    values: dict[str, Value]
    parts: tuple[tuple[frozenset[str], str], ...]

    def text(self, names: Iterable[str]) -> str:
        """The parts that these values are in; all of them where none is."""
        said = [text for values, text in self.parts if not values.isdisjoint(names)]
        return ", ".join(said or [text for _, text in self.parts])


def holds(trigger: Trigger, values: Values) -> bool | None:
    """Whether any alternative of the trigger is met by these values; None when that is not known."""
    answers = [_all(conditions, values) for conditions in trigger.when]
    return True if True in answers else None if None in answers else False


def _all(conditions: Iterable[Condition], values: Values) -> bool | None:
    answers = [met(condition, values) for condition in conditions]
    return False if False in answers else None if None in answers else True


def met(condition: Condition, values: Values) -> bool | None:
    """Whether one condition is met; None when its value is not known."""
    value = values.get(condition.value)
    if value is None:
        return None
    if condition.holds is not None:
        return value is condition.holds
    return (
        (condition.above is None or value > condition.above)
        and (condition.at_least is None or value >= condition.at_least)
        and (condition.below is None or value < condition.below)
        and (condition.at_most is None or value <= condition.at_most)
    )


def sights(facts: Facts) -> list[Sight]:
    """What was seen since the dose was started, in order: readings, pump against order, events that mean something."""
    start = facts.started_at
    if start is None:
        return []
    found: dict[object, Sight] = {}
    for each in facts.readings.values():
        for reading in (r for r in each if r.at >= start):
            before = found.get(reading.entry.id, Sight(reading.entry, {}, ()))
            values = before.values | reading.values | _pump(reading.values, facts.order)
            part = (frozenset(reading.values), f"{reading.parameter.label} {reading.text}")
            found[reading.entry.id] = Sight(reading.entry, values, (*before.parts, part))
    for entry, means in happenings(facts.entries):
        if entry.at >= start:
            said = chips()[entry.body.what].label
            found[entry.id] = Sight(entry, {means: True}, ((frozenset({means}), said),))
    return sorted(found.values(), key=lambda s: s.entry.order)


def _pump(values: Values, order: tuple[Entry, OrderSigned] | None) -> dict[str, Value]:
    rate = values.get("rate_ml_per_h")
    if rate is None or order is None:
        return {}
    return {"pump_matches_order": rate in (0, order[1].rate_ml_per_h)}


def crossings(facts: Facts, monitoring: Mapping[str, Item]) -> list[Crossing]:
    """Every crossing since the start of the dose, the gravest and newest first."""
    answers = [(e, e.body) for e in facts.entries if isinstance(e.body, Acknowledged)]
    seen = sights(facts)
    found = [
        crossing
        for item in monitoring.values()
        if item.phase in ("during", "any", "staff") and item.trigger
        for crossing in _episodes(item, item.trigger, seen, answers)
    ]
    return sorted(found, key=lambda c: (c.rank, LEVELS.index(c.rule.level), c.latest.order), reverse=True)


def pressing(found: Iterable[Crossing]) -> list[Crossing]:
    """Those that still want an answer: current, unanswered, and not said already by a graver one on the same value."""
    kept: list[Crossing] = []
    for crossing in found:
        said = any(
            k.latest.id == crossing.latest.id and not set(k.rule.values).isdisjoint(crossing.rule.values)
            for k in kept
        )
        if crossing.current and crossing.due and not crossing.answered and not said:
            kept.append(crossing)
    return kept


def _episodes(
    item: Item, trigger: Trigger, seen: Iterable[Sight], answers: list[tuple[Entry, Acknowledged]]
) -> Iterator[Crossing]:
    run: list[Sight] = []
    for sight in seen:
        answer = holds(trigger, sight.values)
        if answer:
            run.append(sight)
        elif answer is False and run:
            yield _crossing(item, trigger, run, answers, current=False)
            run = []
    if run:
        yield _crossing(item, trigger, run, answers, current=True)


def _crossing(
    item: Item,
    trigger: Trigger,
    run: list[Sight],
    answers: list[tuple[Entry, Acknowledged]],
    *,
    current: bool,
) -> Crossing:
    ids = {sight.entry.id for sight in run}
    said = [entry for entry, body in answers if body.rule == item.id and body.about in ids]
    return Crossing(
        rule=item,
        first=run[0].entry,
        latest=run[-1].entry,
        found=run[-1].text(item.values),
        complete=_complete(trigger, run),
        current=current,
        answered=said[-1] if said else None,
    )


def _complete(trigger: Trigger, run: list[Sight]) -> bool:
    """Whether the run is long enough: so many readings, so far apart, or lasting so long."""
    lasted = run[-1].entry.at - run[0].entry.at
    if trigger.for_s and timedelta(seconds=trigger.for_s) > CHARTED_EVERY:
        return lasted >= timedelta(seconds=trigger.for_s)
    return trigger.times == 1 or (
        len(run) >= trigger.times and lasted >= timedelta(minutes=trigger.apart_min or 0)
    )
