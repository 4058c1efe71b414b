"""Check every hash, every table derived from the entries, the guards and the file.

lowtide verify
lowtide verify --json

It may run while the clinic works. Exit code 1 when something does not hold; the first fault is named.
"""

import argparse
import sys

import msgspec

from lowtide.site.setup import ready


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document")


def run(args: argparse.Namespace) -> int:
    ready(guarded=False)
    from lowtide.record.verify import verify
    from lowtide.site.words import report_in_words

    report = verify()
    if args.json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        print(report_in_words(report))
    return 0 if report.ok else 1
