"""Take the pictures of docs/screenshots from a fresh demonstration: `python -m tests.browser.screenshots`."""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS, SIZES, Demo, sign_in
from tests.browser.test_pages import open_screen

OUT = Path(__file__).parents[2] / "docs/screenshots"
ASKED = "chart:evaluate?indication=trd&product=racemic_ketamine&route=iv"
PICTURES = {
    "session": ("nurse", "tablet", True, "live:"),
    "today": ("prescriber", "desk", False, "/today"),
    "course": ("prescriber", "desk", False, "chart:"),
    "evaluate": ("prescriber", "desk", False, ASKED),
    "board": ("nurse", "tablet", True, "/chairs"),
}


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="lowtide-pictures-") as home, sync_playwright() as playwright:
        demo = Demo(Path(home))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            for name, (login, size, dark, where) in PICTURES.items():
                _take(_signed_in(browser, demo, login, size, dark), name, where)
        finally:
            browser.close()
            demo.stop()


def _signed_in(browser: Browser, demo: Demo, login: str, size: str, dark: bool) -> Page:
    width, height = SIZES[size]
    context = browser.new_context(
        base_url=demo.address,
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    sign_in(page, login, demo.password)
    return page


def _take(page: Page, name: str, where: str) -> None:
    open_screen(page, where)
    page.wait_for_timeout(1500)  # fonts, and the first live words
    page.screenshot(path=OUT / f"{name}.png")
    page.context.close()


if __name__ == "__main__":
    main()
