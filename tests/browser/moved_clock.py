"""`lowtide` with a clock that a test moves: python -m tests.browser.moved_clock FILE VERB ...

FILE holds how many seconds the clock is ahead; whoever writes another number moves it while the program runs.
"""

import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine

LOOK_EVERY_S = 0.05


def follow(file: Path) -> None:
    """Move the clock by what the file grows, for as long as the program lives."""
    ahead = _read(file)
    clock = time_machine.travel(datetime.now(UTC) + timedelta(seconds=ahead), tick=True).start()
    while True:
        time.sleep(LOOK_EVERY_S)
        now = _read(file)
        if now != ahead:
            clock.shift(timedelta(seconds=now - ahead))
            ahead = now


def _read(file: Path) -> int:
    return int(file.read_text() or 0) if file.exists() else 0


if __name__ == "__main__":
    from lowtide.site.cli import main

    threading.Thread(target=follow, args=(Path(sys.argv[1]),), daemon=True).start()
    sys.exit(main(sys.argv[2:]))
