"""The lock of a tablet and the network: what nothing would open again stays open, and the PIN is asked for until it is known."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.tablets import LineClinic, Tablet, line_clinic, small_clinic, tablet
from tests.browser.test_hand_over import at_the_chair_again, enter_pin, lock, takes_pin_of
from tests.browser.test_no_network import measure, pressures, ready, without_network
from tests.browser.test_start_without_network import CLOCK
from tests.browser.test_tablet_pages import set_pin

__all__ = ["line_clinic", "small_clinic", "tablet"]
expect.set_options(timeout=20_000)  # a busy machine
NewTablet = Callable[..., Tablet]
CONTROLLED = """new Promise((over) => {
  navigator.serviceWorker.addEventListener("controllerchange", () => over(null), { once: true });
  if (navigator.serviceWorker.controller) over(null);
})"""


def knows_no_pin(one: Tablet) -> Page:
    """At a session by password, with a PIN that this tablet was never told."""
    one.context.set_default_timeout(45_000)
    one.context.add_init_script(CLOCK)
    set_pin(one.sign_in("nurse"), "nurse")
    page = at_the_chair_again(one)
    page.evaluate(CONTROLLED)  # from now on a page hands the key to the next
    page.reload()
    ready(page)
    return page


def nobody_touches_it(page: Page) -> None:
    """For as long as a tablet waits before it locks, and a little longer; then it looks."""
    page.evaluate("globalThis.ahead += 6 * 60_000")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


@pytest.mark.hazard("H017")
def test_a_tablet_stays_open_without_network_until_it_knows_the_pin_that_would_open_it(
    line_clinic: LineClinic, tablet: NewTablet
) -> None:
    page = knows_no_pin(tablet())
    offer = page.locator("#pin-offer").get_by_role("button", name="Enter the PIN")
    page.reload()  # whoever does not take the offer at once finds it again
    offer.click()
    page.get_by_role("button", name="Not now").click()
    expect(offer).to_be_visible()
    line_clinic.line.cut()
    without_network(page)
    expect(offer).to_have_count(0)  # nobody could tell whether the PIN is right
    nobody_touches_it(page)
    page.wait_for_timeout(1500)
    expect(page.locator("#locked")).to_have_count(0)
    measure(page, 131)
    line_clinic.line.mend()
    expect(page.locator("[data-state=waiting]")).to_have_count(0, timeout=40_000)
    expect(offer).to_be_visible()
    nobody_touches_it(page)
    expect(page.locator("#locked")).to_be_visible()  # the network opens it
    enter_pin(page, "nurse")
    expect(offer).to_have_count(0)
    line_clinic.line.cut()
    without_network(page)
    nobody_touches_it(page)
    expect(page.locator("#locked")).to_be_visible()  # the PIN opens it
    enter_pin(page, "nurse")
    measure(page, 134)


@pytest.mark.hazard("H017")
def test_whoever_locks_a_tablet_that_nothing_would_open_is_asked_first(
    line_clinic: LineClinic, tablet: NewTablet
) -> None:
    page = knows_no_pin(tablet())
    line_clinic.line.cut()
    without_network(page)
    measure(page, 131)
    page.get_by_role("button", name="Lock", exact=True).click()
    asked = page.get_by_role("dialog", name="Lock without network?")
    asked.get_by_role("button", name="Keep it open").click()
    expect(asked).to_have_count(0)
    expect(page.locator("[data-state=waiting]")).to_contain_text("BP 131/77")
    page.get_by_role("button", name="Lock", exact=True).click()
    asked.get_by_role("button", name="Lock it").click()
    expect(page.locator("#locked")).to_be_visible()
    page.locator("#tablet-pin").fill("000000")
    page.locator("#locked").get_by_role("button", name="Open").click()
    expect(page.locator("#locked .error")).to_contain_text("cannot tell whether that PIN is right")
    line_clinic.line.mend()
    enter_pin(page, "nurse")
    expect(page.locator("[data-state=waiting]")).to_have_count(0, timeout=40_000)
    assert pressures(line_clinic).count((131, 77)) == 1


@pytest.mark.hazard("H043")
def test_the_word_that_a_tablet_was_locked_never_ends_the_sign_in_that_the_pin_makes(
    line_clinic: LineClinic, tablet: NewTablet
) -> None:
    page = takes_pin_of(tablet(), "nurse")
    line_clinic.line.delay("POST /tablet/lock", 4)
    lock(page)
    enter_pin(page, "nurse")
    page.wait_for_timeout(5000)
    page.reload()
    ready(page)
    expect(page.locator("#locked")).to_have_count(0)
