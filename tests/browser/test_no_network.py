"""The network goes while somebody charts at the chair: the page goes on, and the record ends complete, each entry once."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from lowtide.site.demo.staff import PASSWORD
from tests.browser import steps
from tests.browser.tablets import LineClinic, Tablet, line_clinic, small_clinic, tablet
from tests.browser.test_pages import live_session
from tests.faults.processes import ROOT

__all__ = ["line_clinic", "small_clinic", "tablet"]
expect.set_options(timeout=20_000)  # a busy machine
NewTablet = Callable[..., Tablet]


def at_the_chair(one: Tablet, login: str = "nurse") -> Page:
    """Signed in, at a session whose dose runs, ready for the loss of the network."""
    one.context.set_default_timeout(45_000)
    page = one.sign_in(login)
    page.goto(live_session(page))
    ready(page)
    return page


def ready(page: Page) -> None:
    page.locator("body[data-tablet=ready]").wait_for()
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")


def without_network(page: Page) -> None:
    expect(page.locator("#offline")).to_contain_text("Keep going", timeout=20_000)
    expect(page.locator(".rail.is-offline")).to_be_visible()


def measure(page: Page, systolic: int, diastolic: int = 77) -> None:
    page.locator("#offline-rail, #main .rail").get_by_role("link", name="Blood pressure", exact=True).click()
    page.locator("form.kp [name=sbp_mmhg]").fill(str(systolic))
    page.locator("form.kp [name=dbp_mmhg]").fill(str(diastolic))
    page.locator("form.kp button[type=submit]").click()
    pad, look_again = page.locator("form.kp"), page.locator(".error", has_text=re.compile(r"\S"))
    expect(pad.filter(has_not=look_again)).to_have_count(0)
    if pad.filter(has=look_again).count():  # far from the last value
        page.locator("form.kp button[type=submit]").click()
    page.locator("form.kp").wait_for(state="detached")


def from_tablets(clinic: LineClinic) -> list[dict[str, Any]]:
    """The readings that tablets sent; what the demonstration's own people charted may say the same."""
    return [e for e in clinic.entries("vitals") if e.get("device") and e["source"] == "manual"]


def pressures(clinic: LineClinic) -> list[tuple[int, int]]:
    bodies = [e["body"] for e in clinic.entries("vitals")]
    return [(b["sbp_mmhg"], b["dbp_mmhg"]) for b in bodies if "sbp_mmhg" in b]


@pytest.mark.hazard("H017")
def test_charting_goes_on_in_the_open_page_and_arrives_once(
    line_clinic: LineClinic, tablet: NewTablet
) -> None:
    page = at_the_chair(tablet())
    line_clinic.line.cut()
    without_network(page)
    measure(page, 131)
    page.locator("#offline-rail").get_by_role("button", name="Calm").click()
    expect(page.locator("[data-state=waiting]")).to_have_count(2)
    line_clinic.line.mend()
    expect(page.locator("[data-state=waiting]")).to_have_count(0, timeout=20_000)
    steps.logged(page, "131/77")
    assert pressures(line_clinic).count((131, 77)) == 1


@pytest.mark.hazard("H017")
@pytest.mark.hazard("H008")
def test_a_server_that_dies_while_it_answers_and_sends_that_arrive_twice_make_one_entry(
    line_clinic: LineClinic, tablet: NewTablet
) -> None:
    page = at_the_chair(tablet())
    steps.more(page, "Blood pressure")
    page.locator("form.kp [name=sbp_mmhg]").fill("131")
    page.locator("form.kp [name=dbp_mmhg]").fill("77")
    line_clinic.line.when_answered("POST .*/enter/bp", line_clinic.kill)
    page.locator("form.kp button[type=submit]").click()
    line_clinic.until_killed()
    expect(page.locator("[data-state=waiting]")).to_contain_text("BP 131/77")
    without_network(page)
    measure(page, 135)
    line_clinic.line.send_twice("POST /tablet/entries")
    line_clinic.line.lose_answer("POST /tablet/entries")
    line_clinic.start()
    expect(page.locator("[data-state=waiting]")).to_have_count(0, timeout=40_000)
    steps.logged(page, "135/77")
    assert len(line_clinic.line.sent("POST /tablet/entries")) >= 2
    assert [pressures(line_clinic).count((p, 77)) for p in (131, 135)] == [1, 1]
    assert line_clinic.verify()["ok"]


@pytest.mark.hazard("H017")
@pytest.mark.hazard("H008")
def test_two_tablets_that_write_at_once_end_with_the_same_chart(
    line_clinic: LineClinic, tablet: NewTablet
) -> None:
    pages = [at_the_chair(tablet("one")), at_the_chair(tablet("two"), "prescriber")]
    ended = len(line_clinic.entries("dose_stopped"))
    line_clinic.line.cut()
    for page, systolic in zip(pages, (128, 129), strict=True):
        without_network(page)
        measure(page, systolic)
        stop(page, str(systolic - 100))
    sends = line_clinic.line.hold("POST /tablet/entries", times=2)
    line_clinic.line.mend()
    sends.until(2, within_s=60)
    sends.release(last_first=True)
    logs = [log_of(page, ("128/77", "129/77", "Infusion ended")) for page in pages]
    assert logs[0] == logs[1]
    assert len(line_clinic.entries("dose_stopped")) == ended + 1
    left = [page.locator("[data-state=refused]") for page in pages]
    refused = next(each for each in left if each.count())
    assert (
        sum(each.count() for each in left) == 1
    )  # the other stop: kept, with its reason, until somebody decides
    expect(refused).to_contain_text("the dose has ended")
    refused.page.once("dialog", lambda asked: asked.accept())
    refused.get_by_role("button", name="Throw it away").click()
    expect(refused).to_have_count(0)


def stop(page: Page, delivered: str) -> None:
    page.locator("#offline-rail").get_by_role("link", name="Stop").click()
    page.locator("form.kp [name=delivered_ml]").fill(delivered)
    page.locator("form.kp [name=reason]").fill("felt unwell")
    page.locator("form.kp button[type=submit]").click()
    page.locator("form.kp").wait_for(state="detached")


def log_of(page: Page, lines: tuple[str, ...]) -> list[str]:
    for line in lines:
        expect(page.locator("[data-part=log]")).to_contain_text(line, timeout=40_000)
    return page.locator("[data-part=log] .tl b").all_inner_texts()


@pytest.mark.hazard("H023")
def test_a_tablet_with_a_wrong_clock_says_so_and_its_entries_are_right(
    line_clinic: LineClinic, tablet: NewTablet
) -> None:
    page = at_the_chair(tablet(off_s=600))
    expect(page.locator("#wrong-clock")).to_contain_text("This tablet’s clock is 10 min fast")
    line_clinic.line.cut()
    without_network(page)
    measure(page, 131)
    line_clinic.line.mend()
    expect(page.locator("[data-state=waiting]")).to_have_count(0, timeout=40_000)
    (entry,) = from_tablets(line_clinic)
    at, said = (
        datetime.fromisoformat(str(entry[name]).replace("Z", "+00:00")) for name in ("at", "device_at")
    )
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=2)
    assert abs(said - at - timedelta(minutes=10)) < timedelta(seconds=5)
    assert "device clock off by" in str(entry["clock"])
    expect(page.locator("[data-part=log]")).to_contain_text("made without network")


@pytest.mark.hazard("H023")
def test_a_slow_answer_moves_no_clock_that_a_quick_one_set_unless_both_cannot_be_right(
    browser: Browser,
) -> None:
    """Each answer: how far ahead its server's clock is, and how long it took; then what the tablet holds the offset for."""
    page = browser.new_page()
    script = (ROOT / "src/lowtide/pathway/session/static/session/offline/clock.js").read_text()
    offsets = page.evaluate(
        """async ([script, answers]) => {
          const clock = await import(`data:text/javascript,${encodeURIComponent(script)}`), held = [];
          for (const [ahead, took] of answers) {
            clock.compare(new Date(Date.now() + ahead).toISOString(), Date.now() - took);
            held.push(clock.offset());
          }
          return held;
        }""",
        [script, [(0, 40), (0, 8000), (600_000, 8000), (600_000, 40)]],
    )
    page.close()
    assert [round(offset / 1000) for offset in offsets] == [0, 0, 604, 600]


PIN = "482913"


def choose_pin(one: Tablet) -> None:
    """Set a PIN, and let the tablet learn it, as its banner asks."""
    page, there = one.page, one.page.url
    page.goto("/me/pin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("New PIN").wait_for()
    for field in page.locator("input[type=password]").all():
        field.fill(PIN)
    page.get_by_role("button", name="Set").first.click()
    steps.told(page, "Your PIN is set.")
    page.goto(there)
    ready(page)
    page.locator("#pin-offer").get_by_role("button", name="Enter the PIN").click()
    enter_pin(page)
    expect(page.locator("#pin-offer")).to_have_count(0)


def enter_pin(page: Page, pin: str = PIN) -> None:
    page.locator("#tablet-pin").fill(pin)
    page.locator("#locked").get_by_role("button", name="Open").click()


@pytest.mark.hazard("H017")
def test_a_tablet_that_is_restarted_without_network_opens_by_pin_and_charts_on(
    line_clinic: LineClinic, tablet: NewTablet
) -> None:
    one = tablet()
    page = at_the_chair(one)
    choose_pin(one)
    here = page.url
    line_clinic.line.cut()
    without_network(page)
    measure(page, 131)
    page = one.restart()
    page.goto(here)
    expect(page.locator("#locked")).to_be_visible()
    assert "131/77" not in page.content()
    enter_pin(page, "000000")
    expect(page.locator("#locked .error")).to_contain_text("not right")
    enter_pin(page)
    expect(page.locator("#main [data-state=waiting]")).to_contain_text("BP 131/77")
    measure(page, 134)
    press(page, "Pause")
    expect(page.get_by_role("region", name="Next")).to_contain_text("Nothing goes in.")
    press(page, "Resume", rate_ml_per_h="54", reason="by Dr Test")
    line_clinic.line.mend()
    expect(page.locator("[data-state=waiting]")).to_have_count(0, timeout=40_000)
    page.get_by_role("button", name="Go on with the network").click()
    enter_pin(page)
    steps.logged(page, "54 mL/h")
    assert page.url == here
    sent = [(b.get("sbp_mmhg"), b.get("dbp_mmhg")) for b in (e["body"] for e in from_tablets(line_clinic))]
    assert [sent.count((p, 77)) for p in (131, 134)] == [1, 1]
    assert len(line_clinic.entries("rate_changed")) >= 2


def press(page: Page, verb: str, **fields: str) -> None:
    page.locator("#offline-rail, #main .rail").get_by_role("region", name="Giving").get_by_role(
        "link", name=verb
    ).click()
    for name, value in fields.items():
        page.locator(f"form.kp [name={name}]").fill(value)
    page.locator("form.kp button[type=submit]").click()
    page.locator("form.kp").wait_for(state="detached")


@pytest.mark.hazard("H017")
def test_a_locked_tablet_opens_at_the_same_place_and_another_person_sends_what_the_first_left(
    line_clinic: LineClinic, tablet: NewTablet
) -> None:
    one = tablet()
    page = at_the_chair(one)
    choose_pin(one)
    steps.more(page, "Blood pressure")
    page.locator("form.kp [name=sbp_mmhg]").fill("137")
    page.evaluate("document.querySelector('[data-lock]').click()")
    expect(page.locator("#locked")).to_be_visible()
    expect(page.locator("form.kp [name=sbp_mmhg]")).to_be_hidden()
    enter_pin(page)
    expect(page.locator("#locked")).to_have_count(0)
    assert page.locator("form.kp [name=sbp_mmhg]").input_value() == "137"
    page.locator("form.kp [name=dbp_mmhg]").fill("73")
    line_clinic.line.cut()
    page.locator("form.kp button[type=submit]").click()
    expect(page.locator("[data-state=waiting]")).to_contain_text("BP 137/73", timeout=30_000)
    here = page.url
    kept = page.evaluate(READ_ALL)
    assert not [word for word in ("Ibsen", "137/73", "sbp_mmhg", "1978") if word in kept]
    one.sign_out()
    line_clinic.line.lose_request("POST /tablet/entries")
    page = one.restart()
    line_clinic.line.mend()
    one.sign_in("prescriber")
    page.goto(here)
    steps.logged(page, "137/73")
    expect(page.locator("[data-state=waiting]")).to_have_count(0, timeout=60_000)
    sent = [e for e in line_clinic.entries("vitals") if e["body"].get("sbp_mmhg") == 137]
    authors = {e["by"] for e in sent if e["body"].get("dbp_mmhg") == 73}
    assert authors == {next(e["by"] for e in line_clinic.entries("dose_started"))}


# Everything the browser keeps of its own, as text: what lies there in the clear would be found in it.
READ_ALL = """async () => {
  const asked = indexedDB.open("lowtide-tablet");
  await new Promise((done) => { asked.onsuccess = done; });
  const db = asked.result, found = [];
  for (const name of db.objectStoreNames) {
    const all = db.transaction(name).objectStore(name).getAll();
    await new Promise((done) => { all.onsuccess = done; });
    const readable = (key, value) => value instanceof ArrayBuffer ? new TextDecoder().decode(value) : value;
    found.push(JSON.stringify(all.result, readable));
  }
  const pages = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      if (!request.url.endsWith(".js")) pages.push(request.url, await (await cache.match(request)).text());
    }
  }
  return found.join() + JSON.stringify({ ...localStorage }) + pages.join();
}"""
