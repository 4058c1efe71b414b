"""A pump with several channels: only what the channel of the dose tells is charted."""

from decimal import Decimal

import pytest

from lowtide.exchange.hl7v2.messages import Message, read
from lowtide.exchange.hl7v2.reading import Reading, readings
from lowtide.record.entries.devices import PumpTold
from tests.exchange.test_device_taking import Bed, know, put_on
from tests.pathway.session.conftest import Care

HEAD = (
    "MSH|^~\\&|ALARIS|V|LOWTIDE|C|{at}||ORU^R42^ORU_R42|{number}|P|2.6|||AL|NE||UNICODE UTF-8",
    "OBR|1",
    "OBX|1||70049^MDC_DEV_PUMP_INFUS_LVP_MDS^MDC|1.0.0.0|||||||X|||||||P1",
    "OBX|2|CWE|68487^MDC_ATTR_EVT_COND^MDC|{event_of}|{event}||||||R",
)
START = "197288^MDC_EVT_PUMP_DELIV_START^MDC"


def channel(number: int, drug: str, rate: str, volume: str) -> list[str]:
    at = f"1.{number}"
    return [
        f"OBX|9|NM|158014^^MDC|{at}.1.2|{rate}|mL/h|||||R",
        f"OBX|9|NM|157993^^MDC|{at}.2.7|{volume}|mL|||||R",
        f"OBX|9|ST|184514^MDC_DRUG_NAME_LABEL^MDC|{at}.2.10|{drug}||||||R",
    ]


def message(
    *rows: list[str], event_of: str = "1.0.0.2", at: str = "20261127100000+0100", number: str = "1"
) -> bytes:
    head = [line.format(at=at, number=number, event_of=event_of, event=START) for line in HEAD]
    return "\r".join([*head, *(row for each in rows for row in each), ""]).encode()


def understood(*rows: list[str], event_of: str = "1.0.0.2") -> Reading:
    found = read(message(*rows, event_of=event_of))
    assert isinstance(found, Message)
    (reading,) = readings(found)
    return reading


def chartable(found: Reading) -> dict[str | None, object]:
    return {value.lowtide: value.value for value in found.values if value.chartable}


KETAMINE = channel(1, "Ketamine", "75", "10")
CARRIER = channel(2, "NaCl 0.9%", "125", "300")


@pytest.mark.hazard("H014")
@pytest.mark.parametrize("rows", [(KETAMINE, CARRIER), (CARRIER, KETAMINE)])
def test_the_carrier_s_volume_is_not_charted_as_the_drug_s(rows: tuple[list[str], ...]) -> None:
    found = understood(*rows)
    assert chartable(found) == {"rate_ml_per_h": Decimal(75), "delivered_ml": Decimal(10)}
    assert found.drug == "Ketamine"
    assert not found.doubt


@pytest.mark.hazard("H014")
@pytest.mark.parametrize(
    "rows", [(channel(1, "Drug A", "75", "10"), CARRIER), (KETAMINE, channel(2, "Ketamine", "20", "5"))]
)
def test_where_nobody_can_tell_the_channels_apart_nothing_of_them_is_charted(
    rows: tuple[list[str], ...],
) -> None:
    found = understood(*rows, event_of="1.2.0.2")
    assert chartable(found) == {}
    assert found.events == ()
    assert "several channels" in found.doubt


def test_an_event_of_the_carrier_is_none_of_the_dose() -> None:
    assert understood(KETAMINE, CARRIER, event_of="1.2.0.2").events == ()
    (event,) = understood(KETAMINE, CARRIER, event_of="1.1.0.2").events
    assert event.event == "delivery_start"


def test_a_pump_with_one_channel_tells_delivery_and_source_together() -> None:
    found = understood(KETAMINE)
    assert chartable(found) == {"rate_ml_per_h": Decimal(75), "delivered_ml": Decimal(10)}
    assert [event.event for event in found.events] == ["delivery_start"]


@pytest.mark.hazard("H014")
def test_at_the_chair_the_carrier_runs_beside_the_dose_and_only_the_dose_is_charted(
    running: Care,
) -> None:
    bed = Bed(running, "P1")
    know("P1", kind="pump")
    put_on(running, "P1")
    bed.minute = 6
    said = message(KETAMINE, CARRIER, event_of="1.1.0.2", at=f"{bed.now:%Y%m%d%H%M%S}+0000")
    bed.taker.take(said)
    bed.later()
    told = [(b.event, b.drug, b.rate_ml_per_h, b.delivered_ml) for _, b in running.chart.said(PumpTold)]
    assert ("delivery_start", "Ketamine", Decimal(75), Decimal(10)) in told
    assert all(rate != Decimal(125) and volume != Decimal(300) for _, _, rate, volume in told)
    live = bed.live.of("P1")
    assert live
    assert live.values["rate_ml_per_h"].value == Decimal(75)
