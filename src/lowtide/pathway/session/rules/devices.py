"""Which monitors and pumps are on the person of a session."""

from datetime import datetime, timedelta
from uuid import UUID

from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import Discharged, SessionAbandoned, SessionSigned
from lowtide.record.entries.devices import DeviceJoined, DeviceParted

MINUTE = timedelta(minutes=1)
_OVER = (Discharged, SessionAbandoned, SessionSigned)


def joined(chart: Chart, session: UUID) -> dict[str, tuple[Entry, DeviceJoined]]:
    """By device: the entry that put it on, in fold order. Leaving takes every device off."""
    found: dict[str, tuple[Entry, DeviceJoined]] = {}
    for entry in chart.session(session):
        match entry.body:
            case DeviceJoined() as body:
                found[body.device] = entry, body
            case DeviceParted() as body:
                found.pop(body.device, None)
            case body if isinstance(body, _OVER):
                found.clear()
    return found


def was_on(chart: Chart, session: UUID, device: str, at: datetime) -> bool:
    """Whether the device was on this person at that instant; a minute is charted at its beginning, so a minute before
    it was put on still counts."""
    on: datetime | None = None
    for entry in chart.session(session):
        match entry.body:
            case DeviceJoined(device=other) if other == device:
                on = on or entry.at
            case DeviceParted(device=other) if other == device and on:
                if on - MINUTE <= at <= entry.at:
                    return True
                on = None
            case _:
                pass
    return on is not None and on - MINUTE <= at
