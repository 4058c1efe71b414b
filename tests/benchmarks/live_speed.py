"""A real server: how soon it is up, and how soon what is charted at a chair stands on every screen that shows it."""

import http.client
import statistics
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

from lowtide.pathway.session.models import Session
from tests.benchmarks.figures import Figure, percentile
from tests.clinics import cookie
from tests.faults.server import Page, Server, serving

TOKEN = "b" * 32
SCREENS = 8


def figures(home: Path, *, smoke: bool) -> Iterator[Figure]:
    starts = 1 if smoke else 3
    yield Figure(
        "start-up until a page answers, wall", statistics.median(_start(home) for _ in range(starts)), "s", 3
    )
    with serving(home) as server:
        taken = list(_watch(server, 5 if smoke else 40))
    yield Figure(f"event at the chair on {SCREENS} screens, p50, wall", percentile(taken, 50), "s")
    yield Figure(f"event at the chair on {SCREENS} screens, slowest, wall", max(taken), "s", 1)


def _start(home: Path) -> float:
    """Seconds from the start of the process until `/alive` answers."""
    began = time.perf_counter()
    with serving(home) as server:
        assert server.get("/alive").read() == b"ok\n"
        return time.perf_counter() - began


class Screen(threading.Thread):
    """An open page: it hears that the session has grown, asks for its live parts, and notes when they show a word."""

    def __init__(self, server: Server, stream: str, address: str) -> None:
        super().__init__(daemon=True)
        self.server, self.address, self.cookie = server, address, cookie("nurse")
        self.page = Page(server, self.cookie, stream)
        self.seen: dict[str, float] = {}
        self.wanted: list[str] = []

    def run(self) -> None:
        try:
            while self.page.next_event():
                shown = self.server.get(f"{self.address}/live", self.cookie).read().decode()
                now = time.perf_counter()
                for word in self.wanted:
                    if word in shown:
                        self.seen.setdefault(word, now)
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            return  # the server has ended


def _watch(server: Server, times: int) -> Iterator[float]:
    """Seconds from the nurse's press until the last screen shows it."""
    session = Session.objects.filter(open=True).order_by("-started_at").first()
    assert session
    address = f"/patients/{session.stream.removeprefix('chart:')}/sessions/{session.key}"
    screens = [Screen(server, session.stream, address) for _ in range(SCREENS)]
    nurse = cookie("nurse")
    for screen in screens:
        screen.start()
    for number in range(times):
        yield _chart(server, nurse, address, f"saw a heron, {number} of many", screens)
        time.sleep(0.1)


def _chart(server: Server, nurse: str, address: str, word: str, screens: list[Screen]) -> float:
    for screen in screens:
        screen.wanted.append(word)
    began = time.perf_counter()
    form = {"entry_id": uuid4(), "what": "", "detail": word}
    assert post(server, f"{address}/event", nurse, form) == 302
    while not all(word in screen.seen for screen in screens):
        assert time.perf_counter() - began < 10, "a screen does not show what was charted"
        time.sleep(0.002)
    return max(screen.seen[word] for screen in screens) - began


def post(server: Server, address: str, who: str, form: dict[str, object], timeout: float = 30) -> int:
    """Send a form as its page would; answers the status."""
    asked = server.connect(timeout)
    try:
        headers = {
            "Cookie": f"sessionid={who}; csrftoken={TOKEN}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        asked.request("POST", address, urlencode({"csrfmiddlewaretoken": TOKEN, **form}), headers)
        answer = asked.getresponse()
        answer.read()
        return answer.status
    finally:
        asked.close()
