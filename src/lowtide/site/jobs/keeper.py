"""The thread of the server that does what was asked for in the background: evaluating everybody again (by itself once a
day after the clinic's midnight), folding the look-up tables again when a number was changed, predicting for
the planner, and reminding patients by mail.

What is to be done stands in the database. A server that is stopped or killed leaves it there, and the next one goes on.
"""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from django.db import connection, connections

from lowtide.pathway.course import refolding
from lowtide.pathway.evaluate.everybody import nightly, running
from lowtide.pathway.evaluate.models import Reevaluation
from lowtide.pathway.maintenance.fade import keeping as predictions
from lowtide.portal.reminders import sending as reminders

LOOK_EVERY_S, BEAT_EVERY_S, END_WITHIN_S = 1.0, 2.0, 5.0
DAY_EVERY_S = 60.0
"""How often it is asked whether the clinic's midnight has passed; not before a server has run so long: pages come first."""
PREDICT_EVERY_S, PREDICT_AT_ONCE = 30.0, 2
REMIND_EVERY_S, REMIND_AT_ONCE = 300.0, 10
PROCESSES = 2
AT_MOST_AGAIN = 3
_log = logging.getLogger(__name__)


class Keeper:
    """Takes what runs and is held by nobody, works on it with some processes, and lets go of it at the end."""

    def __init__(self, processes: int = PROCESSES) -> None:
        self.me, self.processes = f"{os.uname().nodename} {os.getpid()} {uuid4().hex[:8]}", processes
        self.over = threading.Event()
        self.looked_at = self.predicted_at = time.monotonic()
        self.reminded_at = self.looked_at - REMIND_EVERY_S + DAY_EVERY_S
        self.thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        self.over.set()
        self.thread.join(timeout=END_WITHIN_S + 1)

    def _run(self) -> None:
        alone = connection.vendor == "sqlite"  # one server on one home: whoever held it before is gone
        while not self.over.is_set():
            try:
                self._day()
                self._remind()
                run, alone = running.take(self.me, _now(), alone=alone), False
                if run:
                    self.work(run)
                elif refolding.is_needed():
                    refolding.refold()
                else:
                    self._predict()
            except Exception:
                _log.warning("work in the background was interrupted; trying again", exc_info=True)
            finally:
                connections.close_all()
            self.over.wait(LOOK_EVERY_S)
        self._let_go()

    def _day(self) -> None:
        """Ask for the day's run once it has begun; cheap, and not at every look."""
        if time.monotonic() - self.looked_at < DAY_EVERY_S:
            return
        self.looked_at = time.monotonic()
        nightly.start_of_the_day(_now())

    def _remind(self) -> None:
        """Mails to patients, a few at a look; no trouble with the mail server keeps other work from being done."""
        if time.monotonic() - self.reminded_at < REMIND_EVERY_S or reminders.missing():
            return
        self.reminded_at = time.monotonic()
        try:
            sent = reminders.remind(_now, REMIND_AT_ONCE, over=self.over.is_set)
        except Exception:
            _log.warning("reminders were interrupted; they go on later", exc_info=True)
            return
        if len(sent) == REMIND_AT_ONCE:
            self.reminded_at -= REMIND_EVERY_S

    def _predict(self) -> None:
        """Predictions that the planner shows, a few at a look, so that pages come first."""
        if time.monotonic() - self.predicted_at < PREDICT_EVERY_S:
            return
        if predictions.keep_up(_now(), PREDICT_AT_ONCE) < PREDICT_AT_ONCE:
            self.predicted_at = time.monotonic()

    def _let_go(self) -> None:
        try:
            running.let_go(self.me)
        except Exception:
            _log.warning("the work in the background stays held until it is missed", exc_info=True)
        finally:
            connections.close_all()

    def work(self, run: Reevaluation, told: Callable[[running.Progress], None] | None = None) -> None:
        """Do it in processes; what one of them left undone is tried again a few times."""
        for _ in range(AT_MOST_AGAIN):
            if not self._shared_out(run, told):
                return
            if not running.settle(run, _now()).left or not running.beat(run, self.me, _now()):
                return
        running.give_up(run, _now(), "Some charts could not be done. The server's log says why.")

    def _shared_out(self, run: Reevaluation, told: Callable[[running.Progress], None] | None) -> bool:
        """True once every process has ended by itself; False when the server ends or somebody stopped it."""
        workers = [_worker(run.key, share, self.processes) for share in range(self.processes)]
        try:
            while any(worker.poll() is None for worker in workers):
                if self.over.wait(BEAT_EVERY_S if told is None else LOOK_EVERY_S):
                    return False
                if not running.beat(run, self.me, _now()):
                    return False
                if told:
                    told(running.progress(running.basis(_now())))
                connections.close_all()  # between looks the server holds none for this
            return True
        finally:
            _end(workers)


def _worker(run: str, share: int, of: int) -> subprocess.Popen[bytes]:
    said = [run, str(share), str(of), str(os.getpid())]
    command = [sys.executable, "-m", "lowtide.site.jobs.worker", *said]
    return subprocess.Popen(command)  # noqa: S603  our own module, run by the interpreter that runs us


def _end(workers: list[subprocess.Popen[bytes]]) -> None:
    for worker in workers:
        worker.terminate()
    for worker in workers:
        try:
            worker.wait(timeout=END_WITHIN_S)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()


def _now() -> datetime:
    return datetime.now(UTC)
