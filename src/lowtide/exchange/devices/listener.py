"""The MLLP listener: takes framed messages on a port of its own and answers each once it is committed.

One thread holds the sockets, another takes what has come meanwhile, all together: they share one wait for the disk. A
connection waits for its answer, the others do not wait for it. Minutes that are over are charted some at a time, so that
fifty that end at once keep nobody waiting. A sender that sends no end of frame, or too much, is answered no and let go.
"""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from django.db import close_old_connections

from lowtide.data import monitors
from lowtide.exchange.devices.live import live
from lowtide.exchange.devices.spool import Spool
from lowtide.exchange.devices.taking import Taker
from lowtide.exchange.hl7v2.framing import Frames, Oversized, frame
from lowtide.problems import bad

READ_BYTES, CONNECTIONS, TICK_S, START_WITHIN_S = 65_536, 500, 1.0, 5.0
TOGETHER = 200
T = TypeVar("T")
_log = logging.getLogger(__name__)


class Listener:
    """Listens from `start` to `stop`; `port` is the one it got, which matters when 0 was asked for."""

    def __init__(
        self, host: str, port: int, taker: Taker | None = None, *, spool: Path | None = None
    ) -> None:
        self.host, self.port = host, port
        self.taker = taker or Taker(live, spool=Spool(spool) if spool else None)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="devices")
        self._thread = threading.Thread(target=self._run, name="mllp", daemon=True)
        self._ready, self._loop, self._over = threading.Event(), asyncio.new_event_loop(), asyncio.Event()
        self._trouble: OSError | None = None
        self._tasks = set[asyncio.Task[None]]()
        self._waiting: list[tuple[bytes, asyncio.Future[bytes | None]]] = []
        self._came = asyncio.Event()

    def start(self) -> None:
        """Raises BadInput when the port cannot be had. What an earlier listener had answered and not charted comes first."""
        self._worker.submit(self._resume)
        self._thread.start()
        self._ready.wait(START_WITHIN_S)
        if self._trouble:
            where = f"{self.host} port {self.port}"
            raise bad(
                f"cannot listen for devices there: {self._trouble.strerror}", where, "Choose another port."
            )

    def _resume(self) -> None:
        try:
            if taken := _with_database(self.taker.resume):
                _log.info("%d messages that were answered before the last stop are taken up", taken)
        except Exception:
            _log.warning("what was answered before the last stop waits for the next start", exc_info=True)

    def stop(self) -> None:
        """Stop taking; what was answered is committed, or waits on disk for the next start."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join(START_WITHIN_S)
        self._worker.shutdown(wait=True)
        if self.taker.spool:
            self.taker.spool.close()

    def wait(self) -> None:
        """Until it is stopped."""
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._ready.set()
            self._loop.close()

    async def _serve(self) -> None:
        try:
            server = await asyncio.start_server(self._connection, self.host, self.port)
        except OSError as error:
            self._trouble = error
            return
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        taking = asyncio.create_task(self._take())
        async with server:
            await self._over.wait()
            for task in (taking, *self._tasks):
                task.cancel()
            await asyncio.gather(taking, *self._tasks, return_exceptions=True)

    async def _take(self) -> None:
        """Take what came, and once a second chart some of what is over."""
        ticked = time.monotonic()
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._came.wait(), TICK_S)
            self._came.clear()
            together, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
            if self._waiting:
                self._came.set()
            if together:
                await self._answer_all(together)
            if time.monotonic() - ticked >= TICK_S:
                await self._work(self.taker.tick, paced=True)
                ticked = time.monotonic()

    async def _answer_all(self, together: "list[tuple[bytes, asyncio.Future[bytes | None]]]") -> None:
        answers = await self._work(self.taker.take_all, [message for message, _ in together])
        for (_, future), answer in zip(together, answers or [None] * len(together), strict=True):
            if not future.done():
                future.set_result(answer)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        frames = Frames(monitors.monitors().accepted.largest_bytes)
        try:
            while len(self._tasks) <= CONNECTIONS and (data := await reader.read(READ_BYTES)):
                for message in frames.feed(data):
                    await self._answer(message, writer)
        except Oversized:
            await self._answer(b"", writer)
        except ConnectionError:
            pass
        finally:
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, message: bytes, writer: asyncio.StreamWriter) -> None:
        future: asyncio.Future[bytes | None] = self._loop.create_future()
        self._waiting.append((message, future))
        self._came.set()
        if answer := await future:
            writer.write(frame(answer))
            await writer.drain()

    async def _work(self, job: Callable[..., T], *given: object, **named: object) -> T | None:
        """Run it on the one thread that writes. A message that could not be kept is not answered: it will come again."""
        try:
            return await self._loop.run_in_executor(
                self._worker, partial(_with_database, job, *given, **named)
            )
        except Exception:
            _log.warning("devices' messages could not be kept; they will be sent again", exc_info=True)
            return None


def _with_database(job: Callable[..., T], *given: object, **named: object) -> T:
    close_old_connections()
    return job(*given, **named)
