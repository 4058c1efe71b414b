"""A pressure that a monitor only tells again is not a new one; one that never stops is charted by the minute."""

from datetime import timedelta
from decimal import Decimal

import pytest

from lowtide.exchange.devices.taking import Taker
from lowtide.exchange.hl7v2 import made
from lowtide.pathway.session.actions import devices
from tests.exchange.test_device_taking import VALUES, Bed, put_on

pytestmark = pytest.mark.hazard("H015")
Pressures = list[tuple[int | None, int | None]]


def pressures(bed: Bed) -> Pressures:
    bed.later()
    return [(body.sbp_mmhg, body.dbp_mmhg) for _, body in bed.charted() if body.sbp_mmhg]


def arterial(message: bytes) -> bytes:
    for cuff, line in ((b"150021", b"150037"), (b"150022", b"150038")):
        message = message.replace(cuff, line)
    return message.replace(b"NONINV_", b"ART_ABP_")


def untimed(message: bytes) -> bytes:
    """The message with no row that has a time of its own."""
    return b"\r".join(
        row.rpartition(b"|||")[0] if row.startswith(b"OBX") and b"NONINV" in row else row
        for row in message.split(b"\r")
    )


@pytest.mark.parametrize("form", [bytes, untimed])
def test_a_pressure_that_every_message_repeats_with_its_own_time_is_charted_once(
    bed: Bed, form: type[bytes]
) -> None:
    for second in range(0, 200, 5):
        bed.taker.take(form(bed.says(6 + second / 60)))
        bed.taker.tick()
    assert pressures(bed) == [(132, 84)]


def test_a_pressure_that_changed_is_charted_although_it_has_no_time_of_its_own(bed: Bed) -> None:
    for minute, sbp in ((6, 132), (6.5, 132), (8, 141), (8.5, 141), (11, 132)):
        bed.taker.take(untimed(bed.says(minute, sbp_mmhg=sbp)))
    assert [sbp for sbp, _ in pressures(bed)] == [132, 141, 132]


def test_the_same_pressure_measured_again_is_a_new_one(bed: Bed) -> None:
    for minute, measured in ((6, 5.9), (7, 5.9), (11, 10.8), (12, 10.8)):
        bed.minute, bed.number = minute, bed.number + 1
        bed.taker.take(made.monitor("M1", str(bed.number), bed.now, VALUES, bed.care.at(measured)))
    assert pressures(bed) == [(132, 84), (132, 84)]
    assert [e.at for e, b in bed.charted() if b.sbp_mmhg] == [bed.care.at(5.9), bed.care.at(10.8)]


def test_an_arterial_line_is_one_median_a_minute_with_its_extremes(bed: Bed) -> None:
    for second in range(60):
        values = {"sbp_mmhg": 120 + second % 7, "dbp_mmhg": 70 + second % 5}
        bed.taker.take(arterial(bed.says(6 + second / 60, **values)))
    assert pressures(bed) == [(123, 72)]
    told = next(body for _, body in bed.charted() if body.sbp_mmhg)
    assert told.extremes["sbp_mmhg"] == (Decimal(120), Decimal(126))


def test_a_pressure_that_changes_faster_than_a_cuff_can_is_charted_by_the_minute(bed: Bed) -> None:
    for second in range(180):
        bed.taker.take(bed.says(6 + second / 60, sbp_mmhg=120 + second % 7))
    assert len(pressures(bed)) == 4  # the first at once, then one a minute


def test_the_last_persons_pressure_is_not_charted_on_the_next(bed: Bed) -> None:
    devices.part(bed.care.act(5), device="M1")
    bed.taker.take(untimed(bed.says(6, sbp_mmhg=171)))
    put_on(bed.care, "M1", 7)
    bed.taker.take(untimed(bed.says(8, sbp_mmhg=171)))
    bed.taker.take(untimed(bed.says(9, sbp_mmhg=128)))
    assert [sbp for sbp, _ in pressures(bed)] == [128]


def test_a_pressure_that_was_charted_before_a_restart_is_not_new_after_it(bed: Bed) -> None:
    bed.taker.take(untimed(bed.says(6)))
    bed.later()
    bed.taker = Taker(bed.live, lambda: bed.now)
    bed.taker.take(untimed(bed.says(12)))
    assert pressures(bed) == [(132, 84)]


def test_a_real_measurement_is_charted_within_seconds(bed: Bed) -> None:
    bed.taker.take(bed.says(6))
    bed.minute += timedelta(seconds=6) / timedelta(minutes=1)
    bed.taker.tick()
    assert [body.sbp_mmhg for _, body in bed.charted()] == [132]
