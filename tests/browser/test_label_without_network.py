"""A syringe is given by its label, a rescue dose looked at twice, and a dose said to be stopped is, without the network."""

import subprocess
import sys
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from lowtide.pathway.session.rules import label_code
from tests.browser.axe import violations
from tests.browser.tablets import LineClinic, Tablet, environment, line_clinic, small_clinic, tablet
from tests.browser.test_no_network import at_the_chair, ready, without_network
from tests.browser.test_trouble_without_network import choose, rail, record
from tests.faults.processes import ROOT

__all__ = ["line_clinic", "small_clinic", "tablet"]
expect.set_options(timeout=20_000)  # a busy machine
NewTablet = Callable[..., Tablet]


@pytest.fixture
def syringe(line_clinic: LineClinic) -> tuple[str, str]:
    """(digits of the label, address) of a session in which the syringe is drawn up and checked."""
    made = [sys.executable, "-m", "tests.browser.prepared", "injection"]
    done = subprocess.run(
        made, env=environment(line_clinic.home), cwd=ROOT, check=True, capture_output=True, text=True
    )
    digits, address = done.stdout.split()[-2:]
    return digits, address


def said(page: Page, words: str) -> None:
    page.locator("#keypad form button[type=submit]").click()
    expect(page.locator("#keypad .error")).to_contain_text(words)


@pytest.mark.hazard("H001")
@pytest.mark.hazard("H012")
@pytest.mark.hazard("H017")
def test_a_syringe_is_given_by_its_label_without_network_and_another_sessions_is_refused(
    line_clinic: LineClinic, tablet: NewTablet, syringe: tuple[str, str]
) -> None:
    digits, address = syringe
    page = tablet().sign_in("nurse")
    page.goto(address)
    expect(page.get_by_role("link", name="Scan its label")).to_be_visible()
    ready(page)
    line_clinic.line.cut()
    without_network(page)
    page.locator("#offline-rail").get_by_role("link", name="Injection given").click()
    choose(page, "All of it")
    said(page, "Scan the label of the one you give")
    page.locator("#keypad [name=scanned]").fill(digits[:-1])
    said(page, "This is no number of a label")
    page.locator("#keypad [name=scanned]").fill(label_code.code(uuid4(), 1))
    said(page, "This label is of another session")
    assert not violations(page)
    page.locator("#keypad [name=scanned]").fill(label_code.grouped(digits))
    record(page)
    expect(page.locator("[data-state=waiting]")).to_contain_text("Injection given")
    line_clinic.line.mend()
    expect(page.locator("[data-state=waiting]")).to_have_count(0, timeout=40_000)
    assert not page.locator("[data-state=refused]").count()
    told = [e for e in line_clinic.entries("dose_given.") if e["session"] == address.split("/")[-1]]
    assert [e["body"]["scanned"] for e in told] == [digits]


@pytest.mark.hazard("H003")
@pytest.mark.hazard("H014")
@pytest.mark.hazard("H017")
def test_a_rescue_dose_is_looked_at_twice_and_a_dose_that_runs_on_is_said_without_network(
    line_clinic: LineClinic, tablet: NewTablet
) -> None:
    page = at_the_chair(tablet())
    line_clinic.line.cut()
    without_network(page)
    rail(page, "Medicine")
    page.locator("#keypad").get_by_role("link", name="Ondansetron").click()
    choose(page, "into a vein")
    page.locator("#keypad [name=orderer]").select_option(index=1)
    page.locator("#keypad [name=dose]").fill("4000")
    said(page, "more than is ever given at once")
    expect(page.locator("#keypad [name=dose_again]")).to_be_hidden()
    page.locator("#keypad [name=dose]").fill("16")
    said(page, "more than is usual at once")
    page.locator("#keypad [name=dose_again]").fill("16")
    page.locator("#keypad [name=reason]").fill("vomits on, ordered by telephone")
    assert not violations(page)
    record(page)
    rail(page, "Event")
    choose(page, "Nausea", "Moderate", "Dose stopped")
    page.locator("#keypad").get_by_role("group", name="Serious", exact=True).get_by_text(
        "No", exact=True
    ).click()
    record(page)
    runs = page.locator("#offline-rail").get_by_role("alert", name="The dose")
    expect(runs).to_contain_text("The dose runs on")
    runs.get_by_role("link", name="Record it").click()
    page.locator("#keypad [name=delivered_ml]").fill("12")
    page.locator("#keypad [name=reason]").fill("vomits on")
    record(page)
    expect(runs).to_have_count(0)
    line_clinic.line.mend()
    expect(page.locator("[data-state=waiting]")).to_have_count(0, timeout=40_000)
    given = line_clinic.entries("rescue_given.")[-1]
    assert given["body"]["warnings"] == ["16 mg of ondansetron is more than is usual at once (8 mg)"]
