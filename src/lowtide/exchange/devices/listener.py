"""The MLLP listener: takes framed messages on a port of its own and answers each once it is committed.

One thread holds the sockets, another takes the messages one after the other; a connection waits for its answer, the
others do not wait for it. A sender that sends no end of frame, or too much, is answered no and let go.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import close_old_connections

from lowtide.data import monitors
from lowtide.exchange.devices.live import live
from lowtide.exchange.devices.taking import Taker
from lowtide.exchange.hl7v2.framing import Frames, Oversized, frame
from lowtide.problems import bad

READ_BYTES, CONNECTIONS, TICK_S, START_WITHIN_S = 65_536, 500, 1.0, 5.0
_log = logging.getLogger(__name__)


class Listener:
    """Listens from `start` to `stop`; `port` is the one it got, which matters when 0 was asked for."""

    def __init__(self, host: str, port: int, taker: Taker | None = None) -> None:
        self.host, self.port = host, port
        self.taker = taker or Taker(live)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="devices")
        self._thread = threading.Thread(target=self._run, name="mllp", daemon=True)
        self._ready, self._loop, self._over = threading.Event(), asyncio.new_event_loop(), asyncio.Event()
        self._trouble: OSError | None = None
        self._open = 0

    def start(self) -> None:
        """Raises BadInput when the port cannot be had."""
        self._thread.start()
        self._ready.wait(START_WITHIN_S)
        if self._trouble:
            where = f"{self.host} port {self.port}"
            raise bad(
                f"cannot listen for devices there: {self._trouble.strerror}", where, "Choose another port."
            )

    def stop(self) -> None:
        """Stop taking; what was answered is committed."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join(START_WITHIN_S)
        self._worker.shutdown(wait=True)

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
        ticking = asyncio.create_task(self._tick())
        async with server:
            await self._over.wait()
        ticking.cancel()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            await self._work(self.taker.tick)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        frames = Frames(monitors.monitors().accepted.largest_bytes)
        try:
            while self._open <= CONNECTIONS and (data := await reader.read(READ_BYTES)):
                for message in frames.feed(data):
                    await self._answer(message, writer)
        except Oversized:
            await self._answer(b"", writer)
        except ConnectionError:
            pass
        finally:
            self._open -= 1
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, message: bytes, writer: asyncio.StreamWriter) -> None:
        answer = await self._work(self.taker.take, message)
        if answer:
            writer.write(frame(answer))
            await writer.drain()

    async def _work(self, job: Callable[..., bytes | None], *given: bytes) -> bytes | None:
        """Run it on the one thread that writes. A message that could not be kept is not answered: it will come again."""
        try:
            return await self._loop.run_in_executor(self._worker, _with_database, job, given)
        except Exception:
            _log.warning("a device's message could not be kept; it will be sent again", exc_info=True)
            return None


def _with_database(job: Callable[..., bytes | None], given: tuple[bytes, ...]) -> bytes | None:
    close_old_connections()
    return job(*given)
