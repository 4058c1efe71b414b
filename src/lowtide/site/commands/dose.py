"""What each dose a protocol allows would probably do: the chance of crossing set limits, and when one may leave.

Example: lowtide dose --protocol P05 --limit "sbp_mmhg>180" --max-probability 0.05 --baseline-sbp 128 --weight 70 --json
         lowtide dose --protocol P07 --limit "cadss>40" --limit "venous ketamine_ng_ml>250" --weight 70 --age 52
         lowtide dose --protocol P05 --limit "dbp_mmhg>110" --baseline-dbp 82 --weight 70 --now 20min

Any limit crossed within one session counts. Options are shown with their consequences; none is a recommendation.
"""

import argparse
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from lowtide.data import pharmacology, protocols
from lowtide.data.dosing import Dosing, dosing
from lowtide.data.plausibility import implausible
from lowtide.data.protocols import Protocol
from lowtide.data.vocabulary import word
from lowtide.pathway.plan.candidates import Candidate, candidates, route_of, session
from lowtide.pathway.plan.searching import criteria_text, leaving_after, number
from lowtide.pathway.plan.simulating import tables
from lowtide.problems import BadInput, Problem, bad
from lowtide.science import units
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import Dose, checked
from lowtide.science.pharmacology.searches.bands import Band
from lowtide.science.pharmacology.searches.changing import Choice, changing
from lowtide.science.pharmacology.searches.course import Ask
from lowtide.science.pharmacology.searches.crossing import (
    Crossing,
    Crossings,
    Limits,
    crossings,
    largest_within,
)
from lowtide.science.pharmacology.searches.leaving import Leaving
from lowtide.science.pharmacology.searches.limits import limit
from lowtide.science.pharmacology.searches.worlds import Search
from lowtide.science.pharmacology.simulate import ESTIMATE
from lowtide.site import regimens
from lowtide.site.answers import add_json, answer
from lowtide.site.numbers import HELP, numbers
from lowtide.site.predicted import band_text, leaving_text

PEOPLE = (200, 20_000)


class Option(msgspec.Struct, frozen=True):
    """One dose of the protocol in its unit, and what it would probably do."""

    dose: str
    mg: str
    caps: dict[str, str]
    probability: Band
    peaks: dict[str, Band]
    leaving: Leaving


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--protocol", required=True, help="such as P05")
    parser.add_argument("--limit", action="append", required=True, help="“sbp_mmhg>180”; again for another")
    parser.add_argument(
        "--max-probability", help="names the largest option that keeps it, by the median: 0.05"
    )
    parser.add_argument("--baseline-sbp", help="systolic pressure before the dose, mmHg")
    parser.add_argument("--baseline-dbp", help="diastolic pressure before the dose, mmHg")
    parser.add_argument(
        "--reading-noise", action="store_true", help="add the scatter of one cuff reading at the peak"
    )
    parser.add_argument("--route", help="only where the protocol's source leaves it open: im")
    parser.add_argument(
        "--now", help="how far into the dose it is: also compare continuing, pausing, slowing"
    )
    parser.add_argument("--policy", default="default", help=HELP)
    parser.add_argument("--members", type=int, default=5000, help="virtual people in each possible world")
    parser.add_argument("--seed", type=int, default=1)
    regimens.add_person(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    with numbers(args.policy) as judged:
        return _options(args, dosing(judged.name))


def _options(args: argparse.Namespace, policy: Dosing) -> int:
    chosen = protocols.protocol(args.protocol, "--protocol")
    who, limits, most = regimens.the_person(args), _limits(args), _probability(args.max_probability)
    offered = candidates(chosen, Decimal(str(who.weight_kg)), policy, int(number("options")))
    route = route_of(chosen, word("route", args.route, "--route") if args.route else None)
    regimen = [session(chosen, route, one.mg, tables()) for one in offered]
    notes, confidence = _checked(regimen, who)
    members = regimens.between(args.members, PEOPLE, "--members")
    search = Search(
        who, members, int(number("worlds")), regimens.between(args.seed, (0, 2**63 - 1), "--seed")
    )
    found = crossings(regimen, limits, search, tables())
    options = [
        _option(one, doses, crossing, search, limits)
        for one, doses, crossing in zip(offered, regimen, found.options, strict=True)
    ]
    document: dict[str, Any] = {
        "protocol": {"id": chosen.id, "version": protocols.version(chosen.id), "source": chosen.source},
        "limits": [str(one) for one in limits.limits],
        "options": options,
        **_largest(options, found.options, most),
        **_now(args.now, chosen, offered, regimen, search),
        "basis": _basis(found, limits, search, notes, confidence),
        "estimate": ESTIMATE,
    }
    return answer(document, _lines(document), as_json=args.json)


def _option(
    one: Candidate, doses: tuple[Dose, ...], crossing: Crossing, search: Search, limits: Limits
) -> Option:
    leaves = leaving_after(doses, search.person, limits.baseline, search.seed)
    return Option(one.dose, units.plain(one.mg), one.caps, crossing.probability, crossing.peaks, leaves)


def _limits(args: argparse.Namespace) -> Limits:
    baseline = {}
    for name, given in (("sbp", args.baseline_sbp), ("dbp", args.baseline_dbp)):
        if given is not None:
            where = f"--baseline-{name}"
            value = units.count(given, where)
            problems = tuple(Problem(p.what, where, p.mend) for p in implausible(f"{name}_mmhg", value))
            if problems:
                raise BadInput(*problems)
            baseline[f"{name}_mmhg"] = float(value)
    return Limits(tuple(limit(text) for text in args.limit), baseline, args.reading_noise)


def _probability(given: str | None) -> float | None:
    if given is None:
        return None
    if re.fullmatch(r"0?\.[0-9]+", given.strip()) and float(given) > 0:
        return float(given)
    raise bad(f"“{given}” is no probability", "--max-probability", "Give one between 0 and 1, like 0.05.")


def _checked(regimen: Sequence[tuple[Dose, ...]], who: Person) -> tuple[list[str], str]:
    """What is to be said of the doses' validity, each note once, and how firm the route is."""
    found = [checked(doses, who, tables().routes) for doses in regimen]
    return list(dict.fromkeys(note for notes, _ in found for note in notes)), found[0][1]


def _largest(options: list[Option], found: Sequence[Crossing], most: float | None) -> dict[str, Any]:
    """Absent unless a probability was stated; null where no option keeps it."""
    if most is None:
        return {}
    place = largest_within(found, most)
    return {
        "max_probability": most,
        "largest_within": None if place is None else options[place].dose,
        "largest_within_means": "the largest option shown whose median probability is at most that; no recommendation",
    }


def _now(
    given: str | None,
    chosen: Protocol,
    offered: Sequence[Candidate],
    regimen: Sequence[tuple[Dose, ...]],
    search: Search,
) -> dict[str, Any]:
    """What continuing, pausing and slowing would do from this moment of the protocol's usual dose."""
    if given is None:
        return {}
    assert chosen.dose is not None
    usual = f"{units.plain(chosen.dose.value)} {chosen.dose.unit}"
    place = next((i for i, one in enumerate(offered) if one.dose == usual), len(offered) - 1)
    rates = {"continue": 1.0, "pause": 0.0, "slower": number("slower")}
    minute = float(units.minutes(given, "--now"))
    ask = Ask(search.person, int(number("people_leaving")), search.seed)
    choices = changing(regimen[place], minute, number("ahead_min"), rates, ask, tables())
    return {"from_now": {"dose": offered[place].dose, "now_min": minute, "choices": choices}}


def _basis(
    found: Crossings, limits: Limits, search: Search, notes: list[str], confidence: str
) -> dict[str, Any]:
    return {
        "models": found.models,
        "people": search.people,
        "draw": "another seed moves a probability p by about the root of p (1 - p) / people; not in the band",
        "worlds": search.worlds,
        "seed": search.seed,
        "version": pharmacology.version(),
        "probability": "of people like this one, the share who cross any limit at some moment of the first session",
        "band": "over worlds: the typical values within their standard errors, and which model holds; the standard "
        "errors of kinetic parameters are not in the data, the choice of model stands in for them",
        "pressure": "baseline as given plus the predicted rise"
        + (", plus the scatter of one cuff reading" if limits.reading_noise else "; no scatter of readings"),
        "leaving": criteria_text(),
        "evidence": {name: table.status for name, table in tables().effects.items() if table.status},
        "confidence": confidence,
        "validity": notes,
    }


def _lines(document: dict[str, Any]) -> Iterator[str]:
    yield f"{document['protocol']['id']}: probability of {' or '.join(document['limits'])}, median (5 % to 95 %)"
    option: Option
    for option in document["options"]:
        caps = f", held at {', '.join(option.caps.values())}" if option.caps else ""
        yield f"{option.dose} ({option.mg} mg{caps}): {band_text(option.probability)}"
        yield f"    {leaving_text(option.leaving)}"
        yield "    peaks: " + "; ".join(f"{name} {band_text(band)}" for name, band in option.peaks.items())
    if "max_probability" in document:
        most = f"{document['max_probability']:g}"
        yield f"Largest option at or under {most}, by the median: {document['largest_within'] or 'none'}"
    if "from_now" in document:
        yield from _choice_lines(document["from_now"])
    yield f"Options with their consequences, no recommendation; {ESTIMATE}"
    yield from (f"note: {note}" for note in document["basis"]["validity"])


def _choice_lines(from_now: dict[str, Any]) -> Iterator[str]:
    yield f"{from_now['dose']}, from minute {from_now['now_min']:g}:"
    choice: Choice
    for name, choice in from_now["choices"].items():
        last = {quantity: course[-1] for quantity, course in choice.course.items()}
        minute = next(iter(last.values())).min
        yield f"  {name}: by minute {minute:g} {choice.given_mg:.3g} mg given"
        for quantity, ahead in last.items():
            yield f"    {quantity:<24}{band_text(ahead.value)}, {band_text(ahead.from_continuing)} from continuing"
