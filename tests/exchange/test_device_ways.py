"""One measurement, written in the ways in which senders write it."""

import json
from pathlib import Path

import pytest

from lowtide.site.cli import main
from tests.exchange.test_device_messages import first, oru, said

KG = "OBX|9|NM|68063^MDC_ATTR_PT_WEIGHT^MDC|1|80|kg|||||R"


@pytest.mark.parametrize("sent", ["^97", "=^97", "97"])
def test_a_structured_number_needs_no_comparator(sent: str) -> None:
    value = first(f"OBX|1|SN|150456^^MDC|1|{sent}|%|||||R")
    assert (value["value"], value["charted"], value["flags"]) == (97, True, [])


@pytest.mark.parametrize(
    ("sent", "flag"), [("^60^-^70", "not_a_number"), (">^97", "compared"), ("", "empty")]
)
def test_a_range_a_bound_and_nothing_are_no_structured_number(sent: str, flag: str) -> None:
    value = first(f"OBX|1|SN|150456^^MDC|1|{sent}|%|||||R")
    assert flag in value["flags"]
    assert not value["charted"]


def test_a_text_is_told_with_its_escapes_undone() -> None:
    assert first("OBX|1|ST|9^Note^L|1|a\\T\\b \\F\\ \\X41\\||||||R")["value"] == "a&b | A"


@pytest.mark.parametrize(
    ("unit", "sent", "mg_per_h"),
    [
        ("mg/d", "24", 1), ("g/h", "0.02", 20), ("mcg/hr", "500", 0.5), ("ug/hr", "500", 0.5), ("\u00b5g/h", "500", 0.5),
        ("\u03bcg/h", "500", 0.5), ("mg/kg/hr", "0.1", 8), ("mg/kg/min", "0.002", 9.6), ("mcg/kg/minute", "2", 9.6),
        ("ng/kg/min", "2000", 9.6),
    ],
)  # fmt: skip
@pytest.mark.hazard("H014")
def test_a_dose_rate_is_milligrams_an_hour_in_whatever_unit_it_came(
    unit: str, sent: str, mg_per_h: float
) -> None:
    assert first(f"OBX|1|NM|157924^MDC_RATE_DOSE^MDC|1|{sent}|{unit}|||||R", KG)["value"] == pytest.approx(
        mg_per_h
    )


@pytest.mark.parametrize(
    ("unit", "sent", "ml_per_h"), [("L/h", "0.05", 50), ("mL/d", "240", 10), ("uL/h", "5000", 5), ("mL/min", "1", 60)]
)  # fmt: skip
@pytest.mark.hazard("H014")
def test_a_flow_is_millilitres_an_hour_in_whatever_unit_it_came(
    unit: str, sent: str, ml_per_h: float
) -> None:
    value = first(f"OBX|1|NM|158014^MDC_FLOW_FLUID_PUMP_CURRENT^MDC|1|{sent}|{unit}|||||R")
    assert value["value"] == pytest.approx(ml_per_h)


def test_kelvin_becomes_celsius() -> None:
    assert first("OBX|1|NM|150344^MDC_TEMP^MDC|1|310.15|K|||||R")["value"] == 37


@pytest.mark.parametrize(
    ("code", "unit", "quantity"),
    [
        ("151570^^MDC", "/min", "resp_rate_per_min"), ("0002-4822^Pulse^MDIL", "/min", "pulse_bpm"),
        ("76534-7^^LN", "mm[Hg]", "sbp_mmhg"), ("8331-1^^LN", "Cel", "temp_c"), ("3141-9^^LN", "kg", "weight_kg"),
    ],
)  # fmt: skip
def test_a_code_of_another_table_is_the_same_quantity(code: str, unit: str, quantity: str) -> None:
    assert first(f"OBX|1|NM|{code}|1|36|{unit}|||||R")["lowtide"] == quantity


@pytest.mark.hazard("H015")
def test_of_several_values_in_one_row_none_is_charted() -> None:
    document = said(oru("OBX|1|NM|150456^^MDC|1|96~97~98|%|||||R"))
    assert "several_values" in document["values"][0]["flags"]
    assert not document["values"][0]["charted"]
    assert "more than one value" in document["problems"][0]["what"]


@pytest.mark.hazard("H015")
def test_a_systolic_that_is_not_above_its_diastolic_is_flagged_and_not_charted() -> None:
    document = said(oru("OBX|1|NM|150021^^MDC|1|90|mmHg|||||R", "OBX|2|NM|150022^^MDC|1|140|mmHg|||||R"))
    assert all("not_above_diastolic" in v["flags"] and not v["charted"] for v in document["values"])


def test_a_file_whose_last_frame_is_not_ended_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cut.hl7"
    whole = oru("OBX|1|NM|150456^^MDC|1|97|%|||||R")
    file.write_bytes(b"\x0b" + whole + b"\x1c\r\x0b" + whole[:-9])
    assert main(["replay", str(file), "--dry-run", "--json"]) == 0
    first_, last = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert not first_["problems"]
    assert "not ended" in last["problems"][-1]["what"]
