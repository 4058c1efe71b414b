"""A passkey is made, opens the door without a password, and is refused once it was removed: by staff and by a patient.

The browser's own virtual authenticator stands in for a finger on a sensor; everything else is real. A passkey is bound to
a name, so that the clinic is visited as localhost, which browsers trust without https; an address would not do.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from lowtide.site.demo.staff import PASSWORD
from tests.browser.conftest import Demo, sign_in

LOGIN = "researcher"
"""Nobody else of these tests signs in as: whoever has a key is asked for it."""
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def page(browser: Browser, demo: Demo) -> Iterator[Page]:
    context = browser.new_context(base_url=demo.address.replace("127.0.0.1", "localhost"))
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def sensor(page: Page) -> CDPSession:
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return cdp


def test_a_passkey_is_made_signs_in_and_is_taken_off_again(page: Page, sensor: CDPSession) -> None:
    sign_in(page, LOGIN, PASSWORD)
    make_passkey(page)
    sign_out(page)
    enter_by_passkey(page)
    page.goto("/accounts/2fa/webauthn/")
    expect(page.get_by_role("row").filter(has_text="Work laptop")).not_to_contain_text("not used yet")
    remove_passkey(page)
    sign_out(page)
    page.goto("/accounts/login/")
    with page.expect_navigation():
        page.locator("#passkey_login").click()
    page.goto("/")
    expect(page).to_have_url(re.compile("/accounts/login"))
    sign_in(page, LOGIN, PASSWORD)
    expect(page).not_to_have_url(re.compile("/accounts/"))


def test_a_patient_sets_one_up_comes_in_by_it_and_takes_it_away_in_their_own_place(
    page: Page, sensor: CDPSession, visit: Callable[..., Page]
) -> None:
    link = link_for_a_patient(visit("frontdesk"))
    open_link(page, link)
    page.goto("/my/keys")
    page.get_by_role("link", name="Set up a passkey").click()
    page.get_by_label("Name of the passkey").fill("My old phone")
    page.get_by_role("button", name="Set it up now").click()
    expect(page.get_by_role("status")).to_contain_text("Your passkey is set up.")
    expect(page.get_by_text("My old phone").first).to_be_visible()
    sign_out(page)
    page.goto("/my/enter")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(re.compile("/my/$"))
    page.goto("/my/keys")
    expect(page.get_by_text("Last used:").first).to_be_visible()
    page.get_by_role("button", name=re.compile("Take it away.*My old phone")).click()
    expect(page.get_by_role("status")).to_contain_text("opens nothing any more")
    sign_out(page)
    page.goto("/my/enter")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("status")).to_contain_text("Ask for a link instead.")
    expect(page).to_have_url(re.compile("/my/enter"))


def link_for_a_patient(desk: Page) -> str:
    """A link on paper for the demonstration's patient whose chart the desk finds by name."""
    desk.goto("/patients/?q=Yilmaz")
    found = re.search(r"/patients/([0-9a-f-]{36})", desk.content())
    assert found
    desk.goto(f"/patients/{found[1]}/own-place")
    desk.get_by_role("button", name=re.compile("On paper")).click()
    return desk.locator(".link-code").inner_text()


def open_link(page: Page, code: str) -> None:
    page.goto(f"/my/link/{code.replace('-', '')}")
    page.get_by_role("button", name="Open my place").click()
    expect(page).to_have_url(re.compile("/my/$"))


def make_passkey(page: Page) -> None:
    page.goto("/accounts/2fa/webauthn/add/")
    confirm(page)
    page.get_by_label(re.compile("name", re.I)).first.fill("Work laptop")
    passkey = page.get_by_label(re.compile("passwordless|passkey", re.I))
    if passkey.count():
        passkey.first.check()
    page.get_by_role("button", name="Add this key").click()
    page.wait_for_url(lambda url: "/webauthn/add" not in url)
    page.goto("/accounts/2fa/webauthn/")
    expect(page.get_by_role("row").filter(has_text="Work laptop")).to_contain_text("passkey")


def confirm(page: Page) -> None:
    """Say once more who one is, where a page of one's own sign-in asks for it."""
    page.wait_for_load_state()
    if "/reauthenticate/" in page.url:
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()
        page.wait_for_url(lambda url: "/reauthenticate/" not in url)


def enter_by_passkey(page: Page) -> None:
    page.goto("/accounts/login/")
    page.locator("#passkey_login").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)


def remove_passkey(page: Page) -> None:
    page.goto("/accounts/2fa/webauthn/")
    page.get_by_role("link", name=re.compile("Remove.*Work laptop")).click()
    page.wait_for_url(lambda url: not url.endswith("/webauthn/"))
    confirm(page)
    page.get_by_role("button", name="Remove the key").click()
    expect(page.get_by_text("No key yet")).to_be_visible()


def sign_out(page: Page) -> None:
    page.context.clear_cookies()
