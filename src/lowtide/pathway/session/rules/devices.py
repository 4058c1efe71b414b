"""Which monitors and pumps are on the person of a session."""

from uuid import UUID

from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import Discharged, SessionAbandoned, SessionSigned
from lowtide.record.entries.devices import DeviceJoined, DeviceParted

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
