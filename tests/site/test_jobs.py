"""Evaluating everybody again by a real server: it is done in the background, and a kill leaves nothing undone."""

import signal
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from lowtide.pathway.evaluate.everybody import running
from lowtide.pathway.evaluate.everybody.keeping import BLOCK
from lowtide.pathway.evaluate.models import Reevaluated, Reevaluation
from tests.faults import people
from tests.faults.server import eventually, serving

pytestmark = pytest.mark.slow
WITHIN_S = 60


def state(key: str) -> str:
    return Reevaluation.objects.get(key=key).state


@pytest.mark.hazard("H045")
def test_a_server_killed_in_the_middle_of_it_is_followed_by_one_that_goes_on(
    own_database: None, tmp_path: Path
) -> None:
    people.clinic()
    for _ in range(3 * BLOCK):
        people.patient()
    with serving(tmp_path / "home") as server:
        run = running.start("staff:test", uuid4(), datetime.now(UTC))
        assert eventually(lambda: Reevaluation.objects.get(key=run.key).held_by, WITHIN_S)
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
    done = Reevaluated.objects.count()
    assert state(run.key) == running.RUNNING
    with serving(tmp_path / "home") as again:
        assert eventually(lambda: state(run.key) == running.FINISHED, WITHIN_S), "".join(again.said)
    assert Reevaluated.objects.count() == 3 * BLOCK >= done


def test_a_server_that_is_stopped_leaves_the_work_to_the_next_at_once(
    own_database: None, tmp_path: Path
) -> None:
    people.clinic()
    for _ in range(2 * BLOCK):
        people.patient()
    with serving(tmp_path / "home") as server:
        run = running.start("staff:test", uuid4(), datetime.now(UTC))
        assert eventually(lambda: Reevaluation.objects.get(key=run.key).held_by, WITHIN_S)
        server.stop()
    left = Reevaluation.objects.get(key=run.key)
    assert (left.state, left.held_by) in ((running.RUNNING, ""), (running.FINISHED, ""))
