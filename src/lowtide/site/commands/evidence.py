"""Show the table of trials, and check rows that somebody wants to add.

Examples: lowtide evidence --indication trd --json
          lowtide evidence check my_rows/ --json
          lowtide evidence check outcomes.csv arms.csv studies.csv

`check` reads CSV files in the form of the tables (studies, arms, outcomes, adverse_events, durability, pooled, ...), or a
folder of them, and tells each fault with its file, line and column. A table that is not given is the one that comes with
Lowtide. Recalled numbers (verified = no) are shown with --unverified only, and are marked.
"""

import argparse
import sys
from pathlib import Path

from lowtide.data import evidence_words
from lowtide.site import evidence, evidence_check, evidence_rows
from lowtide.site.answers import add_json, answer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--indication", help="only what speaks of this indication")
    parser.add_argument("--unverified", action="store_true", help="recalled rows, too, each marked")
    parser.add_argument(
        "--tables", type=Path, help="a folder of tables to show, in place of those of Lowtide"
    )
    add_json(parser)
    checking = parser.add_subparsers(dest="what").add_parser("check", help="check files or folders of rows")
    checking.add_argument("files", nargs="*", type=Path, help="CSV files, or folders of them")
    checking.add_argument("--json", action="store_true", default=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    if args.what == "check":
        return _check(args.files, as_json=args.json)
    known = evidence.known(evidence_check.of_folder(args.tables) if args.tables else None)
    indication = evidence_words.indication(args.indication) if args.indication else None
    found = evidence_rows.document(known, indication, unverified=args.unverified)
    return answer(found, evidence_rows.lines(known, found), as_json=args.json)


def _check(paths: list[Path], *, as_json: bool) -> int:
    found, given = evidence_check.checked(paths)
    told = evidence_check.document(found, given)
    answer(told, evidence_check.lines(found, given), as_json=as_json)
    if told["ok"]:
        return 0
    first = (*given.faults, *found.faults)[0].problem
    more = len(told["faults"]) - 1
    print(f"lowtide: {first}{f' And {more} more.' if more else ''}", file=sys.stderr)
    return 2
