"""Pages that refresh themselves: they are nobody at work, and what they read was logged when somebody opened them.

A session's page asks for its live parts each time that the session grows, and three screens at each of fifty chairs do. A
line of the access log for each would bury who opened what, and every line waits for the disk. So a page that stays open is
logged when it is opened and once every some minutes while it stays so.
"""

import time
from collections import OrderedDict
from threading import Lock

from django.http import HttpRequest

LOGGED_EVERY_S, REMEMBERED = 300.0, 20_000
_logged: OrderedDict[tuple[str, str, str], float] = OrderedDict()
_lock = Lock()


def in_background(request: HttpRequest) -> bool:
    """A page that refreshes itself is not somebody at work."""
    listens = "text/event-stream" in request.headers.get("Accept", "")
    return listens or "X-Lowtide-Background" in request.headers


def is_logged(request: HttpRequest, person: str, stream: str) -> bool:
    """Whether this refresh belongs to a reading that was logged a moment ago; if not, it is taken to be logged now."""
    if not in_background(request):
        return False
    key, now = (person, request.path, stream), time.monotonic()
    with _lock:
        if now - _logged.get(key, -LOGGED_EVERY_S) < LOGGED_EVERY_S:
            return True
        _logged[key] = now
        _logged.move_to_end(key)
        while len(_logged) > REMEMBERED:
            _logged.popitem(last=False)
    return False


def forget() -> None:
    """As a new process would find it."""
    with _lock:
        _logged.clear()
