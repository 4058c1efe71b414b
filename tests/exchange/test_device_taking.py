"""What a monitor or pump says reaches the flowsheet of the person it is on, once, and no other's."""

import socket
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from lowtide.exchange.devices import registering
from lowtide.exchange.devices.listener import Listener
from lowtide.exchange.devices.live import Live
from lowtide.exchange.devices.sending import Line
from lowtide.exchange.devices.taking import Taker
from lowtide.exchange.hl7v2 import made
from lowtide.exchange.hl7v2.framing import frame
from lowtide.exchange.models import JoinedDevice
from lowtide.pathway.session.actions import devices
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.pathway.session.rules.gates import baseline
from lowtide.problems import BadInput, Refused
from lowtide.record import store
from lowtide.record.entries.base import Entry, Source
from lowtide.record.entries.chair import Discharged, Vitals
from lowtide.record.entries.devices import AlarmTold, DeviceRegistered, PumpTold
from lowtide.record.entries.identity import Patient
from tests.conftest import said
from tests.exchange.test_device_messages import SAMPLES
from tests.pathway.session.conftest import Care, person, register

VALUES = {"sbp_mmhg": 132, "dbp_mmhg": 84, "heart_rate_bpm": 77, "spo2_pct": 97, "resp_rate_per_min": 14}


class Bed:
    """A running session with a monitor on the person, and a clock that the test moves."""

    def __init__(self, care: Care, device: str = "M1") -> None:
        self.care, self.device, self.minute = care, device, 5.0
        self.live = Live()
        self.taker = Taker(self.live, lambda: self.now)
        self.number = 0

    @property
    def now(self) -> datetime:
        return self.care.at(self.minute)

    def says(self, minute: float, clock_off_min: float = 0, **values: object) -> bytes:
        self.minute, self.number = minute, self.number + 1
        at = self.now + timedelta(minutes=clock_off_min)
        return made.monitor(self.device, str(self.number), at, VALUES | values, at)

    def later(self, minutes: float = 2) -> None:
        self.minute += minutes
        self.taker.tick()

    def charted(self) -> list[tuple[Entry, Vitals]]:
        return [(e, b) for e, b in self.care.chart.said(Vitals) if e.source is Source.DEVICE]


def know(device: str, zone: str | None = None, kind: str = "monitor") -> None:
    store.append(
        [
            said(
                DeviceRegistered(device=device, label=f"Device {device}", device_kind=kind, zone=zone),
                "clinic:main",
            )
        ]
    )


def put_on(care: Care, device: str, minute: float = 4) -> None:
    devices.join(care.act(minute), device=device, elsewhere={})


def test_a_minute_of_a_monitor_becomes_its_pressure_and_one_set_of_values_with_extremes(bed: Bed) -> None:
    for second, saturation in enumerate((97, 91, 98)):
        bed.taker.take(bed.says(6 + second / 60, spo2_pct=saturation, sbp_mmhg=132 + (second == 0)))
    bed.later()
    values = [body for _, body in bed.charted()]
    assert [(v.sbp_mmhg, v.spo2_pct) for v in values if v.spo2_pct] == [(None, 97)]
    assert next(v for v in values if v.spo2_pct).extremes["spo2_pct"] == (Decimal(91), Decimal(98))


def test_what_is_charted_says_that_it_came_from_the_device(bed: Bed) -> None:
    bed.taker.take(bed.says(6))
    bed.later()
    assert {(e.by, e.device, e.source) for e, _ in bed.charted()} == {("device:M1", "M1", Source.DEVICE)}


def test_a_message_sent_again_is_answered_again_and_charted_once(bed: Bed) -> None:
    message = bed.says(6)
    answers = [bed.taker.take(message) for _ in range(3)]
    bed.later()
    assert all(b"MSA|AA" in (answer or b"") for answer in answers)
    assert len(bed.charted()) == 2


def test_a_message_that_comes_again_after_a_restart_is_charted_once(bed: Bed) -> None:
    message = bed.says(6)
    bed.taker.take(message)
    bed.later()
    bed.taker = Taker(bed.live, lambda: bed.now)
    bed.taker.take(message)
    bed.later()
    assert len(bed.charted()) == 2


def test_messages_that_come_late_after_an_outage_keep_their_own_times(bed: Bed) -> None:
    late = [bed.says(6 + second / 60) for second in range(0, 60, 10)]
    bed.minute = 12
    for message in late:
        bed.taker.take(message)
    bed.taker.take(bed.says(12.1))
    bed.later()
    last = [bed.care.at(6 + 50 / 60), bed.care.at(12.1)]
    assert [e.at for e, b in bed.charted() if b.spo2_pct] == last


@pytest.mark.hazard("H015")
def test_the_monitor_s_minute_that_holds_the_start_is_not_the_baseline(clinic: Entry) -> None:
    care = register()
    care.prepare()
    know("M1")
    put_on(care, "M1", -5)
    bed = Bed(care)
    for minute, rate in ((-1.5, 70), (0.1, 72), (0.4, 73), (0.6, 90), (0.9, 95)):
        bed.taker.take(bed.says(minute, heart_rate_bpm=rate))
    bed.later()
    care.begin(0.5)
    found = baseline(session_facts(care.chart, care.session), "hr")
    assert found
    assert found.values["heart_rate_bpm"] == 70


def test_each_message_of_a_batch_in_one_frame_is_read_and_answered(bed: Bed) -> None:
    one, two = bed.says(6, spo2_pct=97), bed.says(7, spo2_pct=90)
    answer = bed.taker.take(b"FHS|^~\\&|X\rBHS|^~\\&|X\r" + one + two + b"BTS|2\rFTS|1\r") or b""
    bed.later()
    assert (answer.count(b"MSA|AA|M1-1"), answer.count(b"MSA|AA|M1-2"), answer[:3]) == (1, 1, b"BHS")
    assert [body.spo2_pct for _, body in bed.charted() if body.spo2_pct] == [97, 90]


def test_of_two_messages_in_one_frame_the_bad_one_is_refused_and_the_good_one_charted(bed: Bed) -> None:
    bad = bed.says(6).replace(b"ORU^R01^ORU_R01", b"ADT^A01")
    answer = bed.taker.take(bad + bed.says(7)) or b""
    bed.later()
    assert (answer.count(b"MSA|AR"), answer.count(b"MSA|AA"), len(bed.charted())) == (1, 1, 2)


@pytest.mark.hazard("H018")
def test_a_device_that_is_on_nobody_charts_nothing(running: Care) -> None:
    bed = Bed(running)
    assert b"MSA|AA" in (bed.taker.take(bed.says(6)) or b"")
    bed.later()
    heard = bed.live.of("M1")
    assert (bed.charted(), heard and heard.not_charted) == ([], "it is on nobody")


@pytest.mark.hazard("H018")
def test_a_device_that_names_another_patient_of_the_clinic_charts_nothing(bed: Bed) -> None:
    found = register(bed.care.start, "Otherperson").chart.last(Patient)
    assert found
    number = found[1].identifiers[0].value.encode()
    message = bed.says(6).replace(b"\rOBR", b"\rPID|||" + number + b"\rOBR")
    bed.taker.take(message)
    bed.later()
    heard = bed.live.of("M1")
    assert (bed.charted(), heard and heard.not_charted) == ([], "it says that it is on another patient")


@pytest.mark.hazard("H018")
def test_a_device_is_on_one_person_at_a_time(bed: Bed) -> None:
    with pytest.raises(Refused, match="Somebody Else"):
        devices.join(bed.care.act(6), device="M1", elsewhere={"M1": "Somebody Else"})


def test_a_name_in_a_message_ties_a_device_to_nobody(bed: Bed) -> None:
    devices.part(bed.care.act(5.5), device="M1")
    bed.taker.take(bed.says(6).replace(b"\rOBR", b"\rPID|||||Testperson^Ines\rOBR"))
    bed.later()
    assert bed.charted() == []


def test_a_device_that_nobody_registered_cannot_be_put_on(running: Care) -> None:
    with pytest.raises(BadInput, match="not one of the clinic's"):
        put_on(running, "M9")


def test_only_who_charts_at_the_chair_puts_a_device_on(running: Care) -> None:
    with pytest.raises(Refused):
        devices.join(running.act(6, person("front_desk")), device="M1", elsewhere={})


def test_a_device_that_was_taken_off_charts_nothing_more(bed: Bed) -> None:
    devices.part(bed.care.act(5.5), device="M1")
    assert not JoinedDevice.objects.exists()
    bed.taker.take(bed.says(6))
    bed.later()
    assert bed.charted() == []


@pytest.mark.hazard("H023")
@pytest.mark.parametrize("off_min", [-10, 10, 60 * 24 * 400])
def test_a_device_whose_clock_is_wrong_is_charted_at_the_right_time_and_marked(
    bed: Bed, off_min: float
) -> None:
    for minute in (6, 6.2, 6.4):
        bed.taker.take(bed.says(minute, clock_off_min=off_min))
    bed.later()
    entries = [entry for entry, _ in bed.charted()]
    assert len(entries) == 2
    assert all(abs(e.at - bed.care.at(6)) <= timedelta(minutes=1) for e in entries)
    assert all("device clock off" in (e.clock or "") for e in entries)


@pytest.mark.hazard("H024")
def test_a_device_without_a_zone_in_its_messages_charts_by_the_zone_it_was_registered_with(
    running: Care,
) -> None:
    know("M2", zone="America/New_York")
    put_on(running, "M2")
    bed = Bed(running, "M2")
    message = bed.says(6)
    local = bed.now.astimezone(ZoneInfo("America/New_York")).strftime("%Y%m%d%H%M%S")
    stamp = bed.now.strftime("%Y%m%d%H%M%S%z")
    bed.taker.take(message.replace(stamp.encode(), local.encode()))
    bed.later()
    assert [e.at for e, b in bed.charted() if b.sbp_mmhg] == [bed.care.at(6)]


def test_a_pumps_start_and_an_alarm_are_charted_at_once(running: Care) -> None:
    know("P1", kind="pump")
    put_on(running, "P1")
    bed = Bed(running, "P1")
    bed.minute = 6
    figures = {"rate_ml_per_h": Decimal(75), "vtbi_ml": Decimal(50), "delivered_ml": Decimal(0)}
    bed.taker.take(
        made.pump("P1", "1", bed.now, "MDC_EVT_PUMP_DELIV_START", figures, "Ketamine", Decimal("0.73"))
    )
    alarm = (
        (SAMPLES / "ihe-pcd-tf" / "pcd04-alarm-pump-occlusion-end.hl7")
        .read_bytes()
        .replace(b"P6013^", b"P1^")
    )
    bed.taker.take(alarm)
    (_, pump), (_, told) = running.chart.said(PumpTold)[0], running.chart.said(AlarmTold)[0]
    assert (pump.event, pump.rate_ml_per_h, pump.delivered_ml) == ("delivery_start", Decimal(75), Decimal(0))
    assert (told.alarm, told.text) == ("occlusion", "Occlusion")


def test_sentinels_and_artefacts_stay_out_of_the_chart_and_are_seen_live(bed: Bed) -> None:
    bed.taker.take(bed.says(6, spo2_pct=-100, heart_rate_bpm=999))
    bed.later()
    assert all(body.spo2_pct is None and body.heart_rate_bpm is None for _, body in bed.charted())
    heard = bed.live.of("M1")
    assert heard
    assert heard.values["spo2_pct"].flags == ("sentinel",)


def test_a_signed_session_takes_no_device_value_and_the_device_is_still_answered(bed: Bed) -> None:
    bed.care.write(Discharged(criteria=()), 6, session=bed.care.session)
    assert not JoinedDevice.objects.exists()
    assert b"MSA|AA" in (bed.taker.take(bed.says(7)) or b"")


def test_registering_takes_the_right_to_manage_the_clinic(clinic: Entry) -> None:
    with pytest.raises(Refused):
        registering.retire(person("nurse"), "M1")


# -- over a real socket -----------------------------------------------------------------------------------------------


class Answering(Taker):
    """A taker without a clinic: for the line alone."""

    def __init__(self) -> None:
        super().__init__(Live())
        self.seen: list[bytes] = []

    def take_all(self, messages: Sequence[bytes]) -> list[bytes | None]:
        before = len(self.seen)
        self.seen += messages
        return [b"MSH|^~\\&|\rMSA|AA|%d" % n for n in range(before + 1, len(self.seen) + 1)]

    def tick(self, *, paced: bool = False) -> None:
        return None


@pytest.fixture
def listener() -> Iterator[Listener]:
    one = Listener("127.0.0.1", 0, Answering())
    one.start()
    yield one
    one.stop()


def test_frames_in_pieces_and_together_are_each_answered(listener: Listener) -> None:
    with socket.create_connection(("127.0.0.1", listener.port), timeout=5) as line:
        stream = b"noise" + frame(b"MSH|one") + frame(b"MSH|two") + frame(b"MSH|three")
        for byte in stream[:9]:
            line.sendall(bytes((byte,)))
        line.sendall(stream[9:])
        got = b""
        while got.count(b"MSA|AA") < 3:
            got += line.recv(4096)
    assert isinstance(listener.taker, Answering)
    assert listener.taker.seen == [b"MSH|one", b"MSH|two", b"MSH|three"]


def test_a_broken_line_does_not_disturb_the_others(listener: Listener) -> None:
    broken = socket.create_connection(("127.0.0.1", listener.port), timeout=5)
    broken.sendall(b"\x0bMSH|half")
    broken.close()
    with Line("127.0.0.1", listener.port) as line:
        assert b"MSA|AA" in (line.send(b"MSH|whole") or b"")


def test_a_sender_without_end_is_let_go(listener: Listener) -> None:
    with socket.create_connection(("127.0.0.1", listener.port), timeout=10) as line:
        line.sendall(b"\x0b" + b"x" * (1 << 21))
        got = b""
        while piece := _received(line):
            got += piece
    assert b"MSA|" in got or got == b""


def _received(line: socket.socket) -> bytes:
    try:
        return line.recv(4096)
    except ConnectionError:
        return b""
