"""The client's side of a load, light enough to stand for hundreds of screens and monitors in one process."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlencode

from lowtide.exchange.hl7v2.framing import Frames, frame

TOKEN = "b" * 32
WAIT_S = 30.0


class Screen:
    """One browser's connections to the server: kept open, one request after the other."""

    def __init__(self, port: int, cookie: str) -> None:
        self.port, self.cookie = port, cookie
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str) -> tuple[int, bytes]:
        return await self._ask("GET", path, b"")

    async def post(self, path: str, form: dict[str, object]) -> tuple[int, bytes]:
        return await self._ask("POST", path, urlencode({"csrfmiddlewaretoken": TOKEN, **form}).encode())

    async def events(self, *streams: str) -> AsyncIterator[str]:
        """ "open" once it follows, then the names of the events on these streams, for as long as the server answers."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(self._head("GET", f"/live?{urlencode({'streams': streams}, doseq=True)}", 0))
            while line := await reader.readline():
                if line.startswith(b"retry:"):
                    yield "open"
                if line.startswith(b"event: "):
                    yield line.decode().removeprefix("event: ").strip()
        finally:
            writer.close()

    async def _ask(self, verb: str, path: str, body: bytes) -> tuple[int, bytes]:
        kept = self._line is not None
        try:
            return await self._once(verb, path, body)
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            if not kept:
                raise
        return await self._once(
            verb, path, body
        )  # the server lets go of a line that was idle; a browser asks again

    async def _once(self, verb: str, path: str, body: bytes) -> tuple[int, bytes]:
        if self._line is None:
            self._line = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._line
        async with asyncio.timeout(WAIT_S):
            writer.write(self._head(verb, path, len(body)) + body)
            return await self._answer(reader)

    async def _answer(self, reader: asyncio.StreamReader) -> tuple[int, bytes]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status, length = (
            int(head.split(" ", 2)[1]),
            head.partition("content-length: ")[2].partition("\r\n")[0],
        )
        if "connection: close" in head:
            self.close()
        return status, await reader.readexactly(int(length or 0))

    def _head(self, verb: str, path: str, length: int) -> bytes:
        lines = (
            f"{verb} {path} HTTP/1.1",
            "Host: localhost",
            *(("X-Lowtide-Background: 1",) if path.endswith("/live") else ()),
            f"Cookie: sessionid={self.cookie}; csrftoken={TOKEN}",
        )
        form = (
            ("Content-Type: application/x-www-form-urlencoded", f"Content-Length: {length}") if length else ()
        )
        return ("\r\n".join((*lines, *form)) + "\r\n\r\n").encode()

    def close(self) -> None:
        if self._line:
            self._line[1].close()
        self._line = None


class Bedside:
    """A device's connection to the listener: one message, then its answer."""

    def __init__(self, port: int) -> None:
        self.port, self._frames = port, Frames(1 << 20)
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def say(self, message: bytes) -> bytes:
        """The answer to the message. Raises OSError when the listener hangs up, TimeoutError when it is silent."""
        if self._line is None:
            self._line = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._line
        async with asyncio.timeout(WAIT_S):
            writer.write(frame(message))
            while data := await reader.read(65_536):
                for answer in self._frames.feed(data):
                    return answer
        self.close()
        raise ConnectionResetError

    def close(self) -> None:
        if self._line:
            self._line[1].close()
        self._line, self._frames = None, Frames(1 << 20)
