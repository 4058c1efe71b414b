"""The pump as a person read it."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connections

from lowtide.data import monitoring
from lowtide.pathway.session.actions import dosing
from lowtide.pathway.session.rules.facts import Facts, session_facts
from lowtide.pathway.session.rules.state import Phase, session_state
from lowtide.problems import BadInput, Conflict, Refused
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import DoseStarted
from tests.pathway.session.conftest import Care, person


def phase(care: Care, minutes: float = 1) -> Phase:
    return session_state(care.chart, care.session, monitoring.items(), care.at(minutes)).phase


def facts(care: Care) -> Facts:
    return session_facts(care.chart, care.session)


def test_a_start_keeps_what_the_pump_says_and_which_order_it_follows(care: Care) -> None:
    care.prepare()
    entry = care.begin()[0]
    assert phase(care) is Phase.DOSING
    assert entry.body.order == facts(care).order[0].id
    assert entry.body.mg_per_ml == Decimal("0.73")


def test_a_start_that_something_blocks_says_every_reason(care: Care) -> None:
    care.book()
    care.order()
    care.measure(-8)
    with pytest.raises(Refused) as refused:
        care.begin()
    assert [p.where for p in refused.value.problems] == ["M06", "time_out", "preparation"]


def test_a_rate_other_than_the_ordered_one_needs_a_reason(care: Care) -> None:
    care.prepare()
    with pytest.raises(BadInput, match="the pump says 60 mL/h, the order 75 mL/h"):
        care.begin(rate_ml_per_h=Decimal(60))
    assert (
        care.begin(rate_ml_per_h=Decimal(60), reason="slower, by Dr Test")[0].reason == "slower, by Dr Test"
    )


def test_more_than_was_made_up_cannot_be_infused(care: Care) -> None:
    care.prepare()
    with pytest.raises(BadInput, match="makes up 50 mL"):
        care.begin(volume_ml=Decimal(500), reason="typing")


@pytest.mark.hazard("H008")
def test_a_second_nurse_cannot_start_it_again(care: Care) -> None:
    care.prepare()
    care.begin()
    with pytest.raises(Refused, match="not now: the dose is running"):
        dosing.start(care.act(1, person("nurse")), rate_ml_per_h=Decimal(75), volume_ml=Decimal(50))
    assert len(care.chart.said(DoseStarted)) == 1


@pytest.mark.hazard("H008")
def test_the_same_button_pressed_again_is_one_start(care: Care) -> None:
    care.prepare()
    press = uuid4()
    first = dosing.start(care.act(0, entry_id=press), rate_ml_per_h=Decimal(75), volume_ml=Decimal(50))
    again = dosing.start(care.act(0.1, entry_id=press), rate_ml_per_h=Decimal(75), volume_ml=Decimal(50))
    assert first == again


def test_the_same_button_with_another_value_shows_both(care: Care) -> None:
    care.prepare()
    press = uuid4()
    dosing.start(care.act(0, entry_id=press), rate_ml_per_h=Decimal(75), volume_ml=Decimal(50))
    with pytest.raises(Conflict) as conflict:
        dosing.start(
            care.act(0.1, entry_id=press), rate_ml_per_h=Decimal(70), volume_ml=Decimal(50), reason="misread"
        )
    assert conflict.value.stored.body.rate_ml_per_h == Decimal(75)
    assert conflict.value.given.body.rate_ml_per_h == Decimal(70)


def test_pause_and_resume(care: Care) -> None:
    care.prepare()
    care.begin()
    dosing.pause(care.act(10), reason="pressure")
    assert phase(care, 11) is Phase.PAUSED
    with pytest.raises(Refused, match="the dose is paused"):
        dosing.change_rate(care.act(11), rate_ml_per_h=Decimal(75))
    dosing.resume(care.act(15), rate_ml_per_h=Decimal(75))
    assert phase(care, 16) is Phase.DOSING
    assert facts(care).infusion.delivered_ml(care.at(20)) == Decimal("18.75")


@pytest.mark.hazard("H014")
def test_reading_the_pump_again_is_a_check_and_another_rate_needs_a_reason(care: Care) -> None:
    care.prepare()
    care.begin()
    dosing.change_rate(care.act(5), rate_ml_per_h=Decimal(75))
    with pytest.raises(BadInput, match="the pump says 90"):
        dosing.change_rate(care.act(10), rate_ml_per_h=Decimal(90))
    assert [r.text for r in facts(care).readings["pump"]] == ["75", "75"]


def test_a_stop_keeps_what_the_pump_says_went_in(care: Care) -> None:
    care.prepare()
    care.begin()
    dosing.stop(care.act(40), delivered_ml=Decimal("49.9"), complete=True)
    assert phase(care, 41) is Phase.MONITORING
    assert facts(care).given_ml == Decimal("49.9")
    assert facts(care).given_mg == Decimal("36.427")


def test_a_stop_before_time_needs_a_reason_and_cannot_exceed_the_bag(care: Care) -> None:
    care.prepare()
    care.begin()
    with pytest.raises(BadInput, match="cut short"):
        dosing.stop(care.act(20), delivered_ml=Decimal(25), complete=False)
    with pytest.raises(Refused, match="only 50 mL were made up"):
        dosing.stop(care.act(20), delivered_ml=Decimal(51), complete=False, reason="x")


def test_nothing_happens_before_the_start(care: Care) -> None:
    care.prepare()
    care.begin()
    with pytest.raises(Refused, match="started later"):
        dosing.stop(care.act(20, at=care.at(-1)), delivered_ml=Decimal(5), complete=False, reason="x")


def test_an_order_for_another_route_has_no_pump(care: Care) -> None:
    care.book()
    care.weigh()
    care.order(route="im")
    with pytest.raises(Refused, match="has no pump"):
        care.begin()


def test_who_may_not_chart_does_not_start(care: Care) -> None:
    care.prepare()
    with pytest.raises(Refused, match="may not chart"):
        dosing.start(care.act(0, person("front_desk")), rate_ml_per_h=Decimal(75), volume_ml=Decimal(50))


@pytest.mark.hazard("H008")
def test_twenty_presses_at_once_are_one_start(own_database: None) -> None:
    care = _committed()
    press = uuid4()

    def start(_: int) -> list[Entry]:
        try:
            act = care.act(0, entry_id=press)
            return dosing.start(act, rate_ml_per_h=Decimal(75), volume_ml=Decimal(50))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(start, range(20)))
    assert {a[0].id for a in answers} == {press}
    assert len(care.chart.said(DoseStarted)) == 1


def _committed() -> Care:
    """A prepared session in a database of its own."""
    from lowtide.record import store
    from lowtide.record.entries.clinic import Clinic
    from tests.conftest import CLINIC, said
    from tests.pathway.session.conftest import register

    store.append(
        [
            said(
                Clinic(name="Test", zone="Europe/Berlin", country="DE", crisis_line="555 0100", demo=True),
                CLINIC,
            )
        ]
    )
    care = register()
    care.prepare()
    return care


def test_a_start_written_late_cannot_lie_before_the_order_the_time_out_or_the_vital_signs(care: Care) -> None:
    care.prepare()
    with pytest.raises(Refused) as refused:
        dosing.start(care.act(5, at=care.at(-60)), rate_ml_per_h=Decimal(75), volume_ml=Decimal(50))
    said = str(refused.value)
    assert "the order was signed later" in said
    assert "the time-out was taken later" in said
    assert "not measured in the last" in said


def test_a_start_written_late_in_its_order_is_kept_whatever_was_measured_since(care: Care) -> None:
    care.prepare()
    care.measure(10, sbp_mmhg=190, dbp_mmhg=115, heart_rate_bpm=90, spo2_pct=97)
    (entry,) = dosing.start(care.act(20, at=care.at(-4)), rate_ml_per_h=Decimal(75), volume_ml=Decimal(50))
    assert entry.at == care.at(-4)
