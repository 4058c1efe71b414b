"""What the pump says went in, held against what was recorded at the chair and what was ordered (pure).

Strength comes from what was made up, never from the pump's own library: a pump that is programmed for another drug or
strength is said (hazard H012), and so is a rate that nobody recorded (H014).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from lowtide.data.monitors import drug_of
from lowtide.data.safe import Limits
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.poured import AT_THE_START, Told, by_device, counts, poured_ml
from lowtide.pathway.session.rules.programmed import beyond
from lowtide.record.entries.chair import DoseStopped
from lowtide.record.entries.devices import PumpTold
from lowtide.science.units import plain

ZERO = Decimal(0)


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """Pump, record and order side by side at `heard_at`, the pump's last word. `final`: the end was recorded.

    Until then the record's share is what its rates had poured by that moment. The pump's share is None where no pump with
    this drug said how much or how fast. `whole`: the record says that all of the order went in.
    """

    pump_ml: Decimal | None
    pump_mg: Decimal | None
    recorded_ml: Decimal
    recorded_mg: Decimal
    ordered_mg: Decimal | None
    allowed_mg: Decimal
    allowed_of_order_mg: Decimal
    heard_at: datetime
    final: bool
    whole: bool
    notes: tuple[str, ...]

    @property
    def difference_mg(self) -> Decimal:
        return ZERO if self.pump_mg is None else self.pump_mg - self.recorded_mg

    @property
    def difference_pct(self) -> Decimal | None:
        """Of what was recorded; None where nothing was."""
        return self.difference_mg * 100 / self.recorded_mg if self.recorded_mg else None

    @property
    def differs(self) -> bool:
        """Further apart than the clinic lets two measurements of one dose be."""
        return abs(self.difference_mg) > self.allowed_mg

    @property
    def from_order_mg(self) -> Decimal | None:
        """What the pump says went in beyond the order; None while it runs, and where somebody said why not all went in."""
        told = self.pump_mg is not None and self.ordered_mg is not None and self.final and self.whole
        return self.pump_mg - self.ordered_mg if told else None  # type: ignore[operator]

    @property
    def differs_from_order(self) -> bool:
        """So far from the order as well, and nobody has said why."""
        return abs(self.from_order_mg or ZERO) > self.allowed_of_order_mg


def agreement(facts: Facts, limits: Limits) -> Agreement | None:
    """None without an infusion, and where no pump said anything."""
    infusion, start, said = facts.infusion, facts.started_at, _told(facts)
    if infusion is None or start is None or not said:
        return None
    told = of_this_drug(facts)
    poured = [
        poured_ml(each, start, facts.stopped_at, infusion.mg_per_ml) for each in by_device(told).values()
    ]
    known = [ml for ml in poured if ml is not None]
    pump_ml = sum(known, ZERO) if known else None
    spoken = [one for each in by_device(told).values() for one in counts(each)]
    heard_at = max((entry.at for entry, _ in spoken or said))
    recorded_ml = facts.given_ml if facts.given_ml is not None else infusion.delivered_ml(heard_at)
    recorded_mg = facts.given_mg if facts.given_mg is not None else infusion.delivered_mg(heard_at)
    ordered_mg = facts.order[1].dose_mg if facts.order else None
    ended = facts.stopped[1] if facts.stopped else None
    return Agreement(
        pump_ml=pump_ml,
        pump_mg=None if pump_ml is None else infusion.mg_of(pump_ml),
        recorded_ml=recorded_ml,
        recorded_mg=recorded_mg,
        ordered_mg=ordered_mg,
        allowed_mg=_allowed(limits, recorded_mg),
        allowed_of_order_mg=_allowed(limits, ordered_mg or ZERO),
        heard_at=heard_at,
        final=facts.given_ml is not None,
        whole=isinstance(ended, DoseStopped) and ended.complete,
        notes=tuple(_notes(facts, told, start)),
    )


def _allowed(limits: Limits, dose_mg: Decimal) -> Decimal:
    return max(limits.pump_mg, dose_mg * limits.pump_share / 100)


def of_this_drug(facts: Facts) -> list[Told]:
    """What pumps on this person said, without those that name another drug."""
    drug = facts.order[1].drug if facts.order else None
    return [t for t in _told(facts) if drug is None or t[1].drug is None or drug_of(t[1].drug) == drug]


def _told(facts: Facts) -> list[Told]:
    return [(e, e.body) for e in facts.entries if isinstance(e.body, PumpTold)]


def _notes(facts: Facts, told: Sequence[Told], start: datetime) -> Iterator[str]:
    """What is worth knowing before anybody leans on the pump's number."""
    yield from _others(facts, told)
    for device, each in by_device(told).items():
        spoken = counts(each)
        if not spoken:
            yield f"{device} told neither how much nor how fast: nothing of it is counted"
            continue
        first, by_counter = spoken[0][0].at, spoken[0][1].delivered_ml is not None
        late = int((first - start).total_seconds() // 60) if first > start + AT_THE_START else 0
        if not by_counter:
            yield f"{device} tells no volume: its rates are added up"
        if not by_counter and any(b.rate_mg_per_h is not None and b.rate_ml_per_h is None for _, b in each):
            own = any(b.mg_per_ml for _, b in each)
            by = (
                "the strength that it says it reckons with"
                if own
                else "what was made up: it says no strength"
            )
            yield f"{device} tells mg/h: reckoned to mL by {by}"
        if late and by_counter:
            yield f"{device} was first heard {late} min after the start: all it had counted is taken for this dose"
        elif late:
            yield f"{device} was first heard {late} min after the start: what it gave until then is not counted"
    yield from _strengths(facts, told)
    yield from _rates(facts, told)


def _others(facts: Facts, told: Sequence[Told]) -> Iterator[str]:
    """Pumps that name another drug: one beside this drug's, or the only one there is (hazard H012)."""
    others = sorted({b.drug for _, b in _told(facts) if b.drug} - {b.drug for _, b in told if b.drug})
    ordered = facts.order[1].drug if facts.order else "another drug"
    for drug in others:
        if told:
            yield f"a pump on this person says {drug}: it is not counted"
        else:
            yield f"the pump runs another drug: it says {drug}, ordered is {ordered}; nothing of it is counted"


def _strengths(facts: Facts, told: Sequence[Told]) -> Iterator[str]:
    made_up = facts.infusion.mg_per_ml if facts.infusion else None
    if made_up is None:
        return
    for wrong in sorted({b.mg_per_ml for _, b in told if b.mg_per_ml is not None}):
        if abs(wrong - made_up) * 100 > made_up:
            yield f"the pump is programmed for {plain(wrong)} mg/mL, what was made up has {plain(made_up)} mg/mL"


def _rates(facts: Facts, told: Sequence[Told]) -> Iterator[str]:
    """The last rate the pump told, where the record has another one in force."""
    spoken = [(e, b) for e, b in told if b.rate_ml_per_h is not None or b.rate_mg_per_h is not None]
    if facts.infusion is None or facts.stopped or not spoken:
        return
    entry, body = spoken[-1]
    recorded = facts.infusion.rate_at(entry.at)
    said, differs = f"{plain(body.rate_ml_per_h or ZERO)} mL/h", body.rate_ml_per_h != recorded
    if body.rate_ml_per_h is None and body.rate_mg_per_h is not None:
        in_mg = recorded * facts.infusion.mg_per_ml
        said, differs = f"{plain(body.rate_mg_per_h)} mg/h", beyond(abs(body.rate_mg_per_h - in_mg), in_mg)
    if differs and entry.at >= facts.infusion.steps[-1].at:
        yield f"the pump runs at {said}, recorded are {plain(recorded)} mL/h: read the pump"
