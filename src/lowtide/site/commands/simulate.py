"""What a regimen will do in this person: levels and effects with their bands.

Example: lowtide simulate --drug ketamine --route iv --dose "0.5 mg/kg" --over 40min --weight 70 --at 20min,40min --json
         lowtide simulate --drug esketamine --route in --dose "84 mg" --weight 80 --age 66 --repeat "0,72h" --json
         lowtide simulate --doses doses.json --weight 70 --until 12h --plot levels.svg
"""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from lowtide.pathway.plan.simulating import tables
from lowtide.problems import bad
from lowtide.science.pharmacology.effects import NAMES
from lowtide.science.pharmacology.ensemble import ANALYTES
from lowtide.science.pharmacology.simulate import Answer, simulate
from lowtide.science.pharmacology.summary import Figure
from lowtide.site import plots, regimens
from lowtide.site.answers import add_json, answer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    regimens.add_regimen(parser)
    regimens.add_person(parser)
    regimens.add_ensemble(parser)
    parser.add_argument(
        "--above", action="append", default=[], help='how long something lies above a limit: "s_ketamine>100"'
    )
    parser.add_argument("--plot", type=Path, help="also draw the bands: FILE.svg or FILE.png")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    question = msgspec.structs.replace(regimens.question(args), above=_limits(args.above))
    plots.refuse_place(args.plot)
    found = simulate(plots.denser(question) if args.plot else question, tables())
    if args.plot:
        plots.write(args.plot, found, question)
        found = plots.only_asked(found, question)
    return answer(found, _lines(found), as_json=args.json)


def _limits(given: list[str]) -> tuple[tuple[str, float], ...]:
    """“s_ketamine>100” as quantity and limit. Raises BadInput for what is neither."""
    known = (*(f"{prefix}{a}" for a in ANALYTES for prefix in ("", "s_", "r_")), *NAMES)
    found = []
    for text in given:
        name, _, limit = (part.strip() for part in text.partition(">"))
        if name not in known:
            raise bad(f"unknown quantity “{name}”", "--above", f"Use one of: {', '.join(known)}.")
        if re.fullmatch(r"\d{1,6}(\.\d{1,6})?", limit) is None:
            raise bad(f"“{text}” has no limit that can be read", "--above", "Write it like “s_ketamine>100”.")
        found.append((name, float(limit)))
    return tuple(found)


def _lines(found: Answer) -> Iterator[str]:
    yield f"{found.members} virtual people, {found.site} levels, {found.confidence} confidence; {found.estimate}"
    yield f"{'':<26}{'peak, median (5 % to 95 %)':<36}{'at min':>8}"
    for name, level in found.analytes.items():
        yield f"{name:<26}{_band(level.cmax_ng_ml) + ' ng/mL':<36}{_median(level.tmax_min):>8}"
    for name, course in found.effects.items():
        yield f"{name:<26}{_band(course.peak):<36}{_median(course.peak_min):>8}  {found.evidence[name]}"
    for above in found.above or ():
        words = f"above {above.limit:g} in {100 * above.share:.0f} % of people, minutes"
        yield f"{above.quantity:<26}{words:<36} {_band(above.minutes)}"
    yield from (f"note: {note}" for note in found.validity)


def _band(figure: Figure | float) -> str:
    assert isinstance(figure, Figure)
    return f"{figure.median:.3g} ({figure.p5:.3g} to {figure.p95:.3g})"


def _median(figure: Figure | float) -> str:
    assert isinstance(figure, Figure)
    return f"{figure.median:.0f}"
