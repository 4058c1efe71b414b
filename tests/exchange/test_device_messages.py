"""What monitors and pumps say is read as it was meant, from the messages that they really send."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lowtide.data import monitors
from lowtide.exchange.hl7v2 import messages
from lowtide.exchange.hl7v2.reading import readings
from lowtide.exchange.hl7v2.said import said
from lowtide.site.cli import main

SAMPLES = Path(__file__).parent / "samples" / "hl7v2"
HEAD = "MSH|^~\\&|ACME|WARD|||20260301101500+0100||ORU^R01^ORU_R01|M1|P|2.6"


def sample(name: str) -> dict[str, Any]:
    return said(next(SAMPLES.rglob(name)).read_bytes())


def oru(*rows: str, head: str = HEAD) -> bytes:
    return "\r".join((head, "OBR|1|||X|||20260301101400+0100", *rows)).encode()


def first(*rows: str, head: str = HEAD) -> dict[str, Any]:
    return said(oru(*rows, head=head))["values"][0]


def by_name(document: dict[str, Any]) -> dict[str, Any]:
    return {v["lowtide"]: v["value"] for v in document["values"] if v["charted"]}


def test_a_philips_monitor_gives_its_seven_values() -> None:
    assert by_name(sample("pcd01-e1-1*")) == {
        "sbp_mmhg": 117, "dbp_mmhg": 82, "map_mmhg": 90, "heart_rate_bpm": 80, "resp_rate_per_min": 30, "spo2_pct": 99,
    }  # fmt: skip


def test_a_cuffs_own_time_stands_before_that_of_the_message() -> None:
    pressure, rate = (next(v for v in sample("pcd01-e1-1*")["values"] if v["lowtide"] == name) for name in ("sbp_mmhg", "heart_rate_bpm"))  # fmt: skip
    assert (pressure["at"], rate["at"]) == ("2015-01-22T11:50:00+00:00", "2015-01-22T18:26:56+00:00")
    assert "zone_of_message" in pressure["flags"]


def test_a_pump_tells_rate_volume_drug_and_concentration_and_that_it_started() -> None:
    said_ = sample("pcd10-*")
    assert by_name(said_) == {"rate_ml_per_h": 15.4, "rate_mg_per_h": 24.6, "vtbi_ml": 250, "delivered_ml": 0, "weight_kg": 82}  # fmt: skip
    assert (said_["drug"], said_["concentration_mg_per_ml"]) == ("Dopamine", 1.6)
    assert [(e["kind"], e["event"], e["at"]) for e in said_["events"]] == [
        ("pump", "delivery_start", "2015-10-15T18:21:06+00:00")
    ]


def test_a_dose_rate_per_kilogram_is_told_in_milligrams_an_hour_with_the_weight_at_the_pump() -> None:
    rate = next(v for v in sample("pcd10-*")["values"] if v["lowtide"] == "rate_mg_per_h")
    assert rate["value"] == pytest.approx(5 * 60 * 82 / 1000)
    assert "converted" in rate["flags"]


def test_a_dose_rate_per_kilogram_without_a_weight_is_not_charted() -> None:
    value = first("OBX|1|NM|157924^MDC_RATE_DOSE^MDC|1|5|265619^MDC_DIM_MICRO_G_PER_KG_PER_MIN^MDC|||||R")
    assert (value["lowtide"], value["charted"]) == (None, False)
    assert "weight_not_known" in value["flags"]


def test_an_occlusion_is_an_alarm_and_no_value() -> None:
    said_ = sample("pcd04-*")
    assert said_["values"] == []
    assert said_["device"] == "P6013"
    assert (
        said_["events"][0] | {"kind": "alarm", "event": "occlusion", "text": "Occlusion"}
        == said_["events"][0]
    )


def test_fahrenheit_becomes_celsius() -> None:
    assert by_name(sample("wan-valid-thermometer*")) == {"temp_c": 37}


def test_an_invalid_message_is_warned_about_row_by_row() -> None:
    assert {p["where"] for p in sample("wan-invalid-glucose*")["problems"]} == {
        f"segment {n}, OBX-2" for n in (11, 12, 13)
    }


@pytest.mark.parametrize("name", ["wan-valid-wan-response.hl7", "wan-invalid-wan-response.hl7"])
def test_an_acknowledgement_is_never_acknowledged(name: str) -> None:
    assert sample(name)["ack"] is None


@pytest.mark.parametrize("name", ["ADT-A01-02.hl7", "MDM_01.hl7", "RDE-O11-01.hl7", "pcd03-*dopamine.hl7"])
def test_what_is_no_observation_is_rejected_by_its_type(name: str) -> None:
    assert sample(name)["ack"] == "AR"
    assert sample(name)["values"] == []


def test_a_laboratorys_result_is_none_of_the_flowsheets_quantities() -> None:
    assert not by_name(sample("LRI_2.0*"))


def test_every_sample_gets_an_answer_and_a_reading() -> None:
    answers = {path.name: said(path.read_bytes())["ack"] for path in sorted(SAMPLES.rglob("*.hl7"))}
    assert len(answers) == len(list(SAMPLES.rglob("*.hl7")))
    assert set(answers.values()) == {"AA", "AR", None}


@pytest.mark.parametrize(
    ("code", "quantity"),
    [
        ("150021^MDC_PRESS_BLD_NONINV_SYS^MDC", "sbp_mmhg"),
        ("150301^MDC_PRESS_CUFF_SYS^MDC", "sbp_mmhg"),
        ("150031^MDC_PRESS_CUFF_SYS^MDC", "sbp_mmhg"),
        ("150017^MDC_PRESS_BLD_NONINV_SYS^MDC", "sbp_mmhg"),
        ("0002-4a05^NBPs^MDIL", "sbp_mmhg"),
        ("0002-4a06^NBPd^MDIL", "dbp_mmhg"),
        ("393216^NIBP_SYS^EHC", "sbp_mmhg"),
        ("^MDC_PRESS_CUFF_DIA^MDC", "dbp_mmhg"),
        ("MDC_PRESS_CUFF_DIA", "dbp_mmhg"),
        ("X1^local^99COMEN^150022^MDC_PRESS_BLD_NONINV_DIA^MDC", "dbp_mmhg"),
        ("8480-6^Systolic^LN", "sbp_mmhg"),
        ("150021^something^99COMEN", None),
        ("393216^NIBP_SYS^OTHER", None),
    ],
)
def test_a_code_is_known_by_number_then_name_then_the_vendors_own(code: str, quantity: str | None) -> None:
    assert first(f"OBX|1|NM|{code}|1|80|mm[Hg]^^UCUM|||||R")["lowtide"] == quantity


def test_a_pulse_that_carries_a_saturations_number_is_known_by_its_name() -> None:
    value = first("OBX|1|NM|150457^MDC_PULS_OXIM_PULS_RATE^MDC|1|72|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||R")
    assert (value["lowtide"], value["charted"]) == ("pulse_bpm", True)


def test_a_number_and_a_name_of_different_quantities_are_not_charted() -> None:
    value = first("OBX|1|NM|150021^MDC_PRESS_BLD_NONINV_DIA^MDC|1|80|266016^MDC_DIM_MMHG^MDC|||||R")
    assert "code_and_name_disagree" in value["flags"]
    assert not value["charted"]


@pytest.mark.parametrize(
    ("unit", "value"),
    [("mmHg", 80), ("mm[Hg]^mm[Hg]^UCUM", 80), ("266016^MDC_DIM_MMHG^MDC", 80), ("^MDC_DIM_MMHG", 80)],
)
def test_a_unit_is_known_however_it_is_written(unit: str, value: int) -> None:
    assert first(f"OBX|1|NM|150022^^MDC|1|80|{unit}|||||R")["value"] == value


def test_kilopascals_are_converted() -> None:
    assert first("OBX|1|NM|150021^^MDC|1|16|kPa|||||R")["value"] == pytest.approx(120.01, abs=0.01)


@pytest.mark.parametrize(
    ("unit", "flag"), [("", "unit_missing"), ("Cel", "unit_not_known"), ("furlong", "unit_not_known")]
)
def test_a_value_in_no_unit_of_its_quantity_is_none_of_ours(unit: str, flag: str) -> None:
    value = first(f"OBX|1|NM|150021^^MDC|1|120|{unit}|||||R")
    assert value["lowtide"] is None
    assert flag in value["flags"]


@pytest.mark.parametrize(
    ("code", "sent", "unit", "flag"),
    [
        ("150456", "-100", "%", "sentinel"),
        ("150344", "384.5", "Cel", "sentinel"),
        ("150456", "32767", "%", "sentinel"),
        ("150456", "104", "%", "out_of_range"),
        ("150021", "0", "mmHg", "out_of_range"),
        ("150456", "", "%", "empty"),
        ("150456", "---", "%", "not_a_number"),
        ("150456", "NaN", "%", "not_a_number"),
        ("150456", "9e1", "%", "not_a_number"),
        ("150456", "9,5", "%", "not_a_number"),
        ("150456", "<70", "%", "compared"),
    ],
)
def test_what_is_no_measurement_is_flagged_and_not_charted(
    code: str, sent: str, unit: str, flag: str
) -> None:
    value = first(f"OBX|1|NM|{code}^^MDC|1|{sent}|{unit}|||||R")
    assert flag in value["flags"]
    assert not value["charted"]


@pytest.mark.parametrize(
    ("field", "flag"),
    [("INV", "invalid"), ("QUES", "questionable"), ("DEMO", "test"), ("L~QUES", "questionable")],
)
def test_a_measurement_that_the_device_doubts_is_not_charted(field: str, flag: str) -> None:
    value = first(f"OBX|1|NM|150456^^MDC|1|97|%||{field}|||R")
    assert flag in value["flags"]
    assert not value["charted"]


@pytest.mark.parametrize("status", ["R", "F", "X", ""])
def test_the_result_status_of_a_live_value_does_not_matter(status: str) -> None:
    assert first(f"OBX|1|NM|150456^^MDC|1|97|%|||||{status}")["charted"]


@pytest.mark.hazard("H024")
def test_a_time_without_a_zone_anywhere_is_no_instant() -> None:
    head = HEAD.replace("+0100", "")
    value = said(oru("OBX|1|NM|150456^^MDC|1|97|%|||||R|||20260301101400", head=head))["values"][0]
    assert (value["at"], value["charted"]) == (None, False)
    assert "zone_unknown" in value["flags"]


@pytest.mark.hazard("H024")
def test_a_devices_own_zone_counts_before_that_of_the_message() -> None:
    message = messages.read(oru("OBX|1|NM|150456^^MDC|1|97|%|||||R|||20260701101400"))
    value = readings(message, lambda device: ZoneInfo("America/New_York"))[0].values[0]
    assert value.at is not None
    assert value.at.isoformat() == "2026-07-01T14:14:00+00:00"


def test_two_probes_are_two_values() -> None:
    rows = (f"OBX|{n}|NM|150456^^MDC|1.{n}|9{n}|%|||||R" for n in (1, 2))
    assert [(v["sub_id"], v["value"]) for v in said(oru(*rows))["values"]] == [("1.1", 91), ("1.2", 92)]


@pytest.mark.parametrize(
    ("data", "ack"),
    [
        (b"", "AR"),
        (b"hello", "AR"),
        (b"PID|1\rMSH|^~\\&|", "AR"),
        (b"MSH", "AR"),
        (HEAD.replace("2.6", "9.9").encode() + b"\rOBX|1", "AR"),
        (HEAD.replace("ORU^R01^ORU_R01", "").encode() + b"\rOBX|1", "AR"),
        (HEAD.replace("R01", "R99").encode() + b"\rOBX|1", "AR"),
        (HEAD.replace("|M1|", "||").encode() + b"\rOBX|1", "AE"),
        (HEAD.encode(), "AE"),
        (oru("OBX|1|NM|150456^^MDC|1|abc|%|||||R"), "AE"),
        (oru("OBX|1|NM|150456^^MDC|1|abc|%|||||R", "OBX|2|NM|150021^^MDC|1|120|mmHg|||||R"), "AA"),
    ],
)
def test_a_malformed_message_gets_the_right_answer(data: bytes, ack: str) -> None:
    document = said(data)
    assert document["ack"] == ack
    assert any(p["refuses"] for p in document["problems"]) == (ack != "AA")


@pytest.mark.parametrize(
    ("wanted", "ack"),
    [("|||AL|NE", "AA"), ("|||NE|AL", "AA"), ("|||NE|NE", None), ("|||ER|ER", None), ("", "AA")],
)
def test_an_answer_is_given_when_the_sender_asks_for_it(wanted: str, ack: str | None) -> None:
    head = HEAD + ("|" + wanted.removeprefix("|") if wanted else "")
    assert said(oru("OBX|1|NM|150456^^MDC|1|97|%|||||R", head=head))["ack"] == ack


def test_separators_are_the_senders() -> None:
    row = "OBX#1#NM#150456$$MDC#1#97#%#####R"
    text = "\r".join((HEAD.replace("|", "#").replace("^", "$"), "OBR#1", row))
    assert by_name(said(text.encode())) == {"spo2_pct": 97}


def test_names_in_cyrillic_and_japanese_are_read_by_the_named_characters() -> None:
    row = "OBX|1|ST|X^Имя^99Z|1|Тест||||||R"
    head = HEAD + "||||||8859/5"
    assert said("\r".join((head, row)).encode("iso8859_5"))["values"][0]["value"] == "Тест"


def test_a_file_of_framed_bare_and_batched_messages_is_taken_apart() -> None:
    one = oru("OBX|1|NM|150456^^MDC|1|97|%|||||R")
    whole = (
        b"\xef\xbb\xbfFHS|^~\\&\r" + one + b"\rBTS|1\r\x0b" + one + b"\x1c\r" + one.replace(b"\r", b"\r\n")
    )
    assert [by_name(said(m)) for m in messages.split(whole)] == [{"spo2_pct": 97}] * 3


def test_the_command_prints_a_document_a_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "two.hl7"
    file.write_bytes(
        oru("OBX|1|NM|150456^^MDC|1|97|%|||||R")
        + b"\r"
        + (SAMPLES / "ihe-pcd-tf" / "pcd04-alarm-pump-occlusion-end.hl7").read_bytes()
    )
    assert main(["replay", str(file), "--dry-run", "--json"]) == 0
    assert [json.loads(line)["type"] for line in capsys.readouterr().out.splitlines()] == [
        "ORU^R01",
        "ORU^R40",
    ]


def test_a_file_without_a_message_is_bad_input(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"nothing")
    assert main(["replay", str(tmp_path / "x"), "--dry-run"]) == 2
    assert "MSH" in capsys.readouterr().err


def test_every_unit_of_the_table_leads_to_a_quantitys_unit() -> None:
    known = {quantity.unit for quantity in monitors.monitors().quantity.values()}
    assert {row.unit for row in monitors.monitors().unit} == known


def test_every_quantity_has_limits_of_belief() -> None:
    assert not [name for name in monitors.monitors().quantity if monitors.believable(name, Decimal(-5))]


@pytest.mark.parametrize("word", ["STDBY", "ERR", "DISC", "stdby", "XX", "L~DISC"])
def test_a_state_of_the_measurement_that_is_bad_or_unknown_is_never_charted(word: str) -> None:
    assert not first(f"OBX|1|NM|150456^^MDC|1|97|%||{word}|||R")["charted"]


@pytest.mark.parametrize("word", ["", "L", "HH", "N", "A", "L~PH~SP", "W"])
def test_a_value_that_is_only_low_high_or_alarming_is_a_value(word: str) -> None:
    assert first(f"OBX|1|NM|150456^^MDC|1|97|%||{word}|||R")["charted"]


@pytest.mark.parametrize(("status", "charted"), [("N", False), ("I", False), ("O", False), ("P", True)])
def test_a_result_that_is_not_there_yet_is_no_value(status: str, charted: bool) -> None:
    assert first(f"OBX|1|NM|150456^^MDC|1|97|%|||||{status}")["charted"] is charted


@pytest.mark.parametrize(
    ("code", "sent", "unit", "value"),
    [
        ("150021", "120", "mm Hg", 120),
        ("150021", "120", "Torr", 120),
        ("150021", "163", "cm[H2O]", 119.896),
        ("150344", "98.6", "F", 37),
        ("150344", "98.6", "deg F", 37),
        ("150344", "37", "C", 37),
        ("147842", "72", "beats/min", 72),
        ("147842", "72", "Beats/Min", 72),
        ("151562", "14", "breaths/min", 14),
        ("158014", "75", "cc/hr", 75),
        ("157993", "12.5", "cc", 12.5),
    ],
)
def test_units_are_known_as_vendors_write_them(code: str, sent: str, unit: str, value: float) -> None:
    assert first(f"OBX|1|NM|{code}^^MDC|1|{sent}|{unit}|||||R")["value"] == value


@pytest.mark.parametrize(
    ("number", "event"),
    [(197288, "delivery_start"), (197290, "delivery_stop"), (197292, "delivery_complete")],
)
def test_a_pumps_event_is_known_by_its_number_alone(number: int, event: str) -> None:
    row = f"OBX|1|CWE|68487^MDC_ATTR_EVT_COND^MDC|1.0.0.2|{number}^^MDC||||||R"
    assert said(oru(row))["events"][0]["event"] == event


def test_a_training_message_says_so_and_none_of_its_values_is_charted() -> None:
    found = said(oru("OBX|1|NM|150456^^MDC|1|97|%|||||R", head=HEAD.replace("|P|2.6", "|T|2.6")))
    assert (found["ack"], found["values"][0]["flags"], found["values"][0]["charted"]) == (
        "AA",
        ["test"],
        False,
    )
    assert any(problem["where"] == "MSH-11" for problem in found["problems"])
