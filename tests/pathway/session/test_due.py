"""What is due at the chair, and when: monitoring items laid on one session."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.data import monitoring
from lowtide.data.chair import parameters
from lowtide.pathway.session.rules.due import (
    DueItem,
    Status,
    due_items,
    left_undone,
    next_due,
    observe_until,
    scheduling,
    watched,
)
from lowtide.pathway.session.rules.facts import Facts, facts
from lowtide.pathway.session.rules.thresholds import crossings
from lowtide.record.entries.base import Source
from lowtide.record.entries.chair import Discharged, DoseStarted, NotDone, RateChanged, Rating, Vitals
from tests.pathway.session import making
from tests.pathway.session.making import SESSION, T0, at, bp, dosing, entry, scheduled, stopped

ITEMS = monitoring.items()


def of(facts: Facts, parameter: str, now: float = 0) -> list[DueItem]:
    return [d for d in due_items(facts, ITEMS, at(now)) if d.parameter.id == parameter]


def minutes(items: list[DueItem], until: float = 1000) -> list[float]:
    found = [(d.due_at - T0).total_seconds() / 60 for d in items]
    return [m for m in found if m <= until]


def test_pressure_every_ten_minutes_in_the_infusion_and_every_fifteen_after_it() -> None:
    assert minutes(of(dosing(), "bp"), 85) == [10, 20, 30, 40, 55, 70, 85]


def test_sedation_every_fifteen_dissociation_at_forty_and_the_end_the_pump_every_five() -> None:
    assert minutes(of(dosing(), "sedation"), 70) == [15, 30, 55, 70]
    assert minutes(of(dosing(), "dissociation")) == [40]
    assert minutes(of(dosing(), "pump")) == [0, 5, 10, 15, 20, 25, 30, 35, 40]


def infusion(planned_min: int, rate: str) -> Facts:
    """One that is planned for so long and runs so."""
    volume = Decimal(rate) * planned_min / 60
    order = making.order(
        dose_mg=volume, rate_ml_per_h=Decimal(rate), final_volume_ml=volume, duration_min=Decimal(planned_min)
    )
    signed = entry(order, -40)
    started = DoseStarted(
        order=signed.id, rate_ml_per_h=Decimal(rate), mg_per_ml=Decimal(1), volume_ml=volume
    )
    return facts(SESSION, [signed, entry(started, 0)])


@pytest.mark.hazard("H014")
@pytest.mark.parametrize(
    ("planned_min", "rule", "pressures"),
    [
        (120, "M10", [10, 20, 30, 40, 50, 60]),
        (240, "M43", [15, 30, 45, 60]),
        (5760, "M45", [15, 30, 60]),
    ],
)
def test_an_infusion_of_hours_or_days_has_a_pace_of_its_own(
    planned_min: int, rule: str, pressures: list[float]
) -> None:
    found = of(infusion(planned_min, "20"), "bp")
    assert (found[0].rule.id, minutes(found, 60)) == (rule, pressures)


@pytest.mark.hazard("H019")
def test_in_a_day_of_a_long_infusion_nobody_is_asked_every_quarter_of_an_hour() -> None:
    """Six rows: more than a round in two hours is not asked for once it runs."""
    second_day = [d for d in due_items(infusion(5760, "10"), ITEMS) if at(1440) < d.due_at <= at(2880)]
    assert len({d.due_at for d in second_day}) <= 12
    assert {d.parameter.id for d in second_day} == {"bp", "hr", "spo2", "sedation", "nausea", "pump"}


@given(st.integers(1, 6000))
def test_whatever_is_planned_every_row_of_an_infusion_has_one_pace(planned_min: int) -> None:
    watching = watched(infusion(planned_min, "20"), ITEMS)
    for row in parameters().values():
        asked = row.scheduled_by if row.is_scheduled else ()
        assert len(scheduling(row, watching)) == len([n for n in asked if n in watching])
    paced = [name for item in watching.values() for name in item.paces]
    assert len(paced) == len(set(paced))


def test_another_pace_leaves_alone_what_a_value_leads_to() -> None:
    long = infusion(5760, "10")
    deep = facts(SESSION, [*long.entries, entry(Rating(scale="moaas", value=Decimal(2)), 300)])
    assert [c.rule.id for c in crossings(deep, ITEMS)] == ["M19"]


def test_the_recovery_score_is_due_when_the_observation_is_over() -> None:
    assert observe_until(dosing(), ITEMS) == at(160)
    assert minutes(of(dosing(), "aldrete")) == [160]


def test_a_stop_before_time_moves_what_follows() -> None:
    assert minutes(of(dosing(stopped(22, "27.5", complete=False)), "bp"), 60) == [10, 20, 37, 52]


def test_a_pause_moves_the_end() -> None:
    paused = (
        entry(RateChanged(rate_ml_per_h=Decimal(0)), 10),
        entry(RateChanged(rate_ml_per_h=Decimal(75)), 25),
    )
    assert minutes(of(dosing(*paused), "bp"), 75) == [10, 20, 30, 40, 50, 70]


@pytest.mark.parametrize(
    ("now", "status"),
    [
        (9.99, Status.PLANNED),
        (10, Status.DUE),
        (11.99, Status.DUE),
        (12, Status.LATE),
        (60, Status.LATE),
    ],
)
def test_planned_until_its_time_then_due_then_late(now: float, status: Status) -> None:
    assert of(dosing(), "bp")[0].status(at(now)) is status


@pytest.mark.hazard("H015")
def test_no_pressure_for_twelve_minutes_in_a_ten_minute_plan_is_late_and_then_asks_for_help() -> None:
    first = of(dosing(), "bp")[0]
    assert first.status(at(12)) is Status.LATE
    assert first.escalate_at == at(17)
    assert first in next_due(due_items(dosing(), ITEMS))


@pytest.mark.parametrize(
    ("taken", "slot"), [(6.99, None), (7, 0), (10, 0), (16.99, 0), (17, 1), (26.9, 1), (27, 2)]
)
def test_a_reading_counts_from_a_little_before_its_time_until_the_next_ones_window(
    taken: float, slot: int | None
) -> None:
    found = of(dosing(bp(130, 80, taken)), "bp")
    done = [place for place, item in enumerate(found) if item.by]
    assert done == ([] if slot is None else [slot])


def test_half_a_pressure_does_not_do_it() -> None:
    half = entry(Vitals(sbp_mmhg=130), 10)
    assert of(dosing(half), "bp")[0].open


def test_a_reason_for_not_doing_it_closes_the_item_and_a_reading_beats_it() -> None:
    asleep = entry(NotDone(item="nausea", why="asleep"), 15)
    assert of(dosing(asleep), "nausea")[0].status(at(20)) is Status.NOT_DONE
    rated = entry(Rating(scale="nausea", value=Decimal(0)), 16)
    assert of(dosing(asleep, rated), "nausea")[0].status(at(20)) is Status.DONE


def test_a_later_reading_leaves_the_one_before_it_missed_not_late() -> None:
    found = of(dosing(bp(130, 80, 21)), "bp")
    assert [d.status(at(25)) for d in found[:3]] == [Status.MISSED, Status.DONE, Status.PLANNED]


@pytest.mark.hazard("H014")
def test_missed_pump_checks_make_the_record_incomplete() -> None:
    once = entry(RateChanged(rate_ml_per_h=Decimal(75)), 20)
    missed = left_undone(due_items(dosing(once), ITEMS))
    assert [(d.due_at - T0).total_seconds() / 60 for d in missed if d.parameter.id == "pump"] == [5, 10, 15]


def test_what_there_is_to_do_is_the_first_open_item_of_each_row_most_overdue_first() -> None:
    todo = next_due(due_items(dosing(bp(130, 80, 10)), ITEMS))
    shown = [(d.parameter.id, (d.due_at - T0).total_seconds() / 60) for d in todo]
    assert ("bp", 20) in shown
    assert ("sedation", 15) in shown
    assert shown == sorted(shown, key=lambda pair: pair[1])


def test_nothing_is_due_before_the_dose_or_after_the_patient_left() -> None:
    assert due_items(facts(SESSION, [scheduled()]), ITEMS) == []
    left = dosing(stopped(), entry(Discharged(criteria=()), 165))
    assert not [d for d in due_items(left, ITEMS, at(400)) if d.open or d.due_at > at(165)]


def test_whoever_stays_longer_goes_on_being_watched() -> None:
    assert of(dosing(stopped()), "bp", now=300)[-1].due_at > at(300)


def test_a_device_reading_counts_like_any_other() -> None:
    found = of(dosing(bp(130, 80, 10), entry(Vitals(spo2_pct=97), 10, source=Source.DEVICE)), "spo2")
    assert found[0].status(at(11)) is Status.DONE


def test_a_rule_that_asks_for_two_readings_makes_the_second_one_due() -> None:
    assert 15 in minutes(of(dosing(bp(186, 95, 10)), "bp"))
    assert 15 not in minutes(of(dosing(bp(186, 95, 10), bp(130, 80, 14)), "bp"))


def test_the_end_of_the_infusion_is_a_reading_of_the_pump() -> None:
    assert not [d for d in of(dosing(stopped()), "pump") if d.open]
