"""The line between tablets and their clinic, in the hands of a test: it speaks https to both and passes on whole
requests, so that each can be lost, held back, sent twice or answered into nothing, and the line itself cut.

No connection is used twice: a browser sends again by itself what broke on one that it had used before, and a test
must know how often something was sent.
"""

import http.client
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ONE_LEG = ("host", "connection", "keep-alive", "transfer-encoding", "content-length", "upgrade", "te")
"""Headers that are about one leg of the way and are written anew for the other."""


class Request:
    """What a browser asks for, whole."""

    def __init__(self, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
        self.method, self.path, self.headers, self.body = method, path, headers, body

    def fits(self, pattern: str) -> bool:
        return bool(re.match(pattern, f"{self.method} {self.path}"))


class Hold:
    """Requests kept back until the test lets them go, in the order it likes."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Request, threading.Event]] = []

    def wait(self, request: Request) -> None:
        gate = threading.Event()
        self.waiting.append((request, gate))
        gate.wait(60)

    def until(self, count: int, within_s: float = 10) -> None:
        """Until so many wait."""
        end = time.monotonic() + within_s
        while len(self.waiting) < count:
            assert time.monotonic() < end, f"{len(self.waiting)} of {count} requests are waiting"
            time.sleep(0.02)

    def release(self, *, last_first: bool = False, apart_s: float = 0.2) -> None:
        """Let all go, one after the other."""
        waiting, self.waiting = self.waiting, []
        for _, gate in reversed(waiting) if last_first else waiting:
            gate.set()
            time.sleep(apart_s)


class Line:
    """The line. `port` is where the clinic's server listens now; it may change when the server starts again."""

    def __init__(self, tls: Path, port: int) -> None:
        self.port = port
        self.is_cut = False
        self.passed: list[Request] = []
        self._rules: list[tuple[str, str, Any]] = []
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._server = _Server(self, tls)
        self.address = f"https://localhost:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.cut()
        self._server.shutdown()
        self._server.server_close()

    # -- what a test does with it: `path` is a pattern such as "POST .*/enter/" ----------------------------------

    def cut(self) -> None:
        """From now on nothing passes, and what was open breaks off."""
        self.is_cut = True
        with self._lock:
            broken, self._open = self._open, set()
        for one in broken:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self.is_cut = False

    def lose_request(self, path: str, times: int = 1) -> None:
        """The next requests for the path never arrive."""
        self._rule(path, "lose", None, times)

    def lose_answer(self, path: str, times: int = 1) -> None:
        """The next requests for the path are answered by the clinic, and nobody hears it."""
        self._rule(path, "deaf", None, times)

    def send_twice(self, path: str, times: int = 1) -> None:
        """The next requests for the path arrive twice; the second answer is passed on."""
        self._rule(path, "twice", None, times)

    def delay(self, path: str, seconds: float, times: int = 1) -> None:
        self._rule(path, "do_first", lambda _: time.sleep(seconds), times)

    def hold(self, path: str, times: int = 1) -> Hold:
        """The next requests for the path wait until the test releases them."""
        held = Hold()
        self._rule(path, "do_first", held.wait, times)
        return held

    def when_answered(self, path: str, do: Callable[[], object]) -> None:
        """The next request for the path is carried out by the clinic; then `do`, and nobody hears the answer."""
        self._rule(path, "deaf", do, 1)

    def sent(self, path: str) -> list[Request]:
        """The requests for a path that arrived at the clinic, in order of arrival."""
        return [r for r in self.passed if r.fits(path)]

    # -- how it does it ------------------------------------------------------------------------------------------

    def _rule(self, path: str, what: str, do: Any, times: int) -> None:
        with self._lock:
            self._rules += [(path, what, do)] * times

    def rule_for(self, request: Request) -> tuple[str, Any]:
        with self._lock:
            for place, (path, what, do) in enumerate(self._rules):
                if request.fits(path):
                    del self._rules[place]
                    return what, do
        return "pass", None

    def opened(self, one: socket.socket) -> None:
        with self._lock:
            self._open.add(one)

    def forget(self, one: socket.socket) -> None:
        with self._lock:
            self._open.discard(one)

    def ask(self, request: Request) -> http.client.HTTPResponse:
        """The clinic's own answer, its body still to be read."""
        self.passed.append(request)
        trusting = ssl._create_unverified_context()
        clinic = http.client.HTTPSConnection("127.0.0.1", self.port, context=trusting, timeout=60)
        clinic.request(request.method, request.path, body=request.body or None, headers=request.headers)
        return clinic.getresponse()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, line: Line, tls: Path) -> None:
        self.line = line
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(tls / "certificate.pem", tls / "key.pem")
        super().__init__(("127.0.0.1", 0), _Handler)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        return not self.line.is_cut

    def finish_request(self, request: Any, client_address: Any) -> None:
        """The handshake is made in the connection's own thread, so that none keeps another waiting."""
        with suppress(OSError):
            secure = self.tls.wrap_socket(request, server_side=True)
            self.line.opened(secure)
            try:
                super().finish_request(secure, client_address)
            finally:
                self.line.forget(secure)
                secure.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """What breaks off is what the test wanted."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        self.close_connection = True
        if self.raw_requestline and self.parse_request():
            self.close_connection = True
            self._pass_on(self._whole())

    def _whole(self) -> Request:
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ONE_LEG}
        headers |= {"Host": self.headers["Host"], "Connection": "close"}
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return Request(self.command, self.path, headers, body)

    def _pass_on(self, request: Request) -> None:
        line = self.server.line
        what, do = line.rule_for(request)
        if what == "do_first":
            do(request)
        if what == "lose" or line.is_cut:
            return
        if what in ("twice", "deaf"):
            line.ask(request).read()
            if do:
                do()
        if what != "deaf":
            self._answer(line.ask(request))

    def _answer(self, answer: http.client.HTTPResponse) -> None:
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in ONE_LEG:
                self.send_header(name, value)
        length = answer.getheader("Content-Length")
        if length:
            self.send_header("Content-Length", length)
        self.send_header("Connection", "close")
        self.end_headers()
        while part := answer.read1(65536):
            self.wfile.write(part)
            self.wfile.flush()

    def log_message(self, *about: Any) -> None:
        """Silent."""
