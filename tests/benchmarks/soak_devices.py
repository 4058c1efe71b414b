"""The monitors of the soak: each speaks every second, says again what was not answered, and remembers what was."""

import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from lowtide.exchange.devices.sending import Line
from lowtide.exchange.hl7v2 import made
from lowtide.record import store
from lowtide.record.entries.base import Draft, Source
from lowtide.record.entries.chair import Vitals
from lowtide.record.entries.devices import DeviceJoined, DeviceRegistered

IN_TIME = timedelta(seconds=25)  # said later than this, a minute may have been charted without it
WITHIN_S = 60


def put_on(stream: str, session: UUID, device: str) -> None:
    """The clinic has this monitor, and it is on the person of the session."""
    at, told = datetime.now(UTC), {"by": "system:demo", "source": Source.SYSTEM}
    known = DeviceRegistered(device=device, label=device, device_kind="monitor")
    on = DeviceJoined(device=device, label=device, device_kind="monitor")
    store.append([Draft(stream="clinic:main", body=known, at=at, **told)])
    store.append([Draft(stream=stream, session=session, body=on, at=at, **told)])


class Telling:
    """What one monitor says and what it was answered. Each message is sent until it is answered, however often."""

    def __init__(self, device: str, stream: str) -> None:
        self.device, self.stream, self.number = device, stream, 0
        self.answered: dict[datetime, list[int]] = defaultdict(list)
        self.late = self.again = 0
        self.troubles: Counter[str] = Counter()
        self._line: Line | None = None
        self._port = 0

    def messages(self) -> Iterator[Callable[[Any], None]]:
        """One thing to do after the other, as the workers of the soak do them."""
        while True:
            self.number += 1
            yield self._one(str(self.number), datetime.now(UTC), 60 + self.number % 50)

    def _one(self, number: str, at: datetime, rate: int) -> Callable[[Any], None]:
        values = {"heart_rate_bpm": rate, "spo2_pct": 97}
        message = made.monitor(self.device, number, at, values, at)

        def send(server: Any) -> None:
            self._answer(self._send(server, message), number, at, rate)

        return send

    def _answer(self, answer: bytes, number: str, at: datetime, rate: int) -> None:
        found = re.search(rb"MSA\|(\w\w)\|([^|\r]*)", answer)
        if not found or (found[1], found[2].decode()) != (b"AA", f"{self.device}-{number}"):
            self.troubles[f"answered {answer[-60:]!r}"] += 1
        elif datetime.now(UTC) - at > IN_TIME:
            self.late += 1
        else:
            self.answered[at.replace(second=0, microsecond=0)].append(rate)

    def _send(self, server: Any, message: bytes) -> bytes:
        try:
            if self._line is None or self._port != server.devices_port:
                self._line, self._port = Line("127.0.0.1", server.devices_port), server.devices_port
            answer = self._line.send(message)
            if answer is None:
                raise ConnectionResetError
        except OSError:
            self.again += 1
            self._line = None
            raise
        return answer

    def close_the_minute(self, server: Any) -> None:
        """A message of the next minute, so that the one that runs is over by the device's own clock."""
        now = datetime.now(UTC)
        ahead, told = now + timedelta(minutes=1), f"{now:%Y%m%d%H%M%S%z}\rOBX|1|"
        message = made.monitor(self.device, "last", now, {"spo2_pct": 97}, now).decode()
        assert told in message
        self._send(server, message.replace(told, told.replace(told[:19], f"{ahead:%Y%m%d%H%M%S%z}")).encode())

    def lost(self) -> list[str]:
        """Minutes with an answered message that are not charted once, or whose extremes leave one out."""
        end = time.monotonic() + WITHIN_S
        while (wrong := list(self._wrong())) and time.monotonic() < end:
            time.sleep(0.5)
        return wrong

    def _wrong(self) -> Iterator[str]:
        store.forget()
        charted: dict[datetime, list[Vitals]] = defaultdict(list)
        for entry, body in store.load(self.stream).said(Vitals):
            if entry.source is Source.DEVICE and entry.device == self.device and body.heart_rate_bpm:
                charted[entry.at.replace(second=0, microsecond=0)].append(body)
        for minute, rates in self.answered.items():
            found = charted.get(minute, [])
            if len(found) != 1:
                yield f"{self.device} {minute:%H:%M} charted {len(found)} times"
                continue
            least, most = found[0].extremes.get("heart_rate_bpm", (found[0].heart_rate_bpm,) * 2)
            if not all(least <= rate <= most for rate in rates):
                yield f"{self.device} {minute:%H:%M} leaves out what was answered"
