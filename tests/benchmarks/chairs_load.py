"""Fifty chairs at once: a monitor each that speaks every second, three screens each, a nurse who charts once a minute.

.venv/bin/python -m tests.benchmarks --only chairs --minutes 10

Each screen does what the page does: it listens, hears every two seconds what the monitor says, and fetches its live parts
when the session has grown and every half minute, as it does the devices' corner. Beside it all one entry a second is appended from another process.
Afterwards every entry that was acknowledged is there, and each minute and each cuff pressure that a monitor was answered
for stands there once.
"""

import asyncio
import contextlib
import http.client
import itertools
import time
from collections import Counter
from collections.abc import Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

from lowtide.exchange.hl7v2 import made
from lowtide.exchange.pages.devices import SAID
from lowtide.record import store
from lowtide.record.entries.base import Draft, Source
from lowtide.record.entries.chair import Note, Vitals
from lowtide.record.entries.identity import Patient
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.full_house import fill, monitor
from tests.benchmarks.wire import Bedside, Screen
from tests.clinics import cookie
from tests.faults.server import Server, serving
from tests.pathway.session.conftest import Care

CHAIRS, SCREENS, NURSE_EVERY_S, LOOK_EVERY_S, CORNER_EVERY_S = 50, 3, 60.0, 30.0, 30.0
WARM_S = 15  # the server loads its numerical kernels after its start
RUN_IN_S = 15.0  # at most; in which the screens open, each at a moment of its own: nobody opens all of a house's at once
SAID_EVERY_S = 2.0
SMOKE_S, LATE_S, SETTLED_S = 10.0, 60.0, 6.0
CUFF_EVERY, MINUTE_CHARTED_WITHIN = (
    60,
    timedelta(seconds=120),
)  # a minute, its grace, and the ticks it is spread over
APART = "chart:00000000-0000-4000-8000-0000000000f2"


class Chair:
    """What happens at one chair, and what its screens have seen of it."""

    def __init__(self, number: int, care: Care) -> None:
        self.number, self.care = number, care
        self.address = f"/patients/{care.patient}/sessions/{care.session}"
        self.charted: dict[UUID, str] = {}
        self.pressed: dict[str, float] = {}
        self.seen: Counter[str] = Counter()
        self.minutes, self.cuffs = set[datetime](), set[datetime]()
        self.cuff: tuple[datetime, int] | None = None

    def says(self, number: int, at: datetime) -> dict[str, object]:
        """The monitor's values; the cuff measures once in so many messages, each chair's at a second of its own, and is
        told again in each."""
        if (number + self.number) % CUFF_EVERY == 0:
            self.cuff = at.replace(microsecond=0), 118 + number // CUFF_EVERY % 20
        pressure = {"sbp_mmhg": self.cuff[1], "dbp_mmhg": 76} if self.cuff else {}
        return pressure | {"heart_rate_bpm": 70 + number % 9, "spo2_pct": 97, "resp_rate_per_min": 14}

    def answered(self, at: datetime) -> None:
        self.minutes.add(at.replace(second=0, microsecond=0))
        if self.cuff:
            self.cuffs.add(self.cuff[0])

    def not_charted(self, now: datetime) -> Iterator[str]:
        """The minutes and the pressures that a monitor was answered for and that do not stand there once."""
        said = [(e.at, b) for e, b in self.care.chart.said(Vitals) if e.source is Source.DEVICE]
        minutes = Counter(at.replace(second=0, microsecond=0) for at, body in said if body.resp_rate_per_min)
        cuffs = Counter(at for at, body in said if body.sbp_mmhg)
        for told, found in ((self.minutes, minutes), (self.cuffs, cuffs)):
            over = {at for at in told if at + MINUTE_CHARTED_WITHIN <= now}
            yield from (f"{monitor(self.number)} {at} is missing" for at in sorted(over - set(found)))
            yield from (
                f"{monitor(self.number)} {at} stands there {n} times" for at, n in found.items() if n > 1
            )


class Load:
    """The load on one server, and what was measured under it."""

    def __init__(self, server: Server, cares: list[Care], seconds: float) -> None:
        self.server, self.seconds, self.run_in_s = server, seconds, min(RUN_IN_S, seconds / 4)
        self.chairs = [Chair(n, care) for n, care in enumerate(cares, 1)]
        self.random = Random(1)
        self.to_screen: list[tuple[float, float]] = []
        self.press, self.answered = list[float](), list[float]()
        self.fragment, self.corner, self.appended = list[float](), list[float](), list[float]()
        self.said = list[float]()
        self.memory, self.elsewhere = list[tuple[float, float]](), list[tuple[float, float]]()
        self.troubles: Counter[str] = Counter()
        self.ended_at = datetime.now(UTC)
        self.cookies = {who: cookie(who) for who in ("nurse", "nurse2", "prescriber")}

    async def open(self) -> None:
        """Every screen opens its chair's page, one after the other, as they were opened before the house was full."""
        for who in self.cookies:
            screen = Screen(self.server.port, self.cookies[who])
            for chair in self.chairs:
                status, _ = await screen.get(chair.address)
                assert status == 200, f"{chair.address} was answered {status}"

    async def run(self) -> None:
        self.end = time.monotonic() + self.run_in_s + self.seconds
        work = [self._nurse(chair) for chair in self.chairs] + [self._monitor(chair) for chair in self.chairs]
        work = [self._after_run_in(one) for one in (*work, self._measure(), self._append_beside())]
        for chair in self.chairs:
            for who in list(self.cookies)[:SCREENS]:
                screen = Screen(self.server.port, self.cookies[who])
                grown = asyncio.Event()
                work += [
                    self._listen(chair, screen, grown),
                    self._show(chair, screen, grown),
                    self._corner(chair, who),
                ]
        await asyncio.gather(*(asyncio.create_task(self._held(one)) for one in work))

    async def _after_run_in(self, work: Coroutine[None, None, None]) -> None:
        await asyncio.sleep(self.run_in_s)
        await work

    async def _held(self, work: "asyncio.Future[None] | object") -> None:
        try:
            await asyncio.wait_for(work, self.run_in_s + self.seconds + SETTLED_S)  # type: ignore[arg-type]
        except TimeoutError:
            pass
        except Exception as error:
            self.troubles[repr(error)] += 1

    async def _ends_within(self, seconds: float) -> bool:
        """Wait, and say whether the load is over."""
        await asyncio.sleep(max(0.0, min(seconds, self.end - time.monotonic())))
        return time.monotonic() >= self.end

    # -- who does what ------------------------------------------------------------------------------------------------

    async def _nurse(self, chair: Chair) -> None:
        every = min(NURSE_EVERY_S, self.seconds / 2)
        screen, wait = Screen(self.server.port, self.cookies["nurse"]), self.random.random() * every
        while not await self._ends_within(wait):
            entry_id, word = uuid4(), f"heron {uuid4().hex[:10]}"
            began = chair.pressed[word] = time.perf_counter()
            form = {"entry_id": entry_id, "what": "", "detail": word}
            status, _ = await screen.post(f"{chair.address}/event", form)
            self.press.append(time.perf_counter() - began)
            if status == 302:
                chair.charted[entry_id] = word
            else:
                self.troubles[f"a press was answered {status}"] += 1
            wait = every

    async def _monitor(self, chair: Chair) -> None:
        line, number = Bedside(self.server.devices_port), 0
        await asyncio.sleep(self.random.random())
        while not await self._ends_within(0):
            began, at = time.perf_counter(), datetime.now(UTC)
            number += 1
            values = chair.says(number, at)
            answer = await line.say(
                made.monitor(
                    monitor(chair.number), str(number), at, values, chair.cuff[0] if chair.cuff else at
                )
            )
            self.answered.append(time.perf_counter() - began)
            if b"MSA|AA" in answer:
                chair.answered(at)
            else:
                self.troubles["a message was not accepted"] += 1
            await self._ends_within(1.0 - (time.perf_counter() - began))

    async def _listen(self, chair: Chair, screen: Screen, grown: asyncio.Event) -> None:
        await asyncio.sleep(self.random.random() * self.run_in_s)
        async for event in screen.events(chair.care.stream, f"{SAID}{chair.care.session}"):
            if event.startswith(SAID):
                self.said.append(time.monotonic())
            else:
                grown.set()

    async def _show(self, chair: Chair, screen: Screen, grown: asyncio.Event) -> None:
        shown: set[str] = set()
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(grown.wait(), LOOK_EVERY_S)
            grown.clear()
            began = time.perf_counter()
            status, said = await screen.get(f"{chair.address}/live")
            now = time.perf_counter()
            self.fragment.append(now - began)
            if status != 200:
                self.troubles[f"live parts were answered {status}"] += 1
            for word in [w for w in chair.pressed if w not in shown and w.encode() in said]:
                shown.add(word)
                chair.seen[word] += 1
                self.to_screen.append(
                    (self.seconds - (self.end - time.monotonic()), now - chair.pressed[word])
                )

    async def _corner(self, chair: Chair, who: str) -> None:
        screen = Screen(self.server.port, self.cookies[who])
        await asyncio.sleep(self.random.random() * min(CORNER_EVERY_S, self.seconds))
        while True:
            began = time.perf_counter()
            await screen.get(f"{chair.address}/devices/live")
            self.corner.append(time.perf_counter() - began)
            if await self._ends_within(CORNER_EVERY_S):
                return

    async def _append_beside(self) -> None:
        while not await self._ends_within(1.0):
            draft = Draft(stream=APART, body=Note(text="beside"), by="staff:bench", at=datetime.now(UTC))
            began = time.perf_counter()
            await asyncio.to_thread(store.append, [draft])
            self.appended.append(time.perf_counter() - began)

    async def _measure(self) -> None:
        began = time.monotonic()
        while True:
            minute, pid = (time.monotonic() - began) / 60, self.server.process.pid
            self.memory.append((minute, resident_mb(pid)))
            self.elsewhere.append((minute, machine_cpu_s() - cpu_s(pid) - time.process_time()))
            if await self._ends_within(2.0):
                return

    # -- what is there afterwards -------------------------------------------------------------------------------------

    def lost(self) -> Iterator[str]:
        """What was acknowledged or answered and is not there, or is there twice."""
        store.forget()
        for chair in self.chairs:
            kept = chair.care.chart
            yield from (
                word
                for key, word in chair.charted.items()
                if word not in str(getattr(kept.entries.get(key), "body", ""))
            )
            yield from chair.not_charted(self.ended_at)

    def unseen(self) -> int:
        """How many presses did not reach all screens of their chair."""
        return sum(chair.seen[word] < SCREENS for chair in self.chairs for word in chair.charted.values())


def figures(home: Path, *, smoke: bool, minutes: float | None = None) -> Iterator[Figure]:
    chairs = 12 if smoke else CHAIRS
    seconds = SMOKE_S if smoke and minutes is None else (minutes or 10) * 60
    cares = fill(chairs)
    store.append([Draft(stream=APART, body=Patient(family="Apart"), by="staff:bench", at=datetime.now(UTC))])
    with serving(home, "--devices-port", "0") as server:
        time.sleep(2 if smoke else WARM_S)
        load = Load(server, cares, seconds)
        asyncio.run(load.open())
        spent, began = cpu_s(server.process.pid), time.perf_counter()
        asyncio.run(load.run())
        busy = (cpu_s(server.process.pid) - spent) / (time.perf_counter() - began)
        _wait_for_minutes(server, 0 if seconds < LATE_S else MINUTE_CHARTED_WITHIN.total_seconds())
        load.ended_at = datetime.now(UTC)
    lost = list(load.lost())
    yield from _told(load, lost, chairs, busy)
    yield _elsewhere(load.elsewhere)


def _wait_for_minutes(server: Server, seconds: float) -> None:
    """The last minutes are charted some time after they are over; then the server is asked once more."""
    time.sleep(seconds)
    try:
        server.get("/alive").read()
    except (OSError, http.client.HTTPException):
        raise AssertionError("the server did not outlive the load") from None


def _told(load: Load, lost: list[str], chairs: int, busy: float) -> Iterator[Figure]:
    about = f"{chairs} chairs, {chairs * SCREENS} screens, {load.seconds / 60:.1f} min"
    yield Figure(
        "entries and monitors' minutes lost or doubled", len(lost), "", 0, note="; ".join(lost[:3]) or about
    )
    yield Figure(
        "troubles", sum(load.troubles.values()), "", 0, note=str(dict(load.troubles.most_common(3)) or "")
    )
    yield Figure(
        "presses that did not reach every screen", load.unseen(), "", 0, note=f"of {len(load.press)}"
    )
    waited = [after for _, after in load.to_screen]
    yield Figure("press to screen, p50, wall", percentile(waited, 50), "s")
    yield Figure("press to screen, p99, wall", percentile(waited, 99), "s", 1, note=slowest(load.to_screen))
    yield Figure("append beside it, p99, wall", percentile(load.appended, 99) * 1000, "ms")
    yield Figure("press answered, p99, wall", percentile(load.press, 99) * 1000, "ms")
    yield Figure(
        "live parts, p99, wall",
        percentile(load.fragment, 99) * 1000,
        "ms",
        note=f"{len(load.fragment)} fetched",
    )
    yield Figure(
        "devices' corner, p99, wall",
        percentile(load.corner, 99) * 1000,
        "ms",
        note=f"{len(load.corner)} fetched",
    )
    yield Figure(
        "monitor answered, p99, wall",
        percentile(load.answered, 99) * 1000,
        "ms",
        250,
        note=f"{len(load.answered)} messages",
    )
    expected = load.seconds / SAID_EVERY_S * chairs * SCREENS
    yield Figure(
        "monitors' words on the screens", len(load.said) / expected, "", note="of one each two seconds"
    )
    yield Figure("the server's share of one core", busy, "")
    last = [mb for _, mb in load.memory][-1]
    yield Figure("memory at the end", last, "MB", note=f"{load.memory[0][1]:.0f} MB at the start")
    if load.seconds >= LATE_S * 2:
        half = [pair for pair in load.memory if pair[0] > load.seconds / 120]
        yield Figure("memory's slope in the second half", slope(half), "MB/min", 1)


def slowest(waited: list[tuple[float, float]]) -> str:
    """The longest wait of each minute: a stall of the machine stands in one of them, a slow server in all."""
    minutes: dict[int, float] = {}
    for at, after in waited:
        minutes[int(at // 60)] = max(after, minutes.get(int(at // 60), 0.0))
    return "longest by minute " + " ".join(f"{minutes[minute]:.1f}" for minute in sorted(minutes))


def _elsewhere(used: list[tuple[float, float]]) -> Figure:
    """What all other programs took, the system and the host beneath it included: a stall in such a minute is theirs."""
    minutes = itertools.groupby(used, key=lambda point: int(point[0]))
    firsts = [next(points) for _, points in minutes] + used[-1:]
    shares = [(s - t) / (b - a) / 60 for (a, t), (b, s) in itertools.pairwise(firsts) if b - a > 0.1]
    (began, before), (ended, after) = used[0], used[-1]
    by_minute = " ".join(f"{share:.1f}" for share in shares)
    share = (after - before) / max(ended - began, 0.01) / 60
    return Figure("what else ran on the machine", share, "", note=f"of one core; by minute {by_minute}")


def slope(points: list[tuple[float, float]]) -> float:
    """Of the straight line that lies nearest to the points."""
    count = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


def resident_mb(pid: int) -> float:
    """How much memory a process holds."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmRSS:"))) / 1024


def cpu_s(pid: int) -> float:
    """How much of the processors a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def machine_cpu_s() -> float:
    """How much all programs together have used, without idling and waiting for the disk."""
    fields = [int(n) for n in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / 100
