"""One process of a re-evaluation of everybody: does its share of the people and ends, or ends with its server.

python -m lowtide.site.jobs.worker RUN SHARE OF SERVER, the last of them the server's process
"""

import os
import sys
from datetime import UTC, datetime

NICENESS = 10
"""The chairs come first: whoever serves pages gets the processor when there is not enough for both."""


def main(run: str, share: str, of: str, server: str) -> int:
    os.nice(NICENESS)
    from lowtide.site.setup import ready

    ready(migrate=False)
    from lowtide.pathway.course.in_force import keep_for_command
    from lowtide.pathway.evaluate.everybody.running import do_share

    keep_for_command()
    do_share(run, int(share), int(of), lambda: os.getppid() == int(server), lambda: datetime.now(UTC))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
