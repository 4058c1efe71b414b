"""What went in, and what will if nothing changes, as doses of a forecast (pure): piece by piece at the pump's rates,
or part by part."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.giving import coming
from lowtide.pathway.session.rules.infusion import Infusion
from lowtide.record.entries.forecast import ForecastDose

DEFERRED = timedelta(minutes=5)  # a part that waits is taken to come within the next so many minutes


def doses(facts: Facts, now: datetime) -> tuple[ForecastDose, ...]:
    """Every dose since the start, hours from it; the rest of what is ordered comes as soon as it may.

    While the pump is paused nothing more goes in. Empty before the dose, and where drug or route are not known.
    """
    order = facts.order[1] if facts.order else None
    if facts.started_at is None or order is None:
        return ()
    if facts.infusion:
        return tuple(_pumped(facts, facts.infusion, order.drug, order.route))
    return tuple(_in_parts(facts, order.drug, order.route, now))


def _pumped(facts: Facts, infusion: Infusion, drug: str, route: str) -> Iterator[ForecastDose]:
    start = infusion.steps[0].at
    turns = [step.at for step in infusion.steps] + [_until(infusion)]
    told = _as_read(facts, infusion)
    for begins, ends in pairwise(turns):
        mg = float(infusion.delivered_mg(ends) - infusion.delivered_mg(begins)) * told
        if mg > 0 and ends > begins:
            over = (ends - begins).total_seconds()
            yield ForecastDose((begins - start).total_seconds() / 3600, drug, route, mg, over / 60)


def _until(infusion: Infusion) -> datetime:
    """When the pump stopped, is paused, or will be empty."""
    last = infusion.steps[-1].at
    if infusion.stopped_at:
        return max(infusion.stopped_at, last)
    return last if infusion.paused else max(infusion.runs_empty_at, last)


def _as_read(facts: Facts, infusion: Infusion) -> float:
    """What was read at the end over what the rates say; 1 while it runs."""
    if infusion.stopped_at is None or facts.given_mg is None:
        return 1.0
    by_rate = infusion.delivered_mg(infusion.stopped_at)
    return float(facts.given_mg / by_rate) if by_rate > 0 else 1.0


def _in_parts(facts: Facts, drug: str, route: str, now: datetime) -> Iterator[ForecastDose]:
    start = facts.started_at
    if facts.parts is None or start is None:
        return
    for entry, given in facts.parts.parts:
        if given.mg > 0:
            at_h = (entry.at - start).total_seconds() / 3600
            yield ForecastDose(at_h, drug, route, float(given.mg), 0.0)
    yield from _still_to_come(facts, drug, route, start, now)


def _still_to_come(
    facts: Facts, drug: str, route: str, start: datetime, now: datetime
) -> Iterator[ForecastDose]:
    """The parts that follow, each as soon as it may be given."""
    following, apart = coming(facts), facts.order[1].apart_min if facts.order else None
    if facts.parts is None or facts.parts.over_at or not following.of_mg:
        return
    at, left = following.not_before or now, following.open_mg
    at = at if at > now else _later(start, now)
    while left >= following.of_mg:
        yield ForecastDose((at - start).total_seconds() / 3600, drug, route, float(following.of_mg), 0.0)
        at, left = at + timedelta(minutes=float(apart or 0)), left - following.of_mg


def _later(start: datetime, now: datetime) -> datetime:
    """The next of a few moments, so that a forecast holds for some minutes."""
    return start + DEFERRED * (((now - start) // DEFERRED) + 1)
