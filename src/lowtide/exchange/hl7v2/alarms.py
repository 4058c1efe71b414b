"""Which of the alarms that a device tells are worth a line: its beginning, its end, and what changed in between.

A device says every few seconds that its alarm still sounds. Those are one episode, which lasts until the device says that
it is over, or has been silent about it for some minutes.
"""

import re
from datetime import datetime, timedelta

import msgspec

from lowtide.data.monitors import monitors
from lowtide.exchange.hl7v2.reading import Event

_FIGURES = re.compile(r"[\d.,]+")


class _Episode(msgspec.Struct):
    last_at: datetime
    phase: str
    priority: str | None
    over: bool


class Alarms:
    """The alarms of one device on one person."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], _Episode] = {}

    def new(self, event: Event) -> bool:
        """Whether this is more than an open episode told once more."""
        if event.at is None:
            return True
        key = (word(event), event.source or "", _FIGURES.sub("#", event.text or ""))
        phase = (event.phase or "").casefold()
        now = _Episode(event.at, phase, event.priority, _over(event, phase))
        before = self._known.get(key)
        self._known[key] = now
        if before is None or abs(event.at - before.last_at) > timedelta(seconds=monitors().alarm.silent_s):
            return True
        changed = phase != before.phase and phase not in monitors().alarm.repeats
        return before.over != now.over or before.priority != now.priority or (changed and not now.over)


def word(event: Event) -> str:
    """What happened, in Lowtide's word for it or the device's own."""
    return event.event or event.name or event.code or "event"


def _over(event: Event, phase: str) -> bool:
    return phase in monitors().alarm.ends or (event.state or "").casefold() in monitors().alarm.ends
