"""One server at a time on a home, and one upgrade at a time, by locks that end with the process that holds them."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from lowtide.problems import refuse
from lowtide.site.home import home


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Hold `name` of this home. Raises Refused, naming the process, while another one holds it."""
    with (home() / f"{name}.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise refuse(
                f"a {name} is already running on this home (process {file.read().strip() or 'unknown'})",
                str(home()),
                "Stop it first, or give the other one a home of its own with LOWTIDE_HOME.",
            ) from None
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


@contextmanager
def in_turn(name: str) -> Iterator[None]:
    """Hold `name` of this home, waiting for whoever holds it now."""
    with (home() / f"{name}.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
