"""Tables that several threads read for the first time at once."""

import subprocess
import sys
from pathlib import Path

import pytest

AT_ONCE = """
import sys, threading
sys.setswitchinterval(1e-6)
from lowtide.data import chair, instruments, monitoring, monitors, policies, protocols, rules
from lowtide.data.settling import settle
assert settle() > 50
gate = threading.Barrier(8)
tables = [instruments.instruments, rules.rules, monitoring.items, protocols.protocols, chair.parameters,
          monitors.monitors, policies.policies]
def read(number):
    gate.wait()
    for table in tables[:: -1 if number % 2 else 1]:
        table()
threads = [threading.Thread(target=read, args=(n,)) for n in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
"""


@pytest.mark.hazard("H045")
def test_eight_threads_that_read_the_tables_first_do_not_end_the_process() -> None:
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", AT_ONCE],
            env={"PYTHONPATH": str(Path(__file__).parents[2] / "src")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
