"""Several beds behind one sender: each is a device of its own, and none is charted on another's person."""

from decimal import Decimal

import pytest

from lowtide.exchange.hl7v2.messages import read
from lowtide.exchange.hl7v2.parts import parts
from lowtide.exchange.hl7v2.said import said
from tests.exchange.test_device_taking import Bed, know, put_on
from tests.pathway.session.conftest import Care

pytestmark = pytest.mark.hazard("H018")

HEAD = "MSH|^~\\&|GW^00A0^EUI-64|MAKER|||20260301101500+0100||ORU^R01^ORU_R01|M1|P|2.6"
ORDER = "OBR|1|||X|||20260301101400+0100"


def saturation(value: int, device: str = "", within: str = "1.2.1") -> str:
    row = f"OBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|{within}|{value}|%|||||R"
    return f"{row}|||||||{device}" if device else row


def devices(*segments: str) -> list[tuple[str, str]]:
    message = read("\r".join((HEAD, *segments)).encode())
    return [(part.device, row.segment.field(5)) for part in parts(message) for row in part.rows]


def test_each_patients_share_of_a_message_is_of_its_own_device() -> None:
    assert devices("PID|||1", ORDER, saturation(97, "A"), "PID|||2", ORDER, saturation(82, "B")) == [
        ("A", "97"),
        ("B", "82"),
    ]


def test_each_order_of_a_message_is_of_the_device_that_it_names() -> None:
    assert devices(ORDER, saturation(97, "A"), saturation(96), ORDER, saturation(82, "B")) == [
        ("A", "97"),
        ("A", "96"),
        ("B", "82"),
    ]


def test_two_devices_under_one_order_are_told_apart_by_what_holds_each_row() -> None:
    rows = (saturation(97, "A", "1.0.0"), saturation(96, within="1.2.1"), saturation(82, "B", "2.0.0"), saturation(83, within="2.1.1"))  # fmt: skip
    assert devices(ORDER, *rows) == [("A", "97"), ("A", "96"), ("B", "82"), ("B", "83")]


def test_a_module_within_a_monitor_is_no_device_of_its_own() -> None:
    rows = (saturation(97, "MONITOR", "1.0.0.0"), saturation(96, "MODULE", "1.2.0.0"))
    assert {device for device, _ in devices(ORDER, *rows)} == {"MONITOR"}


@pytest.mark.parametrize(
    ("visit", "device"),
    [
        ("PV1||I|ICU^^BED1", "GW ICU^^BED1"),
        ("PV1||I|BED1", "GW BED1"),
        ("PV1||I|^^^Toronto", "GW"),
        ("PV1||I", "GW"),
    ],
)
def test_without_a_number_of_its_own_a_device_is_its_sender_and_the_bed(visit: str, device: str) -> None:
    assert devices("PID|||", visit, ORDER, saturation(97)) == [(device, "97")]


def test_beds_without_a_patient_are_told_apart_too() -> None:
    one, two = ("PV1||I|ICU^^BED1", ORDER, saturation(97)), ("PV1||I|ICU^^BED2", ORDER, saturation(82))
    assert devices(*one, *two) == [("GW ICU^^BED1", "97"), ("GW ICU^^BED2", "82")]


def test_what_a_message_says_of_a_second_device_names_it() -> None:
    text = "\r".join((HEAD, "PID|||1", ORDER, saturation(97, "A"), "PID|||2", ORDER, saturation(82, "B")))
    found = said(text.encode())
    assert (found["device"], [value.get("device") for value in found["values"]]) == ("A", [None, "B"])
    assert any("2 devices: A, B" in problem["what"] for problem in found["problems"])


def saturations(bed: Bed) -> list[int]:
    bed.later()
    return [body.spo2_pct for _, body in bed.charted() if body.spo2_pct]


def stopped(bed: Bed, device: str) -> str:
    heard = bed.live.of(device)
    assert heard
    return heard.not_charted


def test_of_two_beds_in_one_message_each_is_charted_on_its_own_person(bed: Bed) -> None:
    know("M2")
    stamp = bed.care.at(6).strftime("%Y%m%d%H%M%S%z")
    second = f"PID|||222||Beta^Bob\rOBR|2|||X|||{stamp}\r{saturation(80, 'M2')}\r"
    bed.taker.take(bed.says(6, spo2_pct=97) + second.encode())
    assert saturations(bed) == [97]
    heard = bed.live.of("M2")
    assert heard
    assert heard.values["spo2_pct"].value == Decimal(80)


def by_gateway(bed: Bed, minute: float, value: int, bed_name: str, who: str = "") -> bytes:
    message = bed.says(minute, spo2_pct=value).replace(b"SIMULATED", b"GW")
    own = f"|||||||{bed.device}".encode()
    visit = f"\rPID|||||{who}\rPV1||I|{bed_name}\rOBR".encode()
    return message.replace(own, b"").replace(b"\rOBR", visit, 1)


def test_a_gateway_that_names_only_the_bed_charts_each_bed_on_its_own_person(running: Care) -> None:
    know("GW ICU^^BED1")
    put_on(running, "GW ICU^^BED1")
    bed = Bed(running, "GW ICU^^BED1")
    for second, (value, name) in enumerate([(97, "ICU^^BED1"), (80, "ICU^^BED2"), (96, "ICU^^BED1")]):
        bed.taker.take(by_gateway(bed, 6 + second / 60, value, name))
    assert saturations(bed) == [96]


@pytest.mark.parametrize("second", [b"\rPID|||222\rOBR", b"\rPID|||||Beta^Bob\rOBR"])
def test_a_second_patient_under_one_device_stops_its_charting_and_is_said(bed: Bed, second: bytes) -> None:
    first = second.replace(b"222", b"111").replace(b"Beta^Bob", b"Alpha^Ann")
    bed.taker.take(bed.says(6, spo2_pct=97).replace(b"\rOBR", first))
    bed.taker.take(bed.says(7, spo2_pct=80).replace(b"\rOBR", second))
    assert "two patients" in stopped(bed, "M1")
    bed.taker.take(bed.says(8, spo2_pct=96).replace(b"\rOBR", first))
    assert saturations(bed) == [97]


def test_two_patients_in_one_message_under_one_name_are_charted_on_nobody(bed: Bed) -> None:
    first = bed.says(6, spo2_pct=97).replace(b"\rOBR", b"\rPID|||111\rOBR")
    stamp = bed.now.strftime("%Y%m%d%H%M%S%z")
    bed.taker.take(first + f"PID|||222\rOBR|2|||X|||{stamp}\r{saturation(80, 'M1')}\r".encode())
    assert saturations(bed) == []
    assert "two patients" in stopped(bed, "M1")


def test_a_second_bed_under_one_device_stops_its_charting_until_somebody_looked(bed: Bed) -> None:
    from lowtide.pathway.session.actions import devices as verbs

    for minute, name in ((6, b"BED1"), (7, b"BED2")):
        bed.taker.take(bed.says(minute).replace(b"\rOBR", b"\rPV1||I|" + name + b"\rOBR"))
    assert "bed BED1 and bed BED2" in stopped(bed, "M1")
    verbs.part(bed.care.act(8), device="M1")
    put_on(bed.care, "M1", 8.1)
    bed.taker.take(bed.says(9, spo2_pct=96).replace(b"\rOBR", b"\rPV1||I|BED2\rOBR"))
    assert (saturations(bed)[-1], stopped(bed, "M1")) == (96, "")


def test_a_patient_who_is_named_later_is_no_second_one(bed: Bed) -> None:
    bed.taker.take(bed.says(6))
    bed.taker.take(bed.says(7).replace(b"\rOBR", b"\rPID|||||Testperson^Ines\rOBR"))
    bed.taker.take(bed.says(8).replace(b"\rOBR", b"\rPID|||111||Testperson^Ines^Maria\rOBR"))
    assert stopped(bed, "M1") == ""
