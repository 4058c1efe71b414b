"""A long infusion as nurses run it on a tablet: a bag made up and checked, hung by its label, a shift handed over, paper typed in."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import Demo

Visit = Callable[..., Page]
PAGES = ("infusion", "make-up", "change-container", "hand-over", "paper")


def at_the_chair(page: Page, chair: str = "Chair 7") -> str:
    """The address of the session at this chair."""
    page.goto("/chairs")
    address = page.get_by_role("link", name=f"Open {chair}").get_attribute("href")
    assert address
    return address


def test_every_page_of_a_long_infusion_passes_the_checker_and_fits_a_tablet(visit: Visit) -> None:
    for dark in (False, True):
        page = visit("nurse", size="tablet", dark=dark)
        address = at_the_chair(page)
        for name in PAGES:
            page.goto(f"{address}/{name}")
            assert violations(page) == [], name
            assert page.evaluate(
                "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            )
        page.goto(f"{address}/infusion")
        page.get_by_role("link", name="Label", exact=True).first.click()
        assert violations(page) == []


@pytest.mark.hazard("H012")
@pytest.mark.hazard("H001")
def test_a_bag_is_hung_by_its_own_label_only(visit: Visit, demo: Demo) -> None:
    page = visit("nurse", size="tablet")
    other = at_the_chair(page, "Chair 1")
    page.goto(f"{other}/downtime")
    theirs = re.findall(r"Barcode ([\d ]{19})", page.content())[0]
    address = at_the_chair(page)
    page.goto(f"{address}/make-up")
    page.get_by_label("bag", exact=True).check()
    page.get_by_label(re.compile("Strength on the vial")).fill("50")
    page.get_by_label(re.compile("Lot on the vial")).fill("9Z100")
    page.get_by_label(re.compile("Drawn from the vial")).fill("0.5")
    page.get_by_label(re.compile("Made up to")).fill("50")
    page.get_by_role("button", name="Record and print the label").click()
    expect(page.get_by_role("main")).to_contain_text("lot 9Z100 was not drawn for this session")
    page.get_by_label(re.compile("Reason, if it goes beyond")).fill("the other bag leaks")
    page.get_by_role("button", name="Record and print the label").click()
    expect(page.get_by_role("article", name="Label")).to_contain_text("0.5 mg/mL")
    code = page.locator(".barcode text").text_content() or ""
    checked_by_a_colleague(page, demo)
    page.goto(f"{address}/change-container")
    page.get_by_label(re.compile("Left in the one")).fill("80")
    page.get_by_label(re.compile("Rate on the pump")).fill("50")
    page.get_by_label(re.compile("Label of what you hang")).fill(theirs)
    page.get_by_role("button", name="Record the change").click()
    expect(page.get_by_role("main")).to_contain_text("This label is of another session")
    page.get_by_label(re.compile("Label of what you hang")).fill(code)
    page.get_by_role("button", name="Record the change").click()
    expect(page.get_by_role("region", name="Messages")).to_contain_text("Changed")
    page.goto(f"{address}/infusion")
    expect(page.get_by_role("region", name="Every bag and syringe")).to_contain_text("9Z100")
    expect(page.get_by_role("row", name=re.compile("Bag 3"))).to_contain_text("running")


def checked_by_a_colleague(page: Page, demo: Demo) -> None:
    """The other nurse reads the bag without the order, and signs in on the same page."""
    born = re.findall(r"born ([^<]+)<", page.content())[0]
    page.get_by_role("link", name="Check it").click()
    page.get_by_label(re.compile("the other person checks")).check()
    page.get_by_label(re.compile("Birth date or number")).fill(born)
    page.get_by_label("Racemic ketamine").check()
    for name, read in (
        ("Strength on the vial", "50"),
        ("Lot on the vial", "9Z100"),
        ("Drawn from the vial", "0.5"),
        ("Made up to", "50"),
        ("Rate set on the pump", "50"),
        ("Volume to be infused", "50"),
    ):
        page.get_by_label(re.compile(name)).fill(read)
    page.get_by_label(re.compile("sign-in name")).fill("nurse2")
    page.get_by_label(re.compile("The other person: password")).fill(demo.password)
    page.get_by_role("button", name="Compare with the order").click()
    expect(page.get_by_role("region", name="Messages")).to_contain_text("agrees with the order")


def test_the_shift_changes_by_both_names_and_the_board_follows(visit: Visit, demo: Demo) -> None:
    page = visit("nurse2", size="tablet")
    address = at_the_chair(page)
    page.goto(f"{address}/hand-over")
    page.get_by_label(re.compile("Made up and not begun")).fill("0")
    page.get_by_label("Sign-in name").fill("nurse")
    page.get_by_label("Password").fill(demo.password)
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_role("region", name="Messages")).to_contain_text("Handed over")
    page.goto("/chairs")
    expect(page.locator("article.tile", has_text="Chair 7")).to_contain_text("Silvia Ortega")


def test_a_paper_sheet_is_typed_in_whole_and_one_wrong_cell_stops_all_of_it(visit: Visit) -> None:
    page = visit("nurse", size="tablet")
    address = at_the_chair(page, "Chair 2")
    page.goto(f"{address}/paper")
    page.get_by_label("Why there was paper").fill("no network for ten minutes")
    taken = page.locator(".hud").inner_text()
    clock = re.findall(r"since start, (\d\d:\d\d)", taken)[0]
    page.get_by_label("Time, line 1", exact=True).fill(clock)
    page.get_by_label("Systolic, line 1", exact=True).fill("80")
    page.get_by_label("Diastolic, line 1", exact=True).fill("131")
    page.get_by_label("In words, line 1", exact=True).fill("a quiet word")
    page.get_by_role("button", name="Save the whole sheet").click()
    expect(page.get_by_text("Nothing was saved")).to_be_visible()
    expect(page.get_by_label("Diastolic, line 1", exact=True)).to_have_value("131")
    page.get_by_label("Systolic, line 1", exact=True).fill("141")
    page.get_by_label("Diastolic, line 1", exact=True).fill("81")
    page.get_by_role("button", name="Save the whole sheet").click()
    if page.get_by_text("It was measured twice").count():
        page.get_by_text("It was measured twice").first.click()
        page.get_by_role("button", name="Save the whole sheet").click()
    page.goto(f"{address}/flowsheet")
    expect(page.get_by_role("main")).to_contain_text("a quiet word")
    expect(page.get_by_role("main")).to_contain_text("typed from paper, by")
