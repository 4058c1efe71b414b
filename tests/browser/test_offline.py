"""The network goes while a nurse types at the chair: the page stays, and what was recorded is sent afterwards."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.test_pages import live_session

expect.set_options(timeout=20_000)  # a busy machine
Visit = Callable[..., Page]


def ready(page: Page) -> None:
    """Until the page works without the network."""
    page.locator("body[data-tablet=ready]").wait_for()


def test_what_is_recorded_as_the_network_goes_waits_and_is_sent(visit: Visit) -> None:
    chair = visit("nurse", size="tablet", dark=True)
    chair.goto(live_session(chair))
    ready(chair)
    steps.more(chair, "Blood pressure")
    chair.locator("form.kp [name=sbp_mmhg]").fill("133")
    chair.locator("form.kp [name=dbp_mmhg]").fill("77")
    chair.context.set_offline(True)
    chair.locator("form.kp button[type=submit]").click()
    expect(chair.locator("[data-state=waiting]")).to_contain_text("BP 133/77")
    expect(chair.locator("#offline")).to_contain_text("Keep going: all is kept on this tablet and sent once.")
    chair.context.set_offline(False)
    steps.logged(chair, "133/77")
    expect(chair.locator("[data-state=waiting]")).to_have_count(0)


def test_a_keypad_that_cannot_be_fetched_is_made_by_the_tablet(visit: Visit) -> None:
    chair = visit("nurse", size="tablet", dark=True)
    chair.goto(live_session(chair))
    ready(chair)
    here = chair.url
    chair.locator("details.more summary").click()
    chair.context.set_offline(True)
    chair.locator("#offline-rail").get_by_role("link", name="Blood pressure", exact=True).click()
    expect(chair.locator("form.kp")).to_contain_text("it is kept on this tablet and sent once")
    assert chair.url == here
