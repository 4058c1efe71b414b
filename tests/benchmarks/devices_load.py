"""The listener: how many messages a second it answers beside a running clinic, and its reader beside python-hl7."""

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from lowtide.exchange.hl7v2 import made
from lowtide.exchange.hl7v2.messages import Unreadable, read, split
from lowtide.exchange.hl7v2.reading import readings
from tests.benchmarks.figures import Figure, cpu_ms, percentile
from tests.benchmarks.full_house import fill, monitor
from tests.benchmarks.wire import Bedside, Screen
from tests.clinics import cookie
from tests.exchange.test_device_messages import SAMPLES
from tests.faults.server import Server, serving
from tests.pathway.session.conftest import Care

MONITORS, A_SECOND, SECONDS, WARM_S, CUFF_EVERY = 50, 200.0, 30.0, 15, 60


def figures(home: Path, *, smoke: bool, minutes: float | None = None) -> Iterator[Figure]:
    yield from _beside_python_hl7(2 if smoke else 20)
    cares, seconds = fill(6 if smoke else MONITORS), 3.0 if smoke else SECONDS
    with serving(home, "--devices-port", "0") as server:
        time.sleep(1 if smoke else WARM_S)
        load = _Load(server, cares, seconds)
        asyncio.run(load.run())
    rate = len(load.waits) / load.took
    yield Figure("messages answered a second", rate, "", 0.95 * A_SECOND, at_least=True, note="200 are sent")
    yield Figure("answer to a message, p50, wall", percentile(load.waits, 50) * 1000, "ms")
    yield Figure("answer to a message, p99, wall", percentile(load.waits, 99) * 1000, "ms", 250)
    yield Figure("messages not accepted", load.refused, "", 0)
    yield Figure("pages read beside it", load.pages)


class _Load:
    """Monitors that together say so many messages a second, while somebody walks the pages."""

    def __init__(self, server: Server, cares: list[Care], seconds: float) -> None:
        self.server, self.cares, self.seconds = server, cares, seconds
        self.waits, self.refused, self.pages, self.took = list[float](), 0, 0, seconds
        self.nurse = Screen(server.port, cookie("nurse"))

    async def run(self) -> None:
        began = time.perf_counter()
        self.end = began + self.seconds
        await asyncio.gather(self._walk(), *(self._say(n) for n in range(1, len(self.cares) + 1)))
        self.took = time.perf_counter() - began

    async def _say(self, chair: int) -> None:
        line, every, number = Bedside(self.server.devices_port), len(self.cares) / A_SECOND, 0
        cuff = datetime.now(UTC)
        await asyncio.sleep(every * chair / len(self.cares))
        while (began := time.perf_counter()) < self.end:
            at, number = datetime.now(UTC), number + 1
            cuff = at if number % CUFF_EVERY == 0 else cuff
            values = {"sbp_mmhg": 118 + number // CUFF_EVERY % 20, "dbp_mmhg": 76, "heart_rate_bpm": 70 + number % 9, "spo2_pct": 97}  # fmt: skip
            answer = await line.say(made.monitor(monitor(chair), str(number), at, values, cuff))
            self.waits.append(time.perf_counter() - began)
            self.refused += b"MSA|AA" not in answer
            await asyncio.sleep(max(0.0, every - (time.perf_counter() - began)))

    async def _walk(self) -> None:
        """A clinic at work: a page every tenth of a second."""
        pages = [
            f"/patients/{c.patient}/sessions/{c.session}{part}" for c in self.cares for part in ("/live", "")
        ]
        while time.perf_counter() < self.end:
            await self.nurse.get(pages[self.pages % len(pages)])
            self.pages += 1
            await asyncio.sleep(0.1)


def _beside_python_hl7(runs: int) -> Iterator[Figure]:
    """The same sample messages by both, in turn: taken apart, and the code, value and unit of each observation read."""
    texts = [m for path in sorted(SAMPLES.rglob("*.hl7")) for m in split(path.read_bytes())]
    ours = cpu_ms(lambda: [_ours(text) for text in texts], runs) / len(texts)
    whole = cpu_ms(lambda: [_whole(text) for text in texts], runs) / len(texts)
    yield Figure("a message taken apart by our reader, CPU", ours, "ms", note=f"{len(texts)} samples")
    yield Figure("a message understood, with codes, units and times, CPU", whole, "ms")
    theirs = _python_hl7()
    if theirs is None:
        yield Figure(
            "our reader over python-hl7", 0, "times", note="not measured: python-hl7 is not installed"
        )
        return
    peer = cpu_ms(lambda: [theirs(text) for text in texts], runs) / len(texts)
    yield Figure("a message taken apart by python-hl7, CPU", peer, "ms")
    yield Figure("our reader over python-hl7", peer / ours, "times", 3, at_least=True)
    yield Figure("our whole understanding over python-hl7's parse", peer / whole, "times")


def _ours(text: bytes) -> list[tuple[str, str, str]]:
    try:
        rows = [s for s in read(text).segments if s.name == "OBX"]
    except Unreadable:
        return []
    return [(row.component(3), row.field(5), row.component(6)) for row in rows]


def _whole(text: bytes) -> object:
    try:
        return readings(read(text))
    except Unreadable:
        return None


def _python_hl7() -> Callable[[bytes], object] | None:
    try:
        import hl7
    except ImportError:
        return None

    def take_apart(text: bytes) -> list[tuple[str, str, str]]:
        try:
            message = hl7.parse(
                text.decode("utf-8", "replace").replace("\r\n", "\r").replace("\n", "\r").strip()
            )
        except hl7.HL7Exception:
            return []
        rows = [s for s in message if str(s[0]) == "OBX"]
        return [(str(row[3][0]), str(row[5]), str(row[6]) if len(row) > 6 else "") for row in rows]

    return take_apart


if __name__ == "__main__":
    for figure in _beside_python_hl7(20):
        print(figure)
