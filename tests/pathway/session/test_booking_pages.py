"""Booking at the desk: the date is looked at first, and whoever booked is back where they were."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from tests.pathway.session.conftest import Care
from tests.pathway.session.test_pages import url

SignIn = Callable[..., Client]
DAY = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
TODAY = "http://testserver/today"


@pytest.mark.parametrize(
    ("day", "words"),
    [("2099-01-02", "is more than 366 days ahead. Check the year."), ("2020-01-02", "is past.")],
)
def test_a_wrong_date_is_told_beside_the_day_and_before_anything_about_food(
    new_care: Callable[..., Care], sign_in: SignIn, day: str, words: str
) -> None:
    care, desk = new_care(), sign_in("front_desk")
    form = {"entry_id": "00000000-0000-4000-8000-000000000001", "day": day, "time": "12:00", "chair": "1"}
    answer = desk.post(url(care, "book"), form)
    assert answer.status_code == 422
    assert words in str(answer.context["form"].errors["day"])
    assert "last_ate" not in answer.context["form"].errors


def test_whoever_booked_is_back_on_the_page_from_which_they_came(
    new_care: Callable[..., Care], sign_in: SignIn
) -> None:
    care, desk = new_care(), sign_in("front_desk")
    page = desk.get(url(care, "book"), HTTP_REFERER="http://testserver/planner?week=2").content.decode()
    assert 'name="back" value="/planner?week=2"' in page
    form = {"entry_id": "00000000-0000-4000-8000-000000000002", "day": DAY, "time": "12:00", "chair": "1"}
    assert desk.post(url(care, "book"), form | {"back": "/planner?week=2"})["Location"] == "/planner?week=2"


@pytest.mark.parametrize("back", ["https://elsewhere.example/x", "//elsewhere.example", "/accounts/login/"])
def test_nobody_is_led_away_from_here_nor_to_the_door(
    new_care: Callable[..., Care], sign_in: SignIn, back: str
) -> None:
    care, desk = new_care(), sign_in("front_desk")
    form = {"entry_id": "00000000-0000-4000-8000-000000000003", "day": DAY, "time": "12:00", "chair": "1"}
    assert desk.post(url(care, "book"), form | {"back": back})["Location"] == "/chairs"


@pytest.mark.parametrize("page", ["sessions/{session}/book", "sessions/book-all"])
def test_a_missing_address_is_told_at_the_booking_and_written_down_on_the_way(
    new_care: Callable[..., Care], sign_in: SignIn, page: str
) -> None:
    care, desk = new_care(), sign_in("front_desk")
    address = f"/patients/{care.patient}/{page.format(session=care.session)}"
    correct = f"/patients/{care.patient}/who/correct"
    assert f'href="{correct}"' in desk.get(address).content.decode()
    opened = desk.get(correct, HTTP_REFERER=f"http://testserver{address}")
    form = opened.context["form"]
    said = {name: form[name].value() or "" for name in form.fields} | {
        "address": "1 Elm Street",
        "reason": "asked",
    }
    answer = desk.post(correct, said | {"back": opened.context["back"]})
    assert answer["Location"] == address
    again = desk.get(address, HTTP_REFERER=f"http://testserver{correct}")
    assert "No address is recorded" not in again.content.decode()
    assert f'value="{correct}"' not in again.content.decode()
