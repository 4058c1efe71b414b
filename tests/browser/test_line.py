"""A tablet, a line and a clinic's server over https, each of which a test can break: the chart stays what it was."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser import steps
from tests.browser.tablets import LineClinic, Tablet, line_clinic, small_clinic, tablet
from tests.browser.test_pages import live_session

__all__ = ["line_clinic", "small_clinic", "tablet"]
NewTablet = Callable[..., Tablet]
RECORDING = "POST .*/enter/bp"


def type_pressure(page: Page, systolic: str) -> None:
    page.goto(live_session(page))
    steps.more(page, "Blood pressure")
    page.locator("form.kp [name=sbp_mmhg]").fill(systolic)
    page.locator("form.kp [name=dbp_mmhg]").fill("77")


def pressures(clinic: LineClinic) -> list[tuple[object, object]]:
    bodies = [e["body"] for e in clinic.entries("vitals")]
    return [(b.get("sbp_mmhg"), b.get("dbp_mmhg")) for b in bodies]


@pytest.mark.hazard("H017")
def test_a_reading_that_arrives_twice_is_recorded_once(line_clinic: LineClinic, tablet: NewTablet) -> None:
    page = tablet().sign_in("nurse")
    type_pressure(page, "131")
    line_clinic.line.send_twice(RECORDING)
    steps.press_record(page)
    steps.logged(page, "131/77")
    assert len(line_clinic.line.sent(RECORDING)) == 2
    assert pressures(line_clinic).count((131, 77)) == 1


@pytest.mark.hazard("H017")
def test_a_reading_whose_answer_is_lost_as_the_server_dies_is_there_once_it_serves_again(
    line_clinic: LineClinic, tablet: NewTablet
) -> None:
    page = tablet().sign_in("nurse")
    type_pressure(page, "131")
    here = page.url
    line_clinic.line.when_answered(RECORDING, line_clinic.kill)
    page.locator("form.kp button[type=submit]").click()
    line_clinic.until_killed()
    line_clinic.start()
    page.goto(here)
    steps.logged(page, "131/77")
    assert pressures(line_clinic).count((131, 77)) == 1
    assert line_clinic.verify()["ok"]


def test_a_tablet_is_a_secure_context_and_keeps_its_things_over_a_restart(tablet: NewTablet) -> None:
    one = tablet(off_s=-600)
    page = one.page
    page.goto("/accounts/login/")
    assert (
        page.evaluate("[isSecureContext, 'serviceWorker' in navigator, Boolean(crypto.subtle)]") == [True] * 3
    )
    behind = page.evaluate("Date.parse(document.body.dataset.serverNow) - Date.now()")
    assert 590_000 < behind < 620_000
    page.evaluate("localStorage.setItem('kept', 'yes')")
    page = one.restart()
    page.goto("/accounts/login/")
    assert page.evaluate("localStorage.getItem('kept')") == "yes"
