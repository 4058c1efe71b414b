"""One charted value a minute: really measured, each measurement once, whatever order the messages come in."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.exchange.hl7v2.minutes import Minute, Minutes
from lowtide.exchange.hl7v2.values import Value

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


def value(second: float, number: int, quantity: str = "spo2_pct", *flags: str) -> Value:
    at = NOON + timedelta(seconds=second)
    return Value("1", "", "MDC", quantity, Decimal(number), "%", at, flags)


def charted(*values: Value) -> list[Minute]:
    minutes = Minutes()
    minutes.add(values, NOON)
    return minutes.closed(LATER)


samples = st.lists(st.builds(value, st.integers(0, 300), st.integers(85, 100)), max_size=40)


@given(samples, st.randoms(use_true_random=False))
def test_the_order_of_the_messages_does_not_matter(values: list[Value], random: object) -> None:
    shuffled = list(values)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert charted(*shuffled) == charted(*values)


@given(samples)
def test_a_message_that_comes_twice_counts_once(values: list[Value]) -> None:
    assert charted(*values, *values) == charted(*values)


@given(samples)
def test_the_charted_value_was_really_measured_and_lies_between_its_extremes(values: list[Value]) -> None:
    for minute in charted(*values):
        begins = minute.begins
        assert begins
        within = {v.value for v in values if v.at and begins <= v.at < begins + timedelta(minutes=1)}
        found = minute.values["spo2_pct"]
        assert found in within
        assert minute.least["spo2_pct"] == min(within) <= found <= max(within) == minute.greatest["spo2_pct"]


def test_a_minute_is_given_once_it_is_over_and_only_once() -> None:
    minutes = Minutes()
    minutes.add([value(10, 97), value(50, 99)], NOON)
    assert minutes.closed(NOON + timedelta(seconds=89)) == []
    assert [m.values for m in minutes.closed(NOON + timedelta(seconds=90))] == [{"spo2_pct": Decimal(97)}]
    assert minutes.closed(LATER) == []


def test_a_cuff_pressure_that_every_message_repeats_is_charted_once_with_its_own_time() -> None:
    minutes = Minutes()
    pressure = [value(5, 140, "sbp_mmhg"), value(5, 80, "dbp_mmhg")]
    found = []
    for second in range(5, 300, 10):
        minutes.add([*pressure, value(second, 97)], NOON)
        found += minutes.closed(NOON + timedelta(seconds=second + 6))
    assert [(m.at, m.values) for m in found if "sbp_mmhg" in m.values] == [
        (NOON + timedelta(seconds=5), {"sbp_mmhg": Decimal(140), "dbp_mmhg": Decimal(80)})
    ]


def test_what_is_flagged_is_never_charted() -> None:
    assert charted(value(1, 97, "spo2_pct", "sentinel"), value(2, 97, "spo2_pct", "questionable")) == []


def test_a_device_whose_clock_runs_ahead_still_gets_its_minutes_charted() -> None:
    minutes = Minutes()
    minutes.add([value(600, 97), value(665, 98)], NOON)
    assert [m.values for m in minutes.closed(NOON)] == [{"spo2_pct": Decimal(97)}]


def test_a_device_whose_clock_is_days_off_charts_nothing_and_does_not_stop_the_others() -> None:
    minutes = Minutes()
    minutes.add([value(86_400 * 3, 97), value(20, 98)], NOON)
    assert [m.values for m in minutes.closed(LATER)] == [{"spo2_pct": Decimal(98)}]


@pytest.mark.hazard("H015")
def test_a_minute_stands_at_its_last_sample_so_that_one_that_holds_the_start_is_not_before_it() -> None:
    begun = NOON + timedelta(seconds=42)
    (minute,) = charted(value(10, 97), value(43, 98))
    assert (minute.begins, minute.at) == (NOON, NOON + timedelta(seconds=43))
    assert minute.at > begun
