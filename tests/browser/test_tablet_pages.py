"""The pages of shared tablets, as people use them: set a PIN, lock, come back by PIN, hand over, be told what takes more."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.axe import violations
from tests.browser.tablets import PASSWORD, LineClinic, Tablet, line_clinic, small_clinic, tablet
from tests.browser.test_pages import live_session

__all__ = ["line_clinic", "small_clinic", "tablet"]
NewTablet = Callable[..., Tablet]
PINS = {"nurse": "493716", "nurse2": "718264", "therapist": "826351"}


def set_pin(page: Page, login: str) -> None:
    """Set a PIN under one's name, at a tablet that takes PINs from then on."""
    page.goto("/me/pin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("New PIN").fill(PINS[login])
    page.get_by_label("The same once more").fill(PINS[login])
    page.get_by_label("This device takes PINs").check()
    page.get_by_role("button", name="Set the PIN").click()
    steps.told(page, "Your PIN is set.")


def tidy(page: Page) -> None:
    assert not violations(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.hazard("H043")
def test_a_tablet_goes_from_hand_to_hand_by_name_and_pin(tablet: NewTablet, line_clinic: LineClinic) -> None:
    one = tablet()
    for login in ("nurse", "nurse2"):
        page = one.sign_in(login)
        set_pin(page, login)
        tidy(page)
        one.sign_out()
    page.goto("/tablet/?next=/chairs")
    expect(page.get_by_role("button", name="Tomasz Lind")).to_be_visible()
    tidy(page)
    page.get_by_role("button", name="Tomasz Lind").click()
    page.get_by_label("PIN", exact=True).press_sequentially(PINS["nurse2"])
    expect(page).to_have_url("/chairs")
    page.goto(live_session(page))
    tidy(page)
    steps.more(page, "Blood pressure")
    steps.record_vitals(page, sbp_mmhg="131", dbp_mmhg="77")
    steps.logged(page, "131/77")
    (made,) = [
        e
        for e in line_clinic.entries("vitals")
        if (e["body"].get("sbp_mmhg"), e["body"].get("dbp_mmhg")) == (131, 77)
    ]
    assert names(line_clinic)[made["by"]] == "Tomasz Lind"
    page.get_by_role("button", name="Sign in fully").click()
    page.wait_for_url("**/accounts/login/**")


def names(clinic: LineClinic) -> dict[str, str]:
    return {f"staff:{e['body']['staff']}": e["body"]["name"] for e in clinic.entries("staff", "clinic:")}


@pytest.mark.hazard("H043")
def test_a_lost_tablet_is_closed_from_the_clinics_page(tablet: NewTablet) -> None:
    lost, desk = tablet("lost"), tablet("desk")
    page = lost.sign_in("nurse")
    set_pin(page, "nurse")
    admin = desk.sign_in("admin")
    admin.goto("/clinic/tablets/")
    tidy(admin)
    admin.get_by_role("button", name="Report as lost").click()
    expect(admin.get_by_text("It gives no key and takes no PIN")).to_be_visible()
    page.goto("/chairs")
    expect(page).to_have_url("/tablet/?next=/chairs")
    page.get_by_label("Sign-in name").fill("nurse")
    page.get_by_label("PIN", exact=True).press_sequentially(PINS["nurse"])
    expect(page.get_by_text("This tablet was reported lost")).to_be_visible()


@pytest.mark.hazard("H043")
def test_a_locked_tablet_of_somebody_without_a_pin_opens_with_the_password(tablet: NewTablet) -> None:
    one = tablet()
    page = one.sign_in("nurse")
    chair = live_session(page)
    page.goto(chair)
    expect(page.locator("body[data-tablet=ready]")).to_be_attached(timeout=30_000)
    page.evaluate("document.querySelector('[data-lock]').click()")
    expect(page.locator("#locked")).to_be_visible()
    page.reload()
    one.sign_in("nurse")
    page.goto(chair)
    expect(page.locator("body[data-tablet=ready]")).to_be_attached(timeout=30_000)
    expect(page.locator("#locked")).to_have_count(0)
