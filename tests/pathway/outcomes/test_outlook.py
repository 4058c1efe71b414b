"""What lies ahead of a patient: three futures, the next session's window and early signs, for clinicians only."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from lowtide.pathway.course.state import fold
from lowtide.pathway.outcomes.outlook import ahead
from lowtide.record.entries.history import Measurement
from tests.pathway.course.story import Story

SignIn = Callable[..., Client]


def induced(*totals: int) -> Story:
    story = Story(at=datetime.now(UTC) - timedelta(days=30), register=False)
    return story.took_history().decided().planned().induced(totals)


def test_who_scores_well_is_foreseen_to_do_better_than_who_does_not() -> None:
    good, _ = ahead(fold(induced(20, 12, 9, 7, 6, 5, 5).chart))
    poor, _ = ahead(fold(induced(20, 20, 21, 20, 19, 20, 20).chart))
    assert good is not None
    assert poor is not None
    assert good.found.responding > 0.9 > 0.3 > poor.found.responding
    assert good.found.futures["stop"].days[4].median < poor.found.futures["stop"].days[4].median


def test_the_next_session_is_wanted_after_the_last_one() -> None:
    found, _ = ahead(fold(induced(20, 12, 9, 7, 6, 5, 5).chart))
    assert found is not None
    window = found.found.window
    assert window.from_day is None or window.from_day > found.person.given[-1].day


def test_nothing_is_foreseen_for_days_that_are_over() -> None:
    story = induced(20, 12, 9, 7, 6, 5, 5)
    now = fold(story.chart).given[-1].at + timedelta(days=40)
    found, _ = ahead(fold(story.chart), None, now)
    assert found is not None
    assert found.person.now == pytest.approx(found.person.given[-1].day + 40)
    assert found.found.futures["stop"].days[0].day >= found.person.now
    window = found.found.window
    assert window.from_day is None or window.from_day >= found.person.now


def test_without_a_dose_or_a_baseline_it_says_what_is_missing() -> None:
    story = Story(register=False).took_history().decided()
    found, missing = ahead(fold(story.chart))
    assert found is None
    assert "No dose was given yet" in missing


@pytest.mark.django_db
def test_the_page_shows_three_futures_with_band_calibration_and_basis(
    clinic: object, sign_in: SignIn
) -> None:
    story = Story(at=datetime.now(UTC) - timedelta(days=30)).took_history().decided().planned()
    story.induced((20, 19, 19, 18, 17, 16, 15)).tell()
    page = sign_in("prescriber").get(f"/patients/{story.patient}/outcomes/outlook").content.decode()
    for words in (
        "Continue",
        "Stretch",
        "Stop",
        "no promise to anybody",
        "Calibration:",
        "sensitivity",
        "90 % band",
        "Response on that date: a fall of 50 % or a remission (4 or less); from 20, a PHQ-9 of 10 or less",
        "beyond support",
    ):
        assert words in page


@pytest.mark.django_db
def test_the_window_is_the_same_as_under_maintenance(clinic: object, sign_in: SignIn) -> None:
    story = Story(at=datetime.now(UTC) - timedelta(days=22)).took_history().decided().planned()
    story.say(Measurement(quantity="weight_kg", value=Decimal("73.0"), device="scale"))
    story.induced((20, 12, 9, 7, 6, 5, 5)).tell()
    client, place = sign_in("prescriber"), f"/patients/{story.patient}"
    found = [
        re.search(
            r"<(?:h2|p class=\"big\")>(From [^<]*|\d[^<]* to [^<]*|Not before[^<]*)</",
            page[page.rindex(mark) :],
        )
        for page, mark in (
            (client.get(f"{place}/outcomes/outlook").content.decode(), "next-window"),
            (client.get(f"{place}/maintenance").content.decode(), 'id="fade"'),
        )
    ]
    assert found[0]
    assert found[1]
    assert found[0][1] == found[1][1]


@pytest.mark.django_db
def test_the_page_says_what_is_missing_before_the_first_dose(clinic: object, sign_in: SignIn) -> None:
    story = Story(at=datetime.now(UTC) - timedelta(days=2)).took_history().decided().tell()
    page = sign_in("prescriber").get(f"/patients/{story.patient}/outcomes/outlook").content.decode()
    assert "No forecast yet" in page


def test_nothing_of_it_reaches_the_patients_own_pages() -> None:
    """An estimate is no promise: the portal knows neither the page nor the model."""
    from pathlib import Path

    import lowtide.portal

    folder = Path(lowtide.portal.__file__).parent
    for path in folder.rglob("*"):
        if path.suffix in (".py", ".html"):
            text = path.read_text(encoding="utf-8")
            assert "outlook" not in text
            assert "response.person" not in text
