"""A tablet goes from hand to hand while the network is gone: each entry is by whoever made it, and so is what follows."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.tablets import LineClinic, Tablet, line_clinic, small_clinic, tablet
from tests.browser.test_no_network import at_the_chair, measure, ready, without_network
from tests.browser.test_tablet_pages import PINS, names, set_pin

__all__ = ["line_clinic", "small_clinic", "tablet"]
NewTablet = Callable[..., Tablet]


def takes_pin_of(one: Tablet, login: str) -> Page:
    """Signed in fully at a session, with a PIN that the tablet knows."""
    page = one.sign_in(login)
    set_pin(page, login)
    page = at_the_chair_again(one)
    page.locator("#pin-offer").get_by_role("button", name="Enter the PIN").click()
    enter_pin(page, login)
    return page


def at_the_chair_again(one: Tablet) -> Page:
    from tests.browser.test_pages import live_session

    one.page.goto(live_session(one.page))
    ready(one.page)
    return one.page


def enter_pin(page: Page, login: str, name: str = "") -> None:
    if name:
        page.locator("#locked").get_by_text(name, exact=True).click()
    page.locator("#tablet-pin").fill(PINS[login])
    page.locator("#locked").get_by_role("button", name="Open").click()
    expect(page.locator("#locked")).to_have_count(0)


def lock(page: Page) -> None:
    page.evaluate("document.querySelector('[data-lock]').click()")
    expect(page.locator("#locked")).to_be_visible()


def by_whom(clinic: LineClinic) -> dict[int, str]:
    people = names(clinic)
    made = [
        e
        for e in clinic.entries("vitals")
        if e["body"].get("sbp_mmhg") in (131, 134, 137) and e["body"]["dbp_mmhg"] == 77
    ]
    return {e["body"]["sbp_mmhg"]: people[e["by"]] for e in made}


@pytest.mark.hazard("H043")
@pytest.mark.hazard("H017")
def test_what_two_people_charted_on_one_tablet_without_network_is_each_ones_own(
    line_clinic: LineClinic, tablet: NewTablet
) -> None:
    one = tablet()
    takes_pin_of(one, "nurse2")
    one.sign_out()
    page = takes_pin_of(one, "nurse")
    line_clinic.line.cut()
    without_network(page)
    measure(page, 131)
    lock(page)
    enter_pin(page, "nurse2", "Tomasz Lind")
    measure(page, 134)
    line_clinic.line.mend()
    expect(page.locator("#locked")).to_be_visible(timeout=40_000)
    assert by_whom(line_clinic) == {131: "Silvia Ortega", 134: "Tomasz Lind"}
    enter_pin(page, "nurse2", "Tomasz Lind")
    expect(page.get_by_text("Tomasz Lind, by PIN.")).to_be_visible()
    ready(page)
    steps.more(page, "Blood pressure")
    steps.record_vitals(page, sbp_mmhg="137", dbp_mmhg="77")
    steps.logged(page, "137/77")
    assert by_whom(line_clinic)[137] == "Tomasz Lind"
    assert line_clinic.verify()["ok"]


@pytest.mark.hazard("H043")
def test_a_page_opened_after_a_hand_over_without_network_asks_who_is_there(
    line_clinic: LineClinic, tablet: NewTablet
) -> None:
    one = tablet()
    takes_pin_of(one, "nurse2")
    one.sign_out()
    page = takes_pin_of(one, "nurse")
    line_clinic.line.cut()
    without_network(page)
    lock(page)
    enter_pin(page, "nurse2", "Tomasz Lind")
    measure(page, 134)
    here = page.url
    page.goto("about:blank")
    line_clinic.line.mend()
    page.goto(here)
    expect(page.locator("#locked")).to_be_visible(timeout=40_000)
    enter_pin(page, "nurse2", "Tomasz Lind")
    expect(page.get_by_text("Tomasz Lind, by PIN.")).to_be_visible()
    steps.logged(page, "134/77")
    assert by_whom(line_clinic) == {134: "Tomasz Lind"}


def write_therapy_note(page: Page, text: str) -> None:
    page.locator("#offline-rail").get_by_role("link", name="Note", exact=True).click()
    page.locator("#keypad textarea[name=text]").fill(text)
    page.locator("#keypad label", has_text="Therapy note").click()
    page.locator("#keypad button[type=submit]").click()
    page.locator("#keypad form").wait_for(state="detached")


@pytest.mark.hazard("H043")
@pytest.mark.hazard("H017")
def test_what_is_for_few_waits_for_its_author_and_nobody_else_at_the_tablet_reads_it(
    line_clinic: LineClinic, tablet: NewTablet
) -> None:
    one = tablet()
    takes_pin_of(one, "nurse")
    one.sign_out()
    page = takes_pin_of(one, "therapist")
    line_clinic.line.cut()
    without_network(page)
    write_therapy_note(page, "Her brother's letter")
    expect(page.locator("[data-state=waiting]")).to_contain_text("Her brother's letter")
    lock(page)
    enter_pin(page, "nurse", "Silvia Ortega")
    expect(page.locator("[data-state=waiting]")).to_contain_text("it waits until Mira Castell opens")
    assert "brother" not in page.content()
    expect(page.locator("main [data-part]")).to_have_count(0)  # what the server drew for the therapist
    measure(page, 131)
    line_clinic.line.mend()
    expect(page.locator("#locked")).to_be_visible(timeout=40_000)
    assert by_whom(line_clinic)[131] == "Silvia Ortega"
    before = len(line_clinic.entries("note"))
    enter_pin(page, "therapist", "Mira Castell")
    # drawn by the server from what arrived: that nothing waits is true of a page, too, that has not opened the queue yet
    expect(page.locator("[data-part=log]")).to_contain_text("Her brother's letter", timeout=40_000)
    expect(page.locator("[data-state=waiting]")).to_have_count(0)
    (made,) = line_clinic.entries("note")[before:]
    assert (made["body"]["text"], names(line_clinic)[made["by"]]) == ("Her brother's letter", "Mira Castell")
    assert made["visible_to"] == ["therapist"]


@pytest.mark.hazard("H023")
@pytest.mark.hazard("H017")
def test_sends_that_overtake_one_another_end_in_the_order_in_which_things_happened(
    line_clinic: LineClinic, tablet: NewTablet
) -> None:
    slow, fast = tablet("slow", off_s=-600), tablet("fast", off_s=300)
    first, second = at_the_chair(slow), at_the_chair(fast, "prescriber")
    line_clinic.line.cut()
    for page, systolic in ((first, 131), (second, 134), (first, 137)):
        without_network(page)
        measure(page, systolic)
        page.wait_for_timeout(1100)
    sends = line_clinic.line.hold("POST /tablet/entries", times=2)
    line_clinic.line.send_twice("POST /tablet/entries", times=2)
    line_clinic.line.mend()
    sends.until(2, within_s=40)
    sends.release(last_first=True)
    steps.logged(second, "137/77")
    steps.logged(first, "134/77")
    made = [e for e in line_clinic.entries("vitals") if e.get("device_at")]
    assert [e["body"]["sbp_mmhg"] for e in sorted(made, key=lambda e: str(e["at"]))] == [131, 134, 137]
    assert all("device clock off by" in str(e["clock"]) for e in made)
