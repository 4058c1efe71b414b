"""One thing said in several ways, or twice, by monitors and pumps: read where it can mean one thing only, and said where not."""

from datetime import UTC
from decimal import Decimal

import pytest

from lowtide.data import monitors
from lowtide.exchange.hl7v2 import messages
from lowtide.exchange.hl7v2.reading import readings
from lowtide.exchange.hl7v2.said import said
from lowtide.record.entries import device_words
from lowtide.record.entries.devices import PumpTold
from tests.exchange.test_device_messages import HEAD, by_name, first, oru


@pytest.mark.parametrize(
    ("unit", "mg_per_h"),
    [("265522", 36.5), ("265523", 0.036), ("265490", 2190), ("265491", 2.19), ("265504", 36500)],
)
def test_a_dose_rate_is_read_by_the_number_of_its_unit_alone(unit: str, mg_per_h: float) -> None:
    value = first(f"OBX|1|NM|157924^MDC_RATE_DOSE^MDC|1|36.5|{unit}^^MDC|||||R")
    assert (value["lowtide"], value["value"]) == ("rate_mg_per_h", mg_per_h)


@pytest.mark.parametrize(
    ("unit", "mg_per_h"), [("265650", 28), ("265651", 0.028), ("265618", 1680), ("265619", 1.68)]
)
def test_a_dose_rate_per_kilogram_is_read_by_the_number_of_its_unit_alone(unit: str, mg_per_h: float) -> None:
    value = first(
        f"OBX|1|NM|157924^MDC_RATE_DOSE^MDC|1|0.35|{unit}^^MDC|||||R",
        "OBX|2|NM|68063^MDC_ATTR_PT_WEIGHT^MDC|1|80|263875^^MDC|||||R",
    )
    assert (value["lowtide"], value["value"]) == ("rate_mg_per_h", mg_per_h)


@pytest.mark.parametrize(
    ("told", "unit", "strength"),
    [("1", "264306^^MDC", 1), ("1000", "264307^MDC_DIM_MICRO_G_PER_ML^MDC", 1), ("0.05", "g/mL", 50), ("1", "g/L", 1)],
)  # fmt: skip
def test_a_strength_at_the_pump_is_read_in_each_of_its_units(told: str, unit: str, strength: float) -> None:
    row = f"OBX|1|NM|157760^MDC_CONC_DRUG^MDC|1|{told}|{unit}|||||R"
    assert said(oru(row))["concentration_mg_per_ml"] == strength


def test_a_strength_in_a_unit_that_nobody_knows_is_said_and_not_taken() -> None:
    found = said(oru("OBX|1|NM|157760^MDC_CONC_DRUG^MDC|1|5|mg/bag|||||R"))
    assert found["concentration_mg_per_ml"] is None
    assert "the strength at the pump: not a unit of this quantity" in [p["what"] for p in found["problems"]]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("8480-6^^LOINC", "sbp_mmhg"), ("8480-6^^L", "sbp_mmhg"), ("8480-6^BP sys^99ACME", "sbp_mmhg"),
        ("150021^NIBP^mdc", "sbp_mmhg"), ("150021^NIBP^ISO11073", "sbp_mmhg"), ("150021^NIBP", "sbp_mmhg"),
    ],
)  # fmt: skip
def test_a_code_whose_number_is_its_own_is_read_by_whatever_name_its_system_goes(
    code: str, name: str
) -> None:
    assert first(f"OBX|1|NM|{code}||131|mmHg|||||F")["lowtide"] == name


def test_a_number_of_mdc_under_another_system_is_not_read_and_that_is_said() -> None:
    found = said(oru("OBX|1|NM|150021^^SCT||131|mmHg|||||F"))
    assert found["values"][0]["lowtide"] is None
    assert "under “SCT”, which is not known here" in found["problems"][0]["what"]


@pytest.mark.parametrize(
    "row",
    [
        "OBX|1|ST|85354-9^BP^LN||120/80|mmHg|||||F", "OBX|1|TX|150020^MDC_PRESS_BLD_NONINV^MDC||120/80 (93)|mmHg|||||F",
        "OBX|1|SN|85354-9^BP^LN||^120^/^80|mmHg|||||F",
    ],
)  # fmt: skip
def test_a_pressure_that_is_told_as_one_text_is_its_parts(row: str) -> None:
    found = by_name(said(oru(row)))
    assert (found["sbp_mmhg"], found["dbp_mmhg"]) == (120, 80)
    assert found.get("map_mmhg") == (93 if "(93)" in row else None)


@pytest.mark.parametrize("text", ["120-80", "120/80/60", "high"])
def test_a_text_that_is_no_pressure_is_not_read_and_that_is_said(text: str) -> None:
    found = said(oru(f"OBX|1|ST|85354-9^BP^LN||{text}|mmHg|||||F"))
    assert by_name(found) == {}
    assert "is no pressure such as 120/80" in found["problems"][0]["what"]


@pytest.mark.parametrize(
    "time",
    ["20260301090000Z", "2026-03-01T09:00:00Z", "2026-03-01T10:00:00+01:00", "20260301T100000+0100", "2026-03-01 10:00+01:00"],
)  # fmt: skip
def test_a_time_as_iso_writes_it_is_the_same_instant(time: str) -> None:
    value = first(f"OBX|1|NM|147842^^MDC||70|bpm|||||F|||{time}")
    assert (value["at"], value["charted"]) == ("2026-03-01T09:00:00+00:00", True)


def test_an_offset_of_a_header_as_iso_writes_it_is_the_message_s() -> None:
    head = HEAD.replace("20260301101500+0100", "2026-03-01T10:15:00-05:00")
    value = first("OBX|1|NM|147842^^MDC||70|bpm|||||F|||20260301101400", head=head)
    assert value["at"] == "2026-03-01T15:14:00+00:00"


@pytest.mark.parametrize(
    "time",
    ["2026-03-01", "20260301-1000Z", "2026-0301100000Z", "2026-03-01T25:00:00Z", "20260301090000z", "Z"],
)
def test_what_is_no_time_stays_none(time: str) -> None:
    value = first(f"OBX|1|NM|147842^^MDC||70|bpm|||||F|||{time}")
    assert (value["at"], value["charted"]) == (None, False)


@pytest.mark.hazard("H016")
def test_of_two_probes_the_first_is_charted_and_that_is_said() -> None:
    rows = (
        f"OBX|{n}|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.{n}.1.1|{v}|%|||||F" for n, v in ((1, 97), (2, 89))
    )
    found = said(oru(*rows))
    assert [(v["value"], v["charted"]) for v in found["values"]] == [(97, True), (89, False)]
    assert "spo2_pct is told more than once for one instant, 97 and 89: the first is charted" in [
        p["what"] for p in found["problems"]
    ]


def test_the_same_number_told_twice_and_two_instants_are_nothing_to_be_said() -> None:
    rows = [
        "OBX|1|NM|150456^^MDC|1|97|%|||||F", "OBX|2|NM|150456^^MDC|2|97|%|||||F",
        "OBX|3|NM|150456^^MDC|1|95|%|||||F|||20260301101430+0100",
    ]  # fmt: skip
    found = said(oru(*rows))
    assert ([v["charted"] for v in found["values"]], found["problems"]) == ([True] * 3, [])


@pytest.mark.hazard("H014")
def test_of_two_volumes_of_one_channel_none_is_charted() -> None:
    rows = (f"OBX|{n}|NM|157993^^MDC|1.1.{n}.7|{v}|mL|||||R" for n, v in ((2, 10), (3, 300)))
    found = readings(messages.read(oru(*rows)))[0]
    assert not any(v.chartable for v in found.values)
    assert "a volume twice" in found.doubt


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ("delivery_start", "delivery start"), ("MDC_EVT_PUMP_BOLUS_START", "bolus start"), ("197296", "event 197296, not known here"),
        ("MDC_EVT_PUMP_AUTO_PROG_CLEARED", "auto programme cleared"), ("MDC_EVT_PUMP", "MDC_EVT_PUMP"), ("Lead Off", "Lead Off"),
    ],
)  # fmt: skip
def test_an_event_without_a_word_here_is_read_out_as_words(event: str, words: str) -> None:
    assert monitors.event_words(event) == words


def test_what_a_pump_says_of_itself_is_told_in_words() -> None:
    told_ = PumpTold(device="P1", event="MDC_EVT_PUMP_BOLUS_START", rate_ml_per_h=Decimal(1200))
    assert device_words.SAYS["pump_told"](told_, UTC) == "bolus start, 1200 mL/h"
