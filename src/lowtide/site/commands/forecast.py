"""What lies ahead of one person: scores, response, remission and relapse by day, weighed by the person's own scores.

Example: lowtide forecast person.json --json
with person.json: {"condition": "trd", "instrument": "MADRS", "baseline": 34,
  "sessions": [{"day": 0, "drug": "ketamine", "route": "iv", "dose": "0.5 mg/kg"}, {"day": 3, "drug": "ketamine", "route": "iv", "dose": "0.5 mg/kg"}],
  "scores": [{"day": 1, "value": 18}, {"day": 3, "value": 22}], "future": [{"day": 7, "drug": "ketamine", "route": "iv", "dose": "0.5 mg/kg"}],
  "until_day": 42}

Optional: setting (real_world, open, blinded), concomitant (new_antidepressant), weight_kg. An estimate, not a promise.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from lowtide.science.pharmacology.response.outlook import Day
from lowtide.site.answers import add_json, answer
from lowtide.site.given import shaped
from lowtide.site.person_files import Answer, PersonFile, forecast

EXAMPLE = '{"condition": "trd", "instrument": "MADRS", "baseline": 34, "sessions": [{"day": 0, "drug": "ketamine", "route": "iv", "dose": "0.5 mg/kg"}], "scores": [{"day": 1, "value": 18}], "until_day": 28}'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="sessions and scores, as a JSON file")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    found = forecast(shaped(args.file, PersonFile, EXAMPLE))
    return answer(found, _lines(found), as_json=args.json)


def _lines(found: Answer) -> Iterator[str]:
    yield from (f"warning: {one}" for one in found.warnings)
    loses = any(day.p_relapse for day in found.days)
    yield from (_day(day, loses) for day in found.days)
    if found.basis["beyond"]:
        yield f"{found.basis['beyond']}"
    if not loses:
        yield f"relapse: {found.basis['relapse']}"
    window = found.next_session
    if window.from_day is None:
        yield f"next session: no date is foreseen ({found.basis['next_session']})"
    else:
        yield f"next session: day {window.from_day} to {window.to_day} ({found.basis['next_session']})"
    for sign in found.early:
        said = {True: "yes", False: "no", None: "not known"}[sign.met]
        yield f"{sign.title}: {said}. {sign.note}"
    yield str(found.basis["estimate"])


def _day(day: Day, loses: bool) -> str:
    said = [f"response {100 * day.p_response:.0f} %"]
    if day.p_remission is not None:
        said.append(f"remission {100 * day.p_remission:.0f} %")
    if loses and day.p_relapse is not None:
        said.append(f"relapse {100 * day.p_relapse:.0f} %")
    return f"day {day.day:g}: {day.median:.0f} ({day.p5:.0f} to {day.p95:.0f}), {', '.join(said)}"
