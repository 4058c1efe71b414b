"""What the browser keeps of Lowtide itself, so that the tablet's page opens without a network: static files only."""

import hashlib
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders

STATIC = (
    "lowtide/tokens.css",
    "lowtide/icons.css",
    "lowtide/base.css",
    "lowtide/components.css",
    "lowtide/flowsheet.css",
    "lowtide/logo.svg",
    "session/session.css",
    "session/events.css",
    "session/offline/offline.css",
    "session/watch.js",
    "session/offline/shell.js",
    "session/offline/dom.js",
    "session/offline/acting.js",
    "session/offline/store.js",
    "session/offline/vault.js",
    "session/offline/clock.js",
    "session/offline/queue.js",
    "session/offline/fold.js",
    "session/offline/rail.js",
    "session/offline/pads.js",
    "session/offline/fields.js",
    "session/offline/trouble.js",
    "session/offline/correcting.js",
    "session/offline/said.js",
    "session/offline/lock.js",
)


@cache
def version() -> str:
    """Changes with any of the files: the browser then keeps the new ones."""
    found = [finders.find(name) for name in (*STATIC, "session/offline/worker.js")]
    content = b"".join(Path(str(file)).read_bytes() for file in found if file)
    return hashlib.sha256(content).hexdigest()[:16]
