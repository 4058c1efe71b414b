"""Something goes wrong while there is no network: it is written at the chair, and what was mistyped is taken back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.tablets import LineClinic, Tablet, line_clinic, small_clinic, tablet
from tests.browser.test_no_network import at_the_chair, measure, pressures, without_network

__all__ = ["line_clinic", "small_clinic", "tablet"]
NewTablet = Callable[..., Tablet]


def rail(page: Page, name: str) -> None:
    page.locator("#offline-rail").get_by_role("link", name=name, exact=True).click()


def choose(page: Page, *words: str) -> None:
    for each in words:
        page.locator("#keypad label").filter(has_text=each).first.click()


def record(page: Page) -> None:
    page.locator("#keypad form button[type=submit]").click()
    page.locator("#keypad form").wait_for(state="detached")


@pytest.mark.hazard("H017")
@pytest.mark.hazard("H016")
def test_an_emergency_is_worked_through_and_what_was_mistyped_is_taken_back(
    line_clinic: LineClinic, tablet: NewTablet
) -> None:
    page = at_the_chair(tablet())
    line_clinic.line.cut()
    without_network(page)
    measure(page, 231)
    page.once("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="Throw it away: BP 231/77").click()
    expect(page.locator("[data-state=waiting]")).to_have_count(0)
    rail(page, "Emergency")
    page.locator("#keypad").get_by_role("button", name="High blood pressure").click()
    assert not violations(page)
    page.locator("#keypad").get_by_role("button", name="Done: Call the prescriber").click()
    expect(page.locator("#keypad .step--done")).to_have_count(1)
    page.locator("#keypad .step").get_by_role("link", name="Medicine").click()
    page.locator("#keypad").get_by_role("link", name="Ondansetron").click()
    page.locator("#keypad [name=dose]").fill("4")
    choose(page, "into a vein")
    page.locator("#keypad button[type=submit]").click()
    expect(page.locator("#keypad .error")).to_contain_text("Say who ordered it.")
    page.locator("#keypad [name=orderer]").select_option(index=1)
    assert not violations(page)
    record(page)
    rail(page, "Event")
    choose(page, "Nausea", "Moderate")
    page.locator("#keypad").get_by_role("group", name="Serious", exact=True).get_by_text(
        "No", exact=True
    ).click()
    record(page)
    expect(page.get_by_role("status", name="Emergency")).to_contain_text("1 of 8 steps")
    expect(page.locator("[data-state=waiting]")).to_have_count(4)
    line_clinic.line.mend()
    expect(page.locator("[data-state=waiting]")).to_have_count(0, timeout=40_000)
    assert not page.locator("[data-state=refused]").count()
    assert (231, 77) not in pressures(line_clinic)
    kinds = ("emergency_opened", "emergency_step", "rescue_given", "adverse_event")
    made = {kind: line_clinic.entries(f"{kind}.")[-1] for kind in kinds}
    assert made["emergency_step"]["body"]["run"] == made["emergency_opened"]["id"]
    assert made["rescue_given"]["body"]["dose"] == "4"
    assert made["adverse_event"]["body"]["grade"] == 2
    assert all(e.get("device_at") for e in made.values())
    assert line_clinic.verify()["ok"]
