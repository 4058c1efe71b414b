"""Score the answers to a questionnaire or scale by its own rule.

Example: lowtide score PHQ-9 answers.json --json
"""

import argparse
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Any

from lowtide.data.instruments import Instrument, instrument, version
from lowtide.problems import BadInput, Problem, bad
from lowtide.science.instruments import fhir
from lowtide.science.instruments.answers import About, about, read
from lowtide.science.instruments.change import Change, change, reliable_change_points
from lowtide.science.instruments.score import Score, score, urgent
from lowtide.site.answers import add_json, answer
from lowtide.site.inputs import json_file

DIGITS = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("instrument", help="such as PHQ-9; see `lowtide instruments`")
    parser.add_argument(
        "file", type=Path, help='answers by item, like {"1": 2, "2": 0}, or a QuestionnaireResponse'
    )
    parser.add_argument("--sex", help="female, male or unknown: where the cut differs (AUDIT-C)")
    parser.add_argument(
        "--education-years", metavar="YEARS", help="years at school: where points are added (MoCA)"
    )
    parser.add_argument("--before", type=Path, help="earlier answers: says what the change since then means")
    parser.add_argument("--sd", help="with --reliability: a sample of your own for the reliable change")
    parser.add_argument("--reliability", help="of the instrument in that sample, from 0 to 1")
    parser.add_argument(
        "--fhir", action="store_true", help="answer with the form as a FHIR QuestionnaireResponse"
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    chosen = instrument(args.instrument, "instrument")
    person = about(args.sex, args.education_years)
    result = _scored(chosen, args.file, person)
    if args.fhir:
        values = read(chosen, _read(args.file)).values
        form = fhir.response(chosen, values, result.total, complete=not result.missing)
        return answer(form, (), as_json=True)
    found = _change(args, chosen, result, person) if args.before else None
    return answer(
        _document(result, chosen) | ({"change": _change_document(found)} if found else {}),
        [*_lines(result, chosen), *(_change_lines(found) if found else ())],
        as_json=args.json,
    )


def _scored(chosen: Instrument, path: Path, person: About) -> Score:
    given = _read(path)
    try:
        return score(chosen, given, person)
    except BadInput as error:
        raise _with_urgent(error, chosen, given) from error


def _read(path: Path) -> dict[str, Any]:
    mend = 'Write answers like {"1": 2, "2": 0}.'
    document = json_file(path, mend)
    if not isinstance(document, dict):
        raise bad("not a JSON object", str(path), mend)
    return document


def _with_urgent(error: BadInput, chosen: Instrument, given: dict[str, Any]) -> BadInput:
    """A form that cannot be scored still says what its readable answers raise."""
    raised = (
        Problem(flag.text.rstrip("."), chosen.id, "Do not wait for the score.")
        for flag in urgent(chosen, given)
    )
    return BadInput(*error.problems, *raised)


def _change(args: argparse.Namespace, chosen: Instrument, result: Score, person: About) -> Change:
    before = _figure_compared(chosen, _scored(chosen, args.before, person), str(args.before))
    after = _figure_compared(chosen, result, str(args.file))
    return change(chosen, before, after, _own_bound(args))


def _figure_compared(chosen: Instrument, result: Score, where: str) -> Fraction:
    """The total, or the subscale that the instrument's change is judged by."""
    part = chosen.change.part if chosen.change else ""
    found = result.subscales.get(part) if part else result.total
    if found is None:
        raise bad(f"{chosen.name} has no figure to compare here", where, "Give both forms with all answers.")
    return found


def _own_bound(args: argparse.Namespace) -> Decimal | None:
    if args.sd is None and args.reliability is None:
        return None
    sd, reliability = _decimal(args.sd, "--sd"), _decimal(args.reliability, "--reliability")
    if sd <= 0 or not 0 <= reliability < 1:
        what = "no spread and reliability that a reliable change follows from"
        raise bad(what, "--sd, --reliability", "Give an --sd above 0 and a --reliability from 0 to below 1.")
    return reliable_change_points(sd, reliability)


def _decimal(text: str | None, where: str) -> Decimal:
    try:
        found = Decimal(text or "")
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise bad(
            f"“{text or ''}” is no number", where, "Give --sd and --reliability together, like 5.4 and 0.84."
        )
    return found


def _document(result: Score, chosen: Instrument) -> dict[str, Any]:
    return {
        "instrument": result.instrument,
        "version": version(chosen.id),
        "total": _figure(result.total),
        "subscales": {name: _figure(value) for name, value in result.subscales.items()},
        "band": result.band,
        **({"subscale_bands": result.subscale_bands} if result.subscale_bands else {}),
        "flags": result.flags,
        "prorated": result.prorated,
        "missing": result.missing,
        "unverified": result.unverified,
    }


def _headline(result: Score, chosen: Instrument) -> str:
    """The total with its band; of an instrument that is never totalled the band alone."""
    if chosen.total == "triage":
        return result.band or "not known until all is answered"
    if chosen.total == "none":
        return "has no total"
    total = "not known" if result.total is None else f"{float(result.total):g}"
    return f"{total} ({result.band})" if result.band else total


def _figure(value: Fraction | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value.denominator == 1 else float(value)


def _change_document(found: Change) -> dict[str, Any]:
    """Points and percent count improvement as positive; null means that no bound is known."""
    return {
        "points": _figure(found.points),
        "percent": None if found.percent is None else round(float(found.percent), DIGITS),
        "response": found.response,
        "remission": found.remission,
        "remission_cut": found.remission_cut,
        "important": found.important,
        "importantly_worse": found.importantly_worse,
        "reliable_points": None if found.reliable_points is None else float(found.reliable_points),
        "reliable": found.reliable,
        "reliably_better": found.reliably_better,
        "deteriorated": found.deteriorated,
        "category": found.category,
        "unverified": found.unverified,
    }


def _lines(result: Score, chosen: Instrument) -> Iterator[str]:
    yield f"{chosen.name}: {_headline(result, chosen)}"
    yield from (
        f"  {name}: {'not known' if v is None else f'{float(v):g}'}" for name, v in result.subscales.items()
    )
    if result.missing:
        yield f"  not answered: {', '.join(result.missing)}"
    yield from (f"{flag.level.upper()}: {flag.text}" for flag in result.flags)


def _change_lines(found: Change) -> Iterator[str]:
    direction = "better" if found.points > 0 else "worse" if found.points < 0 else "unchanged"
    percent = f", {abs(float(found.percent)):.0f} %" if found.percent is not None else ""
    yield f"Change: {abs(float(found.points)):g} points {direction}{percent}"
    for name, value in (("response", found.response), ("remission", found.remission)):
        if value is not None:
            yield f"  {name}: {'yes' if value else 'no'}"
    if found.category is not None:
        yield f"  {found.category} (bound {found.reliable_points} points)"
