"""What must be seen is seen: on a narrow screen, at double size, and without colour."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.test_pages import open_screen

Visit = Callable[..., Page]
EVALUATE = "chart:evaluate?indication=trd&product=racemic_ketamine&route=iv"
NARROW = {"a small phone": (320, 640), "a desk at double size": (720, 450)}

HIDDEN = """() => [...document.querySelectorAll('main .sev--stop, main .sev--hold')].filter(mark => {
  const row = mark.closest('article, li, section') || mark, box = mark.getBoundingClientRect();
  const folded = mark.closest('details:not([open])') && !mark.closest('summary');
  const cut = [row, ...row.querySelectorAll('*')].some(e => {
    const style = getComputedStyle(e);
    return e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1 && style.overflowX === 'hidden' && !e.matches('.vh, .vh *');
  });
  return folded || cut || !box.width || box.right > document.documentElement.clientWidth + 1;
}).map(mark => mark.outerHTML)"""

WORDLESS = """() => [...document.querySelectorAll('.sev, .due, .chip, .tag, .is-late, .is-due')].filter(mark =>
  mark.getClientRects().length && !mark.textContent.trim() && !mark.getAttribute('aria-label')
).map(mark => mark.outerHTML)"""

SHAPES = """() => Object.fromEntries([...document.querySelectorAll('main .sev')].map(mark => {
  const drawn = getComputedStyle(mark, '::before');
  return [[...mark.classList].find(c => c.startsWith('sev--')), drawn.maskImage || drawn.webkitMaskImage];
}))"""


@pytest.mark.hazard("H047")
@pytest.mark.parametrize("size", NARROW)
def test_what_stands_against_treatment_is_whole_on_any_screen(visit: Visit, size: str) -> None:
    page = visit("prescriber")
    width, height = NARROW[size]
    open_screen(page, EVALUATE)
    page.set_viewport_size({"width": width, "height": height})
    page.goto(page.url.replace("racemic_ketamine&route=iv", "esketamine_nasal&route=in"))
    assert page.locator("main .sev--stop, main .sev--hold").count()
    assert page.evaluate(HIDDEN) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.hazard("H048")
@pytest.mark.parametrize("screen", ["/today", "/chairs", "live:", EVALUATE, "chart:plan"])
def test_every_status_has_a_word_beside_its_colour(visit: Visit, screen: str) -> None:
    page = visit("prescriber")
    open_screen(page, screen)
    assert page.evaluate(WORDLESS) == []


@pytest.mark.hazard("H048")
def test_no_two_severities_share_a_shape(visit: Visit) -> None:
    page = visit("prescriber")
    open_screen(page, EVALUATE)
    shapes = page.evaluate(SHAPES)
    assert len(shapes) > 1
    assert len(set(shapes.values())) == len(shapes)
