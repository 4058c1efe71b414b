"""A value of the flowsheet at the chair: seen with all it ever said, and corrected in two taps."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from lowtide.pathway.session.rules.facts import session_facts
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import Rating, Vitals
from tests.pathway.session.conftest import Care
from tests.pathway.session.test_pages import send, text, url

SignIn = Callable[..., Client]


@pytest.fixture
def running(new_care: Callable[..., Care]) -> Care:
    care = new_care(start=datetime.now(UTC) - timedelta(minutes=22))
    care.prepare()
    care.begin()
    return care


@pytest.fixture
def pressure(running: Care) -> Entry:
    return running.measure(10, sbp_mmhg=163, dbp_mmhg=84, heart_rate_bpm=80, spo2_pct=97)[0]


def page_of(care: Care, entry: Entry, row: str = "bp") -> str:
    return url(care, f"value/{entry.id}/{row}")


def readings(care: Care, row: str) -> list[str]:
    return [r.text for r in session_facts(care.chart, care.session).readings[row]]


def test_a_tap_on_a_value_opens_it_and_another_corrects_it(
    running: Care, pressure: Entry, sign_in: SignIn
) -> None:
    nurse = sign_in("nurse")
    assert f'data-keypad href="{page_of(running, pressure)}"' in nurse.get(url(running)).content.decode()
    fields = {"sbp_mmhg": "136", "dbp_mmhg": "84", "corrects": pressure.id, "why": "mistyped"}
    assert send(nurse, page_of(running, pressure), **fields) == 302
    assert readings(running, "bp")[-1] == "136/84"
    assert running.chart.line(pressure.id)[-1].reason == "mistyped"


def test_what_the_entry_says_of_other_rows_stays(running: Care, pressure: Entry, sign_in: SignIn) -> None:
    fields = {"sbp_mmhg": "136", "dbp_mmhg": "84", "corrects": pressure.id, "why": "misread"}
    send(sign_in("nurse"), page_of(running, pressure), **fields)
    assert readings(running, "hr")[-1] == "80"
    assert readings(running, "spo2")[-1] == "97"


@pytest.mark.hazard("H016")
def test_the_old_value_stands_struck_through_in_the_cell_and_a_tap_away_with_who_and_why(
    running: Care, pressure: Entry, sign_in: SignIn
) -> None:
    nurse = sign_in("nurse")
    fields = {"sbp_mmhg": "136", "dbp_mmhg": "84", "corrects": pressure.id, "why": "mistyped"}
    send(nurse, page_of(running, pressure), **fields)
    assert "<s>163/84</s>" in nurse.get(url(running)).content.decode()
    newest = running.chart.line(pressure.id)[-1]
    said = text(nurse, page_of(running, newest))
    assert "136/84" in said
    assert "163/84" in said
    assert "mistyped" in said


def test_the_value_that_is_corrected_is_never_in_the_field(
    running: Care, pressure: Entry, sign_in: SignIn
) -> None:
    page = sign_in("nurse").get(page_of(running, pressure)).content.decode()
    assert 'name="sbp_mmhg" value=""' in page
    assert "charted 163" in page


def test_a_correction_without_a_reason_is_not_written(
    running: Care, pressure: Entry, sign_in: SignIn
) -> None:
    fields = {"sbp_mmhg": "136", "dbp_mmhg": "84", "corrects": pressure.id, "why": "other"}
    assert send(sign_in("nurse"), page_of(running, pressure), **fields) == 422
    assert readings(running, "bp")[-1] == "163/84"


def test_who_corrects_what_somebody_else_just_corrected_is_told(
    running: Care, pressure: Entry, sign_in: SignIn
) -> None:
    nurse = sign_in("nurse")
    fields = {"sbp_mmhg": "136", "dbp_mmhg": "84", "corrects": pressure.id, "why": "mistyped"}
    send(nurse, page_of(running, pressure), **fields)
    assert send(nurse, page_of(running, pressure), **(fields | {"sbp_mmhg": "133"})) == 422
    assert readings(running, "bp")[-1] == "136/84"


def test_a_rating_is_corrected_by_its_steps(running: Care, sign_in: SignIn) -> None:
    rated = running.write(Rating(scale="nausea", value=Decimal(7)), 15, session=running.session)
    fields = {"value": "1", "corrects": rated.id, "why": "mistyped"}
    assert send(sign_in("nurse"), page_of(running, rated, "nausea"), **fields) == 302
    assert readings(running, "nausea") == ["1"]


def test_an_unlikely_correction_asks_once_more_and_does_not_trap(
    running: Care, pressure: Entry, sign_in: SignIn
) -> None:
    nurse = sign_in("nurse")
    fields = {"sbp_mmhg": "210", "dbp_mmhg": "84", "corrects": pressure.id, "why": "misread"}
    assert send(nurse, page_of(running, pressure), **fields) == 422
    assert send(nurse, page_of(running, pressure), **fields, sure="210/84") == 302


def test_who_may_not_chart_sees_the_value_and_no_form(
    running: Care, pressure: Entry, sign_in: SignIn
) -> None:
    page = sign_in("therapist").get(page_of(running, pressure)).content.decode()
    assert "163/84" in page
    assert 'name="sbp_mmhg"' not in page


def test_a_value_of_another_session_or_row_is_not_found(
    running: Care, pressure: Entry, sign_in: SignIn
) -> None:
    nurse = sign_in("nurse")
    assert nurse.get(page_of(running, pressure, "nausea")).status_code == 404
    assert nurse.get(url(running, f"value/{uuid4()}/bp")).status_code == 404


@pytest.mark.hazard("H015")
def test_a_late_entry_is_called_late_in_its_cell_and_both_times_are_a_tap_away(
    running: Care, sign_in: SignIn
) -> None:
    nurse = sign_in("nurse")
    taken = running.at(5).astimezone(ZoneInfo("Europe/Berlin"))
    fields = {"sbp_mmhg": "139", "dbp_mmhg": "84", "taken": f"{taken:%H:%M}"}
    assert send(nurse, url(running, "enter/bp"), **fields) == 302
    entries = session_facts(running.chart, running.session).entries
    written = next(e for e in entries if isinstance(e.body, Vitals) and e.body.sbp_mmhg == 139)
    assert re.search(r"<small>late 1\d min</small>", nurse.get(url(running)).content.decode())
    assert "late: written" in text(nurse, page_of(running, written))


def test_the_sheet_can_show_only_what_is_due(running: Care, sign_in: SignIn) -> None:
    nurse = sign_in("nurse")
    whole, due = (nurse.get(url(running) + more).content.decode() for more in ("", "?only=due"))
    assert due.count('<th scope="row">') < whole.count('<th scope="row">')
    assert "is-late" in due
    assert "Every row" in due
