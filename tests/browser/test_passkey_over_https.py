"""A passkey over https, as a clinic is really served: made, signed in with, taken off again; the password still opens."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import CDPSession, expect

from lowtide.site.demo.staff import PASSWORD
from tests.browser.conftest import sign_in
from tests.browser.tablets import LineClinic, Tablet, line_clinic, small_clinic, tablet
from tests.browser.test_passkey import AUTHENTICATOR, enter_by_passkey, make_passkey, remove_passkey

__all__ = ["line_clinic", "small_clinic", "tablet"]
LOGIN = "director"
pytestmark = pytest.mark.timeout(240)


def sensor(one: Tablet) -> CDPSession:
    """The browser's own virtual authenticator stands in for a finger on a sensor."""
    cdp = one.context.new_cdp_session(one.page)
    cdp.send("WebAuthn.enable")
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return cdp


def test_a_passkey_made_over_https_opens_the_clinic_until_it_is_taken_off(
    line_clinic: LineClinic, tablet: Callable[..., Tablet]
) -> None:
    one = tablet()
    one.context.set_default_timeout(30_000)
    cdp, page = sensor(one), one.sign_in(LOGIN)
    assert page.url.startswith("https://")
    make_passkey(page)
    assert all(cookie["secure"] for cookie in one.context.cookies())
    one.sign_out()
    enter_by_passkey(page)
    page.goto("/accounts/2fa/webauthn/")
    expect(page.get_by_role("row").filter(has_text="Work laptop")).not_to_contain_text("not used yet")
    remove_passkey(page)
    one.sign_out()
    page.goto("/accounts/login/")
    with page.expect_navigation():
        page.locator("#passkey_login").click()
    page.goto("/")
    expect(page).to_have_url(re.compile("/accounts/login"))
    sign_in(page, LOGIN, PASSWORD)
    expect(page).not_to_have_url(re.compile("/accounts/"))
    cdp.detach()
