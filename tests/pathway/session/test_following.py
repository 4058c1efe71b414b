"""The forecast of a running session: what it stands on, when it is worked out, and what is said of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import pytest
from django.test import Client

from lowtide.pathway.course.drawing.session_data import BandPoint
from lowtide.pathway.session import following
from lowtide.pathway.session.rules.facts import Facts, facts, session_facts
from lowtide.pathway.session.rules.regimen import doses
from lowtide.pathway.session.shown.ahead import ahead_words
from lowtide.record.entries.base import Body, Entry
from lowtide.record.entries.chair import DoseGiven, DoseStopped, RateChanged, Rating
from tests.pathway.session.conftest import Care
from tests.pathway.session.making import SESSION, at, devices, entry, order, started
from tests.pathway.session.test_pages import text, url

UTC_ZONE = ZoneInfo("UTC")


def session(*said: tuple[Body, float] | Entry) -> Facts:
    return facts(SESSION, [each if isinstance(each, Entry) else entry(*each) for each in said])


def in_minutes(found: Facts, now: float) -> list[tuple[float, float, float]]:
    return [(round(d.at_h * 60, 2), round(d.mg, 2), round(d.over_min, 2)) for d in doses(found, at(now))]


# -- what goes in ---------------------------------------------------------------------------------------------


def test_an_infusion_that_runs_goes_on_as_ordered() -> None:
    assert in_minutes(session((order(), -40), started()), 10) == [(0, 36.5, 40)]


def test_a_pause_and_another_rate_cut_it_into_pieces() -> None:
    slower = session(
        (order(), -40),
        started(),
        (RateChanged(rate_ml_per_h=Decimal(0)), 10),
        (RateChanged(rate_ml_per_h=Decimal("37.5")), 20),
    )
    assert in_minutes(slower, 25) == [(0, 9.12, 10), (20, 27.38, 60)]


def test_while_it_is_paused_nothing_more_goes_in() -> None:
    paused = session((order(), -40), started(), (RateChanged(rate_ml_per_h=Decimal(0)), 10))
    assert in_minutes(paused, 30) == [(0, 9.12, 10)]


def test_what_was_read_off_the_pump_at_the_end_counts() -> None:
    ended = session((order(), -40), started(), (DoseStopped(delivered_ml=Decimal(20), complete=False), 20))
    assert sum(d.mg for d in doses(ended, at(30))) == pytest.approx(14.6)


def test_a_device_that_is_still_to_come_is_taken_for_its_earliest_moment() -> None:
    ordered = devices()
    first = DoseGiven(order=SESSION, form="device", route="in", number=1, mg=Decimal(28), of_mg=Decimal(28))
    found = session((ordered, -40), (first, 0))
    assert in_minutes(found, 2) == [(0, 28, 0), (5, 28, 0)]
    assert in_minutes(found, 11) == [(0, 28, 0), (15, 28, 0)]


def test_before_the_dose_there_is_nothing_to_forecast() -> None:
    assert doses(session((order(), -40)), at(0)) == ()


# -- the page -------------------------------------------------------------------------------------------------


@pytest.fixture
def running(new_care: Callable[..., Care]) -> Care:
    care = new_care(start=datetime.now(UTC) - timedelta(minutes=22))
    care.prepare()
    care.begin()
    care.measure(10, sbp_mmhg=136, dbp_mmhg=84, heart_rate_bpm=80, spo2_pct=97)
    return care


def band(care: Care) -> following.Band:
    chart = care.chart
    return following.band(chart, session_facts(chart, care.session), datetime.now(UTC), UTC_ZONE)


def test_the_page_comes_without_waiting_for_the_forecast_and_says_where_it_is(
    running: Care, sign_in: Callable[..., Client]
) -> None:
    nurse = sign_in("nurse")
    first = nurse.get(url(running)).content.decode()
    assert f'data-forecast="{url(running, "forecast")}"' in first
    assert "systolic forecast" not in first
    part = nurse.get(url(running, "forecast")).content.decode()
    assert "systolic forecast" in part
    again = nurse.get(url(running)).content.decode()
    assert "systolic forecast" in again
    assert "data-forecast=" not in again


def test_it_is_called_an_estimate_once_and_names_who_spoke(
    running: Care, sign_in: Callable[..., Client]
) -> None:
    said = text(sign_in("nurse"), url(running, "forecast"))
    assert said.count("Population estimate, not a measurement") == 1
    assert "weighed by 1 reading of this session" in said
    assert "Models: " in said
    assert "Kamp" in said


def test_its_numbers_stand_in_the_table_beside_the_drawing(
    running: Care, sign_in: Callable[..., Client]
) -> None:
    said = text(sign_in("nurse"), url(running, "forecast"))
    assert "half between" in said
    assert "dissociation forecast" in said


def test_each_reading_moves_it_and_asks_for_it_anew(running: Care) -> None:
    before = band(running)
    running.measure(20, sbp_mmhg=158, dbp_mmhg=92, heart_rate_bpm=84, spo2_pct=97)
    chart = running.chart
    kept, current = following.known(chart, session_facts(chart, running.session), datetime.now(UTC))
    assert kept == before
    assert not current
    after = band(running)
    assert after.readings == 2
    assert after.systolic[8].median > before.systolic[8].median


def test_a_rating_of_dissociation_weighs_it(running: Care) -> None:
    before = band(running)
    running.write(Rating(scale="dissociation", value=Decimal(9)), 15, session=running.session)
    after = band(running)
    assert after.dissociation[4].median > before.dissociation[4].median


def test_a_CADSS_total_weighs_it_too(running: Care) -> None:
    before = band(running)
    running.write(Rating(scale="cadss", value=Decimal(70)), 15, session=running.session)
    after = band(running)
    assert after.dissociation[4].median > before.dissociation[4].median


def test_a_pressure_that_was_not_forecast_is_said_beside_the_chart_and_is_no_alarm(running: Care) -> None:
    running.measure(20, sbp_mmhg=192, dbp_mmhg=101, heart_rate_bpm=99, spo2_pct=97)
    found = band(running)
    warned = " ".join(ahead_words(found, session_facts(running.chart, running.session)).warns)
    assert "Systolic 192 at T+20 lies above what was forecast" in warned
    assert "One reading in ten does" in warned


def test_a_band_that_rests_on_few_people_says_so() -> None:
    found = session((order(), -40), started())
    poor = following.Band(systolic=(), dissociation=(), why_not="x")
    assert ahead_words(poor, found).says == "No forecast: x"
    point = msgspec.convert({"at": at(5), "median": 1, "p5": 0, "p25": 0, "p75": 2, "p95": 3}, BandPoint)
    weak = following.Band(systolic=(point,), members=2000, worth=9, readings=4, poor=True)
    assert "Few virtual people fit these readings (9 of 2000)" in " ".join(ahead_words(weak, found).warns)


def test_without_a_pressure_before_the_dose_the_page_says_why_none_is_forecast(
    new_care: Callable[..., Care],
) -> None:
    care = new_care(start=datetime.now(UTC) - timedelta(minutes=22))
    care.weigh()
    care.order()
    care.write(started().body, 0, session=care.session)
    found = band(care)
    assert not found.systolic
    assert found.dissociation
    assert (
        "No pressure forecast: no pressure was read"
        in ahead_words(found, session_facts(care.chart, care.session)).warns[0]
    )


def test_two_asking_at_once_are_given_the_same(running: Care) -> None:
    assert band(running) is band(running)
