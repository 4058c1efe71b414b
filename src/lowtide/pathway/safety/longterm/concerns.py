"""What keeps a check from being in order though it was done: a result out of range, or one that nobody has read (pure).

What stops stays with the stop until a prescriber releases it. Anything else out of range marks the next session until a
clinician has seen it, or the same test comes back in range; seen, it is still no check in order.
"""

from collections.abc import Iterable, Iterator
from uuid import UUID

import msgspec

from lowtide.data.instruments import instrument
from lowtide.data.longterm import Check
from lowtide.pathway.safety.longterm.known import instrument_id, is_answer, is_asked
from lowtide.pathway.safety.longterm.reading import Reading, of_history, of_result
from lowtide.pathway.safety.longterm.stops import open_stops
from lowtide.pathway.safety.longterm.triggers import Trigger, triggers
from lowtide.problems import BadInput
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer, Body, Entry, Source
from lowtide.record.entries.care import Answers, Total
from lowtide.record.entries.history import HistoryItem, Result, ResultReviewed
from lowtide.record.entries.longterm import RELEASE, SafetyAsked, StopReviewed
from lowtide.record.entries.words import summary

UNTOLD = "what it showed is not on record"


class Concern(msgspec.Struct, frozen=True, kw_only=True):
    """What a check says beside its date: `held` waits for a prescriber, `seen` was looked at by a clinician."""

    entry: Entry
    text: str
    reading: Reading
    held: bool = False
    seen: bool = False

    @property
    def waits(self) -> bool:
        """It marks the next session: out of range or not read, and nobody has looked at it."""
        return not self.seen and self.reading in (Reading.BAD, Reading.UNREAD)

    @property
    def order(self) -> tuple[bool, bool, bool, tuple[object, ...]]:
        return self.held, self.waits, self.reading is Reading.BAD, self.entry.order


class Looked(msgspec.Struct, frozen=True):
    """What a chart says to all checks: entries that stop, those of them that still hold, those that were seen."""

    stopping: frozenset[UUID]
    holding: frozenset[UUID]
    seen: frozenset[UUID]


def looked(chart: Chart, found: tuple[Trigger, ...] | None = None) -> Looked:
    found = triggers(chart) if found is None else found
    reviewed = {one for _, body in chart.said(ResultReviewed) for one in body.results}
    released = {i for _, b in chart.said(StopReviewed) if b.choice == RELEASE for i in b.sources}
    return Looked(
        frozenset(t.entry.id for t in found),
        frozenset(t.entry.id for one in open_stops(chart, found=found) for t in one.triggers),
        frozenset(reviewed | released),
    )


def concern(chart: Chart, check: Check, known: Looked | None = None) -> Concern | None:
    """The gravest of what speaks against the check; None where its latest words are in order."""
    known = known or looked(chart)
    said = sorted(_said(chart, check, known), key=lambda pair: pair[1].entry.order)
    latest = dict(said)
    standing = [one for key, one in latest.items() if _stands(key, one, said)]
    held = [one for _, one in said if one.held]
    return max([*standing, *held], key=lambda one: one.order, default=None)


Key = tuple[str, str]


def _stands(key: Key, one: Concern, said: list[tuple[Key, Concern]]) -> bool:
    """A result stands until the same test comes back; any other word until the check was done again and says more."""
    if one.reading is Reading.FINE:
        return False
    if key[0] == "result" and one.reading is Reading.BAD:
        return True
    later = (other for _, other in said if other.entry.order > one.entry.order)
    return all(other.reading is Reading.UNTOLD for other in later)


def _said(chart: Chart, check: Check, known: Looked) -> Iterator[tuple[Key, Concern]]:
    for key, entry, reading in _read(chart, check):
        stops = entry.id in known.stopping
        yield (
            key,
            Concern(
                entry=entry,
                text=UNTOLD if reading is Reading.UNTOLD and not stops else summary(entry),
                reading=Reading.BAD if stops else reading,
                held=entry.id in known.holding,
                seen=entry.id in known.seen,
            ),
        )


def _read(chart: Chart, check: Check) -> Iterator[tuple[Key, Entry, Reading]]:
    """Everything that answers the check, each by its kind and name, as it reads by itself."""
    for entry, body in chart.said(Result):
        if body.test in check.spoken_to_by:
            yield ("result", body.test or ""), entry, of_result(body)
    for entry, item in chart.said(HistoryItem):
        if item.item in check.history and entry.source is not Source.PATIENT and _counts(item):
            yield ("history", item.item), entry, of_history(chart, entry, item)
    for entry, asked in chart.said(SafetyAsked):
        if is_asked(check, asked):
            yield ("asked", check.key), entry, Reading.FINE
    for name, entry in _forms(chart, check):
        yield ("form", name), entry, Reading.FINE if _is_scored(name) else Reading.UNREAD


def _counts(item: HistoryItem) -> bool:
    return is_answer(item) or item.abnormal is Answer.YES


def _forms(chart: Chart, check: Check) -> Iterator[tuple[str, Entry]]:
    said: Iterable[tuple[Entry, Body]] = [*chart.said(Answers), *chart.said(Total)]
    for entry, body in said:
        name = instrument_id(getattr(body, "instrument", ""))
        if name in check.instruments and getattr(body, "complete", True):
            yield name, entry


def _is_scored(name: str) -> bool:
    """Whether its total says how it came out."""
    try:
        return instrument(name).total != "unscored"
    except BadInput:
        return False
