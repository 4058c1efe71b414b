"""The forecast of a running session: the ensemble under what went in, weighed by what was read so far.

The run is remembered by regimen and person, the finished band by the last entry of the chart; both are thrown away
when more sessions have been looked at. Nothing here runs while a page is made: the page asks for the band afterwards.
"""

import math
from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from lowtide.data import pharmacology
from lowtide.data.forecast import numbers, version
from lowtide.pathway.course.drawing.session_data import BandPoint
from lowtide.pathway.plan import forecasting
from lowtide.pathway.plan.forecast_picture import model_name
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.readings import Reading
from lowtide.pathway.session.rules.regimen import doses
from lowtide.problems import BadInput
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Source
from lowtide.record.entries.forecast import ForecastDose, ForecastFor
from lowtide.record.entries.history import Measurement

if TYPE_CHECKING:  # loads the compiled kernels
    from lowtide.science.pharmacology.updating.following import Followed

KEPT = 64
HOUR = 60


class Observed(msgspec.Struct, frozen=True):
    """A reading of this session that weighs the members: minutes from the start, and the row it stands in."""

    minute: float
    kind: str
    value: float
    row: str


class Asked(msgspec.Struct, frozen=True):
    """All that the band of a session depends on."""

    about: ForecastFor
    doses: tuple[ForecastDose, ...]
    rest: tuple[float, ...]
    observed: tuple[Observed, ...]
    until_min: float


class Unlike(msgspec.Struct, frozen=True):
    """A reading that lies outside the band forecast for it."""

    observed: Observed
    low: float
    high: float


class Band(msgspec.Struct, frozen=True):
    """What is drawn and said of the forecast; `why_not` says why there is none."""

    systolic: tuple[BandPoint, ...] = ()
    dissociation: tuple[BandPoint, ...] = ()
    models: tuple[str, ...] = ()
    members: int = 0
    worth: int = 0
    readings: int = 0
    poor: bool = False
    unlike: tuple[Unlike, ...] = ()
    unmeasured: tuple[str, ...] = ()
    why_not: str = ""

    def at(self, now: datetime) -> BandPoint | None:
        """The systolic band at the drawn moment nearest to `now`."""
        near = min(self.systolic, key=lambda p: abs(p.at - now), default=None)
        return near if near and abs(near.at - now) <= timedelta(minutes=numbers().chair.step_min) else None


class Kept(msgspec.Struct, frozen=True):
    key: tuple[object, ...]
    band: Band


_kept: OrderedDict[UUID, Kept] = OrderedDict()


def known(chart: Chart, facts: Facts, now: datetime) -> tuple[Band | None, bool]:
    """The band as last worked out for this session, and whether it is the one of this moment."""
    kept = _kept.get(facts.session)
    return (kept.band, kept.key == _key(chart, facts, now)) if kept else (None, False)


def band(chart: Chart, facts: Facts, now: datetime, zone: ZoneInfo) -> Band:
    """The band as of now: remembered, or worked out."""
    key, kept = _key(chart, facts, now), _kept.get(facts.session)
    if kept and kept.key == key:
        return kept.band
    found = _band(chart, facts, now, zone)
    _kept[facts.session] = Kept(key, found)
    _kept.move_to_end(facts.session)
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return found


def _key(chart: Chart, facts: Facts, now: datetime) -> tuple[object, ...]:
    """The last entry of every stream the chart is made of, and what alone the clock changes."""
    return (
        *chart.known.items(),
        doses(facts, now),
        _until_min(facts, now),
        pharmacology.version(),
        version(),
    )


def _band(chart: Chart, facts: Facts, now: datetime, zone: ZoneInfo) -> Band:
    asked = ask(chart, facts, now, zone)
    if isinstance(asked, str):
        return Band(why_not=asked)
    try:
        return _laid(asked, facts)
    except BadInput as error:
        return Band(why_not=error.problems[0].what)


def ask(chart: Chart, facts: Facts, now: datetime, zone: ZoneInfo) -> Asked | str:
    """What the forecast of this session stands on, or in words what is missing."""
    given = doses(facts, now)
    if not given:
        return "nothing went in yet"
    if unknown := {dose.drug for dose in given} - {"ketamine", "esketamine"}:
        return f"no model describes {', '.join(sorted(unknown))}"
    weight = _weight_kg(chart, facts)
    if weight is None:
        return "no weight is recorded"
    about = forecasting.about(chart, weight, (facts.started_at or now).astimezone(zone).date(), zone)
    return Asked(about, given, _at_rest(facts), tuple(_observed(facts)), _until_min(facts, now))


def _weight_kg(chart: Chart, facts: Facts) -> float | None:
    """The order's weight, else the last measured one."""
    if facts.order and facts.order[1].weight_kg:
        return float(facts.order[1].weight_kg)
    found = [m for _, m in chart.said(Measurement) if m.quantity == "weight_kg"]
    return float(found[-1].value) if found else None


def _until_min(facts: Facts, now: datetime) -> float:
    """The last minute of the run, in whole hours, so that one run serves for a while."""
    start = facts.started_at or now
    last = (facts.over_at or now + timedelta(minutes=numbers().chair.ahead_min)) - start
    return max(2 * HOUR, math.ceil(last.total_seconds() / 3600) * HOUR)


def _at_rest(facts: Facts) -> tuple[float, ...]:
    """The systolic pressures of the hour before the dose."""
    start = facts.started_at
    earliest = start and start - timedelta(minutes=numbers().chair.rest_within_min)
    return tuple(
        float(r.values["sbp_mmhg"])
        for r in facts.readings["bp"]
        if r.whole and start and earliest and earliest <= r.at < start
    )


def _observed(facts: Facts) -> Iterator[Observed]:
    """What was read since the dose and speaks to the members, in order of time."""
    start = facts.started_at
    if start is None:
        return
    for reading in _apart([r for r in facts.readings["bp"] if r.whole and r.at >= start]):
        yield _minute(start, reading, "sbp", float(reading.values["sbp_mmhg"]))
    for each in facts.readings.values():
        for reading in each:
            for name in numbers().chair.heard.keys() & reading.values.keys():
                if reading.at >= start:
                    kind = numbers().chair.heard[name].kind
                    yield _minute(start, reading, kind, float(reading.values[name]))


def _minute(start: datetime, reading: Reading, kind: str, value: float) -> Observed:
    return Observed((reading.at - start).total_seconds() / 60, kind, value, reading.parameter.id)


def _apart(found: list[Reading]) -> list[Reading]:
    """Every pressure by hand; of a monitor's those that do not share their error."""
    apart, taken = timedelta(minutes=numbers().chair.apart_min), list[Reading]()
    for reading in found:
        by_hand = reading.entry.source is not Source.DEVICE
        if by_hand or not taken or reading.at - taken[-1].at >= apart:
            taken.append(reading)
    return taken


def _laid(asked: Asked, facts: Facts) -> Band:
    # numba and scipy take seconds to load: the server does it when it starts, others when they first ask
    from lowtide.pathway.session.following_run import weighed

    chair = numbers().chair
    followed = _followed(asked.about, asked.doses, asked.until_min, pharmacology.version(), version())
    found = weighed(followed, asked, chair)
    by_place = dict(enumerate(sorted(asked.observed, key=lambda o: o.minute)))
    drawn = {
        kind: tuple(_point(facts, minute, row) for minute, row in zip(found.minutes, rows, strict=True))
        for kind, rows in found.weighed.bands.items()
    }
    said = [(by_place[s.reading.number], s) for s in found.weighed.said]
    last = {o.kind: (o, s) for o, s in said}  # of each kind the latest
    return Band(
        systolic=drawn.get("sbp", ()),
        dissociation=drawn.get("high", ()),
        models=tuple(map(model_name, followed.models)),
        members=followed.members,
        worth=round(found.weighed.ess),
        readings=len(said),
        poor=bool(said) and found.weighed.ess < chair.least_people,
        unlike=tuple(Unlike(o, s.low, s.high) for o, s in last.values() if s.outside),
        unmeasured=asked.about.unmeasured,
        why_not="" if "sbp" in drawn else "no pressure was read in the hour before the dose",
    )


def _point(facts: Facts, minute: float, row: dict[str, float]) -> BandPoint:
    assert facts.started_at
    return BandPoint(at=facts.started_at + timedelta(minutes=minute), **row)


@lru_cache(maxsize=KEPT)
def _followed(
    about: ForecastFor, given: tuple[ForecastDose, ...], until_min: float, models: str, made: str
) -> "Followed":
    from lowtide.pathway.session.following_run import run

    return run(about, given, until_min, numbers())
