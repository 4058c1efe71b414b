"""The board holds whatever it has to say: the longest names, doses and reminders, on a telephone and on the wall."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Browser, Page, expect

from lowtide.data import monitoring
from lowtide.pathway.session.shown.tiles import PHASES, Item, Reminder, Sitting, tiles
from lowtide.pathway.session.views.board import DENSITIES, _columns, _shown
from tests.browser.tablets import LineClinic, Tablet, line_clinic, small_clinic, tablet
from tests.browser.test_pages import live_session
from tests.faults.processes import ROOT

__all__ = ["line_clinic", "small_clinic", "tablet"]
NOW = datetime(2026, 11, 27, 23, 59, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=3, minutes=5)
AGES = """() => {
  for (const e of document.querySelectorAll('[data-at]')) e.textContent = e.dataset.ago === undefined ? '47 h old' : '364 days ago';
  for (const e of document.querySelectorAll('[data-due-at]')) e.textContent = 'late 364 days';
}"""
FALLEN_OUT = """() => [...document.querySelectorAll('.tile > *:not(.cover), .tile > * > *')].filter((e) => {
  const tile = e.closest('.tile').getBoundingClientRect(), box = e.getBoundingClientRect();
  return box.height && box.width && (box.bottom > tile.bottom + 1 || box.right > tile.right + 1 || box.top < tile.top - 1);
}).map((e) => [e.tagName, e.className.baseVal ?? e.className, e.closest(".tile").className, Math.round(e.getBoundingClientRect().bottom - e.closest(".tile").getBoundingClientRect().bottom), Math.round(e.getBoundingClientRect().right - e.closest(".tile").getBoundingClientRect().right)].join(" "))"""
ONE_OVER_ANOTHER = """() => [...document.querySelectorAll('.tile')].flatMap((tile) =>
  [...tile.querySelectorAll(':scope > *:not(.cover)')].filter((e, n, all) =>
    n && e.getBoundingClientRect().top < all[n - 1].getBoundingClientRect().bottom - 1).map((e) => e.outerHTML.slice(0, 120)))"""


def sitting(chair: str, **more: Any) -> Sitting:
    known: dict[str, Any] = {
        "session": f"00000000-0000-4000-8000-{int(chair):012}",
        "patient": f"00000000-0000-4000-8000-{int(chair):012}",
        "chair": chair,
        "initials": "W. W.",
        "nurse": "Maximiliane Wolkenstein-Trostburg",
        "escort": "Bartholomew Featherstonehaugh-Cholmondeley",
        "route": "iv",
        "drug": "ketamine",
        "dose_mg": "1234.75",
        "blocked": "",
        "planned_at": LONG_AGO,
        "timed_out_at": LONG_AGO,
        "started_at": LONG_AGO,
        "ends_at": NOW + timedelta(days=2, hours=23),
        "bp": "205/115",
        "spo2": "100",
        "bp_at": LONG_AGO,
        "spo2_at": LONG_AGO,
        "logged_at": LONG_AGO,
        "todo": (Item("Modified Aldrete score", LONG_AGO, LONG_AGO),),
    }
    return Sitting(**known | more)


def reminder(level: str, found: str) -> Reminder:
    rule = next(iter(monitoring.items()))
    return Reminder(rule, level, "pump", found, LONG_AGO, LONG_AGO, "Friederike Haberstroh-Wolkenstein")


def board(count: int) -> str:
    """So many chairs, each in another state, and in each the widest words that there are."""
    pump = reminder("stop", "Pump 1234.75 mL/h of 0.856 mg/mL, not as ordered")
    states: list[dict[str, Any]] = [
        {"reminders": (pump,)},
        {"reminders": (reminder("hold", "Dissociation 10, Nausea 10"),)},
        {"reminders": (reminder("inform", "BP 205/115, SpO₂ 88, Breaths 7"),)},
        {"stopped_at": NOW, "observe_until": NOW + timedelta(days=1)},
        {
            "started_at": None,
            "todo": (),
            "blocked": "The prescription monitoring programme was not checked; a second person has not checked the preparation; consent",
        },
        {"started_at": None, "todo": (), "ahead": "Second check of the preparation by another person"},
    ]
    labels = {str(n): f"Treatment room {n}" for n in range(1, count + 1)}
    found = tiles(labels, [sitting(chair, **states[n % len(states)]) for n, chair in enumerate(labels)], NOW)
    assert {t.phase for t in found} <= {*PHASES, "Paused"}
    about = {
        "tiles": [_shown(tile, UTC) for tile in found],
        "free": [_shown(tile, UTC) for tile in tiles({"99": "Recovery room 99"}, [], NOW)],
        "density": next(name for limit, name in DENSITIES if count <= limit),
        "columns": _columns(count),
        "clock": "23:59",
        "clinic_name": "Interdisciplinary treatment centre",
        "now": NOW,
        "clinical": True,
        "in_use": count,
        "grave": 12,
        "late": 34,
        "blocked": 56,
        "next_free": "23:59",
        "to_send": {"count": 128, "first": LONG_AGO},
        "may_send": True,
    }
    return render_to_string("session/board_live.html", about)


STYLES = ("tokens", "icons", "base", "components", "flowsheet")


@pytest.fixture(scope="module")
def screen(browser: Browser) -> Iterator[Page]:
    """An empty page with the board's styles."""
    page = browser.new_page()
    static = ROOT / "src/lowtide/site/static/lowtide"
    session = ROOT / "src/lowtide/pathway/session/static/session/session.css"
    styles = "".join(file.read_text() for file in (*(static / f"{name}.css" for name in STYLES), session))
    page.set_content(f"<!doctype html><style>{styles}</style><body><main></main>")
    yield page
    page.close()


def fill(page: Page, size: tuple[int, int], count: int, classes: str) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.evaluate(
        "([html, classes]) => Object.assign(document.querySelector('main'), { innerHTML: html, className: classes })",
        [board(count), classes],
    )
    page.evaluate(AGES)


@pytest.mark.parametrize("count", [1, 6, 12, 24])
@pytest.mark.parametrize("width", [320, 360, 390, 768, 1180])
def test_nothing_on_the_board_is_wider_than_its_screen(screen: Page, width: int, count: int) -> None:
    fill(screen, (width, 780), count, "board-page")
    assert screen.evaluate("document.documentElement.scrollWidth") == width
    assert screen.evaluate(FALLEN_OUT) == []


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6, 9, 12, 24])
@pytest.mark.parametrize("size", [(1180, 820), (1440, 900), (1920, 1080), (3840, 2160)])
def test_nothing_on_the_wall_falls_out_of_its_tile(screen: Page, size: tuple[int, int], count: int) -> None:
    fill(screen, size, count, "board-page board-page--wall")
    assert screen.evaluate("document.documentElement.scrollWidth") == size[0]
    assert screen.evaluate(FALLEN_OUT) == []
    assert screen.evaluate(ONE_OVER_ANOTHER) == []


@pytest.mark.hazard("H022")
def test_a_tile_that_is_redrawn_under_a_finger_still_opens(
    line_clinic: LineClinic, tablet: Callable[..., Tablet]
) -> None:
    page = tablet().sign_in("nurse")
    chair = live_session(page)
    page.locator(f'a.cover[href="{chair}"]').hover()
    page.mouse.down()
    page.evaluate(
        "document.querySelector('[data-part=tiles] .tile').dataset.was = 'before'"
    )  # another than comes
    with page.expect_response("**/chairs/live*"):
        page.evaluate("document.dispatchEvent(new Event('lowtide:refresh'))")
    page.wait_for_timeout(700)
    page.mouse.up()
    page.wait_for_url(f"**{chair}")
    expect(page.locator("[data-part=hud]")).to_be_visible()
