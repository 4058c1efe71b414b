"""A patient answers on a phone: help is shown at once and the clinic has the task before the form is finished, with
script and without (hazard H026)."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import SIZES, Demo

Visit = Callable[..., Page]
pytestmark = [pytest.mark.hazard("H026"), pytest.mark.timeout(240)]


@pytest.fixture
def cheap_phone(browser: Browser, demo: Demo) -> Iterator[Page]:
    """A phone without script, signed in as the patient."""
    width, height = SIZES["phone"]
    context = browser.new_context(
        base_url=demo.address, viewport={"width": width, "height": height}, java_script_enabled=False
    )
    page = context.new_page()
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill("patient")
    page.locator("input[type=password]").first.fill(demo.password)
    page.locator("form button[type=submit]").first.click()
    yield page
    context.close()


def name_of(page: Page) -> str:
    """The patient's given name, as their own place greets them."""
    page.goto("/my/")
    greeting = page.locator("main .lab").first.inner_text()
    return greeting.rpartition(", ")[2]


def task_of(desk: Page, name: str) -> None:
    """The clinic's worklist shows the call, and that the form is open."""
    desk.goto("/today")
    row = desk.locator("main section.next, main tr").filter(has_text=name)
    task = row.filter(has_text="The form was not finished.").first
    expect(task).to_contain_text("Urgent")
    expect(task.get_by_role("link", name=re.compile("Open and call"))).to_be_visible()


def test_an_answer_of_risk_shows_help_and_reaches_the_worklist_before_the_form_is_finished(
    visit: Visit,
) -> None:
    phone, desk = visit("patient", size="phone"), visit("nurse")
    name = name_of(phone)
    phone.goto("/my/questions?anyway=1&new=1")
    for _ in range(8):
        phone.locator(".answer:visible").first.click()
        phone.get_by_role("button", name="Next").click()
    expect(phone.get_by_text("You are not alone with this")).to_be_hidden()
    phone.locator(".answer:visible").nth(2).click()
    expect(phone.get_by_role("alert").filter(has_text="You are not alone with this")).to_be_visible()
    expect(phone.get_by_text("Nobody reads these pages at night or live.")).to_be_visible()
    expect(phone.locator(".saved")).to_contain_text("Kept 9 of 9")
    assert violations(phone) == []
    assert phone.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    task_of(desk, name)


def test_without_script_each_answer_is_kept_as_it_is_pressed(cheap_phone: Page, visit: Visit) -> None:
    name = name_of(cheap_phone)
    cheap_phone.goto("/my/questions?anyway=1&new=1")
    expect(cheap_phone.get_by_text("1 of 9")).to_be_visible()
    address = cheap_phone.url
    cheap_phone.get_by_role("button", name="Several days").click()
    expect(cheap_phone.get_by_text("2 of 9")).to_be_visible()
    assert cheap_phone.url != address
    cheap_phone.goto(re.sub(r"q=\d", "q=9", cheap_phone.url))
    cheap_phone.get_by_role("button", name="Nearly every day").click()
    expect(cheap_phone.get_by_text("You are not alone with this")).to_be_visible()
    expect(cheap_phone.get_by_text("Questions still open: 7")).to_be_visible()
    task_of(visit("nurse"), name)


def test_help_is_shown_without_a_network(visit: Visit) -> None:
    phone = visit("patient", size="phone")
    phone.goto("/my/questions?anyway=1&new=1")
    phone.context.set_offline(True)
    for _ in range(8):
        phone.get_by_role("button", name="Next").click()
    phone.locator(".answer:visible").nth(1).click()
    expect(phone.get_by_role("alert").filter(has_text="You are not alone with this")).to_be_visible()
    phone.context.set_offline(False)
