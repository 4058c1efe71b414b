"""Check every hash, every table derived from the entries, the guards and the file.

lowtide verify
lowtide verify --json

It changes nothing and may run while the clinic works. The digest of the heads stands for every entry there is: note it elsewhere with its
time, and a copy of that time that gives another digest was changed. Exit code 1 when something does not hold; the first fault is named.
"""

import argparse
import sys
from datetime import UTC, datetime

import msgspec

from lowtide.site.setup import as_it_is


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document")


def run(args: argparse.Namespace) -> int:
    waiting = as_it_is()
    from lowtide.record.verify import verify
    from lowtide.site.words import report_in_words

    report = verify(waiting)
    if args.json:
        document = msgspec.to_builtins(report)
        del document["heads"]
        sys.stdout.write(msgspec.json.encode(document).decode() + "\n")
    else:
        print(report_in_words(report))
        if waiting:
            print(
                f"Not checked, for they are made anew by the upgrade that this database awaits: {', '.join(sorted(waiting))}."
            )
        if report.ok:
            print(f"Heads at {datetime.now(UTC):%Y-%m-%d %H:%M} UTC: {report.heads}")
    return 0 if report.ok else 1
