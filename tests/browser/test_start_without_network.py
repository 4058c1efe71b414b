"""A dose that is begun without the network has its checks at once; and whoever signs out leaves nothing to read."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.tablets import LineClinic, Tablet, environment, line_clinic, small_clinic, tablet
from tests.browser.test_no_network import READ_ALL, at_the_chair, measure, ready, stop, without_network
from tests.faults.processes import ROOT

__all__ = ["line_clinic", "small_clinic", "tablet"]
expect.set_options(timeout=20_000)  # a busy machine
NewTablet = Callable[..., Tablet]
# The tablet's clock as the page has it, ahead by what the test says.
CLOCK = """(() => {
  const now = Date.now.bind(Date);
  globalThis.ahead = 0;
  Date.now = () => now() + globalThis.ahead;
})()"""


@pytest.fixture
def prepared(line_clinic: LineClinic) -> str:
    """The address of a session in which all is ready for the dose."""
    made = [sys.executable, "-m", "tests.browser.prepared"]
    done = subprocess.run(
        made, env=environment(line_clinic.home), cwd=ROOT, check=True, capture_output=True, text=True
    )
    return done.stdout.split()[-1]


def due(page: Page) -> list[str]:
    """The checks that the rail names, the first one above the others."""
    rail = page.locator("#offline-rail")
    return [
        *rail.get_by_role("region", name="Next").locator("h2").all_inner_texts(),
        *rail.get_by_role("region", name="Due").locator("b").all_inner_texts(),
    ]


def later(page: Page, minutes: float) -> None:
    """So many minutes pass, with somebody at the tablet; the page looks again."""
    page.evaluate(f"globalThis.ahead += {minutes * 60_000}")
    page.keyboard.press("Shift")
    page.evaluate("document.dispatchEvent(new CustomEvent('lowtide:queue'))")


@pytest.mark.hazard("H014")
@pytest.mark.hazard("H017")
def test_a_dose_begun_without_network_has_its_checks_and_a_stop_moves_them(
    line_clinic: LineClinic, tablet: NewTablet, prepared: str
) -> None:
    one = tablet()
    one.context.set_default_timeout(45_000)
    one.context.add_init_script(CLOCK)
    page = one.sign_in("nurse")
    page.goto(prepared)
    ready(page)
    line_clinic.line.cut()
    without_network(page)
    page.locator("#offline-rail").get_by_role("link", name="Start the infusion").click()
    ordered = page.locator("form.kp .last").all_inner_texts()
    for name, words in zip(("rate_ml_per_h", "volume_ml"), ordered, strict=True):
        page.locator(f"form.kp [name={name}]").fill(words.split()[1])
    page.locator("form.kp button[type=submit]").click()
    page.locator("form.kp").wait_for(state="detached")
    expect(page.locator("[data-state=waiting]")).to_contain_text("Infusion started")
    expect(page.locator("#offline-rail").get_by_role("region", name="Due")).to_be_visible()
    assert due(page)[0] == "Pump check"
    assert "Blood pressure" in due(page)
    later(page, 10.5)
    first = page.locator("#offline-rail").get_by_role("region", name="Next")
    expect(first).to_contain_text("Late")
    measure(page, 131)
    stop(page, "12")
    assert "Pump check" not in due(page)[1:]
    later(page, 17.5)
    expect(first).to_contain_text("Late")
    line_clinic.line.mend()
    expect(page.locator("[data-state=waiting]")).to_have_count(0, timeout=40_000)
    session = prepared.split("/")[-1]
    told = [e for e in line_clinic.entries("dose_") if e["session"] == session]
    assert [e["kind"] for e in told] == ["dose_started.1", "dose_stopped.1"]
    assert told[1]["body"]["delivered_ml"] == "12"
    assert line_clinic.verify()["ok"]


@pytest.mark.hazard("H017")
def test_whoever_signs_out_leaves_nothing_of_a_patient_on_the_tablet(
    line_clinic: LineClinic, tablet: NewTablet
) -> None:
    page = at_the_chair(tablet())
    assert len(page.evaluate(SEALED)) > 1
    here = page.url
    page.goto("/")
    page.locator("form[data-forget-drafts] button").first.evaluate(
        "button => button.form.requestSubmit(button)"
    )
    page.wait_for_url(lambda url: url != here)
    expect(page.get_by_label("Password")).to_be_visible()
    page.wait_for_timeout(500)
    assert page.evaluate(SEALED) == []
    kept = page.evaluate(READ_ALL)
    assert not [word for word in ("Ibsen", "sbp_mmhg", "1978") if word in kept]


# What the tablet keeps sealed, by name.
SEALED = """async () => {
  const asked = indexedDB.open("lowtide-tablet");
  await new Promise((done) => { asked.onsuccess = done; });
  const keys = asked.result.transaction("sealed").objectStore("sealed").getAllKeys();
  await new Promise((done) => { keys.onsuccess = done; });
  asked.result.close();
  return keys.result;
}"""
