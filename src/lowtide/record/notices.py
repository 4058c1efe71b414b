"""Word that a stream has new entries, to whoever in this process wants to know. It carries no content."""

from collections.abc import Callable

Listener = Callable[[str], None]
_listeners: set[Listener] = set()


def listen(listener: Listener) -> Callable[[], None]:
    """Call `listener(stream)` after each commit; the answer ends it."""
    _listeners.add(listener)
    return lambda: _listeners.discard(listener)


def publish(stream: str) -> None:
    for listener in tuple(_listeners):
        listener(stream)
