"""A stored value turns out to be wrong while there is no network: it is corrected at the chair and sent once."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import steps
from tests.browser.axe import violations
from tests.browser.tablets import LineClinic, Tablet, line_clinic, small_clinic, tablet
from tests.browser.test_no_network import at_the_chair, choose_pin, enter_pin, ready, without_network

__all__ = ["line_clinic", "small_clinic", "tablet"]
NewTablet = Callable[..., Tablet]


def charted(page: Page, systolic: int) -> None:
    """A pressure with the network, which is stored before the page goes on."""
    steps.more(page, "Blood pressure")
    page.locator("form.kp [name=sbp_mmhg]").fill(str(systolic))
    page.locator("form.kp [name=dbp_mmhg]").fill("77")
    page.locator("form.kp button[type=submit]").click()
    for _ in range(2):
        page.wait_for_timeout(400)
        again = page.locator("form.kp button[type=submit]")
        if again.count() and page.get_by_text("Look again").count():
            again.first.click()
    steps.logged(page, f"{systolic}/77")
    ready(page)


def cell(page: Page, text: str) -> Locator:
    return page.locator(".flow a").filter(has_text=text).first


def say(page: Page, why: str, **values: str) -> None:
    for name, value in values.items():
        page.locator(f"#keypad [name={name}]").fill(value)
    button = page.locator("#keypad").get_by_role("button", name=why, exact=True)
    button.click()
    page.wait_for_timeout(200)
    if page.locator("#keypad form").count() and page.locator("#keypad .error").is_visible():
        button.click()  # far from the others: looked at again
    page.locator("#keypad form").wait_for(state="detached")


def corrections(clinic: LineClinic) -> list[dict[str, Any]]:
    """Those that tablets sent, in the order in which they are stored."""
    return [e for e in clinic.entries("vitals") if e.get("corrects") and e.get("device")]


def of(clinic: LineClinic, systolic: int) -> dict[str, Any]:
    """The one entry that was typed with this pressure."""
    (found,) = [e for e in clinic.entries("vitals") if e["body"].get("sbp_mmhg") == systolic]
    return found


@pytest.mark.hazard("H016")
@pytest.mark.hazard("H017")
def test_a_stored_value_is_corrected_at_the_chair_and_arrives_once(
    line_clinic: LineClinic, tablet: NewTablet
) -> None:
    page = at_the_chair(tablet())
    charted(page, 205)
    line_clinic.line.cut()
    without_network(page)
    asking = page.locator("#offline-rail .reminder").filter(has_text="205/77")
    expect(asking).not_to_have_count(0)
    cell(page, "205/77").click()
    expect(page.locator("#keypad form")).to_contain_text("charted 205")
    assert not violations(page)
    say(page, "Mistyped", sbp_mmhg="125", dbp_mmhg="77")
    expect(cell(page, "125/77")).to_contain_text("waits for the network")
    expect(cell(page, "125/77").locator("s")).to_have_text("205/77")
    expect(page.locator(".hud [data-reading$='/bp']")).to_contain_text("125/77")
    expect(asking).to_have_count(0)
    assert not violations(page)
    page.once("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="Throw it away: BP 205/77 corrected").click()
    expect(page.locator(".flow a s").filter(has_text="205/77")).to_have_count(0)
    expect(asking).not_to_have_count(0)
    cell(page, "205/77").click()
    say(page, "Mistyped", sbp_mmhg="126", dbp_mmhg="77")
    cell(page, "126/77").click()
    expect(page.locator("#keypad form")).to_contain_text("charted 126")
    say(page, "Misread", sbp_mmhg="127", dbp_mmhg="77")
    expect(page.locator("[data-state=waiting]")).to_have_count(2)
    line_clinic.line.send_twice("POST /tablet/entries")
    line_clinic.line.mend()
    expect(page.locator("[data-state=waiting]")).to_have_count(0, timeout=40_000)
    assert not page.locator("[data-state=refused]").count()
    expect(cell(page, "127/77")).not_to_contain_text("waits")
    first, last = corrections(line_clinic)
    wrong = of(line_clinic, 205)
    assert [first["corrects"], last["corrects"]] == [wrong["id"], first["id"]]
    assert [first["body"]["sbp_mmhg"], last["body"]["sbp_mmhg"]] == [126, 127]
    assert first["device_at"]
    assert last["at"] == wrong["at"]
    assert line_clinic.verify()["ok"]


@pytest.mark.hazard("H017")
def test_one_that_was_corrected_elsewhere_meanwhile_is_shown_to_its_author_with_why(
    line_clinic: LineClinic, tablet: NewTablet
) -> None:
    page, other = at_the_chair(tablet("one")), at_the_chair(tablet("two"), "prescriber")
    charted(page, 205)
    expect(cell(other, "205/77")).to_be_visible()
    other.wait_for_timeout(2500)  # what it takes along comes a moment after what it shows
    line_clinic.line.cut()
    for each, systolic in ((page, 125), (other, 128)):
        without_network(each)
        cell(each, "205/77").click()
        say(each, "Mistyped", sbp_mmhg=str(systolic), dbp_mmhg="77")
    sends = line_clinic.line.hold("POST /tablet/entries", times=2)
    line_clinic.line.mend()
    sends.until(2, within_s=60)
    sends.release(apart_s=2)
    refused = [each.locator("[data-state=refused]") for each in (page, other)]
    expect(refused[0].or_(page.locator(".flow"))).not_to_have_count(0)
    page.wait_for_timeout(1500)
    assert sum(each.count() for each in refused) == 1
    told = next(each for each in refused if each.count())
    expect(told).to_contain_text("corrected it meanwhile: it says")
    assert [e["corrects"] for e in corrections(line_clinic)] == [of(line_clinic, 205)["id"]]


@pytest.mark.hazard("H016")
def test_what_was_never_so_is_struck_from_the_timeline_without_network(
    line_clinic: LineClinic, tablet: NewTablet
) -> None:
    page = at_the_chair(tablet())
    charted(page, 205)
    line_clinic.line.cut()
    without_network(page)
    page.locator("#offline-rail [aria-label=Timeline] a").filter(has_text="205/77").first.click()
    page.locator("#keypad summary").filter(has_text="Another reason").click()
    say(page, "It was never so: entered in error", reason="another chair’s")
    expect(page.locator("#offline-rail [aria-label=Timeline] s").filter(has_text="205/77")).to_have_count(1)
    expect(page.locator("#offline-rail .reminder").filter(has_text="205/77")).to_have_count(0)
    line_clinic.line.mend()
    expect(page.locator("[data-state=waiting]")).to_have_count(0, timeout=40_000)
    (struck,) = [e for e in line_clinic.entries("entered_in_error") if e.get("device")]
    assert struck["corrects"] == of(line_clinic, 205)["id"]


@pytest.mark.hazard("H017")
def test_a_note_and_a_rating_are_corrected_after_a_restart_without_network(
    line_clinic: LineClinic, tablet: NewTablet
) -> None:
    one = tablet()
    page = at_the_chair(one)
    choose_pin(one)
    address = page.url
    page.goto(f"{address.rstrip('/')}/note")
    ready(page)
    page.locator("[name=text]").fill("calm and awake")
    page.locator("main form button[type=submit]").click()
    steps.logged(page, "calm and awake")
    ready(page)
    page.wait_for_timeout(2500)  # what it takes along comes a moment after what it shows
    line_clinic.line.cut()
    page = one.restart()
    page.goto(address)
    enter_pin(page)
    timeline = page.locator("#main [aria-label=Timeline]")
    timeline.locator(".tl").filter(has_text="calm and awake").get_by_role("link", name="Correct").click()
    say(page, "Mistyped", text="calm, eyes closed")
    expect(timeline).to_contain_text("calm, eyes closed waits")
    expect(timeline.locator("s").filter(has_text="calm and awake")).to_have_count(1)
    timeline.locator("a").filter(has_text="Nausea").first.click()
    page.locator("#keypad label").filter(has_text="3").first.click()
    say(page, "Misread")
    expect(timeline.locator("a").filter(has_text="Nausea").first).to_contain_text("3 waits")
    line_clinic.line.mend()
    expect(page.locator("[data-state=waiting]")).to_have_count(0, timeout=60_000)
    sent = [
        e
        for kind in ("note", "rating")
        for e in line_clinic.entries(kind)
        if e.get("corrects") and e.get("device")
    ]
    assert [e["body"].get("text") or e["body"]["value"] for e in sent] == ["calm, eyes closed", "3"]
    assert line_clinic.verify()["ok"]


@pytest.mark.hazard("H015")
@pytest.mark.hazard("H017")
def test_a_reading_that_waits_stands_in_header_and_flowsheet_as_waiting(
    line_clinic: LineClinic, tablet: NewTablet
) -> None:
    page = at_the_chair(tablet())
    charted(page, 205)
    page.wait_for_timeout(2500)  # what it takes along comes a moment after what it shows
    line_clinic.line.cut()
    without_network(page)
    page.locator("#offline-rail a[href$='/enter/bp']").last.click()
    page.locator("#keypad [name=sbp_mmhg]").fill("141")
    page.locator("#keypad [name=dbp_mmhg]").fill("78")
    button = page.locator("#keypad form button[type=submit]").first
    button.click()
    page.wait_for_timeout(300)
    if page.locator("#keypad form").count():
        button.click()  # far from the last one: looked at again
    header = page.locator(".hud [data-reading$='/bp']")
    expect(header).to_contain_text("141/78")
    expect(header).to_contain_text("waits for the network")
    expect(header).not_to_contain_text("205/77")
    expect(cell(page, "141/78")).to_contain_text("waits for the network")
    assert not violations(page)
    line_clinic.line.mend()
    expect(page.locator("[data-state=waiting]")).to_have_count(0, timeout=40_000)
    expect(page.locator(".hud [data-reading$='/bp']")).to_contain_text("141/78")
    expect(page.locator(".hud [data-reading$='/bp']")).not_to_contain_text("waits")
