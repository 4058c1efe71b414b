"""Stop and review: what the record says that holds the next session, and what a prescriber decided on it (pure).

A trigger holds by itself, from the entry that says it until a prescriber releases that very entry with a reason. One
that is corrected asks again if it still says so; one that no longer says so holds nothing.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from lowtide.data import longterm
from lowtide.data.longterm import Stop
from lowtide.pathway.course.state import CourseState
from lowtide.pathway.safety.longterm.triggers import Trigger, triggers
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.longterm import HOLD, StopReviewed

PRIVATE = "review"


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """One stop as it stands: the triggers that nobody released, and the word of whoever holds it.

    `held` is the latest decision to hold, if nothing released it since.
    """

    stop: Stop
    triggers: tuple[Trigger, ...]
    held: Entry | None = None

    @property
    def key(self) -> str:
        return self.stop.key

    @property
    def since(self) -> datetime:
        found = [t.entry.recorded_at for t in self.triggers]
        return min([*found, *([self.held.at] if self.held else [])])

    @property
    def text(self) -> str:
        """What stops, in words; of a private one only that there is something to talk through."""
        if self.stop.private:
            return "A talk and a prescriber's decision come before the next session."
        said = "; ".join(dict.fromkeys(t.text for t in self.triggers))
        held = f"held: {self.held.reason}" if self.held and self.held.reason else ""
        return f"{'; '.join(filter(None, (said, held)))}."

    @property
    def title(self) -> str:
        return "Review" if self.stop.private else self.stop.label

    @property
    def sources(self) -> tuple[UUID, ...]:
        return tuple(dict.fromkeys(t.entry.id for t in self.triggers))

    @property
    def verified(self) -> bool:
        return all(t.verified for t in self.triggers)


def open_stops(
    chart: Chart, state: CourseState | None = None, found: tuple[Trigger, ...] | None = None
) -> tuple[Open, ...]:
    """What holds the next session now, in the order of the table; `found` are its triggers, if somebody has them."""
    released: dict[str, set[UUID]] = {}
    held: dict[str, Entry] = {}
    for entry, body in chart.said(StopReviewed):
        if body.choice == HOLD:
            held[body.stop] = entry
        else:
            held.pop(body.stop, None)
            released.setdefault(body.stop, set()).update(body.sources)
    waiting: dict[str, list[Trigger]] = {}
    for one in triggers(chart) if found is None else found:
        if one.entry.id not in released.get(one.stop.key, set()):
            waiting.setdefault(one.stop.key, []).append(one)
    return tuple(
        Open(stop=stop, triggers=tuple(waiting.get(key, ())), held=held.get(key))
        for key, stop in longterm.stops().items()
        if key in waiting or key in held
    )


def reviews(chart: Chart) -> list[tuple[Entry, StopReviewed]]:
    """Every decision, the latest first."""
    return list(reversed(chart.said(StopReviewed)))


def stop_name(key: str) -> str:
    """How a stop is called in lists that everybody reads: one for few eyes only as a review."""
    return f"stop_{PRIVATE if longterm.stops()[key].private else key}"
