"""The look in a real browser, under the strict policy pages are served with: nothing a checker objects to, and a script that keeps its promises."""

import mimetypes
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from playwright.sync_api import BrowserContext, Page, Playwright, Request, Route, expect

from lowtide.portal.how_it_works.views import about
from tests.site import samples

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
STATIC = HERE.parents[1] / "src/lowtide/site/static"
HOME = "http://clinic.example"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = (HERE / "vendor/axe.min.js").read_text()
FORM = """{% extends "patient_base.html" %}{% block main %}<form id="form" method="post" action="/saved" data-draft="note">
<label for="text">Note</label><input id="text" name="text"><button name="go" value="1">Save</button></form>
<p><span id="age" data-at="2026-11-24T09:43:00+00:00" data-old-after="600">-</span>
<span class="due"><b>BP</b><span id="due" data-due-at="2026-11-24T09:51:00+00:00">-</span></span></p>{% endblock %}"""

Answer = Callable[[Request], tuple[int, str]]


def pages() -> dict[str, str]:
    from django.template import engines

    whole = samples.everything()
    form = engines["django"].from_string(FORM).render({**whole, "patient": {**samples.PATIENT, "alerts": []}})
    return {
        "/parts": render_to_string("parts/components.html", whole),
        "/chart": render_to_string("patient_base.html", whole),
        "/keypad": render_to_string("chair_base.html", whole).replace(
            'class="chair">', 'class="chair">' + render_to_string("parts/keypad.html", whole)
        ),
        "/form": form,
        "/how-it-works": render_to_string("portal/how_it_works.html", about()),
        "/lost": render_to_string("lost_post.html", {"sign_in_url": "/form", "typed": [("Note", "typed")]}),
        "/today": render_to_string("base.html", {**whole, "demo": False}).replace(
            "</main>", "<h1>Today</h1></main>"
        ),
    }


class Clinic:
    """Answers the browser from the templates and static files; remembers what was posted."""

    def __init__(self) -> None:
        self.pages = pages()
        self.posted: list[str | None] = []
        self.on_post = "/today"

    def answer(self, route: Route) -> None:
        request = route.request
        path = request.url.removeprefix(HOME).split("?")[0].split("#")[0]
        if request.method == "POST":
            self.posted.append(request.post_data)
            route.fulfill(status=200, content_type="text/html", body=self.pages[self.on_post])
        elif path.startswith("/static/"):
            name = path.removeprefix("/static/")
            file = Path(finders.find(name) or STATIC / name)
            route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0])
        else:
            headers = {"Content-Security-Policy": POLICY}
            route.fulfill(status=200, content_type="text/html", headers=headers, body=self.pages[path])


@pytest.fixture(scope="module")
def clinic() -> Clinic:
    return Clinic()


@pytest.fixture(scope="module")
def browser(clinic: Clinic, playwright_started: Playwright) -> Iterator[BrowserContext]:
    chromium = playwright_started.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
    yield chromium.new_context()
    chromium.close()


@pytest.fixture
def page(browser: BrowserContext, clinic: Clinic) -> Iterator[Page]:
    page = browser.new_page()
    page.route("**/*", clinic.answer)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    clinic.on_post = "/today"
    yield page
    page.close()
    assert complaints == []


DESK, TABLET, PHONE = (1440, 900), (1180, 820), (390, 844)
VIEWS = [("/chart", DESK, "light"), ("/chart", TABLET, "dark"), ("/chart", PHONE, "light")]
VIEWS += [
    ("/keypad", TABLET, "dark"),
    ("/keypad", PHONE, "dark"),
    ("/lost", PHONE, "light"),
    ("/today", DESK, "dark"),
    ("/how-it-works", DESK, "light"),
    ("/how-it-works", PHONE, "dark"),
]


@pytest.mark.parametrize(("path", "size", "theme"), VIEWS)
def test_the_checker_finds_nothing_and_nothing_is_wider_than_the_window(
    page: Page, path: str, size: tuple[int, int], theme: str
) -> None:
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(HOME + path)
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("width", [1440, 390])
def test_every_part_passes_the_checker_in_both_themes(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(HOME + "/parts")
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES[:-1])["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


def test_ages_and_due_times_follow_the_server_clock(page: Page) -> None:
    page.goto(HOME + "/form")
    assert page.inner_text("#age") == "12 min old"
    assert "is-old" in (page.get_attribute("#age", "class") or "")
    assert page.inner_text("#due") == "late 4 min"
    assert page.locator(".due--late").count() == 1


def test_keys_lead_where_they_say(page: Page) -> None:
    page.goto(HOME + "/form")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**#chairs")
    page.keyboard.press("]")
    page.wait_for_url("**#6")
    page.keyboard.press("?")
    assert page.is_visible("#keys")


def test_keys_never_fire_while_typing_and_can_be_switched_off(page: Page) -> None:
    page.goto(HOME + "/form")
    page.focus("#text")
    page.keyboard.type("g?/n")
    assert page.input_value("#text") == "g?/n"
    assert not page.is_visible("#keys")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.uncheck("#keys-on")
    page.click("#keys button")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") != "find"
    page.evaluate("localStorage.clear()")


def test_pressing_twice_sends_once(page: Page, clinic: Clinic) -> None:
    page.goto(HOME + "/form")
    before = len(clinic.posted)
    page.evaluate("() => { const b = document.querySelector('#form button'); b.click(); b.click(); }")
    page.wait_for_url("**/saved")
    assert len(clinic.posted) == before + 1
    assert "go=1" in (clinic.posted[-1] or "")


def test_what_was_typed_outlives_a_lost_page(page: Page, clinic: Clinic) -> None:
    clinic.on_post = "/lost"
    page.goto(HOME + "/form")
    page.fill("#text", "felt lighter")
    page.click("#form button")
    page.get_by_text("Sign in and go on").wait_for()
    page.wait_for_load_state()  # nobody presses on before the page has looked at what was typed
    page.click("text=Sign in and go on")
    page.wait_for_selector(".restored")
    assert page.input_value("#text") == "felt lighter"
    assert "It has not been saved." in page.inner_text(".restored")


def test_a_saved_draft_does_not_come_back(page: Page) -> None:
    page.goto(HOME + "/form")
    page.fill("#text", "felt lighter")
    page.click("#form button")
    page.wait_for_url("**/saved")
    page.goto(HOME + "/form")
    assert page.input_value("#text") == ""


def test_a_restored_draft_can_be_discarded(page: Page) -> None:
    page.goto(HOME + "/form")
    page.fill("#text", "not this")
    page.goto(HOME + "/today")
    page.goto(HOME + "/form")
    page.click("text=Discard it")
    page.reload()
    assert page.input_value("#text") == ""


def test_a_lost_network_is_said_aloud_and_taken_back(page: Page, browser: BrowserContext) -> None:
    page.goto(HOME + "/form")
    browser.set_offline(True)
    page.wait_for_selector("#offline:visible")
    expect(page.locator("#said-now")).to_contain_text("No network since 09:5")
    browser.set_offline(False)
    page.wait_for_selector("#offline", state="hidden")


def test_the_keypad_types_where_the_caret_is(page: Page) -> None:
    page.goto(HOME + "/keypad")
    for key in ("1", "4", "3", "next", "8", "8", "7", "back"):
        page.click(f"[data-press='{key}']")
    assert page.input_value("#kp-systolic_mmhg") == "143"
    assert page.input_value("#kp-diastolic_mmhg") == "88"
