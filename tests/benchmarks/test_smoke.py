"""The benchmarks and the soak run to their end. How quick something is, is never asserted: a busy computer is no fault."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import PARTS
from tests.benchmarks.figures import Figure, table

ROOT = Path(__file__).parents[2]
# Both make SQLite clinics of their own. A minute together on a quiet computer; a busy one may take its time.
pytestmark = [pytest.mark.slow, pytest.mark.sqlite, pytest.mark.timeout(900)]


def run(*arguments: str) -> str:
    """What a module says; on its own environment, not on that of these tests."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LOWTIDE_", "DJANGO_"))}
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(
        command, env=kept, cwd=ROOT, capture_output=True, text=True, timeout=800, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_part_of_the_benchmarks_answers_and_pages_keep_their_number_of_queries(tmp_path: Path) -> None:
    run("tests.benchmarks", "--smoke", "--json", str(tmp_path / "bench.json"))
    parts = json.loads((tmp_path / "bench.json").read_text())["parts"]
    assert set(parts) == set(PARTS)
    queries = [Figure(**f) for f in parts["pages"] if f["what"].endswith("queries")]
    assert len(queries) == 50
    assert not [f.what for f in queries if not f.kept]


@pytest.mark.hazard("H017")
@pytest.mark.hazard("H045")
def test_a_clinic_whose_server_is_killed_again_and_again_loses_nothing_it_acknowledged() -> None:
    soak = json.loads(
        run("tests.benchmarks.soak", "--seconds", "16", "--kill-every", "5", "--cut-every", "3", "--json")
    )
    assert soak["verify"]["ok"]
    assert soak["kills"] >= 1
    assert soak["cuts"] >= 1
    assert min(soak["acknowledged"], soak["monitor_messages_answered"]) > 0
    assert soak["monitor_minutes_wrong"] == []
    assert (soak["missing"], soak["changed"], soak["troubles"]) == ([], [], {})


def test_a_budget_that_is_missed_is_marked() -> None:
    kept, slow = Figure("quick", 5, "ms", 10), Figure("slow", 20, "ms", 10)
    rate = Figure("rate", 0.1, "", 0.15, at_least=True)
    _, *lines = table([kept, slow, rate])
    assert ["MISSED" in line for line in lines] == [False, True, True]
    assert "2.00" in lines[1]
    assert "1.50" in lines[2]
