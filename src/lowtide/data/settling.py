"""Every record type made ready for reading, by one thread, before several read.

msgspec works out what a type is made of when it is first read, and two threads that do so at once end the whole process
with a fault of memory. So the server does it before it answers anybody; that takes a few hundredths of a second.
"""

from collections.abc import Iterator

import msgspec


def settle() -> int:
    """Make ready all types that have been defined by now; answers how many."""
    ready = 0
    for kind in dict.fromkeys(_below(msgspec.Struct)):
        try:
            msgspec.json.Decoder(kind)
        except (TypeError, NameError):  # it holds what is never read: it is only ever made
            continue
        ready += 1
    return ready


def _below(kind: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)
