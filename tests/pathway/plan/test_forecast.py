"""The forecast that an order is signed beside: of this person, the same each time, kept, and never another than shown."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from lowtide.data import pharmacology
from lowtide.data.protocols import protocol
from lowtide.pathway.plan import actions, forecast_page, forecast_picture, forecasting, ordering
from lowtide.people.charts import stream_of
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer, Body, Entry
from lowtide.record.entries.forecast import Forecast, ForecastDose, ForecastFor, ForecastShown
from lowtide.record.entries.history import Diagnosis, Medicine, ProblemStatus
from tests.conftest import said
from tests.pathway.plan.test_ordering import VIAL, act, planned, weigh

HERE = ZoneInfo("UTC")
DOSE = ForecastDose(0.0, "ketamine", "iv", 36.5, 40.0)


def made(**about: object) -> Forecast:
    return forecasting.forecast(forecasting.Ask(ForecastFor(weight_kg=73.0, **about), (DOSE,)))  # type: ignore[arg-type]


def of(found: Forecast, name: str) -> float:
    return next(q.peak.median for q in found.quantities if q.name == name)


@pytest.fixture
def patient(clinic: Entry, new_patient: Callable[..., UUID]) -> UUID:
    return new_patient()


@pytest.fixture
def sheet(patient: UUID) -> str:
    """The address of a dose sheet that can be signed."""
    session = planned(patient)
    weigh(patient, "73")
    return f"/patients/{patient}/plan/{session}?vial=50&final_volume=50"


def told(patient: UUID, *bodies: Body) -> Chart:
    store.append([said(body, stream_of(patient)) for body in bodies])
    return store.load(stream_of(patient))


def about(chart: Chart) -> ForecastFor:
    return forecasting.about(chart, 73.0, date(2026, 11, 27), HERE)


def test_a_forecast_is_the_same_each_time_and_made_once() -> None:
    first = made(age=43.0)
    assert made(age=43.0) is first
    assert forecasting.mark(first) == forecasting.mark(made(age=43.0)) != forecasting.mark(made(age=44.0))


def test_it_says_with_which_numbers_models_and_seed_it_was_made() -> None:
    found = made()
    assert (found.numbers, found.seed, found.members) == (pharmacology.version(), 1, 500)
    assert all(quantity.models for quantity in found.quantities)
    assert "Population" not in forecast_picture.caption(found)
    assert "Simons 2022" in forecast_picture.caption(found)


def test_hypertension_and_a_slower_liver_show_in_it() -> None:
    plain = made()
    assert of(made(hypertension=Answer.YES), "sbp_rise_mmhg") > of(plain, "sbp_rise_mmhg")
    assert of(made(sedating=("lorazepam",)), "sedation") > of(plain, "sedation")


@pytest.mark.django_db
def test_what_the_chart_does_not_say_stays_not_known(patient: UUID) -> None:
    who = about(store.load(stream_of(patient)))
    assert who.hypertension is Answer.NOT_KNOWN
    assert "hypertension not known, taken as none" in list(forecast_picture.person_text(who))


@pytest.mark.django_db
def test_medicines_go_in_only_as_far_as_somebody_measured_them(patient: UUID) -> None:
    taken = [
        Medicine(name=name, status=ProblemStatus.ACTIVE)
        for name in ("Ticlid 250 mg", "ketoconazole", "lorazepam")
    ]
    high = Diagnosis(label="hypertension", status=ProblemStatus.ACTIVE, keys=("hypertension",))
    who = about(told(patient, *taken, Medicine(name="itraconazole", status=ProblemStatus.PAST), high))
    assert who.taking == ("ticlopidine",)
    assert who.unmeasured == ("ketoconazole",)
    assert who.sedating == ("lorazepam",)
    assert who.hypertension is Answer.YES


@pytest.mark.django_db
def test_a_signature_keeps_what_stood_beside_it(
    sheet: str, patient: UUID, sign_in: Callable[[str], Client]
) -> None:
    page = sign_in("prescriber")
    shown = page.get(sheet).content.decode()
    assert "population estimate, not a measurement" in shown
    assert "These bands as a table" in shown
    seen = re.search(r'name="seen_forecast" value="(\w{16})"', shown)
    assert seen
    signed = {
        "entry_id": uuid4(),
        "seen_mg": "36.5",
        "seen_forecast": seen[1],
        "printed_name": "Test Prescriber",
    }
    assert page.post(sheet, signed).status_code == 302
    chart = store.load(stream_of(patient))
    kept = forecast_page.then(chart, signed["entry_id"])  # type: ignore[arg-type]
    assert kept
    assert forecasting.mark(kept) == seen[1]
    assert "As forecast when it was signed" in page.get(sheet.partition("?")[0]).content.decode()


@pytest.mark.django_db
def test_nothing_is_signed_beside_another_forecast(
    sheet: str, patient: UUID, sign_in: Callable[[str], Client]
) -> None:
    page = sign_in("prescriber")
    signed = {
        "entry_id": uuid4(),
        "seen_mg": "36.5",
        "seen_forecast": "0" * 16,
        "printed_name": "Test Prescriber",
    }
    answer = page.post(sheet, signed)
    assert answer.status_code == 200
    assert "not the one you saw" in answer.content.decode()
    assert (
        ordering.order_of(store.load(stream_of(patient)), UUID(sheet.split("/")[4].partition("?")[0])) is None
    )


@pytest.mark.django_db
def test_signing_twice_with_one_form_keeps_one_forecast(patient: UUID) -> None:
    session = planned(patient)
    weigh(patient, "73")
    form = act(patient, uuid4(), datetime.now(UTC))
    for _ in range(2):
        actions.sign_order(
            form,
            session,
            VIAL,
            seen_mg=Decimal("36.5"),
            printed_name="Dr Test",
            second_person=None,
            forecast=made(),
        )
    assert len(store.load(stream_of(patient)).said(ForecastShown)) == 1


def test_nasal_devices_of_a_session_are_drawn_as_one_dose() -> None:
    found = forecasting.forecast(
        forecasting.Ask(ForecastFor(weight_kg=80.0), (ForecastDose(0.0, "esketamine", "in", 84.0, 0.0),))
    )
    picture = forecast_picture.picture(found, "k")
    assert [dose.text for dose in picture.doses] == ["84 mg intranasal, 3 devices"]
    assert picture.panels[0].series[0].name == "Esketamine in plasma"


def test_the_weeks_of_the_course_are_drawn_with_their_spread_and_no_promise() -> None:
    asked = forecasting.one_dose(ForecastFor(weight_kg=73.0), protocol("P05"), Decimal("36.5"))
    assert asked
    found = forecasting.forecast(asked)
    course = found.course
    assert course
    assert course.sessions == (0.0, 3.0, 7.0, 10.0, 14.0, 17.0)
    at = dict(zip(course.days, course.median, strict=True))
    assert at[0.0] > 95 > at[1.0] > at[18.0]
    assert at[59.0] > at[18.0]
    assert all(low < high for low, high in zip(course.p5, course.p95, strict=True))
    drawn = forecast_picture.course(found, "weeks")
    assert drawn
    assert "fitted to the arms of trials" in drawn.panels[0].status


def test_a_dose_without_a_schedule_has_no_weeks() -> None:
    found = forecasting.forecast(forecasting.Ask(ForecastFor(weight_kg=73.0), (DOSE,)))
    assert found.course is None
    assert forecast_picture.course(found, "weeks") is None
