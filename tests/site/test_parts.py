"""Every part and page renders with a whole patient, keeps her in sight, and says what is not known."""

import re

import pytest
from django.template.loader import render_to_string

from tests.site import samples

PAGES = [
    "parts/components.html",
    "patient_base.html",
    "chair_base.html",
    "page_narrow.html",
    "lost_post.html",
    "409.html",
]
ERRORS = ["400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html"]


def render(template: str, **more: object) -> str:
    return render_to_string(template, {**samples.everything(), **more})


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.mark.parametrize("page", PAGES + ERRORS)
def test_a_page_has_one_heading_one_main_and_a_way_past_the_navigation(page: str) -> None:
    html = render(page)
    assert html.count("<h1") == 1
    assert html.count("<main") == 1
    assert 'href="#main"' in html


@pytest.mark.parametrize("page", ERRORS)
def test_an_error_page_stands_without_any_context(page: str) -> None:
    html = render_to_string(page)
    assert "data-failed" in html
    assert 'class="btn btn--go"' in html


@pytest.mark.parametrize("page", ["patient_base.html", "chair_base.html"])
def test_identity_and_alerts_are_on_every_page_of_a_chart(page: str) -> None:
    text = words(render(page))
    assert "Ines Halvorsen" in text
    assert "14 Mar 1983" in text
    assert "LT-0417" in text
    assert "item 9 answered" in text
    assert "is a patient here too" in text


def test_what_nobody_asked_is_never_a_blank() -> None:
    text = words(render("patient_base.html", patient={**samples.PATIENT, "weight": None, "allergies": None}))
    assert "weight not known" in text
    assert "allergies not asked" in text


def test_a_demonstration_says_so_on_the_page_and_in_its_title() -> None:
    html = render("patient_base.html")
    assert "Every person, time and number on this screen is invented." in html
    assert "(demonstration)</title>" in html
    assert "(demonstration)" not in render("patient_base.html", demo=False)


def test_the_rail_says_each_state_and_marks_where_the_therapy_is() -> None:
    html = render("patient_base.html")
    assert [stop["state"] in html for stop in samples.RAIL] == [True] * 6
    assert html.count('aria-current="step"') == 1


def test_a_name_is_text_wherever_it_comes_from() -> None:
    html = render("patient_base.html", patient={**samples.PATIENT, "name": "<script>alert(1)</script>"})
    assert "<script>alert" not in html


def test_a_step_that_is_blocked_says_what_is_left() -> None:
    html = render("parts/next.html", next=samples.BLOCKED)
    assert 'aria-disabled="true"' in html
    assert "her escort is not recorded" in words(html)


def test_leaving_is_a_post_and_forgets_drafts() -> None:
    html = render("base.html")
    assert re.search(r'<form method="post" action="[^"]*logout[^"]*" data-forget-drafts>', html)


def test_a_missing_quantity_is_a_word() -> None:
    assert "not weighed" in render_to_string("parts/quantity.html", {"unknown": "not weighed"})
    assert "0" in words(render_to_string("parts/quantity.html", {"value": 0, "unit": "mg"}))


def test_a_corrected_line_shows_the_old_value_and_who_corrected_it() -> None:
    html = render_to_string("parts/record_line.html", {"line": samples.LINES[1]})
    assert "<s>138/80</s>" in html
    assert "by S. Ortega 09:52: misread" in html


def test_the_last_value_stands_under_the_field_and_never_in_it() -> None:
    html = render("parts/keypad.html")
    assert "last 143, 12 min ago" in html
    assert 'value="143"' not in html


def test_a_chart_has_its_numbers_beside_it() -> None:
    html = render(
        "parts/chart.html",
        key="course",
        svg=samples.everything()["course_svg"],
        table=samples.everything()["course_table"],
        caption="PHQ-9",
    )
    assert "<summary>As a table</summary>" in html
    assert "19 · item 9: 1" in html
