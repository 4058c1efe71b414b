"""What monitors and pumps say now, sent to the open pages of their sessions: made once for all who watch one session.

A thread of its own looks now and then which sessions are watched, and lets go of the database when it has looked.
"""

import logging
import threading
from datetime import UTC, datetime

from django.db import connections
from django.utils import timezone

from lowtide.people.clinic import zone
from lowtide.site.live import Hub

EVERY_S = 2.0
_log = logging.getLogger(__name__)


class Bedside:
    """From `start` to `stop` it tells the pages what the devices on their people say."""

    def __init__(self, hub: Hub) -> None:
        self.hub, self.over = hub, threading.Event()
        self.thread = threading.Thread(target=self._run, name="bedside", daemon=True)

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        self.over.set()
        self.thread.join(timeout=5)

    def _run(self) -> None:
        while not self.over.wait(EVERY_S):
            try:
                self.tell(datetime.now(UTC))
            except Exception:
                _log.warning("what devices say could not be shown; trying again", exc_info=True)
            finally:
                connections.close_all()

    def tell(self, now: datetime) -> None:
        """Tell every page that waits for it what the devices on its person say at this moment."""
        from lowtide.exchange.pages.devices import SAID, said_now

        asked = {name.removeprefix(SAID) for name in self.hub.asked(SAID)}
        if not asked:
            return
        with timezone.override(zone()):
            for session, said in said_now(asked, now).items():
                self.hub.tell(f"{SAID}{session}", said)
