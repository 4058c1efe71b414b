"""How the stories of the demonstration are told: each verb waits for its instant, and all are lived in the order of time."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

APART, JOINS_REGISTRY = 6, 0.7
CHARTED = (10, 20, 30, 40, 55, 70, 85, 100, 115, 130, 145, 160)
SPARSELY = (10, 20, 30, 40, 70, 115, 160)  # of sessions long past

Event = tuple[datetime, Callable[[], None]]


def told(verb: Callable[..., None]) -> Callable[..., None]:
    """Keep the verb for its instant: everybody's stories are then lived together, in the order of time."""

    @wraps(verb)
    def later(self: Any, at: datetime, *args: Any, **more: Any) -> None:
        self.events.append((at, lambda: verb(self, at, *args, **more)))

    return later
