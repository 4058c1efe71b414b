"""Compare ketamine with another treatment, from the table of trials: what was found, how sure it is, and why.

Examples: lowtide compare --indication trd --outcome response --at 24h --json
          lowtide compare --indication trd --outcome response --at 28d --versus ECT
          lowtide compare --indication trd --outcome dissociation --at 28d --unverified
          lowtide compare --indication trd --outcome response --course

Outcomes are response, remission, change, relapse, or a side effect by its name. Where nothing connects two treatments the
answer is that there is no evidence, never a number. Recalled rows speak with --unverified only, and are marked.
Times are not pooled: without --at each time has an answer of its own. Nor are scales: a change is told on each scale, and
beside them in standard deviations (Hedges' g), less certain. Where two or three trials compared two treatments, Hartung and
Knapp's wider interval stands beside the usual one. --course lays the answers of all times side by side. tau2 has its interval
by the profile of Q, and Q is parted within and between designs. Of 100 people is told from the risk seen in the comparator's
own arms; --baseline 30 tells it were 30 of 100 to have the outcome under the comparator. Prediction intervals take t with one degree of freedom fewer than Q has.
"""

import argparse

from lowtide.data import evidence_words
from lowtide.science.evidence.compare import compare
from lowtide.science.evidence.course import courses
from lowtide.site import comparisons, evidence
from lowtide.site.answers import add_json, answer, percent
from lowtide.site.evidence_check import add_tables, asked_tables


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--indication", required=True, help="such as trd, mdd, ptsd, crps")
    parser.add_argument(
        "--outcome", required=True, help="response, remission, change, relapse, or a side effect"
    )
    parser.add_argument(
        "--at", help="24h, 7d, 28d and others; without it every time, each with an answer of its own"
    )
    parser.add_argument("--versus", help="one comparator, by its node; without it every one")
    parser.add_argument("--unverified", action="store_true", help="recalled rows speak, too, and are marked")
    parser.add_argument("--course", action="store_true", help="also every time side by side")
    parser.add_argument(
        "--baseline", type=percent, metavar="PERCENT", help="people of 100 with it under the comparator"
    )
    add_tables(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    known = evidence.known(asked_tables(args.tables, args.add))
    asked = evidence.question(known, args.indication, args.outcome, args.at, unverified=args.unverified)
    versus = evidence.node(known, args.versus) if args.versus else None
    found = compare(known, asked, versus)
    if args.baseline is not None:
        found = comparisons.at_baseline(found, args.baseline)
    told, printed = comparisons.document(known, found), list(comparisons.lines(known, found))
    if args.at and (said := evidence_words.wider(args.at)):
        told |= {"answered_at": said}
        printed.insert(0, f"{args.at} was asked for: {said}.")
    if args.course:
        its = courses(known, asked, versus)
        told |= {"course": [comparisons.course(known, one) for one in its]}
        printed += comparisons.course_lines(known, its)
    return answer(told, printed, as_json=args.json)
