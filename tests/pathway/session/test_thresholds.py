"""Reminders when a value crosses a threshold."""

from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.data import monitoring
from lowtide.data.monitoring import Condition, Trigger
from lowtide.pathway.session.rules.thresholds import (
    Crossing,
    crossings,
    falling,
    holds,
    past_its_peak,
    pressing,
    sights,
)
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import Acknowledged, ChairEvent, RateChanged, Rating, Vitals
from tests.pathway.session.making import at, bp, dosing, entry

ITEMS = monitoring.items()


def found(*more: Entry) -> dict[str, Crossing]:
    return {c.rule.id: c for c in crossings(dosing(*more), ITEMS)}


def asked(*more: Entry) -> list[str]:
    return [c.rule.id for c in pressing(crossings(dosing(*more), ITEMS), at(60))]


def asked_at(now: float, *more: Entry) -> list[str]:
    return [c.rule.id for c in pressing(crossings(dosing(*more), ITEMS), at(now))]


@pytest.mark.hazard("H029")
@pytest.mark.parametrize(
    ("systolic", "diastolic", "rules"),
    [
        (159, 99, []),
        (160, 99, ["M12"]),
        (159, 100, ["M12"]),
        (179, 109, ["M12"]),
        (180, 90, ["M13"]),
        (170, 110, ["M13"]),
        (199, 119, ["M13"]),
        (200, 90, ["M14"]),
        (150, 120, ["M14"]),
    ],
)
def test_pressure_at_each_boundary_asks_for_the_gravest_rule_only(
    systolic: int, diastolic: int, rules: list[str]
) -> None:
    assert asked(bp(systolic, diastolic, 10)) == rules


def test_twice_five_minutes_apart_means_twice_five_minutes_apart() -> None:
    once = found(bp(185, 95, 10))["M13"]
    assert not once.complete
    assert once.due
    assert not found(bp(185, 95, 10), bp(185, 95, 14))["M13"].complete
    assert found(bp(185, 95, 10), bp(185, 95, 15))["M13"].complete


def test_a_normal_reading_in_between_begins_it_anew() -> None:
    between = found(bp(185, 95, 10), bp(130, 80, 12), bp(185, 95, 16))["M13"]
    assert not between.complete


def test_a_value_that_came_back_is_no_longer_pressing() -> None:
    assert asked(bp(165, 95, 10), bp(150, 90, 15)) == []
    assert not found(bp(165, 95, 10), bp(150, 90, 15))["M12"].current


def test_saying_what_is_done_about_it_answers_it() -> None:
    high = bp(165, 95, 10)
    answer = entry(Acknowledged(rule="M12", about=high.id), 11, reason="repeat in 5 min")
    assert asked_at(15, high, answer) == []
    assert found(high, answer)["M12"].answered == answer
    other = entry(Acknowledged(rule="M12", about=uuid4()), 11, reason="about something else")
    assert asked(high, other) == ["M12"]


@pytest.mark.parametrize(
    ("value", "rules"), [("4", []), ("3", ["M19"]), ("2", ["M19"]), ("1", ["M20"]), ("0", ["M20"])]
)
def test_sedation_is_low_when_the_number_is_low(value: str, rules: list[str]) -> None:
    assert asked(entry(Rating(scale="moaas", value=Decimal(value)), 15)) == rules


def test_a_fast_heart_counts_only_when_it_lasts() -> None:
    fast = [entry(Vitals(heart_rate_bpm=135), m) for m in (10, 12, 15)]
    assert found(*fast[:2])["M16"].level == "inform"
    assert found(*fast)["M16"].level == "hold"


def test_one_charted_low_saturation_is_enough() -> None:
    assert asked(entry(Vitals(spo2_pct=89), 10)) == ["M18"]
    assert asked(entry(Vitals(spo2_pct=93), 10)) == ["M17"]
    assert asked(entry(Vitals(spo2_pct=94), 10)) == []


def test_a_symptom_with_one_tap_is_an_emergency_at_any_pressure() -> None:
    assert asked(entry(ChairEvent(what="chest_pain"), 12)) == ["M15"]


def test_a_pump_that_differs_from_the_order_is_said() -> None:
    assert asked(entry(RateChanged(rate_ml_per_h=Decimal(60)), 10)) == ["M24"]
    assert (
        found(entry(RateChanged(rate_ml_per_h=Decimal(60)), 10))["M24"].found
        == "Pump 60 mL/h, not as ordered"
    )
    assert asked(entry(RateChanged(rate_ml_per_h=Decimal(0)), 10)) == []


def test_an_unverified_threshold_says_that_it_is_one() -> None:
    assert not found(bp(165, 95, 10))["M12"].verified
    assert found(entry(ChairEvent(what="seizure"), 12))["M15"].verified


def test_what_is_not_known_neither_crosses_nor_clears() -> None:
    rule = Trigger(when=((Condition(value="a", above=Decimal(1)), Condition(value="b", holds=True)),))
    assert holds(rule, {"a": Decimal(2)}) is None
    assert holds(rule, {"a": Decimal(1)}) is False
    assert holds(rule, {"a": Decimal(2), "b": True}) is True


def test_nothing_before_the_dose_is_a_crossing() -> None:
    assert found(bp(165, 95, -5)) == {}


@given(st.lists(st.integers(90, 220), max_size=3), st.lists(st.integers(90, 220), min_size=1, max_size=12))
def test_whether_a_pressure_falls_is_the_same_seen_at_once_and_one_by_one(
    before: list[int], since: list[int]
) -> None:
    """The page asks of all readings in one pass, the way out of the last: one rule."""
    early = [bp(systolic, 70, n - 10) for n, systolic in enumerate(before)]
    later = [bp(systolic, 70, 1 + n) for n, systolic in enumerate(since)]
    all_ = dosing(*early, *later)
    read = [r for r in all_.readings["bp"] if r.at >= at(0)]
    base = next((r for r in reversed(all_.readings["bp"]) if r.at < at(0)), None)
    one_by_one = [past_its_peak(read[: n + 1], base) for n in range(len(read))]
    seen = [s.values["bp_falling"] for s in sights(all_) if "bp_falling" in s.values]
    assert seen == one_by_one
    assert [falling(all_, entry) for entry in later] == one_by_one
