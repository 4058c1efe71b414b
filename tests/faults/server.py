"""A real `lowtide serve` on the database of a test, and a page that listens to it."""

import http.client
import re
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

from tests.faults.processes import ROOT, environment

START_WITHIN_S = 60


class Server:
    """A running server: its process, its address, what it said."""

    program: tuple[str, ...] = ("-m", "lowtide.site.cli")

    def __init__(self, home: Path, *arguments: str, **more: str) -> None:
        self.name = f"server-{uuid4().hex}"  # by which PostgreSQL knows its connections
        self.process = subprocess.Popen(
            [sys.executable, *self.program, "serve", "--port", "0", *arguments],
            env=self.environment(home) | {"PGAPPNAME": self.name} | more,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said: list[str] = []
        self.opened: list[http.client.HTTPConnection] = []
        self.port = self._until_it_listens()
        self.reader = threading.Thread(target=self._read_on, daemon=True)
        self.reader.start()

    def environment(self, home: Path) -> dict[str, str]:
        return environment(home)

    def _until_it_listens(self) -> int:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if found := re.search(r"serves https?://\S+?:(\d+)/", line):
                return int(found[1])
        raise AssertionError("".join(self.said))

    @property
    def devices_port(self) -> int:
        """Where it listens to devices, when it was told to."""
        found = re.search(r"listens to devices on \S+ port (\d+)", "".join(self.said))
        assert found, self.said
        return int(found[1])

    def _read_on(self) -> None:
        assert self.process.stdout is not None
        self.said.extend(self.process.stdout)

    def connect(self, timeout: float = 10) -> http.client.HTTPConnection:
        self.opened.append(http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout))
        return self.opened[-1]

    def get(self, path: str, cookie: str = "", **headers: str) -> http.client.HTTPResponse:
        asked = self.connect()
        asked.request("GET", path, headers={"Cookie": f"sessionid={cookie}", **headers})
        return asked.getresponse()

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(timeout=20)

    def end(self) -> None:
        """Leave nothing of it, however it stands."""
        self.process.kill()
        self.process.wait()
        self.reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
        for connection in self.opened:
            connection.close()


@contextmanager
def serving(home: Path, *arguments: str, **more: str) -> Iterator[Server]:
    server = Server(home, *arguments, **more)
    try:
        yield server
    finally:
        server.end()


class Page:
    """An open page that listens to streams, as a browser's EventSource does."""

    def __init__(self, server: Server, cookie: str, *streams: str, status: int = 200) -> None:
        query = urlencode([("streams", s) for s in streams])
        self.answer = server.get(f"/live?{query}", cookie, Accept="text/event-stream")
        assert self.answer.status == status
        if status == 200:
            assert self.next_block() == ["retry: 2000", ": following"]

    def next_block(self) -> list[str]:
        """The lines up to the next empty one; none once the server has ended the answer."""
        lines: list[str] = []
        while line := self.answer.readline().decode():
            if line == "\n":
                return lines
            lines.append(line.rstrip("\n"))
        return lines

    def close(self) -> None:
        self.answer.close()

    def next_event(self) -> str:
        """The name of the next event, past heartbeats; empty once the answer has ended."""
        while block := self.next_block():
            if block[0].startswith("event: "):
                return block[0].removeprefix("event: ")
        return ""

    def last_event(self) -> str:
        """The name of the last event before the server ended the answer."""
        last = ""
        while event := self.next_event():
            last = event
        return last


def trusting(authority: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority))


def eventually(true: object, within_s: float = 5.0) -> bool:
    """Whether `true()` comes to hold."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if true():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False
