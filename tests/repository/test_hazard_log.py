"""The hazard log: every hazard has a control that is there, a test or a reason for none, and its last result."""

from pathlib import Path
from types import SimpleNamespace

from lowtide.data.read import csv_rows
from tests.hazard_results import Collector, Result, keep, results
from tests.repository import hazard_log
from tests.repository.write_docs import text

SOURCE = Path(__file__).parents[2] / "src" / "lowtide"
HAZARDS = {row["hazard_id"]: row for row in csv_rows("hazards.csv")}
UNTESTED: dict[str, str] = {}
"""A hazard that no test of software can show -> why."""


def test_every_hazard_is_shown_by_a_test_or_says_why_none_can() -> None:
    assert set(HAZARDS) - set(hazard_log.marked()) <= set(UNTESTED)


def test_every_hazard_says_what_was_built_against_it_and_where() -> None:
    controls = hazard_log.controls()
    assert list(controls) == list(HAZARDS)
    for hazard, control in controls.items():
        assert control["built"], hazard
        assert [p for p in control["where"].split() if not (SOURCE / p).exists()] == [], hazard


def test_what_is_accepted_says_by_whom_when_and_why() -> None:
    for hazard, control in hazard_log.controls().items():
        told = {bool(control[name]) for name in ("accepted_by", "accepted_on", "accepted_because")}
        assert len(told) == 1, hazard


def test_no_kept_result_is_a_failure() -> None:
    assert [r.test for r in results() if r.result == "failed"] == []


def test_the_log_names_each_hazard_with_control_risk_and_acceptance() -> None:
    sections = text("hazard-log.md").split("\n## H")[1:]
    assert len(sections) == len(HAZARDS)
    for section in sections:
        for part in (
            "- Control built: ",
            "- Estimated to remain: ",
            "- Accepted: ",
            "- Shown by (last result: ",
        ):
            assert part in section or f"H{section[:3]}" in UNTESTED, section[:40]


def test_a_mark_on_one_parameter_counts() -> None:
    named = [test for test in hazard_log.marked()["H003"] if "test_planning" in test.file]
    assert len(named) == 1


def test_a_test_with_several_cases_is_as_good_as_its_worst(tmp_path: Path) -> None:
    collector = Collector(tmp_path / "results.csv")
    for case, outcome in (("[a]", "passed"), ("[b]", "failed"), ("[c]", "skipped")):
        collector.pytest_runtest_logreport(report(f"tests/test_one.py::test_it{case}", outcome))
    collector.pytest_sessionfinish()
    assert [(r.test, r.result) for r in results(tmp_path / "results.csv")] == [
        ("tests/test_one.py::test_it", "failed")
    ]


def test_a_run_of_some_tests_leaves_the_results_of_the_others(tmp_path: Path) -> None:
    file = tmp_path / "results.csv"
    old = Result("tests/test_one.py::test_it", "SQLite", "failed", "2026-01-01")
    keep(file, [old, Result("tests/test_two.py::test_it", "SQLite", "passed", "2026-01-01")])
    keep(file, [Result("tests/test_one.py::test_it", "SQLite", "passed", "2026-01-02")])
    assert [(r.result, r.on) for r in results(file)] == [("passed", "2026-01-02"), ("passed", "2026-01-01")]


def report(node: str, outcome: str) -> object:
    return SimpleNamespace(nodeid=node, outcome=outcome, when="call", user_properties=[("hazard", "H001")])
