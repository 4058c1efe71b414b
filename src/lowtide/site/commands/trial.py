"""A virtual trial: what each arm would print, with a band over what is not known and over who is recruited.

Example: lowtide trial design.json --json
with design.json: {"instrument": "MADRS", "n": 60, "baseline": {"mean": 33, "sd": 5}, "times_days": [1, 28],
  "concomitant": null, "setting": "blinded", "remission_cut": null, "arms": [
  {"name": "ketamine", "drug": "ketamine", "route": "iv", "dose": "0.5 mg/kg", "over_min": 40, "schedule": "2/week", "sessions": 8, "treatment_days": 28},
  {"name": "midazolam", "drug": "midazolam", "schedule": "2/week", "sessions": 8}]}

schedule: single, 2/week, 3/week, weekly, every 2 weeks, or a list of days. setting: blinded, open or real_world.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from lowtide.science.pharmacology.response.trial import Figure
from lowtide.site.answers import add_json, answer
from lowtide.site.given import shaped
from lowtide.site.virtual_trials import Answer, Design, simulated

EXAMPLE = '{"instrument": "MADRS", "n": 60, "times_days": [1], "arms": [{"name": "k", "drug": "ketamine", "route": "iv", "dose": "0.5 mg/kg", "schedule": "single"}]}'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the design, as a JSON file")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    found = simulated(shaped(args.file, Design, EXAMPLE))
    return answer(found, _lines(found), as_json=args.json)


def _lines(found: Answer) -> Iterator[str]:
    for arm in found.arms:
        yield arm.name
        for time in arm.times:
            remission = "" if time.remission is None else f", remission {_share(time.remission)}"
            yield (
                f"  day {time.day:g}: change {_band(time.change_mean)}, response {_share(time.response)}{remission}"
            )
    yield f"{found.basis['estimate']} Bands hold 90 % of what such arms would print."


def _band(figure: Figure) -> str:
    return f"{figure.median:.1f} ({figure.p5:.1f} to {figure.p95:.1f})"


def _share(figure: Figure) -> str:
    return f"{100 * figure.median:.0f} % ({100 * figure.p5:.0f} to {100 * figure.p95:.0f})"
