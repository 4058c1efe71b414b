"""What a regimen will do in this person: levels and effects with their bands.

Example: lowtide simulate --drug ketamine --route iv --dose "0.5 mg/kg" --over 40min --weight 70 --at 20min,40min --json
         lowtide simulate --drug esketamine --route in --dose "84 mg" --weight 80 --age 66 --repeat "0,72h" --json
         lowtide simulate --doses doses.json --weight 70 --until 12h --plot levels.svg
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from lowtide.pathway.plan.simulating import tables
from lowtide.science.pharmacology.simulate import Answer, simulate
from lowtide.science.pharmacology.summary import Figure
from lowtide.site import plots, regimens
from lowtide.site.answers import add_json, answer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    regimens.add_regimen(parser)
    regimens.add_person(parser)
    regimens.add_ensemble(parser)
    parser.add_argument("--plot", type=Path, help="also draw the bands: FILE.svg or FILE.png")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    question = regimens.question(args)
    plots.refuse_place(args.plot)
    found = simulate(plots.denser(question) if args.plot else question, tables())
    if args.plot:
        plots.write(args.plot, found, question)
        found = plots.only_asked(found, question)
    return answer(found, _lines(found), as_json=args.json)


def _lines(found: Answer) -> Iterator[str]:
    yield f"{found.members} virtual people, {found.site} levels, {found.confidence} confidence; {found.estimate}"
    yield f"{'':<26}{'peak, median (5 % to 95 %)':<36}{'at min':>8}"
    for name, level in found.analytes.items():
        yield f"{name:<26}{_band(level.cmax_ng_ml) + ' ng/mL':<36}{_median(level.tmax_min):>8}"
    for name, course in found.effects.items():
        yield f"{name:<26}{_band(course.peak):<36}{_median(course.peak_min):>8}  {found.evidence[name]}"
    yield from (f"note: {note}" for note in found.validity)


def _band(figure: Figure | float) -> str:
    assert isinstance(figure, Figure)
    return f"{figure.median:.3g} ({figure.p5:.3g} to {figure.p95:.3g})"


def _median(figure: Figure | float) -> str:
    assert isinstance(figure, Figure)
    return f"{figure.median:.0f}"
