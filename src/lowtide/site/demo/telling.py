"""Verbs of a story that are kept for their instants, so that everybody’s are lived together, in the order of time."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

Event = tuple[datetime, Callable[[], None]]


def told(verb: Callable[..., None]) -> Callable[..., None]:
    """Keep the verb for its instant: everybody's stories are then lived together, in the order of time."""

    @wraps(verb)
    def later(self: Any, at: datetime, *args: Any, **more: Any) -> None:
        self.events.append((at, lambda: verb(self, at, *args, **more)))

    return later
