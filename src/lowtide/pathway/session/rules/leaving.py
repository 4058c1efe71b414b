"""Whether the patient may leave: each criterion met, not met or not known, with what was found and what is needed.

The rules come from the monitoring items of the discharge phase. Some are read from the chart (observation time,
pressure, recovery score), the others are asked at the door. Nothing here keeps anybody: a patient who leaves
against advice leaves, and that is what is recorded.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from lowtide.data.chair import chair, numbers
from lowtide.data.monitoring import Item
from lowtide.pathway.session.rules.due import observe_until, own_observation, watched
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.readings import Value
from lowtide.pathway.session.rules.thresholds import holds, past_its_peak
from lowtide.record.entries.base import Answer

MINUTE = timedelta(minutes=1)


class Criterion(msgspec.Struct, frozen=True):
    """One condition for leaving. `measured` ones are read from the chart, the others are asked.

    `row` is the row of the flowsheet that tells it, `opens_at` when time alone will meet it.
    """

    id: str
    label: str
    rule: Item
    met: Answer
    found: str
    needed: str
    measured: bool
    row: str = ""
    opens_at: datetime | None = None

    @property
    def verified(self) -> bool:
        return self.rule.verified and not {"trigger", "frequency"} & set(self.rule.unverified)


def criteria(
    facts: Facts, monitoring: Mapping[str, Item], now: datetime, asked: Mapping[str, Answer] | None = None
) -> list[Criterion]:
    """Every criterion for leaving at `now`; `asked` holds the answers to the questions at the door."""
    items = [i for i in watched(facts, monitoring).values() if i.phase == "discharge"]
    measured = [_measured(item, facts, now) for item in items if _is_read(item)]
    return [*measured, *_asked({i.id: i for i in items}, asked or {})]


def unmet(found: Iterable[Criterion]) -> list[Criterion]:
    return [criterion for criterion in found if criterion.met is not Answer.YES]


def ready(facts: Facts, monitoring: Mapping[str, Item], now: datetime) -> bool:
    """Whether everything that can be read from the chart is met; what is asked at the door comes after."""
    return facts.stopped is not None and not [
        c for c in unmet(criteria(facts, monitoring, now)) if c.measured
    ]


def ready_between(facts: Facts, monitoring: Mapping[str, Item]) -> tuple[datetime, datetime] | None:
    """From when until when the readings at hand open the way out; None while they do not."""
    until, pressures = observe_until(facts, monitoring), [r for r in facts.readings["bp"] if r.whole]
    if until is None or not pressures:
        return None
    last = pressures[-1].at
    start, end = max(until, last), last + timedelta(minutes=numbers().leaving_reading_max_age_min)
    return (start, end) if ready(facts, monitoring, start) else None


def _is_read(item: Item) -> bool:
    return item.id not in {question.rule for question in chair().leaving}


def _measured(item: Item, facts: Facts, now: datetime) -> Criterion:
    values, found = _known(item, facts, now)
    answer = holds(item.trigger, values) if item.trigger else None
    met = None if answer is None else answer if item.level == "discharge_gate" else not answer
    words = {None: Answer.NOT_KNOWN, True: Answer.YES, False: Answer.NO}
    needed, own = _needed(item), own_observation(facts)
    if item.frequency.minimum_min and own and own > timedelta(minutes=item.frequency.minimum_min):
        needed = f"{int(own / MINUTE)} min by the protocol"
        met = Decimal(values["observed_min"]) * 60 >= Decimal(own.total_seconds())
    row, opens_at = _mended(item, facts, now, own)
    return Criterion(
        item.id, item.parameter, item, words[met], found, needed, measured=True, row=row, opens_at=opens_at
    )


def _mended(item: Item, facts: Facts, now: datetime, own: timedelta | None) -> tuple[str, datetime | None]:
    """(the row to chart, the time to wait for): what would meet the criterion."""
    if "observed_min" not in item.values:
        return ("bp" if "sbp_mmhg" in item.values else "aldrete"), None
    anchor = facts.started_at if item.frequency.after == "start" else facts.stopped_at
    least = timedelta(minutes=item.frequency.minimum_min or 0)
    until = anchor + max(least, own or least) if anchor else None
    return "", until if until and until > now else None


def _needed(item: Item) -> str:
    if item.frequency.minimum_min:
        return item.frequency_text
    return item.trigger_text if item.level == "discharge_gate" else f"not {item.trigger_text}"


def _known(item: Item, facts: Facts, now: datetime) -> tuple[dict[str, Value], str]:
    """The values that the item's trigger asks for, and how they are said."""
    if "observed_min" in item.values:
        return _observed(item, facts, now)
    if "sbp_mmhg" in item.values:
        return _pressure(facts, now)
    ratings = [r for r in facts.readings["aldrete"] if facts.stopped_at and r.at >= facts.stopped_at]
    return (dict(ratings[-1].values), ratings[-1].text) if ratings else ({}, "not scored since the dose")


def _observed(item: Item, facts: Facts, now: datetime) -> tuple[dict[str, Value], str]:
    anchor = facts.started_at if item.frequency.after == "start" else facts.stopped_at
    if anchor is None:
        return {"observed_min": Decimal(0)}, "the dose has not ended"
    minutes = int((now - anchor) / MINUTE)
    return {"observed_min": Decimal(minutes)}, f"{minutes} min since the {item.frequency.after or 'end'}"


def _pressure(facts: Facts, now: datetime) -> tuple[dict[str, Value], str]:
    start, end = facts.started_at, facts.stopped_at
    whole = [r for r in facts.readings["bp"] if r.whole]
    before = [r for r in whole if start and r.at < start]
    since = [r for r in whole if start and r.at >= start]
    age = timedelta(minutes=numbers().leaving_reading_max_age_min)
    if not since or end is None or since[-1].at < max(end, now - age):
        if since and end is not None and since[-1].at < end:
            return {}, "not measured since the end of the dose"
        return {}, f"not measured in the last {numbers().leaving_reading_max_age_min} min"
    last, base = since[-1], before[-1] if before else None
    values = dict(last.values) | {"bp_falling": bool(past_its_peak(since, base))}
    if base is None:
        return values, f"{last.text}, no reading before the dose"
    for name in ("sbp", "dbp"):
        values[f"{name}_rise_mmhg"] = Decimal(last.values[f"{name}_mmhg"]) - base.values[f"{name}_mmhg"]
    return values, f"{last.text}, before the dose {base.text}"


def _asked(items: Mapping[str, Item], answers: Mapping[str, Answer]) -> list[Criterion]:
    words = {Answer.YES: "yes", Answer.NO: "no", Answer.NOT_KNOWN: "not asked"}
    return [
        Criterion(
            question.id,
            question.short,
            items[question.rule],
            met := answers.get(question.id, Answer.NOT_KNOWN),
            words[met],
            question.question,
            measured=False,
        )
        for question in chair().leaving
        if question.rule in items
    ]
