"""Each main screen, at a desk and on a tablet, light and dark: nothing a checker objects to, nothing wider than the window, no complaint."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations

Visit = Callable[..., Page]
SCREENS = {
    "worklist": ("prescriber", "/today"),
    "board": ("nurse", "/chairs"),
    "chart": ("prescriber", "chart:"),
    "record": ("prescriber", "chart:record"),
    "intake": ("prescriber", "chart:history"),
    "evaluate": ("prescriber", "chart:evaluate?indication=trd&product=racemic_ketamine&route=iv"),
    "ledger": ("nurse", "chart:ledger"),
    "a treatment to record": ("nurse", "chart:ledger/add"),
    "work-up": ("nurse", "chart:workup"),
    "one test": ("nurse", "chart:workup/ecg"),
    "plan": ("prescriber", "chart:plan"),
    "evidence": ("therapist", "/evidence/"),
    "evidence on an indication": ("prescriber", "/evidence/trd/"),
    "evidence with recalled rows": ("director", "/evidence/trd/?outcome=response&at=24h&unverified=1"),
    "claims": ("nurse", "/evidence/claims"),
    "rates of reactions": ("nurse", "/evidence/rates"),
    "instruments, one read on another": ("nurse", "/evidence/conversions"),
    "a study": ("prescriber", "/evidence/studies/KARMADep2/?unverified=1"),
    "a review": ("prescriber", "/evidence/reviews/DEAN-MDZ-RESP/"),
    "evidence for one person": ("prescriber", "chart:evidence"),
    "what people ask": (None, "/questions/"),
    "a question": (None, "/questions/depression"),
    "what people say": ("patient", "/questions/claims"),
    "order": ("prescriber", "order:?vial=50&final_volume=50"),
    "three doses": ("prescriber", "order:/compare"),
    "consents": ("nurse", "chart:consent"),
    "consent in the patient's hands": ("nurse", "chart:consent/sign"),
    "enrolment": ("nurse", "chart:enrolment"),
    "when they can come": ("nurse", "chart:availability"),
    "referrals": ("frontdesk", "/referrals/"),
    "a referral": ("prescriber", "referral:"),
    "is this for me": (None, "/is-this-for-me"),
    "what to talk about": (None, "prescreened:"),
    "hours": ("admin", "/clinic/hours"),
    "programmes of the clinic": ("admin", "/clinic/programmes"),
    "inbox": ("director", "/inbox/"),
    "medicines": ("nurse", "chart:medicines"),
    "one medicine": ("nurse", "chart:medicines/of/sertraline?q=loraz"),
    "paper before a visit": ("nurse", "chart:medicines/before-visit"),
    "sessions": ("nurse", "chart:sessions"),
    "flowsheet": ("nurse", "live:"),
    "printed flowsheet": ("nurse", "live:/flowsheet"),
    "devices": ("nurse", "sprayed:"),
    "a device": ("nurse", "sprayed:/give"),
    "no more devices": ("nurse", "sprayed:/no-more"),
    "PHQ-9": ("nurse", "chart:outcomes/phq9"),
    "outcomes": ("prescriber", "chart:outcomes"),
    "scales": ("nurse", "chart:outcomes/scales"),
    "a scale of numbers": ("nurse", "chart:outcomes/scales/fiqr"),
    "a rating": ("nurse", "chart:outcomes/scales/madrs"),
    "a scale in the patient's hands": ("nurse", "chart:outcomes/scales/fiqr/tablet"),
    "wording of instruments": ("director", "/clinic/instruments"),
    "licensed wording": ("director", "/clinic/instruments/madrs"),
    "maintain": ("prescriber", "chart:maintenance"),
    "planner": ("frontdesk", "/planner"),
    "contact": ("nurse", "chart:contact"),
    "own calendar": ("nurse", "/me/calendar"),
    "long-term safety": ("prescriber", "chart:long-term"),
    "asking about the bladder": ("nurse", "chart:long-term/ask/bladder"),
    "treatment elsewhere": ("nurse", "chart:long-term/elsewhere"),
    "stop and review": ("prescriber", "chart:long-term/stop"),
    "safety review of a year": ("prescriber", "chart:safety-review"),
    "long-term safety of the clinic": ("director", "/long-term"),
    "search": ("frontdesk", "/patients/?q=an"),
    "register": ("frontdesk", "/patients/new"),
    "import": ("prescriber", "/import/"),
    "results": ("prescriber", "/results/"),
    "rules": ("director", "/rules/"),
    "policy": ("director", "/rules/policy"),
    "numbers to approve": ("director", "/rules/walk/"),
    "a step of numbers": ("director", "/rules/walk/gates"),
    "everybody": ("director", "/rules/everybody"),
    "clinic": ("admin", "/clinic/"),
    "system": ("admin", "/system/"),
    "all safes": ("director", "/safe/?all"),
    "safe": ("director", "/safe/at/main/"),
    "ledger of the safe": ("nurse", "/safe/at/main/ledger"),
    "blind count": ("nurse", "/safe/at/main/count"),
    "recall": ("director", "/safe/recall?lot=6K221"),
    "use of controlled drugs": ("director", "/safe/reports"),
    "portal": ("patient", "/my/"),
    "portal questions": ("patient", "/my/questions"),
    "portal course": ("patient", "/my/course"),
}
LOOKS = [("desk", False), ("tablet", True)]


def live_session(page: Page, route: str = "IV") -> str:
    """The address of a session by this route that runs now, found as a nurse finds it: on the board."""
    page.goto("/chairs")
    tile = page.locator(".tile", has_text=f" mg {route} ").first
    return str(tile.locator("a.cover").get_attribute("href"))


def _order(page: Page, rest: str) -> None:
    """The dose sheet of the first session that is still to be signed."""
    page.goto(live_session(page).split("sessions/")[0] + "plan")
    sheet = page.get_by_role("link", name="Dose sheet of session").first
    page.goto(str(sheet.get_attribute("href")) + rest)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def _referral(page: Page, rest: str) -> None:
    page.goto("/referrals/")
    page.locator("main tbody a").first.click()


def _prescreened(page: Page, rest: str) -> None:
    """The end of the questions, with the grave answer given."""
    page.goto("/is-this-for-me")
    while page.get_by_role("button", name="See what to talk about").is_hidden():
        page.locator(".pre-a:visible").first.click()
        page.get_by_role("link", name="Next").locator("visible=true").click()
    page.get_by_role("button", name="See what to talk about").click()


STEPS: dict[str, Callable[[Page, str], None]] = {
    "order": _order,
    "referral": _referral,
    "prescreened": _prescreened,
}


def open_screen(page: Page, where: str) -> None:
    kind, _, rest = where.partition(":")
    if kind == "live":
        page.goto(live_session(page) + rest)
    elif kind == "sprayed":
        page.goto(live_session(page, "IN") + rest)
    elif kind in STEPS:
        STEPS[kind](page, rest)
    elif kind == "chart":
        page.goto(live_session(page).split("sessions/")[0] + rest)
    else:
        page.goto(where)
    page.get_by_role("main").wait_for()


# What floats over the end of the rail covers what can be scrolled free; the checker does not scroll.
LAID_DOWN = """() => document.querySelectorAll('.chair .rail > :last-child').forEach(
  (each) => { each.style.position = 'static'; })"""


@pytest.mark.parametrize(("size", "dark"), LOOKS, ids=["desk, light", "tablet, dark"])
@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_is_usable_by_everybody(visit: Visit, screen: str, size: str, dark: bool) -> None:
    login, where = SCREENS[screen]
    page = visit(login, size=size, dark=dark)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    open_screen(page, where)
    page.evaluate(LAID_DOWN)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert complaints == []
