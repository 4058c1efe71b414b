"""Compare several treatments at once from a table of trials: network meta-analysis.

Example: lowtide nma trials.csv --measure OR --reference placebo --json

The file has one line an arm (study,treatment,events,n or study,treatment,mean,sd,n) or one line a contrast
(study,treatment1,treatment2,estimate,se; logarithms for ratios). A study of several arms gives all its pairs, or its
contrasts with one arm and that arm's own standard error as se_baseline. An empty value or NA is not known: its arm is
left out and told. Treatments that no trial connects are islands; nothing is said between them.
"""

import argparse
from pathlib import Path
from typing import get_args

from lowtide.problems import bad
from lowtide.science.evidence.analysis import analyse
from lowtide.science.evidence.components import components
from lowtide.science.evidence.reading import read
from lowtide.science.evidence.spread import Method
from lowtide.science.evidence.table import MEASURES, Row
from lowtide.site.answers import add_json, answer
from lowtide.site.networks import additive, additive_lines, document, lines


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="CSV with a heading line")
    parser.add_argument(
        "--measure", required=True, type=str.upper, choices=tuple(MEASURES), help="what is compared"
    )
    parser.add_argument("--model", choices=("random", "fixed"), default="random")
    parser.add_argument(
        "--tau", type=str.upper, choices=get_args(Method), default="DL", help="how tau2 is estimated"
    )
    parser.add_argument("--reference", help="the treatment that the printed table compares with")
    parser.add_argument(
        "--better",
        choices=("higher", "lower"),
        help="which way is good, for the P-scores; without it higher for OR, RR and RD, lower for MD and SMD",
    )
    parser.add_argument(
        "--components",
        metavar="SEPARATOR",
        help="also what each part of a treatment adds, parts as its name tells them: --components +",
    )
    parser.add_argument("--inactive", metavar="NAME", help="with --components, the part that adds nothing")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    if args.inactive and not args.components:
        raise bad("--inactive goes with --components", "--inactive", "Say how names are parted, as + does.")
    found = analyse(
        table(args.file, args.measure),
        args.measure,
        model=args.model,
        method=args.tau,
        reference=args.reference,
        lower_is_better=args.better == "lower" if args.better else None,
    )
    told, printed = document(found), lines(found)
    if args.components:
        parts = components(
            found.main.found.network,
            separator=args.components,
            inactive=args.inactive,
            random=args.model == "random",
        )
        told |= {"components": additive(parts, ratio=found.ratio)}
        printed += additive_lines(parts, ratio=found.ratio)
    return answer(told, printed, as_json=args.json)


def table(path: Path, measure: str) -> list[Row]:
    """The rows of a file. Raises BadInput naming line and column."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise bad("not UTF-8 text", str(path), "Save it as CSV in UTF-8.") from error
    if "\0" in text:
        raise bad("not text", str(path), "Save it as CSV in UTF-8.")
    return read(text, measure, str(path))
