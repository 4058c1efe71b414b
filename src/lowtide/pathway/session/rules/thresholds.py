"""When a value crosses a threshold: which rule says so, where it comes from, whether somebody answered.

These are reminders beside the bedside monitor's alarms, never in their place. A trigger is three-valued: what is
not known neither crosses a threshold nor clears it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from uuid import UUID

import msgspec

from lowtide.data.chair import chair, chips, numbers
from lowtide.data.monitoring import Condition, Item, Trigger, rises
from lowtide.pathway.session.rules.conditions import Values, excess, is_worse, met
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.programmed import against_order
from lowtide.pathway.session.rules.readings import Reading, Value, happenings, in_words
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import Acknowledged

LEVELS = ("inform", "hold", "stop", "emergency")
CHARTED_EVERY = timedelta(minutes=1)  # one charted value stands for this long: it answers “for 30 s”


class Crossing(msgspec.Struct, frozen=True):
    """A threshold that was crossed by entry `first` and, so far as is known, until `latest`.

    `complete` is False for the first of several readings that the rule asks for. `current`: nothing since says that
    it is over. `found` is what was read last, `worst` what lay furthest beyond. `answered` is who said what they do about it; `asks_at` from when on somebody is asked (again), None
    when the answer stands for good.
    """

    rule: Item
    first: Entry
    latest: Entry
    found: str
    worst: str
    complete: bool
    current: bool
    answered: Entry | None
    asks_at: datetime | None

    @property
    def second_at(self) -> datetime | None:
        """When a second person is asked for, if nobody answers until then."""
        wait = second_person_after(self.level)
        return self.asks_at + wait if self.asks_at and wait else None

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
        if self.complete or trigger is None or trigger.times < 2:
            return self.rule.action
        return f"Measure again in {trigger.apart_min} min"

    @property
    def again_at(self) -> datetime | None:
        """When to measure again: to know whether the rule is met, or once more because it asks for that; else None."""
        trigger = self.rule.trigger
        if trigger is None or not self.current:
            return None
        if self.complete:
            once = trigger.repeat_min if self.first is self.latest else None
            return self.latest.at + timedelta(minutes=once) if once else None
        return self.latest.at + timedelta(minutes=trigger.apart_min or 0) if trigger.times > 1 else None

    @property
    def told(self) -> str:
        """The worst of it, and that it was read too seldom to meet the rule, where that is so."""
        trigger = self.rule.trigger
        if self.complete or trigger is None or trigger.times < 2:
            return self.worst
        return f"{self.worst}, not {trigger.times} times {trigger.apart_min} min apart"

    @property
    def rank(self) -> int:
        return LEVELS.index(self.level)


class Sight(msgspec.Struct, frozen=True):
    """What was known by one entry: values by the names of the rules, and how each part of it is said.

    `happened`: it was seen, not measured, so that no later value says that it is over.
    """

    entry: Entry
    values: dict[str, Value]
    parts: tuple[tuple[frozenset[str], str], ...]
    happened: bool = False

    def text(self, names: Iterable[str]) -> str:
        """The parts that these values are in; all of them where none is."""
        said = [text for values, text in self.parts if not values.isdisjoint(names)]
        return ", ".join(said or [text for _, text in self.parts])


def holds(trigger: Trigger, values: Values) -> bool | None:
    """Whether any alternative of the trigger is met by these values; None when that is not known."""
    answers = [_all(conditions, values) for conditions in trigger.alternatives]
    return True if True in answers else None if None in answers else False


@lru_cache(maxsize=512)
def _asked(trigger: Trigger) -> frozenset[str]:
    """The values that the trigger asks for."""
    return frozenset(condition.value for conditions in trigger.alternatives for condition in conditions)


def _all(conditions: Iterable[Condition], values: Values) -> bool | None:
    answers = [met(condition, values) for condition in conditions]
    return False if False in answers else None if None in answers else True


def sights(facts: Facts) -> list[Sight]:
    """What was seen since the dose was started, in order: readings, pump against order, events that mean something."""
    start = facts.started_at
    if start is None:
        return []
    found: dict[object, Sight] = {}
    falls, order = _falls(facts), facts.order[1] if facts.order else None
    for each in facts.readings.values():
        for reading in (r for r in each if r.at >= start):
            before = found.get(reading.entry.id, Sight(reading.entry, {}, ()))
            values = (
                before.values
                | reading.values
                | against_order(reading.values, order)
                | _pressure(facts, reading, falls)
                | _risen(facts, reading)
            )
            part = (frozenset(reading.values), in_words(reading, values))
            found[reading.entry.id] = Sight(reading.entry, values, (*before.parts, part))
    for entry, means in happenings(facts.entries):
        if entry.at >= start:
            said = chips()[entry.body.what].label
            found[entry.id] = Sight(entry, {means: True}, ((frozenset({means}), said),), happened=True)
    return sorted(found.values(), key=lambda s: s.entry.order)


def _pressure(facts: Facts, reading: Reading, falls: Mapping[UUID, bool]) -> dict[str, Value]:
    """Whether the pressure is falling by this reading, and how long after the start that is."""
    if reading.parameter.id != "bp" or not reading.whole or facts.started_at is None:
        return {}
    minutes = Decimal(str((reading.at - facts.started_at).total_seconds())) / 60
    return {"bp_falling": falls[reading.entry.id], "since_start_min": minutes}


def _falls(facts: Facts) -> dict[UUID, bool]:
    """What `falling` says by each pressure since the start, in one pass: monitors bring hundreds."""
    base = highest = None
    found: dict[UUID, bool] = {}
    for reading in (r for r in facts.readings["bp"] if r.whole):
        systolic = Decimal(reading.values["sbp_mmhg"])
        if facts.started_at is None or reading.at < facts.started_at:
            base = systolic
            continue
        highest = systolic if highest is None else max(highest, systolic)
        rose = base is None or highest > base
        found[reading.entry.id] = not rose or systolic < highest
    return found


def _risen(facts: Facts, reading: Reading) -> dict[str, Value]:
    """How far a rating stands above the last one before the dose; above nothing where none was made before."""
    found: dict[str, Value] = {}
    for name, of in rises().items():
        if of in reading.values:
            start, each = facts.started_at, facts.readings[reading.parameter.id]
            before = [r.values[of] for r in each if start and r.at < start]
            found[name] = Decimal(reading.values[of]) - (Decimal(before[-1]) if before else 0)
    return found


def falling(facts: Facts, until: Entry) -> bool | None:
    """The pressure has come down from its highest since the start, or never rose above the one before; None where it was
    not measured since."""
    read = [r for r in facts.readings["bp"] if r.whole and r.entry.order <= until.order]
    return _falls(facts).get(read[-1].entry.id) if read else None


def past_its_peak(since: Sequence[Reading], base: Reading | None) -> bool | None:
    """Of the systolic readings since the start, in order; None without any."""
    if not since:
        return None
    systolic = [Decimal(r.values["sbp_mmhg"]) for r in since]
    rose = base is None or max(systolic) > base.values["sbp_mmhg"]
    return not rose or systolic[-1] < max(systolic)


def crossings(facts: Facts, monitoring: Mapping[str, Item]) -> list[Crossing]:
    """Every crossing since the start of the dose, the gravest and newest first."""
    return list(
        facts.once(
            "crossings", monitoring, lambda: crossed(monitoring, sights(facts), facts.entries, facts.route)
        )
    )


def watching(monitoring: Mapping[str, Item], route: str | None = None) -> Iterator[tuple[Item, Trigger]]:
    """The items whose trigger is watched while a patient sits in the chair, by this route; by any where none is known.
    A pump is watched wherever there is one."""
    for item in monitoring.values():
        here = route in (None, *item.scope.routes) or not item.scope.routes or "rate_ml_per_h" in item.values
        if here and item.phase in ("during", "any", "staff") and item.trigger:
            yield item, item.trigger


def crossed(
    monitoring: Mapping[str, Item], seen: list[Sight], entries: Iterable[Entry], route: str | None = None
) -> list[Crossing]:
    """Every crossing by what was seen; the answers are among the entries."""
    answers = [(e, e.body) for e in entries if isinstance(e.body, Acknowledged)]
    found = [
        crossing
        for item, trigger in watching(monitoring, route)
        for crossing in _episodes(item, trigger, seen, [a for a in answers if a[1].rule == item.id])
    ]
    return sorted(found, key=lambda c: (c.rank, LEVELS.index(c.rule.level), c.latest.order), reverse=True)


def asking(found: Iterable[Crossing]) -> list[Crossing]:
    """Those that ask, now or later: current, not answered for good, and not said already by a graver one that holds
    for the same value, whether or not that one was answered."""
    current = [c for c in found if c.current and c.due]
    return [c for place, c in enumerate(current) if c.asks_at and not _said(c, current[:place])]


def _said(crossing: Crossing, graver: Iterable[Crossing]) -> bool:
    names = set(crossing.rule.values)
    return any(g.latest.id == crossing.latest.id and not names.isdisjoint(g.rule.values) for g in graver)


def pressing(found: Iterable[Crossing], now: datetime) -> list[Crossing]:
    """Those that ask at `now`: an answer quiets for a while only (hazard H020)."""
    return [c for c in asking(found) if c.asks_at and c.asks_at <= now]


def quiet_for(rule: Item, level: str) -> timedelta:
    """How long an answer quiets a reminder of this level: never longer than until the rule itself wants the next reading."""
    name = chair().quiet_by.get(rule.id, f"quiet_{level}_min")
    trigger, quiet = rule.trigger, float(chair().numbers[name].value)
    own = (trigger.repeat_min, level == LEVELS[0] and trigger.apart_min) if trigger else ()
    return timedelta(minutes=min((quiet, *filter(None, own))))


def second_person_after(level: str) -> timedelta | None:
    """How long a reminder of this level waits for an answer before it names a second person."""
    wait = chair().numbers.get(f"second_person_{level}_min")
    return timedelta(minutes=float(wait.value)) if wait else None


def _episodes(
    item: Item, trigger: Trigger, seen: Iterable[Sight], answers: list[tuple[Entry, Acknowledged]]
) -> Iterator[Crossing]:
    names, run = _asked(trigger), list[Sight]()
    for sight in seen:
        if names.isdisjoint(sight.values):
            continue  # nothing of it is known: it neither crosses nor clears
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
    whole = next((place for place in range(len(run)) if _complete(trigger, run[: place + 1])), None)
    counted = run[whole or 0 :]  # what was said about the first of several readings answers that one only
    ids = {sight.entry.id for sight in counted}
    said = [(entry, body.about) for entry, body in answers if body.about in ids]
    return Crossing(
        rule=item,
        first=run[0].entry,
        latest=run[-1].entry,
        found=run[-1].text(item.values),
        worst=max(reversed(run), key=lambda sight: excess(trigger, sight.values)).text(item.values),
        complete=whole is not None,
        current=current,
        answered=said[-1][0] if said else None,
        asks_at=_asks_again(item, whole is not None, counted, said)
        if said
        else _asks(item, counted, answers),
    )


def _asks(item: Item, counted: list[Sight], answers: list[tuple[Entry, Acknowledged]]) -> datetime:
    """When an unanswered crossing asks: at once, unless it only informs and was answered a moment ago, so that a value
    to and fro about its bound does not ask each time (hazard H019)."""
    at = counted[0].entry.at
    before = [entry.at for entry, _ in answers if entry.at <= at]
    if item.level != LEVELS[0] or not before:
        return at
    return max(at, before[-1] + quiet_for(item, item.level))


def _asks_again(
    item: Item, complete: bool, counted: list[Sight], said: list[tuple[Entry, UUID]]
) -> datetime | None:
    """When an answered crossing asks again: at once when it was seen once more or has grown worse than what was answered,
    else when the quiet time is over; what was seen and answered does not ask again by itself (hazard H020)."""
    about = {a for _, a in said}
    last = max(place for place, sight in enumerate(counted) if sight.entry.id in about)
    again = next((s.entry.at for s in counted[last + 1 :] if s.happened), None)
    if again or counted[-1].happened:
        return again
    quiet_until = said[-1][0].at + quiet_for(item, item.level if complete else LEVELS[0])
    later = counted[last + 1 :]
    worse = next((s.entry.at for s in later if is_worse(item, s.values, counted[last].values)), None)
    return min(worse, quiet_until) if worse else quiet_until


def _complete(trigger: Trigger, run: list[Sight]) -> bool:
    """Whether the run is long enough: so many readings, so far apart, or lasting so long."""
    if trigger.at_once and any(_all(conditions, run[-1].values) for conditions in trigger.at_once):
        return True
    lasted = run[-1].entry.at - run[0].entry.at + timedelta(seconds=numbers().apart_slack_s)
    if trigger.for_s and timedelta(seconds=trigger.for_s) > CHARTED_EVERY:
        return lasted >= timedelta(seconds=trigger.for_s)
    apart = timedelta(minutes=trigger.apart_min or 0)
    return trigger.times == 1 or (len(run) >= trigger.times and lasted >= apart)
