"""Bring a backup back, and prove the copy with verify.

lowtide restore clinic-2026-11-22.zip
lowtide restore clinic-2026-11-22.zip --replace

Goes into an empty home or database; --replace sets the present one aside, and says where. The file may come from
either engine and from an older version. What was redacted since is redacted again. A damaged file is refused.
"""

import argparse
from pathlib import Path

from lowtide.site.setup import ready


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="what lowtide backup wrote")
    parser.add_argument("--replace", action="store_true", help="set the record that is here aside")


def run(args: argparse.Namespace) -> int:
    ready(migrate=False)
    from lowtide.site.restore import restore
    from lowtide.site.words import report_in_words

    done = restore(args.file, replace=args.replace)
    print(f"Restored the clinic as it was at {done.made_at:%Y-%m-%d %H:%M} UTC.")
    print(report_in_words(done.report))
    if done.redacted_again:
        print(f"{done.redacted_again} entries were redacted after this backup and were redacted again.")
    if done.kept_as:
        print(f"What was here before is kept: {done.kept_as}.")
    print("Everybody signs in anew.")
    return 0
