"""What a chart says of reminders: whether they are wanted, which went out, and whether the address takes them (pure)."""

from datetime import datetime
from uuid import UUID

import msgspec

from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.identity import Patient
from lowtide.record.entries.mailed import ReminderMailed, ReminderOutcome, RemindersChosen

NOT_TAKEN = ("refused", "returned")


class Mailed(msgspec.Struct, frozen=True):
    """A reminder and what became of it; without an outcome nobody knows whether it went out."""

    entry: Entry
    body: ReminderMailed
    outcome: tuple[Entry, ReminderOutcome] | None = None

    @property
    def how(self) -> str:
        return self.outcome[1].how if self.outcome else ""


def mailed(chart: Chart) -> list[Mailed]:
    """Every reminder in order; the last word on what became of one holds."""
    said = sorted(chart.said(ReminderOutcome), key=lambda pair: pair[0].order)
    outcomes: dict[UUID, tuple[Entry, ReminderOutcome]] = {b.reminder: (e, b) for e, b in said}
    return [Mailed(e, b, outcomes.get(e.id)) for e, b in chart.said(ReminderMailed)]


def chosen(chart: Chart) -> tuple[Entry, RemindersChosen] | None:
    return chart.last(RemindersChosen)


def is_on(chart: Chart) -> bool:
    """Wanted unless somebody switched them off."""
    word = chosen(chart)
    return word is None or word[1].on


def address(chart: Chart) -> str:
    found = chart.last(Patient)
    return ((found[1].contact.email if found else None) or "").strip()


def not_taken(chart: Chart) -> Mailed | None:
    """The last mail to the present address, where it was not taken; over once the address is another one or somebody
    said since that it is to be tried again."""
    present, word = address(chart).lower(), chosen(chart)
    ours = [m for m in mailed(chart) if m.body.address.lower() == present]
    if not ours or ours[-1].outcome is None or ours[-1].how not in NOT_TAKEN:
        return None
    return None if word and word[0].order > ours[-1].outcome[0].order else ours[-1]


def last_at(chart: Chart) -> datetime | None:
    return max((m.entry.at for m in mailed(chart)), default=None)
