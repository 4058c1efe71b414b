"""Compare several treatments at once from a table of trials: network meta-analysis.

Example: lowtide nma trials.csv --measure OR --reference placebo --json

The file has one line an arm (study,treatment,events,n or study,treatment,mean,sd,n) or one line a contrast
(study,treatment1,treatment2,estimate,se; logarithms for ratios). A study of several arms gives all its pairs, or its
contrasts with one arm and that arm's own standard error as se_baseline. An empty value or NA is not known: its arm is
left out and told; so is an arm of nobody or without any spread. Treatments that no trial connects are islands; nothing is
said between them.

Which of the usual choices are made: odds and risk ratios are logarithms, `ratio` beside them. SMD is Hedges' g, exact, with
one standard deviation over all arms of a study (netmeta's default is now Cohen's d, a little larger in small studies).
Prediction intervals take t with one degree of freedom fewer than Q has (Higgins 2009); netmeta 3.6 takes as many as Q. With
--model fixed, tau2 is still told (as netmeta does): it says how far the studies differ and takes no part in the effects.
Spreads and ratios that look as if they were in another unit than the rest (a standard error for an SD, say) are asked about.
Where a ratio would not exist, 0.5 is added to the cells of that study; --method MH or Peto adds nothing.

Hartung and Knapp's interval can come out narrower than the usual one where few studies agree by chance. --hartung-knapp
then keeps the usual variance (the ad hoc guard of Röver and others 2015, as in every answer of Lowtide); `guard` in the
answer says so, and --no-guard leaves it away.

tau2 has its interval by the profile of Q; Q is parted into what lies within designs and between them. --pairs pools each pair
that trials compared by itself, in every way side by side, with Egger's test from ten trials; --funnel draws the pair with
most trials (that has the reference, where one is named). --baseline 30 tells every effect against the reference in people of
100, were 30 of 100 to have the outcome under it; from SMD as response, with one cut for both (Furukawa and Leucht 2011).
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from lowtide.problems import bad
from lowtide.science.evidence.analysis import analyse
from lowtide.science.evidence.components import components
from lowtide.science.evidence.pairs import pairs
from lowtide.science.evidence.reading import read
from lowtide.science.evidence.spread import Method
from lowtide.science.evidence.table import MEASURES, Row
from lowtide.science.evidence.two import METHODS, Two, knapp, rare
from lowtide.science.evidence.units import doubts
from lowtide.site import networks, networks_of_two, plots, pooled_pairs
from lowtide.site.answers import add_json, answer, percent
from lowtide.site.evidence_pages import funnels

UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""How a text in UTF-16 begins."""


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
    parser.add_argument(
        "--hartung-knapp",
        action="store_true",
        help="of two treatments only: the interval for few studies, with t and the spread that the studies show; its variance "
        "never below the usual one (the ad hoc guard; see --no-guard)",
    )
    parser.add_argument(
        "--no-guard",
        action="store_true",
        help="with --hartung-knapp, without the guard: as metafor's knha and most published results, narrower where studies agree",
    )
    parser.add_argument(
        "--method",
        type=str.upper,
        choices=METHODS,
        default="IV",
        help="of two treatments only, for rare events: MH (Mantel-Haenszel) or Peto, common effect, nothing added to empty "
        "cells; without it inverse variance (IV)",
    )
    parser.add_argument(
        "--pairs", action="store_true", help="also each compared pair by itself, in every way of pooling"
    )
    parser.add_argument(
        "--funnel", type=Path, metavar="FILE", help="draw the funnel of the most compared pair (.svg or .png)"
    )
    parser.add_argument(
        "--baseline",
        type=percent,
        metavar="PERCENT",
        help="of 100 people under the reference, those with the outcome: tells effects in people, and the number to treat",
    )
    parser.add_argument("--inactive", metavar="NAME", help="with --components, the part that adds nothing")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    if args.inactive and not args.components:
        raise bad("--inactive goes with --components", "--inactive", "Say how names are parted, as + does.")
    if args.no_guard and not args.hartung_knapp:
        raise bad("--no-guard goes with --hartung-knapp", "--no-guard", "Add it, or leave --no-guard away.")
    plots.refuse_place(args.funnel, "--funnel")
    rows = table(args.file, args.measure)
    two = _two(args, rows)
    found = analyse(
        rows,
        args.measure,
        model="fixed" if args.method != "IV" else args.model,
        method=args.tau,
        reference=args.reference,
        lower_is_better=args.better == "lower" if args.better else None,
    )
    told, printed = networks.document(found), networks.lines(found)
    asked_again = doubts(rows, args.measure)
    if two:
        told = networks_of_two.laid_over(told, found, two)
        printed = networks_of_two.lines(found, two, told)
    if args.components:
        parts = components(
            found.main.found.network,
            separator=args.components,
            inactive=args.inactive,
            random=args.model == "random",
        )
        told |= {"components": networks.additive(parts, ratio=found.ratio)}
        printed += networks.additive_lines(parts, ratio=found.ratio)
    if args.baseline is not None:
        told = networks.with_baseline(told, found, args.baseline)
        printed += networks.baseline_lines(found, told, args.baseline)
    if args.pairs or args.funnel:
        each = pairs(rows, args.measure)
        if args.pairs:
            told |= {"pairs": pooled_pairs.document(each)}
            printed += pooled_pairs.lines(each)
        if args.funnel:
            plots.save(args.funnel, funnels.alone(each, args.reference and found.reference), "--funnel")
    told |= {"doubts": asked_again}
    printed += [f"Look again: {doubt}" for doubt in asked_again]
    return answer(told, printed, as_json=args.json)


def _two(args: argparse.Namespace, rows: Sequence[Row]) -> Two | None:
    """The pooling that is for two treatments only, where one is asked for."""
    if args.method != "IV":
        if args.hartung_knapp or args.components:
            raise bad(
                f"--method {args.method} goes with neither --hartung-knapp nor --components",
                "--method",
                "Leave one away.",
            )
        return rare(rows, args.measure, args.method)
    if not args.hartung_knapp:
        return None
    if args.model == "fixed":
        raise bad("--hartung-knapp is for random effects", "--model", "Leave --model fixed away.")
    return knapp(rows, args.measure, method=args.tau, guard=not args.no_guard)


def table(path: Path, measure: str) -> list[Row]:
    """The rows of a file. Raises BadInput naming line and column."""
    given = path.read_bytes()
    if given.startswith(UTF_16):
        raise bad(
            "it is UTF-16, which spreadsheets call Unicode text",
            str(path),
            "Save it as CSV in UTF-8 (“CSV UTF-8” in the list of a spreadsheet).",
        )
    try:
        text = given.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise bad("not UTF-8 text", str(path), "Save it as CSV in UTF-8.") from error
    if "\0" in text:
        raise bad("not text", str(path), "Save it as CSV in UTF-8.")
    return read(text, measure, str(path))
