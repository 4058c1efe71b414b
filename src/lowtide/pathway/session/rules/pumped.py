"""What the pump says went in, held against what was recorded at the chair and what was ordered (pure).

A pump counts mL since its counter was cleared; what it counted before this dose is not this patient's (hazard H018), and
a counter that falls was cleared in between. Strength comes from what was made up, never from the pump's own library: a
pump that is programmed for another drug or strength is said (hazard H012), and so is a rate that nobody recorded (H014).
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from lowtide.data.safe import Limits
from lowtide.pathway.session.rules.facts import Facts
from lowtide.record.entries.base import Entry
from lowtide.record.entries.devices import PumpTold
from lowtide.science.units import plain

ZERO = Decimal(0)
AT_THE_START = timedelta(minutes=1)  # a start that was typed says no seconds
Told = tuple[Entry, PumpTold]


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """Pump, record and order side by side at `heard_at`, the pump's last word. `final`: the end was recorded.

    Until then the record's share is what its rates had poured by that moment.
    """

    pump_ml: Decimal
    pump_mg: Decimal
    recorded_ml: Decimal
    recorded_mg: Decimal
    ordered_mg: Decimal | None
    allowed_mg: Decimal
    heard_at: datetime
    final: bool
    notes: tuple[str, ...]

    @property
    def difference_mg(self) -> Decimal:
        return self.pump_mg - self.recorded_mg

    @property
    def difference_pct(self) -> Decimal | None:
        """Of what was recorded; None where nothing was."""
        return self.difference_mg * 100 / self.recorded_mg if self.recorded_mg else None

    @property
    def differs(self) -> bool:
        """Further apart than the clinic lets two measurements of one dose be."""
        return abs(self.difference_mg) > self.allowed_mg


def agreement(facts: Facts, limits: Limits) -> Agreement | None:
    """None without an infusion, and where no pump said how much it delivered."""
    infusion, start = facts.infusion, facts.started_at
    told = of_this_drug(facts)
    counted = [t for t in told if t[1].delivered_ml is not None]
    if infusion is None or start is None or not counted:
        return None
    heard_at = counted[-1][0].at
    pump_ml = sum((_counted(each, start) for each in _by_device(counted).values()), ZERO)
    final = facts.given_ml is not None
    recorded_ml = facts.given_ml if facts.given_ml is not None else infusion.delivered_ml(heard_at)
    recorded_mg = facts.given_mg if facts.given_mg is not None else infusion.delivered_mg(heard_at)
    return Agreement(
        pump_ml=pump_ml,
        pump_mg=infusion.mg_of(pump_ml),
        recorded_ml=recorded_ml,
        recorded_mg=recorded_mg,
        ordered_mg=facts.order[1].dose_mg if facts.order else None,
        allowed_mg=max(limits.pump_mg, recorded_mg * limits.pump_share / 100),
        heard_at=heard_at,
        final=final,
        notes=tuple(_notes(facts, told, start)),
    )


def of_this_drug(facts: Facts) -> list[Told]:
    """What pumps on this person said, without those that name another drug."""
    drug = facts.order[1].drug if facts.order else None
    return [t for t in _told(facts) if drug is None or _names(t[1].drug, drug)]


def _told(facts: Facts) -> list[Told]:
    return [(e, e.body) for e in facts.entries if isinstance(e.body, PumpTold)]


def _names(told: str | None, drug: str) -> bool:
    return told is None or drug in re.findall(r"[a-z]+", told.casefold())


def _by_device(told: Sequence[Told]) -> dict[str, list[Told]]:
    found: dict[str, list[Told]] = {}
    for entry, body in told:
        found.setdefault(body.device, []).append((entry, body))
    return found


def _counted(told: Sequence[Told], start: datetime) -> Decimal:
    """What one pump delivered since the start of the dose, by its own counter."""
    before, total = ZERO, ZERO
    for place, (entry, body) in enumerate(told):
        delivered = body.delivered_ml or ZERO
        if entry.at > start + AT_THE_START or (place and entry.at > start):
            total += delivered - before if delivered >= before else delivered
        before = delivered
    return total


def _notes(facts: Facts, told: Sequence[Told], start: datetime) -> Iterator[str]:
    """What is worth knowing before anybody leans on the pump's number."""
    others = {b.drug for _, b in _told(facts) if b.drug} - {b.drug for _, b in told if b.drug}
    yield from (f"a pump on this person says {drug}: it is not counted" for drug in sorted(others))
    counted = [t for t in told if t[1].delivered_ml is not None]
    for device, each in _by_device(counted).items():
        first_at = each[0][0].at
        if first_at > start + AT_THE_START:
            late = int((first_at - start).total_seconds() // 60)
            yield f"{device} was first heard {late} min after the start: all it had counted is taken for this dose"
    yield from _strengths(facts, told)
    yield from _rates(facts, told)


def _strengths(facts: Facts, told: Sequence[Told]) -> Iterator[str]:
    made_up = facts.infusion.mg_per_ml if facts.infusion else None
    if made_up is None:
        return
    for wrong in sorted({b.mg_per_ml for _, b in told if b.mg_per_ml is not None}):
        if abs(wrong - made_up) * 100 > made_up:
            yield f"the pump is programmed for {plain(wrong)} mg/mL, what was made up has {plain(made_up)} mg/mL"


def _rates(facts: Facts, told: Sequence[Told]) -> Iterator[str]:
    """The last rate the pump told, where the record has another one in force."""
    spoken = [(e, b.rate_ml_per_h) for e, b in told if b.rate_ml_per_h is not None]
    if facts.infusion is None or facts.stopped or not spoken:
        return
    entry, rate = spoken[-1]
    recorded = facts.infusion.rate_at(entry.at)
    if rate != recorded and entry.at >= facts.infusion.steps[-1].at:
        yield f"the pump runs at {plain(rate)} mL/h, recorded are {plain(recorded)} mL/h: read the pump"
