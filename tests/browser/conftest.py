"""A real clinic, a real server, a real browser: what the browser tests stand on."""

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, StorageState, sync_playwright

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"desk": (1440, 900), "tablet": (1180, 820), "phone": (390, 844)}
PASSWORD = re.compile(r"^ +password +(\S+)", re.M)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Demo"]:
    """The demonstration clinic, as `lowtide demo` makes and serves it, on a free port of this machine."""
    home = tmp_path_factory.mktemp("demo")
    running = Demo(home)
    yield running
    running.stop()


class Demo:
    """A running demonstration server: its address, its password, and how to end and start it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.log = home / "server.log"
        self.signed_in: dict[str, StorageState] = {}
        self.start()

    def start(self, *more: str) -> None:
        environment = os.environ | {"LOWTIDE_HOME": str(self.home / "clinic"), "PYTHONUNBUFFERED": "1"}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        with self.log.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "lowtide.site.cli", "demo", "--port", "0", *more],
                stdout=out,
                stderr=subprocess.STDOUT,
                env=environment,
            )
        self.address = self._address()
        found = PASSWORD.search(self.log.read_text())
        assert found, self.log.read_text()
        self.password = found[1]

    def _address(self) -> str:
        for _ in range(2400):
            found = re.search(r"http://127\.0\.0\.1:\d+", self.log.read_text())
            if found and self._answers(found[0]):
                return found[0]
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def _answers(self, address: str) -> bool:
        try:
            return bool(urllib.request.urlopen(f"{address}/alive", timeout=1).status == 200)
        except OSError:
            return False

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)


@pytest.fixture(scope="session")
def playwright_started() -> Iterator[Playwright]:
    if not CHROMIUM:
        assert not os.environ.get("REQUIRE_BROWSER"), "Chromium is missing: make browser brings it"
        pytest.skip("Debian's Chromium is not installed; `make browser` brings it")
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright_started: Playwright) -> Iterator[Browser]:
    started = playwright_started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield started
    started.close()


@pytest.fixture
def visit(browser: Browser, demo: Demo) -> Iterator[Callable[..., Page]]:
    """Open a page as somebody: `visit("nurse", size="tablet")` answers a signed-in page."""
    contexts: list[BrowserContext] = []

    def open_as(login: str | None = None, *, size: str = "desk", dark: bool = False) -> Page:
        width, height = SIZES[size]
        context = browser.new_context(
            base_url=demo.address,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            storage_state=demo.signed_in.get(login or ""),
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        if login and login not in demo.signed_in:
            sign_in(page, login, demo.password)
            demo.signed_in[login] = context.storage_state()
        elif login:
            page.goto("/")
        return page

    yield open_as
    for context in contexts:
        context.close()


def sign_in(page: Page, login: str, password: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label(re.compile("name", re.I)).first.fill(login)
    page.locator("input[type=password]").first.fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/accounts/login" not in url)
