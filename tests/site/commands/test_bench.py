"""The benchmark says what it measured, what it measured it against, and what it could not."""

import sys
from pathlib import Path

import pytest

from lowtide.problems import BadInput
from lowtide.site.benchmarks import jobs, peers
from lowtide.site.benchmarks.roof import Roof


def test_the_roof_is_what_the_slowest_part_allows() -> None:
    roof = Roof(gflop_per_s=50.0, gload_per_s=24.0, gbyte_stored_per_s=12.0, exp_ns=1.0)
    assert roof.fused == pytest.approx(1e9 / (311 * 34 / 24.0 + 42))
    assert roof.stored == pytest.approx(1.25e6)


def test_job_a_has_the_steps_of_its_description() -> None:
    times, steps = jobs.course()
    assert (len(times), len(steps.which), len(steps.dts)) == (300, 311, 6)


def test_a_refresh_is_measured_with_its_budget() -> None:
    found = jobs.refresh(prior=500, forecast=50)
    assert found.budget_ms == 30.0
    assert found.patients_per_s > 0


def test_a_peer_that_is_not_installed_is_said_and_skipped() -> None:
    command = [sys.executable, str(peers.SCRIPT), "numbalsoda"]
    assert peers._run("numbalsoda", command) == {
        "peer": "numbalsoda",
        "skipped": "not installed (numbalsoda)",
    }


def test_an_interpreter_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadInput):
        peers.interpreter(Path("/nowhere/python"))
