"""The network goes while a nurse types at the chair: the page stays, says so, and what was typed is sent afterwards."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.test_pages import live_session

Visit = Callable[..., Page]


def test_what_is_typed_at_the_chair_outlives_a_lost_network(visit: Visit) -> None:
    chair = visit("nurse", size="tablet", dark=True)
    chair.goto(live_session(chair))
    steps.more(chair, "Blood pressure")
    chair.locator("form.kp [name=sbp_mmhg]").fill("133")
    chair.locator("form.kp [name=dbp_mmhg]").fill("77")
    chair.context.set_offline(True)
    chair.locator("form.kp button[type=submit]").click()
    expect(chair.get_by_text("No network: nothing was sent.").first).to_be_visible()
    assert chair.locator("form.kp [name=sbp_mmhg]").input_value() == "133"
    chair.context.set_offline(False)
    steps.press_record(chair)
    steps.logged(chair, "133/77")


def test_the_keypad_that_cannot_be_fetched_leaves_the_page_where_it_is(visit: Visit) -> None:
    chair = visit("nurse", size="tablet", dark=True)
    chair.goto(live_session(chair))
    here = chair.url
    chair.context.set_offline(True)
    chair.locator("details.more summary").click()
    chair.locator("details.more").get_by_role("link", name="Blood pressure").click()
    expect(chair.get_by_text("No network: nothing was sent.").first).to_be_visible()
    assert chair.url == here
