"""Notices that streams have new entries, whichever process wrote them, and says which. It carries no content.

SQLite: `PRAGMA data_version` on a connection of its own, looked at a few times a second and at once after a commit
of this process. PostgreSQL: LISTEN, and the heads once more after each reconnection, so that nothing is missed.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable

from django.db import connection

from lowtide.record import notices

LOOK_EVERY_S = 0.2
RETRY_S = 2.0
HEADS = "SELECT name, head_hash FROM record_stream"
Tell = Callable[[str], None]
_log = logging.getLogger(__name__)


class Watch:
    """A thread that calls `tell(stream)` for each stream that has grown; it keeps no lock and no transaction."""

    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self.known: dict[str, str] | None = None
        self.over, self.nudged = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        self.stop_listening = notices.listen(lambda _: self.nudged.set())
        self.thread.start()

    def stop(self) -> None:
        self.stop_listening()
        self.over.set()
        self.nudged.set()
        self.thread.join(timeout=5)

    def _run(self) -> None:
        follow = self._follow_postgresql if connection.vendor == "postgresql" else self._follow_sqlite
        while not self.over.is_set():
            try:
                follow()
            except Exception:
                _log.warning("live updates lost the database; trying again", exc_info=True)
                self.over.wait(RETRY_S)

    def _follow_sqlite(self) -> None:
        database = sqlite3.connect(str(connection.settings_dict["NAME"]), isolation_level=None)
        try:
            version = None
            while not self.over.is_set():
                (now,) = database.execute("PRAGMA data_version").fetchone()
                if now != version:
                    version = now
                    self._compare(dict(database.execute(HEADS)))
                self.nudged.wait(LOOK_EVERY_S)
                self.nudged.clear()
        finally:
            database.close()

    def _follow_postgresql(self) -> None:
        import psycopg

        s = connection.settings_dict
        with psycopg.connect(
            dbname=s["NAME"],
            user=s["USER"],
            password=s["PASSWORD"],
            host=s["HOST"],
            port=s["PORT"] or None,
            autocommit=True,
        ) as database:
            database.execute("LISTEN lowtide")
            self._compare(dict(database.execute(HEADS).fetchall()))
            while not self.over.is_set():
                for notice in database.notifies(timeout=LOOK_EVERY_S):
                    self.tell(notice.payload)

    def _compare(self, heads: dict[str, str]) -> None:
        """Tell what has grown since the last look; the first look only learns."""
        known = heads if self.known is None else self.known
        for stream in sorted(name for name, head in heads.items() if known.get(name) != head):
            self.tell(stream)
        self.known = heads
