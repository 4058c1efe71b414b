"""A nurse runs an infusion on a tablet: the network is cut for ten minutes in the middle, the server dies once, and what
was given is the same to the digit in the chart, the safe and every document.
"""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from lowtide.site.demo.staff import CLINIC, PASSWORD
from tests.browser import steps
from tests.browser.tablets import LineClinic, Tablet, line_clinic, small_clinic, tablet
from tests.browser.test_no_network import measure, press, ready, without_network

__all__ = ["line_clinic", "small_clinic", "tablet"]
MINUTE = 60


class Walk:
    """One nurse, one tablet, one clinic, and a clock that they share."""

    def __init__(self, clinic: LineClinic, one: Tablet) -> None:
        self.clinic, self.one, self.ahead_s = clinic, one, 0
        self.one.context.set_default_timeout(45_000)
        self.page = one.sign_in("nurse")

    def wait(self, minutes: int) -> None:
        """Time passes, for the clinic as for the tablet."""
        self.ahead_s += minutes * MINUTE
        self.clinic.move_clock(self.ahead_s)
        self.one.move_clock(self.ahead_s)

    def stay(self, minutes: int, where: str) -> None:
        """Time passes while the nurse looks at a page now and then: whoever is away too long has to sign in again."""
        for part in range(0, minutes, 10):
            self.wait(min(10, minutes - part))
            self.page.goto(where)

    def entry(self, kind: str) -> dict[str, Any]:
        return self.clinic.entries(kind, "chart:")[-1]


@pytest.mark.timeout(420)
@pytest.mark.hazard("H017")
@pytest.mark.hazard("H036")
@pytest.mark.hazard("H045")
@pytest.mark.parametrize("line_clinic", ["waiting"], indirect=True)
def test_a_session_outlives_a_cut_line_and_a_dead_server_and_every_paper_agrees(
    line_clinic: LineClinic, tablet: Callable[..., Tablet]
) -> None:
    walk = Walk(line_clinic, tablet())
    session = prepare(walk)
    start(walk)
    walk.wait(5)
    walk.page.goto(session)
    steps.more(walk.page, "Blood pressure")
    steps.record_vitals(walk.page, sbp_mmhg="131", dbp_mmhg="80")
    ten_minutes_without_network(walk)
    recover(walk, session)
    leave(walk, session)
    account_and_sign(walk, session)
    assert_everything_agrees(walk, session)
    assert line_clinic.verify()["ok"]


def prepare(walk: Walk) -> str:
    """From the list of the day to the start: time-out, pressure, the vial from the safe, the second person."""
    page = walk.page
    page.goto("/chairs")
    page.get_by_role("link", name="Open Chair 1", exact=True).click()
    page.wait_for_url("**/sessions/*")
    session = page.url
    steps.do(page, "Take the time-out")
    page.get_by_label("Birth date or number, as the patient says it").fill(born(walk))
    steps.choose(page, "Chair", "Chair 1")
    steps.answer(page, {"still agree": "Yes", "eaten": "Yes", "drunk": "Yes", "Escort named": "Yes"})
    steps.answer(page, {"suicidal": "No", "alcohol": "No", "airway": "Yes", "Pregnancy": "No"})
    page.get_by_role("button", name="Record the time-out").click()
    steps.do(page, "Measure")
    steps.record_vitals(page, sbp_mmhg="126", dbp_mmhg="78", heart_rate_bpm="72", spo2_pct="97")
    draw(walk)
    page.goto(session)
    check(walk)
    return session


def born(walk: Walk) -> str:
    date = str(walk.entry("patient")["body"]["birth_date"])
    return datetime.fromisoformat(date).strftime("%-d %b %Y")


def order(walk: Walk) -> dict[str, str]:
    body: dict[str, str] = walk.entry("order_signed")["body"]
    return body


def draw(walk: Walk) -> None:
    """As much as the order asks for, and a little more that stays in the syringe."""
    page = walk.page
    page.get_by_role("region", name="From the safe").get_by_role("link", name="Draw from Main safe").click()
    choice = page.locator("option", has_text="50 mg/mL").filter(has_text="opened vial").first
    page.get_by_label("What").select_option(choice.get_attribute("value"))
    page.get_by_label("Quantity").fill(str(drawn(walk)))
    page.get_by_role("button", name="Draw").click()
    expect(page.get_by_role("main")).to_contain_text(f"{drawn(walk)} mL")


def drawn(walk: Walk) -> Decimal:
    return Decimal(order(walk)["vial_volume_ml"]) + Decimal("0.1")


def check(walk: Walk) -> None:
    page, asked = walk.page, order(walk)
    steps.do(page, "Check the preparation")
    page.get_by_role("group", name="Who made it up").get_by_text("the other person checks").click()
    page.get_by_label("Birth date or number on the label").fill(born(walk))
    steps.choose(page, "Drug on the vial", "racemic ketamine")
    for label, value in (
        ("Strength on the vial", asked["vial_mg_per_ml"]),
        ("Drawn from the vial", asked["vial_volume_ml"]),
        ("Made up to", asked["final_volume_ml"]),
        ("Rate set on the pump", asked["rate_ml_per_h"]),
        ("Volume to be infused", asked["final_volume_ml"]),
        ("Expiry date on the vial", "2031-01-31"),
        ("Lot on the vial", walk.clinic.entries("drug_drawn.")[-1]["body"]["lot"]),
        ("sign-in name", "nurse2"),
        ("The other person: password", PASSWORD),
    ):
        page.get_by_label(label).fill(str(value))
    page.get_by_role("button", name="Compare with the order").click()
    steps.told(page, "The preparation agrees with the order")


def start(walk: Walk) -> None:
    page, asked = walk.page, order(walk)
    steps.do(page, "Start")
    page.get_by_label("Rate, mL/h").fill(asked["rate_ml_per_h"])
    page.get_by_label("Volume to be infused, mL").fill(asked["final_volume_ml"])
    page.get_by_role("button", name="Start the infusion").click()
    expect(page.get_by_text("since start")).to_be_visible()
    ready(page)


def ten_minutes_without_network(walk: Walk) -> None:
    """The line is cut; the nurse pauses, resumes and measures; meanwhile the server dies and starts again."""
    page, clinic = walk.page, walk.clinic
    ready(page)
    clinic.line.cut()
    without_network(page)
    walk.wait(3)
    measure(page, 133)
    press(page, "Pause")
    walk.wait(2)
    press(page, "Resume", rate_ml_per_h=order(walk)["rate_ml_per_h"], reason="pressure settled")
    clinic.kill()
    clinic.start()
    walk.wait(5)
    measure(page, 136)
    expect(page.locator("[data-state=waiting]")).to_have_count(4)
    clinic.line.mend()
    expect(page.locator("[data-state=waiting]")).to_have_count(0, timeout=60_000)
    steps.logged(page, "136/77")
    page.reload()


def recover(walk: Walk, session: str) -> None:
    """The bag runs empty, and what is due is measured until the way out opens."""
    page = walk.page
    walk.stay(27, session)
    steps.do(page, "Record the end") if page.get_by_role(
        "link", name="Record the end"
    ).count() else page.get_by_role("link", name="Stop", exact=True).click()
    page.locator("form.kp .entry input").first.fill(order(walk)["final_volume_ml"])
    steps.press_record(page)
    for minutes in (30, 30, 62):
        walk.stay(minutes, session)
        steps.more(page, "Blood pressure")
        steps.record_vitals(page, sbp_mmhg="127", dbp_mmhg="79")
    scores(page)


def scores(page: Page) -> None:
    """What the way out asks for."""
    steps.more(page, "Saturation")
    steps.record_vitals(page, spo2_pct="97")
    for scale, choice in (("Sedation", "awake"), ("Dissociation", "0"), ("Aldrete", "10")):
        steps.more(page, scale)
        page.get_by_role("dialog").get_by_text(re.compile(f"^{choice}", re.I)).first.click()
        steps.press_record(page)


def leave(walk: Walk, session: str) -> None:
    page = walk.page
    page.goto(f"{session}/leave")
    asked = ("Knows who", "Walks", "Nausea", "usual self", "suicidal", "Escort is here", "Advice given")
    steps.answer(page, dict.fromkeys(asked, "Yes"))
    expect(page.get_by_label(re.compile("^Leaves with"))).to_have_value("")
    page.get_by_role("button", name="as planned").click()
    expect(page.get_by_label(re.compile("^Leaves with"))).not_to_have_value("")
    page.get_by_role("button", name="Record that the patient left").click()
    steps.told(page, "left")


def account_and_sign(walk: Walk, session: str) -> None:
    page, asked = walk.page, order(walk)
    page.goto(f"{session}/sign")
    expect(page.get_by_role("region", name="Next")).to_contain_text("not accounted for")
    page.get_by_role("link", name="Account for it").first.click()
    expect(page.get_by_label(re.compile("^Given"))).to_have_value(
        f"{Decimal(asked['vial_volume_ml']).normalize():f}"
    )
    expect(page.get_by_label(re.compile("rest in syringe"))).to_have_value("0.1")
    page.get_by_label(re.compile("Made unusable")).select_option(index=1)
    page.get_by_label(re.compile("Second person: sign-in name")).fill("nurse2")
    page.get_by_label(re.compile("Second person: password")).fill(PASSWORD)
    page.get_by_role("button", name="Write it down").click()
    page.goto(f"{session}/sign")
    page.get_by_label("Your name").fill("Silvia Ortega")
    page.get_by_role("button", name="Sign the session").click()
    expect(page.get_by_text("signed").first).to_be_visible()


FIRST_BYTES = "async (url) => (await (await fetch(url)).text()).slice(0, 8)"
PAPERS = ("flowsheet", "summary", "drug_use", "bill", "instructions", "letter")


def assert_everything_agrees(walk: Walk, session: str) -> None:
    """The dose, the volumes and the times, in each document and in the books; each entry made at the chair once."""
    asked = order(walk)
    text = {name: paper(walk.page, session, name) for name in PAPERS}
    for name in ("flowsheet", "summary", "drug_use", "letter"):
        assert f"{asked['dose_mg']} mg" in text[name], name
    for volume in (drawn(walk), Decimal(asked["vial_volume_ml"]), Decimal("0.1")):
        assert f"{volume} mL" in text["drug_use"]
    for pressure in ("131/80", "133/77", "136/77"):
        assert pressure in text["flowsheet"]
    began, ended = (clock(walk, kind) for kind in ("dose_started", "dose_stopped"))
    for name in ("flowsheet", "summary", "bill"):
        assert began in text[name], name
        assert ended in text[name], name
    taken = [e["body"]["sbp_mmhg"] for e in of_today(walk, "vitals") if "sbp_mmhg" in e["body"]]
    assert [taken.count(n) for n in (126, 131, 133, 136)] == [1, 1, 1, 1]
    assert [len(of_today(walk, kind)) for kind in ("dose_started", "rate_changed", "dose_stopped")] == [
        1,
        2,
        1,
    ]


def of_today(walk: Walk, kind: str) -> list[dict[str, Any]]:
    """The entries of this session, which is the last that was ordered."""
    session = walk.entry("order_signed")["session"]
    return [e for e in walk.clinic.entries(kind, "chart:") if e.get("session") == session]


def clock(walk: Walk, kind: str) -> str:
    """When it happened, as the clinic's clock says it."""
    at = datetime.fromisoformat(str(of_today(walk, kind)[0]["at"]).replace("Z", "+00:00"))
    return at.astimezone(ZoneInfo(CLINIC.zone)).strftime("%H:%M")


def paper(page: Page, session: str, name: str) -> str:
    """What a document says; it can be printed, too."""
    printed = page.evaluate(FIRST_BYTES, f"{session}/documents/{name}.pdf")
    assert printed.startswith("%PDF"), name
    answer = page.goto(f"{session}/documents/{name}")
    assert answer
    assert answer.status == 200, name
    return page.get_by_role("main").inner_text()
