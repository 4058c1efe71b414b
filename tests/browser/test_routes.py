"""Doses without a pump at the chair: nasal devices ordered, checked blind, given one by one by a tap each."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import Demo

Visit = Callable[..., Page]
SPRAYED = "Oduya, Ilse"


@pytest.mark.timeout(120)
def test_a_nasal_dose_goes_from_the_sheet_to_the_second_device(visit: Visit, demo: Demo) -> None:
    desk = visit("prescriber")
    session, born = open_the_session_of_today(desk)
    order_two_devices(desk)
    chair = visit("nurse", size="tablet", dark=True)
    chair.goto(session)
    time_out(chair, born)
    read_the_tray(chair, demo, born)
    chair.get_by_role("button", name="Device 1 given").click()
    steps.told(chair, "Device 1 given.")
    steps.logged(chair, "Device 1 given")
    too_early_asks(chair)
    expect(chair.get_by_text("The rest cannot be given")).to_be_visible()
    chair.get_by_role("link", name="Record that it ends").click()
    chair.get_by_label("Why the rest").fill("the spray failed, none left")
    chair.get_by_role("button", name="Record that it ends here").click()
    steps.logged(chair, "No further dose")
    chair.goto(f"{session}/flowsheet")
    expect(chair.get_by_text("42 mg, 2 parts")).to_be_visible()


def open_the_session_of_today(desk: Page) -> tuple[str, str]:
    """The address of the session that waits for its order, and the birth date as the chart has it."""
    desk.goto("/patients/?q=Oduya")
    found = desk.get_by_role("main").inner_text()
    born = re.search(rf"{SPRAYED}\D*(\d{{1,2}} [A-Z][a-z]{{2}} \d{{4}})", found)
    assert born, found
    desk.get_by_role("link", name=SPRAYED).click()
    desk.get_by_role("navigation", name="Pathway").get_by_role("link", name="Session").click()
    steps.next_button(desk).click()
    return desk.url, born[1]


def order_two_devices(desk: Page) -> None:
    """Nothing is asked but the name: the count follows from the dose."""
    desk.get_by_role("link", name="Open the dose sheet").first.click()
    expect(desk.get_by_text("2 devices of 28 mg").first).to_be_visible()
    if desk.get_by_label("Why another dose").count():
        desk.get_by_label("Why another dose").fill("one more at this dose")
    desk.get_by_label("Your name, as signature").fill("Dr Hanne Voss")
    desk.get_by_role("button", name="Sign the dose").click()
    steps.told(desk, "Signed: 56 mg")


def time_out(chair: Page, born: str) -> None:
    chair.get_by_role("link", name="Take the time-out").first.click()
    chair.get_by_label("Birth date or number, as the patient says it").fill(born)
    steps.answer(chair, {"still agree": "Yes", "eaten": "Yes", "drunk": "Yes", "Escort named": "Yes"})
    steps.answer(chair, {"suicidal": "No", "alcohol": "No", "airway": "Yes"})
    if chair.get_by_role("group", name=re.compile("Pregnancy")).count():
        steps.choose(chair, "Pregnancy", "No")
    chair.get_by_role("button", name="Record the time-out").click()
    steps.do(chair, "Measure")
    steps.record_vitals(chair, sbp_mmhg="126", dbp_mmhg="78", heart_rate_bpm="72", spo2_pct="97")


def read_the_tray(chair: Page, demo: Demo, born: str) -> None:
    """The first look finds three devices, the second the two that were ordered."""
    steps.do(chair, "Check the preparation")
    expect(chair.get_by_text("56")).to_have_count(0)
    for count in ("3", "2"):
        chair.get_by_role("group", name="Who made it up").get_by_text("the other person checks").click()
        chair.get_by_label("Birth date or number on the tray").fill(born)
        steps.choose(chair, "Drug on the devices", "esketamine")
        chair.get_by_label("Strength on each device").fill("28")
        chair.get_by_label("Devices on the tray").fill(count)
        chair.get_by_label("Expiry date").fill("2031-05-31")
        chair.get_by_label("Lot").fill("L0424")
        chair.get_by_label("sign-in name").fill("nurse2")
        chair.get_by_label("The other person: password").fill(demo.password)
        chair.get_by_role("button", name="Compare with the order").click()
        if count == "3":
            expect(chair.locator(".one .banner--stop")).to_contain_text("devices on the tray")
    steps.told(chair, "The preparation agrees with the order")


def too_early_asks(chair: Page) -> None:
    """The second device a few seconds after the first: nothing is written before its reason is said."""
    expect(chair.get_by_text("Not before")).to_be_visible()
    chair.get_by_role("button", name="Device 2 given").click()
    expect(chair.get_by_text("5 min after the one before").first).to_be_visible()
    steps.choose(chair, "What went in", "Half of it")
    chair.get_by_label("Reason, where").fill("it leaked, seen by the prescriber")
    chair.get_by_role("button", name="Record: device 2 given").click()
    steps.logged(chair, "14 of 28 mg")
