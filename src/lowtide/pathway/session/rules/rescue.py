"""Medicines given in a session beside the ordered dose: what speaks against one, what it did (pure)."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from lowtide.data.rescue import RescueMedicine, medicines
from lowtide.data.rescue_doses import bounds_of
from lowtide.data.rules import interactions
from lowtide.pathway.evaluate.reconciling.lines import Line
from lowtide.pathway.evaluate.reconciling.lines import medicines as taken
from lowtide.pathway.session.rules.facts import Facts
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.events import RescueEffect, RescueGiven
from lowtide.record.entries.history import Allergy, HistoryTaken, ProblemStatus
from lowtide.science.units import plain

ASKED, NONE_KNOWN = "allergies", "any"


class Speaking(msgspec.Struct, frozen=True):
    """What the chart says against it. `weighs`: whoever gives it all the same says why."""

    text: str
    weighs: bool
    verified: bool = True


class Given(msgspec.Struct, frozen=True):
    """One rescue medicine that was given, and what was seen of it, the latest last."""

    entry: Entry
    body: RescueGiven
    effects: tuple[Entry, ...]

    @property
    def waits(self) -> bool:
        """Nobody has written down yet what it did."""
        return not self.effects


def given(facts: Facts) -> tuple[Given, ...]:
    """Every rescue medicine of the session, in order of time."""
    seen: dict[UUID, list[Entry]] = {}
    for entry in facts.entries:
        if isinstance(entry.body, RescueEffect):
            seen.setdefault(entry.body.rescue, []).append(entry)
    return tuple(
        Given(entry, entry.body, tuple(seen.get(entry.id, ())))
        for entry in facts.entries
        if isinstance(entry.body, RescueGiven)
    )


def against(chart: Chart, key: str, now: datetime) -> tuple[Speaking, ...]:
    """What this chart says against a medicine, before a dose is typed."""
    medicine = medicines()[key]
    return (*_allergies(chart, medicine), *_taken(chart, medicine, now), *_beside_ketamine(medicine))


def too_much(key: str, dose: Decimal, unit: str, route: str) -> Speaking | None:
    """A dose above the most that a source allowed; where none is known, nothing is said."""
    most = medicines()[key].most
    if most is None or unit != most.unit or route not in most.routes or dose <= most.value:
        return None
    return Speaking(most.text, weighs=True, verified=most.verified)


def unusual(body: RescueGiven) -> Speaking | None:
    """A dose above what is usual at once: typed once more, it may be meant."""
    known = bounds_of(body.medicine, body.unit, body.route)
    if known is None or body.dose <= known.usual:
        return None
    said = f"{_told(body)} is more than is usual at once ({plain(known.usual)} {body.unit})"
    return Speaking(said, weighs=True, verified=known.is_settled("usual"))


def never(body: RescueGiven) -> str:
    """Why a dose is a slip: more than is ever given at once; empty where it may be."""
    known = bounds_of(body.medicine, body.unit, body.route)
    if known is None or body.dose <= known.never:
        return ""
    return f"{_told(body)} is more than is ever given at once ({plain(known.never)} {body.unit})"


def _told(body: RescueGiven) -> str:
    return f"{plain(body.dose)} {body.unit} of {medicines()[body.medicine].label.lower()}"


def _allergies(chart: Chart, medicine: RescueMedicine) -> Iterator[Speaking]:
    said = chart.said(Allergy)
    known = [body for _, body in said if body.status is not ProblemStatus.REFUTED]
    for body in known:
        if any(word in body.substance.lower() for word in medicine.allergies):
            reaction = f" ({body.reaction})" if body.reaction else ""
            yield Speaking(f"an allergy is recorded: {body.substance}{reaction}", weighs=True)
    asked = any(body.substance == NONE_KNOWN for _, body in said)
    asked = asked or any(ASKED in body.items for _, body in chart.said(HistoryTaken))
    if medicine.allergies and not known and not asked:
        yield Speaking("nobody has asked about allergies", weighs=False)


def _taken(chart: Chart, medicine: RescueMedicine, now: datetime) -> Iterator[Speaking]:
    lines = taken(chart, now).taken
    for line in lines:
        for one in medicine.against:
            if one.class_ in line.classes:
                yield Speaking(f"{line.name}: {one.text}", weighs=True, verified=medicine.verified)
    unknown = [line.name for line in lines if _is_strange(line)]
    if unknown and medicine.against:
        yield Speaking(f"not recognised, look at it yourself: {', '.join(unknown)}", weighs=False)


def _is_strange(line: Line) -> bool:
    return not line.known


def _beside_ketamine(medicine: RescueMedicine) -> Iterator[Speaking]:
    known = interactions()
    for key in medicine.interactions:
        if key in known:
            row = known[key]
            yield Speaking(f"beside ketamine: {row.effect}", weighs=False, verified=row.verified)
