"""The safe as nurses use it on a tablet: draw for a session, say what became of it with a colleague, count blind."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo

Visit = Callable[..., Page]


def second(page: Page, demo: Demo) -> None:
    """The colleague signs in the same form."""
    page.get_by_label(re.compile("Second person: sign-in name")).fill("nurse2")
    page.get_by_label(re.compile("Second person: password")).fill(demo.password)


@pytest.mark.hazard("H036")
def test_what_is_drawn_is_in_hand_until_two_people_say_where_it_went(visit: Visit, demo: Demo) -> None:
    page = visit("nurse", size="tablet")
    page.goto("/safe/at/main/draw")
    page.get_by_label("For").select_option(index=1)
    opened = page.locator("option", has_text="opened vial").first.get_attribute("value")
    page.get_by_label("What").select_option(opened)
    page.get_by_label("Quantity").fill("0.5")
    page.get_by_role("button", name="Draw").click()
    hand = page.get_by_role("region", name="In hand").or_(page.locator("section[aria-labelledby=hand]")).first
    expect(hand).to_contain_text("0.5 mL")
    hand.get_by_role("link", name=re.compile(r"Account.*0\.5 mL")).click()
    page.get_by_label(re.compile("^Given")).fill("0.4")
    page.get_by_label(re.compile("rest in syringe")).fill("0.1")
    page.get_by_label(re.compile("Made unusable")).select_option(index=1)
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_role("main")).to_contain_text("A second person looks on at this step")
    second(page, demo)
    page.get_by_role("button", name="Write it down").click()
    expect(page).to_have_url(re.compile("/safe/at/main/$"))
    expect(page.locator("section[aria-labelledby=hand]")).not_to_contain_text("0.5 mL")
    expect(page.locator("section[aria-labelledby=lines]")).to_contain_text("0.4 into the patient")


@pytest.mark.hazard("H036")
def test_a_blind_count_that_differs_ends_on_its_case(visit: Visit, demo: Demo) -> None:
    page = visit("nurse", size="tablet")
    page.goto("/safe/at/room/count")
    expect(page.get_by_role("main")).to_contain_text("What the books expect is not shown")
    for field in page.get_by_label(re.compile("Sealed containers|Whole devices")).all():
        field.fill("0")
    second(page, demo)
    page.get_by_role("button", name="Compare with the books").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("counted 0, the books say 2")
