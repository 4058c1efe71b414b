"""Show the table of trials, and check rows that somebody wants to add.

Examples: lowtide evidence --indication trd --json
          lowtide evidence check my_rows/ --json
          lowtide evidence check outcomes.csv arms.csv studies.csv
          lowtide evidence changes --add my_rows/
          lowtide evidence convert HAM-D 20 MADRS

`check` reads CSV files in the form of the tables (studies, arms, outcomes, adverse_events, durability, pooled, ...), or a
folder of them, and tells each fault with its file, line and column. A table that is not given is the one that comes with
Lowtide. `changes` says which answers, by comparison and by name, and which verdicts on claims differ from those last
printed, and which rows did it. `convert` reads a score on one instrument on another, as it was published and with its error
where one was printed: for means of groups. Recalled numbers (verified = no) are shown with --unverified only, and are marked.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from lowtide.data import evidence_words
from lowtide.data.evidence_answers import Moved, last
from lowtide.science.evidence.printing import moved, moved_by_name, moved_claims, now
from lowtide.site import conversions, evidence, evidence_check, evidence_rows
from lowtide.site.answers import add_json, answer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--indication", help="only what speaks of this indication")
    parser.add_argument("--unverified", action="store_true", help="recalled rows, too, each marked")
    evidence_check.add_tables(parser)
    add_json(parser)
    more = parser.add_subparsers(dest="what")
    moving = more.add_parser("changes", help="which answers differ from those last printed, and why")
    moving.add_argument("--tables", type=Path, default=argparse.SUPPRESS)
    moving.add_argument("--add", type=Path, nargs="+", default=argparse.SUPPRESS)
    moving.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    converting = more.add_parser("convert", help="read a score on one instrument on another, as published")
    converting.add_argument("one", metavar="FROM", help="the instrument of the score, such as HAM-D")
    converting.add_argument("value", metavar="SCORE", type=float)
    converting.add_argument("two", metavar="TO", help="the instrument to read it on, such as MADRS")
    converting.add_argument("--unverified", action="store_true", default=argparse.SUPPRESS)
    converting.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    checking = more.add_parser("check", help="check files or folders of rows")
    checking.add_argument("files", nargs="*", type=Path, help="CSV files, or folders of them")
    checking.add_argument("--json", action="store_true", default=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    if args.what == "check":
        return _check(args.files, as_json=args.json)
    known = evidence.known(evidence_check.asked_tables(args.tables, args.add))
    if args.what == "convert":
        read = conversions.document(known.tables, args.one, args.value, args.two, unverified=args.unverified)
        return answer(read, conversions.lines(read), as_json=args.json)
    if args.what == "changes":
        after = now(known)
        told, spoken = moved(last(), after), moved_by_name(last(), after)
        judged = moved_claims(last(), after)
        document = {
            "data": known.digest,
            "moved": [msgspec.structs.asdict(one) for one in told],
            "by_name": [msgspec.structs.asdict(one) for one in spoken],
            "claims": [msgspec.structs.asdict(one) for one in judged],
        }
        return answer(document, _moved((*judged, *told, *spoken)), as_json=args.json)
    indication = evidence_words.indication(args.indication) if args.indication else None
    found = evidence_rows.document(known, indication, unverified=args.unverified)
    return answer(found, evidence_rows.lines(known, found), as_json=args.json)


def _moved(told: Sequence[Moved]) -> Iterator[str]:
    for one in told:
        yield f"{one.answer}: {one.before or 'no answer'} became {one.after or 'no answer'}"
        yield from (f"  {why}" for why in one.why)
    if not told:
        yield "No answer differs from those last printed."


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
