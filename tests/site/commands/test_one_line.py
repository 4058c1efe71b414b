"""Whatever a command is given: an answer, or one line that says what, where and how to mend it. Never a traceback."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lowtide.site.cli import main, verbs

PUMP = {
    "--drug": "ketamine",
    "--dose": "0.5 mg/kg",
    "--weight": "73",
    "--over": "40min",
    "--vial": "50mg/mL",
    "--final-volume": "50mL",
    "--pump-step": "0.1mL/h",
    "--drop-factor": "20",
}
NEST = "[" * 100_000
FILES = {
    "deep": NEST.encode(),
    "deep-object": b'{"1": ' * 100_000,
    "deep-inside": b'{"demographics": {}, "requested": ' + NEST.encode(),
    "binary": bytes(range(256)),
    "empty": b"",
    "half": b'{"demographics": ',
    "number": b"7",
    "long-number": b'{"1": ' + b"9" * 5000 + b"}",
    "list": b"[1, 2]",
    "twice": b'{"1": 1, "demographics": {}, "1": 2}',
}
READS_A_FILE = {
    "evaluate": ["FILE"],
    "plan": ["FILE", "--protocol", "P05"],
    "score": ["PHQ-9", "FILE"],
    "restore": ["FILE"],
}


def one_line(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    assert main(args) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("lowtide: ")
    assert err.count("\n") == 1
    return err


@pytest.mark.parametrize("verb", verbs())
def test_a_flag_that_no_verb_has_is_one_line_that_names_the_help(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = one_line(capsys, verb, "--no-such-flag=1", *["x"] * 3)
    assert said.endswith(f"`lowtide {verb} --help` shows an example.\n")


NEEDS = ("backup", "certificate", "evaluate", "export", "import", "plan", "pump", "redact", "restore", "score", "setup", "show")  # fmt: skip


@pytest.mark.parametrize("verb", NEEDS)
def test_what_is_left_out_is_named_in_one_line(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = one_line(capsys, verb)
    assert "the following arguments are required" in said
    assert said.endswith("shows an example.\n")


@pytest.mark.parametrize("port", ["99999", "65536", "-1", "http", "٣"])
@pytest.mark.parametrize("verb", ["serve", "demo"])
def test_a_port_that_is_none_is_refused_before_anything_is_made(
    verb: str, port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "0 to 65535" in one_line(capsys, verb, f"--port={port}")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("verb", READS_A_FILE)
def test_a_file_that_holds_something_else_is_one_line_that_names_it(
    verb: str, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / f"{name}.json"
    file.write_bytes(FILES[name])
    said = one_line(capsys, verb, *(str(file) if a == "FILE" else a for a in READS_A_FILE[verb]))
    assert name in said or verb == "score"


@pytest.mark.parametrize("verb", READS_A_FILE)
def test_a_folder_in_place_of_a_file_is_one_line(
    verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one_line(capsys, verb, *(str(tmp_path) if a == "FILE" else a for a in READS_A_FILE[verb]))


texts = st.one_of(
    st.text(max_size=12).filter(lambda t: "\x00" not in t),
    st.builds(
        lambda n, unit: f"{n}{unit}",
        st.one_of(
            st.decimals("0", "1e30", allow_nan=False).map(lambda d: format(d, "f")),
            st.integers(0, 10**40).map(str),
            st.sampled_from(["0." + "0" * n + "1" for n in (3, 6, 20, 40)]),
        ),
        st.sampled_from(["", "mg", "mg/kg", "mg/kg/h", "mg/h", "mL", "mL/h", "mg/mL", "min", "h", "d", "kg", "lb"]),
    ),
)  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given=st.fixed_dictionaries({}, optional=dict.fromkeys(PUMP, texts)))
def test_any_quantity_is_answered_or_refused(
    given: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    flags = [f"{flag}={value}" for flag, value in (PUMP | given).items()]
    code = main(["pump", *flags, "--json"])
    out, err = capsys.readouterr()
    assert code in (0, 2)
    assert (json.loads(out)["check"]["agrees"] and not err) if code == 0 else err.count("\n") == 1


@pytest.mark.parametrize("flag", [f for f in PUMP if f != "--drug"])
def test_a_quantity_that_no_pump_knows_is_refused_by_its_place(
    flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    unit = PUMP[flag].lstrip("0123456789.")
    given = PUMP | {flag: f"999999999999999999999999{unit}"}
    assert flag in one_line(capsys, "pump", *(f"{f}={v}" for f, v in given.items()))


answers = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=st.dictionaries(st.sampled_from(["1", "2", "9", "item", "resourceType"]), answers))
def test_any_answers_are_scored_or_refused(
    document: dict[str, object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(document))
    code = main(["score", "PHQ-9", str(file), "--json"])
    out, err = capsys.readouterr()
    assert code in (0, 2)
    assert bool(out) is (code == 0)
    assert err.count("\n") == (code == 2)
