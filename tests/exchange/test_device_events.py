"""Alarms and pump events are charted when they happened, each once, and what cannot be charted is said."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from lowtide.exchange.hl7v2 import made
from lowtide.record.entries.devices import AlarmTold, PumpTold
from tests.exchange.test_device_messages import SAMPLES
from tests.exchange.test_device_taking import Bed

START, RATE, STOP = "MDC_EVT_PUMP_DELIV_START", "MDC_EVT_PUMP_RATE_CHANGE", "MDC_EVT_PUMP_DELIV_STOP"


def tells(
    pump: Bed, minute: float, event: str | None, delivered: float = 0, rate: int = 75, off_min: float = 0
) -> bytes:
    pump.minute, pump.number = minute, pump.number + 1
    figures = {"rate_ml_per_h": Decimal(rate), "delivered_ml": Decimal(str(delivered))}
    at = pump.now + timedelta(minutes=off_min)
    return made.pump("P1", str(pump.number), at, event, figures, "Ketamine", Decimal("0.73"))


def charted(pump: Bed) -> list[tuple[float, str | None, Decimal | None]]:
    """(minute, event, rate) of all that the pump told."""
    start = pump.care.start
    told = pump.care.chart.said(PumpTold)
    return [((e.at - start).total_seconds() / 60, b.event, b.rate_ml_per_h) for e, b in told]


@pytest.mark.hazard("H023")
@pytest.mark.hazard("H014")
def test_an_event_that_arrives_late_is_charted_when_it_happened(pump: Bed) -> None:
    pump.taker.take(tells(pump, 2, START))
    late = tells(pump, 6, RATE, 5, rate=60)
    pump.minute = 16
    pump.taker.take(late)
    assert charted(pump)[1] == (6, "rate_change", 60)


@pytest.mark.hazard("H023")
def test_a_first_word_that_comes_late_waits_a_little_and_keeps_its_time(pump: Bed) -> None:
    late = tells(pump, 6, START)
    pump.minute = 16
    pump.taker.take(late)
    pump.later(1)
    assert charted(pump) == [(6, "delivery_start", 75)]


@pytest.mark.hazard("H023")
@pytest.mark.parametrize("off_min", [-3, 10, -10, 60 * 24 * 400])
def test_an_event_of_a_pump_whose_clock_is_wrong_is_put_right_by_two_messages(
    pump: Bed, off_min: float
) -> None:
    for minute, event in ((6, START), (6.2, None), (6.4, None)):
        pump.taker.take(tells(pump, minute, event, off_min=off_min))
    (minute, event, _) = charted(pump)[0]
    assert (round(minute, 1), event) == (6, "delivery_start")


@pytest.mark.hazard("H014")
def test_two_events_of_one_kind_in_one_second_are_both_charted(pump: Bed) -> None:
    for rate in (80, 60):
        pump.taker.take(tells(pump, 6, RATE, 5, rate=rate))
    assert {rate for _, _, rate in charted(pump)} == {80, 60}


def test_an_event_that_is_sent_again_after_a_restart_is_charted_once(pump: Bed) -> None:
    message = tells(pump, 6, RATE, 5)
    for _ in range(2):
        pump.taker.take(message)
        pump.taker = type(pump.taker)(pump.live, lambda: pump.now)
    assert len(charted(pump)) == 1


@pytest.mark.hazard("H014")
def test_what_a_pump_reports_without_an_event_is_charted_once_a_minute(pump: Bed) -> None:
    for second in range(0, 180, 10):
        pump.taker.take(tells(pump, 6 + second / 60, None, delivered=round(second / 48, 2)))
    pump.later()
    told = [(b.event, b.delivered_ml) for _, b in pump.care.chart.said(PumpTold)]
    assert told == [("rate_told", Decimal("1.04")), (None, Decimal("2.29")), (None, Decimal("3.54"))]


@pytest.mark.hazard("H014")
def test_a_rate_that_a_report_alone_tells_of_is_an_event(pump: Bed) -> None:
    for minute, rate in ((6, 75), (7, 75), (8, 95), (9, 95)):
        pump.taker.take(tells(pump, minute, None, delivered=minute, rate=rate))
    pump.later()
    assert [event for _, event, _ in charted(pump)] == ["rate_told", None, "rate_told", None]


@pytest.mark.hazard("H014")
@pytest.mark.parametrize("strength", [None, Decimal("0.73")])
def test_a_pump_that_tells_only_mg_per_hour_is_charted_as_it_told_it(
    pump: Bed, strength: Decimal | None
) -> None:
    for number, (minute, event, rate) in enumerate(
        ((6, START, "54.75"), (8, None, "54.75"), (9, None, "36.5"))
    ):
        pump.minute = minute
        figures = {"rate_mg_per_h": Decimal(rate)}
        pump.taker.take(made.pump("P1", str(number), pump.now, event, figures, "Ketamine", strength))
    pump.later()
    told = [b for _, b in pump.care.chart.said(PumpTold)]
    assert {(b.event, b.rate_mg_per_h) for b in told if b.event} == {
        ("delivery_start", Decimal("54.75")),
        ("rate_told", Decimal("36.5")),
    }
    assert {(b.rate_ml_per_h, b.mg_per_ml) for b in told} == {(None, strength)}


def test_a_pump_that_stands_still_says_so_once(pump: Bed) -> None:
    for second in range(0, 600, 20):
        pump.taker.take(tells(pump, 6 + second / 60, None, delivered=50, rate=0))
    pump.later()
    assert len(charted(pump)) == 1


def occlusion(pump: Bed, minute: float, phase: str) -> bytes:
    pump.minute, pump.number = minute, pump.number + 1
    stamp = pump.now.strftime("%Y%m%d%H%M%S%z").encode()
    message = next(SAMPLES.rglob("pcd04-alarm-pump*")).read_bytes().replace(b"P6013^", b"P1^")
    message = message.replace(b"20120109175426-0600", stamp).replace(
        b"|6346172846620706282|", b"|a%d|" % pump.number
    )
    row = f"OBX|9|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.0.0.0.9|{phase}||||||F"
    return message.rstrip(b"\r\n") + b"\r" + row.encode()


def alarms(pump: Bed) -> list[str | None]:
    return [body.phase for _, body in pump.care.chart.said(AlarmTold)]


def test_an_alarm_that_sounds_for_minutes_is_its_beginning_and_its_end(pump: Bed) -> None:
    phases = ["start", *["continue"] * 58, "end", "end"]
    for number, phase in enumerate(phases):
        pump.taker.take(occlusion(pump, 6 + number / 12, phase))
    assert alarms(pump) == ["start", "end"]


def test_an_alarm_that_comes_back_is_a_new_one(pump: Bed) -> None:
    for minute, phase in ((6, "start"), (6.1, "end"), (7, "start"), (13, "continue")):
        pump.taker.take(occlusion(pump, minute, phase))
    assert alarms(pump) == ["start", "end", "start", "continue"]


def trouble(pump: Bed) -> str:
    heard = pump.live.of(pump.device)
    assert heard
    return heard.not_charted or heard.refused


def test_an_event_whose_zone_nobody_knows_is_not_lost_in_silence(pump: Bed) -> None:
    pump.taker.take(re.sub(rb"(\d{14})\+0000", rb"\1", tells(pump, 6, STOP)))
    assert charted(pump) == []
    assert "no zone" in trouble(pump)


@pytest.mark.hazard("H015")
def test_a_pressure_that_cannot_be_is_said_in_the_live_corner(bed: Bed) -> None:
    bed.taker.take(bed.says(6, sbp_mmhg=70, dbp_mmhg=90))
    bed.later()
    assert "70/90" in trouble(bed)


@pytest.mark.parametrize("word", [b"T", b"D"])
def test_a_message_of_a_test_or_a_training_is_answered_and_never_charted(bed: Bed, word: bytes) -> None:
    assert b"MSA|AA" in (bed.taker.take(bed.says(6).replace(b"|P|2.6", b"|" + word + b"|2.6")) or b"")
    bed.later()
    assert (bed.charted(), "test" in trouble(bed)) == ([], True)
