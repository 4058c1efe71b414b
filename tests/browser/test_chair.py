"""At the chair in a real browser: a tablet in the dark, two people at once, fingers in gloves, and a keyboard alone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import steps
from tests.browser.axe import violations
from tests.browser.test_pages import live_session

Visit = Callable[..., Page]
AT_ONCE = 1_000  # ms in which every screen follows
SMALL = """() => [...document.querySelectorAll('main a, main button, main summary, main input:not([type=hidden])')]
  .filter((e) => e.checkVisibility({ visibilityProperty: true }))
  .map((e) => [e.closest('.tl') || e.closest('label') || e, e.innerText || e.ariaLabel])
  .filter(([e]) => e.getBoundingClientRect().height < 44)
  .map(([e, words]) => `${words} ${e.getBoundingClientRect().height}`)"""
NARROW = {"width": 360, "height": 780}


def at_chair(visit: Visit, login: str = "nurse", route: str = "IV") -> Page:
    """The session's page on a tablet in the dark, its forecast drawn."""
    page = visit(login, size="tablet", dark=True)
    page.goto(live_session(page, route))
    expect(page.locator(".ahead")).to_be_visible()
    return page


def value(page: Page, place: int) -> Locator:
    """A pressure that stands in the flowsheet."""
    return page.locator(".flow td.bp a.plain").nth(place)


@pytest.mark.parametrize("route", ["IV", "IN"])
def test_the_forecast_comes_after_the_page_and_says_whose_estimate_it_is(visit: Visit, route: str) -> None:
    page = at_chair(visit, route=route)
    expect(page.locator(".chart .c-band1")).to_have_count(2)
    expect(page.locator(".chart [data-forecast]")).to_have_count(0)
    expect(
        page.locator("main p, main summary").get_by_text("Population estimate, not a measurement")
    ).to_have_count(1)
    page.locator(".ahead summary").click()
    expect(page.get_by_text(re.compile("Models: .*Simons"))).to_be_visible()
    page.get_by_text("As a table", exact=True).click()
    expect(page.get_by_role("cell", name="systolic forecast").first).to_be_visible()


@pytest.mark.hazard("H022")
def test_two_people_at_one_session_see_each_others_entries_at_once(visit: Visit) -> None:
    one, other = at_chair(visit), at_chair(visit, "nurse2")
    before = other.locator(".chart .c-bp").count()
    steps.more(one, "Blood pressure")
    one.locator("form.kp [name=sbp_mmhg]").fill("139")
    one.locator("form.kp [name=dbp_mmhg]").fill("87")
    steps.press_record(one)
    expect(other.locator(".hud", has_text="139/87")).to_be_visible(timeout=AT_ONCE)
    expect(other.locator(".chart .c-bp")).to_have_count(before + 1)
    expect(other.locator(".tl", has_text="139/87")).to_be_visible()
    expect(other.locator(".chart .c-band1")).to_have_count(2)


def test_a_board_across_the_room_follows_at_once(visit: Visit) -> None:
    chair, board = at_chair(visit), visit("nurse2", size="desk", dark=True)
    board.goto("/chairs?screen=wall")
    steps.more(chair, "Blood pressure")
    chair.locator("form.kp [name=sbp_mmhg]").fill("137")
    chair.locator("form.kp [name=dbp_mmhg]").fill("86")
    steps.press_record(chair)
    expect(board.locator(".tile", has_text="137/86")).to_be_visible(timeout=AT_ONCE)


@pytest.mark.hazard("H016")
def test_a_value_is_corrected_in_two_taps_and_the_old_one_stands_struck_through(visit: Visit) -> None:
    page = at_chair(visit)
    old = value(page, 1).inner_text()
    value(page, 1).click()  # the first tap
    pad = page.locator("dialog form.kp")
    expect(pad.locator("[name=sbp_mmhg]")).to_have_value("")
    page.keyboard.type("131")
    pad.locator("[name=dbp_mmhg]").fill("79")
    pad.get_by_role("button", name="Mistyped").click()  # the second
    expect(page.locator(".flow td.bp", has_text="131/79").locator("s")).to_have_text(old)
    value(page, 1).click()
    expect(pad.locator(".was")).to_contain_text(old)
    expect(pad.locator(".was")).to_contain_text("mistyped")
    assert violations(page) == []


def test_the_flowsheet_is_walked_and_filled_by_keyboard_alone(visit: Visit) -> None:
    page = at_chair(visit)
    value(page, 1).focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".flow tbody tr").nth(1).locator("a:focus")).to_have_count(1)
    page.keyboard.press("ArrowUp")
    expect(value(page, 1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("dialog form.kp [name=sbp_mmhg]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("dialog form.kp")).to_be_hidden()
    page.keyboard.press("d")
    due = page.locator(".flow :is(.is-due, .is-late) a")
    expect(due.and_(page.locator(":focus"))).to_have_count(min(1, due.count()))


@pytest.mark.parametrize("route", ["IV", "IN"])
def test_every_target_at_the_chair_takes_a_gloved_finger(visit: Visit, route: str) -> None:
    page = at_chair(visit, route=route)
    assert page.evaluate(SMALL) == []
    page.goto("/chairs")
    assert page.evaluate(SMALL) == []


def test_chair_and_board_fit_a_telephone(visit: Visit) -> None:
    page = at_chair(visit)
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
    page.goto("/chairs")
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]


def test_what_is_due_alone_can_be_shown_and_stays_so_as_the_page_follows(visit: Visit) -> None:
    page = at_chair(visit)
    rows = page.locator(".flow tbody tr")
    every = rows.count()
    page.get_by_role("link", name="Only what is due").click()
    expect(page.get_by_role("link", name="Every row")).to_be_visible()
    assert rows.count() < every


@pytest.mark.parametrize("where", ["/chairs?screen=wall", "live:"])
def test_chair_and_wall_are_usable_by_everybody(visit: Visit, where: str) -> None:
    page = at_chair(visit)
    if where.startswith("/"):
        page.goto(where)
    assert violations(page) == []
