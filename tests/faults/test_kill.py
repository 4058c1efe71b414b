"""kill -9 in the middle of a burst: what was acknowledged is there, nothing is there by half."""

import random
import signal
import time
from pathlib import Path

import pytest

from lowtide.record import store
from lowtide.record.entries.chair import Note
from lowtide.record.verify import verify
from tests.faults.processes import start


@pytest.mark.hazard("H017")
@pytest.mark.parametrize("round_", range(3))
def test_a_writer_killed_in_a_burst_loses_nothing_it_acknowledged(
    own_database: None, tmp_path: Path, round_: int
) -> None:
    writer = start(tmp_path / "home", "tests.faults.writer", "notes", "chart:a", "100000")
    assert writer.stdin is not None
    assert writer.stdout is not None
    writer.stdout.readline()
    writer.stdin.write("go\n")
    writer.stdin.flush()
    time.sleep(0.2 + random.Random(round_).random() / 4)
    writer.send_signal(signal.SIGKILL)
    acknowledged = [i for line in writer.stdout.read().split("\n")[:-1] for i in line.split()]
    writer.wait()
    _everything_is_there(acknowledged)


def _everything_is_there(acknowledged: list[str]) -> None:
    store.forget()
    chart, clinic = store.load("chart:a"), store.load("clinic:main")
    kept = {str(i) for i in (*chart.entries, *clinic.entries)}
    assert acknowledged
    assert kept >= set(acknowledged)
    assert len(kept) - len(acknowledged) in (0, 2)  # the one that was committed as the kill came
    assert [b.text for _, b in chart.said(Note)] == [b.text for _, b in clinic.said(Note)]
    assert verify().ok
