"""`make soak`: the clinic under load, its server killed and its network cut at random; afterwards nothing that was
acknowledged is missing.

.venv/bin/python -m tests.benchmarks.soak
.venv/bin/python -m tests.benchmarks.soak --minutes 10
.venv/bin/python -m tests.benchmarks.soak --seconds 60 --nurses 4 --readers 2

A real `lowtide serve` on loopback with a full house of open sessions. Nurses sign in, chart vital signs, ratings,
events and notes over HTTP, two of them at each session; a monitor speaks every second at each; readers walk boards,
charts and flowsheets and listen for live updates. Every few seconds the server is killed with SIGKILL and started
again, and in between the network breaks in the middle of whatever it carries; a nurse or a monitor whose answer was
cut off sends the same again. At the end `lowtide verify` must be content, every acknowledged entry must be there once,
saying what was sent, and each minute of a monitor with an answered message must be charted once, with that message in
it. Exit code 1 when not.
"""

import argparse
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from tests.faults.proxy import Network

SEED = 20261127
# What a page sees of a server that was killed (the last two from http.client, in the middle of a chunk).
GONE = (OSError, http.client.HTTPException, AssertionError, AttributeError, ValueError)


def main(argv: list[str] | None = None) -> int:
    args = _arguments(argv)
    with tempfile.TemporaryDirectory(prefix="lowtide-soak-") as folder:
        os.environ["LOWTIDE_HOME"] = folder
        os.environ.pop("LOWTIDE_DATABASE_URL", None)
        from lowtide.site.setup import ready

        ready()
        answer = _soak(args, Path(folder))
    print(json.dumps(answer) if args.json else _told(answer))
    return 0 if answer["ok"] else 1


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "make soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60, help="how long to work (60)")
    parser.add_argument("--seconds", type=float, help="the same in seconds")
    parser.add_argument("--nurses", type=int, default=8, help="how many write (8), two at each session")
    parser.add_argument("--readers", type=int, default=4, help="how many read (4)")
    parser.add_argument("--kill-every", type=float, default=12, help="seconds between kills, about (12)")
    parser.add_argument(
        "--cut-every", type=float, default=9, help="seconds between cuts of the network, about (9)"
    )
    parser.add_argument(
        "--pause", type=float, default=0.3, help="seconds between what one person does, about (0.3)"
    )
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    args = parser.parse_args(argv)
    args.seconds = args.seconds or args.minutes * 60
    return args


def _soak(args: argparse.Namespace, home: Path) -> dict[str, Any]:
    from lowtide.virtual.people import Stage
    from tests.clinics import cookie, make

    patients = [care.patient_id for care in make([Stage.LIVE] * max(1, (args.nurses + 1) // 2))]
    (home / "demonstration").write_text("soak")
    house = House(home, args)
    workers: list[Worker] = [
        Nurse(house, cookie(("nurse", "nurse2")[n % 2]), n, patients[n // 2]) for n in range(args.nurses)
    ]
    workers += [Reader(house, cookie("prescriber"), n, patients) for n in range(args.readers)]
    workers.append(Listener(house, cookie("director"), 0))
    workers += [Monitor(house, n, patient) for n, patient in enumerate(patients)]
    house.work(workers)
    return house.judge(workers)


class House:
    """The server as it comes and goes. `server` is None while nobody serves."""

    def __init__(self, home: Path, args: argparse.Namespace) -> None:
        self.home, self.args, self.random = home, args, random.Random(args.seed)
        self.server: Any = None
        self.over = threading.Event()
        self.kills, self.started = 0, list[float]()
        self.to_pages, self.to_devices = Network(), Network()
        self.ended_by_itself: list[str] = []

    def work(self, workers: "list[Worker]") -> None:
        end = time.monotonic() + self.args.seconds
        self._start()
        threading.Thread(target=self._cut, daemon=True).start()
        for worker in workers:
            worker.start()
        while time.monotonic() < end:
            time.sleep(
                min(self.random.uniform(0.4, 1.6) * self.args.kill_every, max(0, end - time.monotonic()))
            )
            self.kills += 1
            self._kill()
            self._start()
        self.over.set()
        _wait_for(w for w in workers if not isinstance(w, Listener))
        self._end(workers)
        self.server.stop()
        _wait_for(workers)
        self.server.end()

    def _start(self) -> None:
        from tests.faults.server import Server

        began = time.perf_counter()
        server = Server(self.home, "--devices-port", "0")
        self.started.append(time.perf_counter() - began)
        self.to_pages.target, self.to_devices.target = server.port, server.devices_port
        server.port = self.to_pages.port
        self.server = server

    def _cut(self) -> None:
        """Break one of the two networks now and then, for a moment or for some seconds."""
        luck = random.Random(self.args.seed + 1)
        while not self.over.wait(luck.uniform(0.4, 1.6) * self.args.cut_every):
            luck.choice((self.to_pages, self.to_devices)).cut(luck.choice((0.0, 0.5, 4.0)))

    def _end(self, workers: "list[Worker]") -> None:
        """The network stands; every monitor goes on to the next minute, and what it was answered is looked for."""
        monitors = [w for w in workers if isinstance(w, Monitor)]
        time.sleep(4.5)
        for monitor in monitors:
            monitor.telling.close_the_minute(Devices(self.to_devices.port))
        for monitor in monitors:
            monitor.lost = monitor.telling.lost()

    def _kill(self) -> None:
        server, self.server = self.server, None
        if server.process.poll() is not None:
            self.ended_by_itself.append(f"{server.process.returncode}: {''.join(server.said)[-2000:]}")
        server.end()

    def judge(self, workers: "list[Worker]") -> dict[str, Any]:
        """What is there afterwards, beside what was promised."""
        nurses = [w for w in workers if isinstance(w, Nurse)]
        said = dict(pair for nurse in nurses for pair in nurse.acknowledged.items())
        missing, changed = _compared(said)
        report = _verified(self.home)
        # a listener hears nothing once nobody writes, and may wait for a busy server: it has promised nothing
        unfinished = [w.name for w in workers if w.is_alive() and not isinstance(w, Listener)]
        troubles = sum((w.troubles for w in workers), Counter[str]())
        monitors = [w for w in workers if isinstance(w, Monitor)]
        lost = [one for monitor in monitors for one in monitor.lost]
        waits = sorted(wait for w in workers if not isinstance(w, Listener | Monitor) for wait in w.waits)
        return {
            "ok": report["ok"]
            and not (missing or changed or lost or troubles or unfinished or self.ended_by_itself)
            and bool(said),
            "seconds": self.args.seconds,
            "kills": self.kills,
            "cuts": self.to_pages.cuts + self.to_devices.cuts,
            "monitor_messages_answered": sum(sum(map(len, m.telling.answered.values())) for m in monitors),
            "monitor_messages_late": sum(m.telling.late for m in monitors),
            "monitor_messages_sent_again": sum(m.telling.again for m in monitors),
            "monitor_minutes": sum(len(m.telling.answered) for m in monitors),
            "monitor_minutes_wrong": lost,
            "restart_s_max": round(max(self.started), 2),
            "acknowledged": len(said),
            "sent_again": dict(sum((nurse.again for nurse in nurses), Counter[str]())),
            "pages_read": sum(w.done for w in workers if isinstance(w, Reader)),
            "live_events": sum(w.done for w in workers if isinstance(w, Listener)),
            "answer_ms": {p: round(waits[int(len(waits) * p / 100)] * 1000) for p in (50, 95, 99)}
            if waits
            else {},
            "missing": missing,
            "changed": changed,
            "troubles": dict(troubles),
            "unfinished": unfinished,
            "ended_by_itself": self.ended_by_itself,
            "verify": report,
        }


def _wait_for(workers: "Iterable[Worker]") -> None:
    for worker in workers:
        worker.join(timeout=60)


def _compared(said: "dict[UUID, str]") -> tuple[list[str], list[str]]:
    """Acknowledged ids that the record lacks, and those whose entry says something else."""
    from lowtide.record import store

    store.forget()
    missing, changed = [], []
    for entry_id, word in said.items():
        entry = store.find(entry_id)
        if entry is None:
            missing.append(str(entry_id))
        elif word not in str(entry.body):
            changed.append(str(entry_id))
    return missing, changed


def _verified(home: Path) -> dict[str, Any]:
    from tests.faults.processes import environment

    command = [sys.executable, "-m", "lowtide.site.cli", "verify", "--json"]
    out = subprocess.run(
        command, env=environment(home), stdout=subprocess.PIPE, text=True, check=False
    ).stdout
    report: dict[str, Any] = json.loads(out)
    return report


class Worker(threading.Thread):
    """Somebody at a screen: does one thing after another, and waits while nobody serves."""

    def __init__(self, house: House, cookie: str, number: int) -> None:
        super().__init__(daemon=True, name=f"{type(self).__name__} {number}")
        self.house, self.cookie = house, cookie
        self.random = random.Random(f"{house.args.seed} {self.name}")
        self.done, self.troubles, self.waits = 0, Counter[str](), list[float]()

    def run(self) -> None:
        try:
            self._work()
        except Exception as error:
            self.troubles[f"{self.name} gave up: {error!r}"] += 1

    def _work(self) -> None:
        for one in self.tasks():
            while not self._did(one):
                time.sleep(0.05)
            if self.house.over.is_set():
                return
            time.sleep(self.random.uniform(0.2, 1.8) * self.house.args.pause)

    def _did(self, one: Callable[[Any], None]) -> bool:
        """Whether the server answered; what it cut off is done again."""
        server = self.house.server
        if server is None:
            return False
        began = time.perf_counter()
        try:
            one(server)
        except GONE as error:
            self.cut_off(error)
            return False
        self.waits.append(time.perf_counter() - began)
        return True

    def cut_off(self, error: Exception) -> None:
        """An answer never came, or came by half; it is asked for again."""

    def tasks(self) -> "Iterator[Callable[[Any], None]]":
        raise NotImplementedError


class Nurse(Worker):
    """Charts at one session; keeps what the server said was written, and what each entry must say."""

    def __init__(self, house: House, cookie: str, number: int, patient: UUID) -> None:
        from lowtide.pathway.session.models import Session

        super().__init__(house, cookie, number)
        key = Session.objects.get(stream=f"chart:{patient}", open=True).key
        self.address = f"/patients/{patient}/sessions/{key}"
        self.acknowledged: dict[UUID, str] = {}
        self.again = Counter[str]()

    def tasks(self) -> Iterator[Callable[[Any], None]]:
        while True:
            yield self._form(*self.random.choice((self._pressure, self._sedation, self._event, self._note))())

    def _form(self, page: str, word: str, fields: dict[str, object]) -> Callable[[Any], None]:
        from tests.benchmarks.live_speed import post

        entry_id = uuid4()

        def send(server: Any) -> None:
            status = post(server, f"{self.address}/{page}", self.cookie, {"entry_id": entry_id, **fields})
            if status == 302:
                self.acknowledged[entry_id] = word
            else:
                self.troubles[f"{page} answered {status}"] += 1

        return send

    def cut_off(self, error: Exception) -> None:
        self.again[repr(error)] += 1

    def _pressure(self) -> tuple[str, str, dict[str, object]]:
        sbp = self.random.randint(118, 138)
        values = {"sbp_mmhg": sbp, "dbp_mmhg": self.random.randint(70, 84)}
        said = "/".join(map(str, values.values()))
        return "enter/bp", f"sbp_mmhg={sbp}", {**values, "sure": said}

    def _sedation(self) -> tuple[str, str, dict[str, object]]:
        value = self.random.choice((4, 5))
        return "enter/sedation", f"Decimal('{value}')", {"value": value}

    def _event(self) -> tuple[str, str, dict[str, object]]:
        word = f"seen {uuid4()}"
        return "event", word, {"what": "", "detail": word}

    def _note(self) -> tuple[str, str, dict[str, object]]:
        word = f"note {uuid4()}"
        return "note", word, {"topic": "clinical", "text": word}


class Reader(Worker):
    """Walks the pages that others have open; a page that fails is a trouble."""

    def __init__(self, house: House, cookie: str, number: int, patients: list[UUID]) -> None:
        from lowtide.pathway.session.models import Session

        super().__init__(house, cookie, number)
        sessions = [
            f"/patients/{s.stream.partition(':')[2]}/sessions/{s.key}"
            for s in Session.objects.filter(open=True)
        ]
        self.pages = ["/today", "/chairs", "/chairs/live", *(f"/patients/{p}/" for p in patients)]
        self.pages += [page for s in sessions for page in (s, f"{s}/live", f"{s}/flowsheet")]

    def tasks(self) -> Iterator[Callable[[Any], None]]:
        while True:
            page = self.random.choice(self.pages)

            def read(server: Any, page: str = page) -> None:
                answer = server.get(page, self.cookie)
                answer.read()
                self.done += 1
                if answer.status != 200:
                    self.troubles[f"{page} answered {answer.status}"] += 1

            yield read


class Listener(Worker):
    """An open board that listens, and begins again when the server comes back."""

    def tasks(self) -> Iterator[Callable[[Any], None]]:
        while True:
            yield self._listen

    def _listen(self, server: Any) -> None:
        from tests.faults.server import Page

        page = Page(server, self.cookie, "chart:*", "calendar:main")
        while not self.house.over.is_set() and page.next_event():
            self.done += 1
        page.close()


class Devices(NamedTuple):
    """Where devices are listened to."""

    devices_port: int


class Monitor(Worker):
    """A bedside monitor on the person of a session."""

    def __init__(self, house: House, number: int, patient: UUID) -> None:
        from lowtide.pathway.session.models import Session
        from tests.benchmarks.soak_devices import Telling, put_on

        super().__init__(house, "", number)
        session = Session.objects.get(stream=f"chart:{patient}", open=True)
        put_on(session.stream, UUID(session.key), f"SOAK-{number}")
        self.telling = Telling(f"SOAK-{number}", session.stream)
        self.troubles, self.lost = self.telling.troubles, list[str]()

    def tasks(self) -> Iterator[Callable[[Any], None]]:
        for one in self.telling.messages():
            yield lambda server, one=one: one(Devices(self.house.to_devices.port))  # type: ignore[misc]


def _told(answer: dict[str, Any]) -> str:
    lines = [f"{name.replace('_', ' '):<16}{value}" for name, value in answer.items()]
    return "\n".join(
        [*lines, "The record held." if answer["ok"] else "THE RECORD DID NOT HOLD, or a page failed."]
    )


if __name__ == "__main__":
    sys.exit(main())
