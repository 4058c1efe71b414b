"""The patient's own place on a cheap phone: the way in by a link, a risk answer, help, and the clinic's task; without script."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import SIZES, Demo

Visit = Callable[..., Page]
PAGES = (
    *("/my/", "/my/questions?anyway=1", "/my/questions/done", "/my/course", "/my/help", "/my/more"),
    *("/my/treatment", "/my/session", "/my/side-effects", "/my/costs", "/my/messages", "/my/data"),
    *("/my/scales", "/my/checks/bladder", "/my/checks/dependence", "/my/escort", "/my/calendar", "/my/goals"),
    *("/my/nothing-here", "/my/leave", "/my/keys/add"),
    *("/my/keys", "/my/consent", "/my/consent/sign", "/my/after-your-visit", "/my/passport"),
)
SCROLLS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def cheap_phone(browser: Browser, demo: Demo) -> Iterator[Page]:
    """A telephone whose browser runs no script."""
    width, height = SIZES["phone"]
    context = browser.new_context(
        base_url=demo.address, viewport={"width": width, "height": height}, java_script_enabled=False
    )
    yield context.new_page()
    context.close()


def email_of_somebody(desk: Page) -> tuple[str, str]:
    """The address of the demonstration's patient in treatment, and their chart."""
    desk.goto("/patients/?q=Yilmaz")
    found = re.search(r"/patients/([0-9a-f-]{36})", desk.content())
    assert found
    desk.goto(f"/patients/{found[1]}/who")
    email = re.search(r"[\w.-]+@example\.invalid", desk.content())
    assert email
    return email[0], found[1]


@pytest.mark.hazard("H026")
def test_without_script_a_link_arrives_a_risk_answer_shows_help_and_the_clinic_sees_the_task(
    visit: Visit, cheap_phone: Page
) -> None:
    email, patient = email_of_somebody(visit("frontdesk"))
    phone = cheap_phone
    phone.goto("/my/")
    phone.get_by_label("Your e-mail").fill(email)
    phone.get_by_role("button", name="Send me a link").click()
    phone.locator("p.code a").click()
    phone.get_by_role("button", name="Open my place").click()
    expect(phone).to_have_url(re.compile("/my/$"))
    phone.goto("/my/questions?anyway=1")
    phone.get_by_role("button", name="More than half the days").click()
    phone.goto(re.sub(r"q=\d", "q=9", phone.url))
    phone.get_by_role(
        "button", name="Nearly every day"
    ).click()  # with seven questions open: kept, help first
    expect(phone.get_by_role("heading", name="You are not alone with this")).to_be_visible()
    expect(phone.get_by_text("Questions still open: 7")).to_be_visible()
    nurse = visit("nurse")
    nurse.goto(f"/patients/{patient}/outcomes")
    expect(nurse.get_by_role("region", name="Urgent")).to_contain_text("The form was not finished.")
    phone.get_by_role("button", name="Leave the rest open").click()
    expect(phone.get_by_role("heading", name="You are not alone with this")).to_be_visible()
    expect(phone.get_by_role("link", name=re.compile("Call 112"))).to_be_visible()
    nurse.goto("/today")
    expect(nurse.get_by_role("main")).to_contain_text("Yilmaz")


def test_no_page_of_the_own_place_keeps_anybody_from_using_it(visit: Visit) -> None:
    page = visit("patient", size="phone")
    wrong = {}
    for path in PAGES:
        page.goto(path)
        found = violations(page)
        if found or page.evaluate(SCROLLS):
            wrong[path] = found or ["scrolls sideways"]
    assert not wrong


@pytest.mark.parametrize("dark", [False, True])
def test_the_doors_are_open_to_everybody_too(visit: Visit, dark: bool) -> None:
    page = visit(size="phone", dark=dark)
    for path in ("/my/enter", "/my/left", "/my/link/none"):
        page.goto(path)
        assert violations(page) == [], path


@pytest.mark.parametrize("dark", [False, True])
def test_what_people_ask_can_be_read_on_a_phone(visit: Visit, dark: bool) -> None:
    page = visit(size="phone", dark=dark)
    for path in ("", "claims", "depression", "suicidal-thoughts", "maintenance", "no-such-page"):
        path = f"/questions/{path}"
        page.goto(path)
        assert violations(page) == [], path
        assert not page.evaluate(SCROLLS), path


def test_evidence_can_be_read_on_a_phone(visit: Visit) -> None:
    page = visit("therapist", size="phone")
    for path in (
        "/evidence/",
        "/evidence/trd/",
        "/evidence/studies/KARMADep2/",
        "/evidence/reviews/DEAN-MDZ-RESP/",
    ):
        page.goto(path)
        assert violations(page) == [], path
        assert not page.evaluate(SCROLLS), path


def test_the_clinics_side_keeps_nobody_from_using_it(visit: Visit) -> None:
    desk = visit("frontdesk", size="tablet")
    _, patient = email_of_somebody(desk)
    nurse = visit("nurse", size="tablet")
    for page, path in ((desk, "own-place"), (nurse, "messages")):
        page.goto(f"/patients/{patient}/{path}")
        assert violations(page) == [], path
        assert not page.evaluate(SCROLLS)


def test_the_language_is_changed_on_every_page_and_kept(visit: Visit) -> None:
    page = visit("patient", size="phone")
    page.goto("/my/help")
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ayuda, ahora")
    page.goto("/my/course")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Su puntuación de ánimo")
    assert violations(page) == []
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Your mood score")
