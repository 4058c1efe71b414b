"""What each device said last, for the live view only: kept in memory, never in the record."""

import threading
from datetime import datetime

import msgspec

from lowtide.exchange.hl7v2.channels import OTHER
from lowtide.exchange.hl7v2.reading import Reading
from lowtide.exchange.hl7v2.values import TWICE, Value

ASIDE = frozenset(("setting", OTHER, TWICE))  # what is not said of this person now


class Heard(msgspec.Struct, frozen=True):
    """The last word of a device: when it came, its values by Lowtide's name, and how far its clock is behind ours.

    `doubt`: what makes it worth looking whether it is on this person. `refused`: what of it could last not be charted.
    """

    device: str
    at: datetime
    values: dict[str, Value]
    behind_s: float
    not_charted: str = ""
    doubt: str = ""
    refused: str = ""
    refused_at: datetime | None = None


class Live:
    """The last word of every device that was heard since the server started."""

    def __init__(self) -> None:
        self._heard: dict[str, Heard] = {}
        self._lock = threading.Lock()

    def hear(
        self, reading: Reading, at: datetime, behind_s: float, not_charted: str, doubt: str = ""
    ) -> None:
        fresh = {
            value.lowtide: value for value in reading.values if value.lowtide and not ASIDE & set(value.flags)
        }
        with self._lock:
            before = self._heard.get(reading.device)
            values = (before.values if before else {}) | fresh
            refused = (before.refused, before.refused_at) if before else ("", None)
            self._heard[reading.device] = Heard(
                reading.device, at, values, behind_s, not_charted, doubt, *refused
            )

    def refuse(self, device: str, at: datetime, why: str) -> None:
        """What the device said could not be charted, and why."""
        with self._lock:
            if before := self._heard.get(device):
                self._heard[device] = msgspec.structs.replace(before, refused=why, refused_at=at)

    def of(self, device: str) -> Heard | None:
        return self._heard.get(device)

    def all(self) -> list[Heard]:
        with self._lock:
            return sorted(self._heard.values(), key=lambda heard: heard.device)


live = Live()
