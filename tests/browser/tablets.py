"""A clinic behind a line that the test holds, and tablets in front of it that can be restarted and set wrong."""

import base64
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from playwright.sync_api import BrowserContext, Error, Page, Playwright

from lowtide.site.demo.staff import PASSWORD
from tests.browser.conftest import CHROMIUM, FLAGS, SIZES, sign_in
from tests.browser.line import Line
from tests.faults.processes import ROOT
from tests.faults.server import Server

WRONG_CLOCK = """(() => {
  const Right = globalThis.rightDate ??= Date;
  globalThis.clockAheadMs = %d;
  globalThis.Date = class extends Right {
    constructor(...at) { at.length ? super(...at) : super(Right.now() + globalThis.clockAheadMs); }
    static now() { return Right.now() + globalThis.clockAheadMs; }
  };
})()"""


class _Serving(Server):
    """`lowtide serve` on a home that is a clinic's own, not the database of a test; its clock can be moved."""

    def __init__(self, home: Path) -> None:
        self.program = ("-m", "tests.browser.moved_clock", str(home / "clock-ahead-s"))
        super().__init__(home)

    def environment(self, home: Path) -> dict[str, str]:
        return environment(home)


class LineClinic:
    """A clinic's server over https, and the line to it. It can be killed and started on the same home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.server = _Serving(home)
        self.line = Line(home / "tls", self.server.port)

    def kill(self) -> None:
        """As a power cut does: at once, in the middle of whatever it is doing."""
        self.server.end()

    def until_killed(self) -> None:
        """Until the server is gone, where the line ends it."""
        self.server.process.wait(timeout=20)

    def move_clock(self, ahead_s: int) -> None:
        """The server's clock is so far ahead from now on, also after it was started again."""
        (self.home / "clock-ahead-s").write_text(str(ahead_s))
        time.sleep(0.2)

    def start(self) -> None:
        self.server = _Serving(self.home)
        self.line.port = self.server.port

    def close(self) -> None:
        self.line.close()
        self.server.end()

    def entries(self, kind: str = "", stream: str = "") -> list[dict[str, Any]]:
        """What is stored, in order: the envelope with its body and the clock's mark."""
        asked = "SELECT e.envelope, b.payload, e.clock FROM record_storedentry e JOIN record_storedbody b ON b.entry_id = e.id"
        with sqlite3.connect(f"file:{self.home / 'lowtide.sqlite3'}?mode=ro", uri=True) as database:
            rows = database.execute(f"{asked} ORDER BY e.stream, e.seq").fetchall()
        told = [
            {**json.loads(envelope), "body": json.loads(body)["body"], "clock": clock}
            for envelope, body, clock in rows
        ]
        return [e for e in told if e["kind"].startswith(kind) and e["stream"].startswith(stream)]

    def verify(self) -> dict[str, Any]:
        """What `lowtide verify` says."""
        done = subprocess.run(
            [sys.executable, "-m", "lowtide.site.cli", "verify", "--json"],
            env=environment(self.home),
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer


class Tablet:
    """A browser with a profile of its own, which outlives a restart."""

    def __init__(self, playwright: Playwright, folder: Path, clinic: LineClinic, off_s: int = 0) -> None:
        self.playwright, self.folder, self.clinic, self.off_s = playwright, folder, clinic, off_s
        self.context = self._launch()
        self.page = self._page()

    def _launch(self) -> BrowserContext:
        width, height = SIZES["tablet"]
        trusted = f"--ignore-certificate-errors-spki-list={_fingerprint(self.clinic.home)}"
        context = self.playwright.chromium.launch_persistent_context(
            self.folder,
            executable_path=CHROMIUM,
            args=[*FLAGS, trusted],
            base_url=self.clinic.line.address,
            viewport={"width": width, "height": height},
            color_scheme="dark",
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        if self.off_s:
            context.add_init_script(WRONG_CLOCK % (self.off_s * 1000))
        return context

    def move_clock(self, ahead_s: int) -> None:
        """The tablet's clock is so far ahead from now on, in the open page and in every later one."""
        self.context.add_init_script(WRONG_CLOCK % (ahead_s * 1000))
        try:
            self.page.evaluate(f"""() => {{ {WRONG_CLOCK % (ahead_s * 1000)} }}""")
        except Error:  # the page was just being left: the next one begins with the new clock
            self.page.wait_for_load_state()

    def _page(self) -> Page:
        return self.context.pages[0] if self.context.pages else self.context.new_page()

    def sign_in(self, login: str) -> Page:
        sign_in(self.page, login, PASSWORD)
        return self.page

    def sign_out(self) -> None:
        """The sign-in ends; what the browser keeps stays."""
        self.context.clear_cookies()

    def restart(self) -> Page:
        """The browser is closed and opened again: sign-ins end, what it keeps stays."""
        self.close()
        self.context = self._launch()
        self.page = self._page()
        return self.page

    def close(self) -> None:
        self.context.close()


def environment(home: Path) -> dict[str, str]:
    found = {k: v for k, v in os.environ.items() if not k.startswith(("LOWTIDE_", "DJANGO_"))}
    path = f"{ROOT / 'src'}{os.pathsep}{ROOT}"
    return found | {"LOWTIDE_HOME": str(home), "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}


def _fingerprint(home: Path) -> str:
    """The one key that the tablet trusts without an authority, as Chromium takes it."""
    certificate = x509.load_pem_x509_certificate((home / "tls" / "certificate.pem").read_bytes())
    key = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(hashlib.sha256(key).digest()).decode()


@pytest.fixture(scope="session")
def small_clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a small clinic, made once; each test works on a copy."""
    home = tmp_path_factory.mktemp("small") / "home"
    home.mkdir()
    _make(home)
    return home


def _make(home: Path, *how: str) -> None:
    home.mkdir(exist_ok=True)
    made = [sys.executable, "-m", "tests.browser.small_clinic", *how]
    subprocess.run(made, env=environment(home), cwd=ROOT, check=True)


@pytest.fixture
def line_clinic(small_clinic: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[LineClinic]:
    """A served clinic of the test's own, over https and behind the line; `waiting` asks for one with a dose to give."""
    home = tmp_path / "clinic"
    if how := getattr(request, "param", ""):
        _make(home, how)
    else:
        shutil.copytree(small_clinic, home)
    clinic = LineClinic(home)
    yield clinic
    clinic.close()


@pytest.fixture
def tablet(
    playwright_started: Playwright, line_clinic: LineClinic, tmp_path: Path
) -> Iterator[Callable[..., Tablet]]:
    """A tablet by name, with its clock so many seconds ahead: `tablet("one", off_s=-600)`."""
    made: list[Tablet] = []

    def make(name: str = "one", *, off_s: int = 0) -> Tablet:
        made.append(Tablet(playwright_started, tmp_path / name, line_clinic, off_s))
        return made[-1]

    yield make
    for one in made:
        one.close()
