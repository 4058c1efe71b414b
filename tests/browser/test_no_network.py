"""The network goes while somebody charts at the chair: the page goes on, and the record ends complete, each entry once."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.tablets import LineClinic, Tablet, line_clinic, small_clinic, tablet
from tests.browser.test_pages import live_session

__all__ = ["line_clinic", "small_clinic", "tablet"]
NewTablet = Callable[..., Tablet]


def at_the_chair(one: Tablet, login: str = "nurse") -> Page:
    """Signed in, at a session whose dose runs, ready for the loss of the network."""
    page = one.sign_in(login)
    page.goto(live_session(page))
    ready(page)
    return page


def ready(page: Page) -> None:
    page.locator("body[data-tablet=ready]").wait_for()
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")


def without_network(page: Page) -> None:
    expect(page.locator("#offline")).to_contain_text("Keep going", timeout=20_000)
    expect(page.locator(".rail.is-offline")).to_be_visible()


def measure(page: Page, systolic: int, diastolic: int = 77) -> None:
    page.locator("#offline-rail, #main .rail").get_by_role("link", name="Blood pressure", exact=True).click()
    page.locator("form.kp [name=sbp_mmhg]").fill(str(systolic))
    page.locator("form.kp [name=dbp_mmhg]").fill(str(diastolic))
    page.locator("form.kp button[type=submit]").click()
    page.wait_for_timeout(150)
    if page.locator("form.kp .error").is_visible():  # far from the last value: looked at again
        page.locator("form.kp button[type=submit]").click()
    page.locator("form.kp").wait_for(state="detached")


def pressures(clinic: LineClinic) -> list[tuple[int, int]]:
    bodies = [e["body"] for e in clinic.entries("vitals")]
    return [(b["sbp_mmhg"], b["dbp_mmhg"]) for b in bodies if "sbp_mmhg" in b]


@pytest.mark.hazard("H017")
def test_charting_goes_on_in_the_open_page_and_arrives_once(
    line_clinic: LineClinic, tablet: NewTablet
) -> None:
    page = at_the_chair(tablet())
    line_clinic.line.cut()
    without_network(page)
    measure(page, 131)
    page.locator("#offline-rail").get_by_role("button", name="Calm").click()
    expect(page.locator("[data-state=waiting]")).to_have_count(2)
    page.screenshot(path="/tmp/offline/cut.png")
    line_clinic.line.mend()
    expect(page.locator("[data-state=waiting]")).to_have_count(0, timeout=20_000)
    steps.logged(page, "131/77")
    assert pressures(line_clinic).count((131, 77)) == 1
