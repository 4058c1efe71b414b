"""What observations say of this person: levels and effects before and after a level, a score or a pressure is known.

Example: lowtide update --drug ketamine --route iv --dose "0.5 mg/kg" --over 40min --weight 70 --observations seen.json --json
         lowtide update --doses doses.json --weight 80 --observations seen.json --baseline-sbp 128 --at 40min,90min
with seen.json: [{"at_h": 0.7, "kind": "plasma", "analyte": "ketamine", "value": 180, "unit": "ng/mL", "site": "venous"},
                 {"at_h": 0.7, "kind": "cadss", "value": 12}, {"at_h": 0.5, "kind": "sbp", "value": 141}]
"""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from lowtide.data.pharmacology import response
from lowtide.data.vocabulary import word
from lowtide.pathway.plan.scoring import with_scores
from lowtide.pathway.plan.simulating import tables
from lowtide.problems import BadInput, bad
from lowtide.science.pharmacology.ensemble import Plan
from lowtide.science.pharmacology.response.outlook import Day
from lowtide.science.pharmacology.simulate import Question, planned
from lowtide.science.pharmacology.summary import Figure
from lowtide.science.pharmacology.updating.observations import RANGES, Observation, Reading, readings
from lowtide.science.pharmacology.updating.update import PRESSURES, Update, update
from lowtide.site import regimens
from lowtide.site.answers import add_json, answer

MOST_MEMBERS = 100_000
EXAMPLE = '[{"at_h": 0.7, "kind": "plasma", "analyte": "ketamine", "value": 180, "unit": "ng/mL"}]'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    regimens.add_regimen(parser)
    regimens.add_person(parser)
    regimens.add_ensemble(parser)
    parser.add_argument("--indication", default="trd", help="what is treated; scores of mood answer for it")
    parser.add_argument("--setting", default="real_world", help="real_world, open or blinded")
    parser.add_argument("--observations", type=Path, required=True, help="a file of what was observed")
    for kind in PRESSURES:
        parser.add_argument(f"--baseline-{kind}", type=float, help="at rest before the first dose, mmHg")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    question = regimens.question(args)
    if question.members > MOST_MEMBERS:
        raise bad(
            f"{question.members} is more than can be held", "--members", f"Give at most {MOST_MEMBERS}."
        )
    seen = _readings(args, question)
    found = with_scores(update(question, seen, tables(), _baselines(args)), question, seen, *_treated(args))
    return answer(found, _lines(found), as_json=args.json)


def _treated(args: argparse.Namespace) -> tuple[str, str]:
    known = response().settings
    if args.setting not in known:
        raise bad(f"unknown setting “{args.setting}”", "--setting", f"Use one of: {', '.join(known)}.")
    return word("indication", args.indication, "--indication"), args.setting


def _readings(args: argparse.Namespace, question: Question) -> list[Reading]:
    plan: Plan = planned(question, tables())
    path: Path = args.observations
    first = regimens.first_h(args)
    rows = [msgspec.structs.replace(row, at_h=row.at_h - first) for row in _rows(path)]
    return readings(rows, path.name, tables().ensemble.constants, plan.enantiomers, question.site)


def _rows(path: Path) -> list[Observation]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Observation])
    except OSError as error:
        raise bad(f"cannot be read ({error.strerror})", str(path), "Check the name of the file.") from error
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise _unreadable(path.name, str(error)) from error


def _unreadable(name: str, said: str) -> BadInput:
    """The decoder's complaint with the place it names: `$[0].value` is `file[0].value`."""
    what, _, place = said.partition(" - at `$")
    field = re.search(r"field `(\w+)`", what)
    where = name + place.rstrip("`") + (f".{field[1]}" if field else "")
    return bad(what, where, f"Write it like {EXAMPLE}.")


def _baselines(args: argparse.Namespace) -> dict[str, float]:
    given = {kind: getattr(args, f"baseline_{kind}") for kind in PRESSURES}
    found = {kind: value for kind, value in given.items() if value is not None}
    for kind, value in found.items():
        low, high = RANGES[kind]
        if not low <= value <= high:
            raise bad(f"{value:g} mmHg is not plausible", f"--baseline-{kind}", f"Give {low:g} to {high:g}.")
    return found


def _lines(found: Update) -> Iterator[str]:
    how = f"tempered in {found.steps} steps" if found.tempered else "by weight alone"
    yield f"{found.prior.members} virtual people, {how}, worth {found.ess:.0f}; {found.prior.estimate}"
    yield f"{'':<27}{'peak before, median (5 % to 95 %)':<36}peak after"
    for name, level in found.prior.analytes.items():
        after = found.posterior.analytes.get(name)
        yield _line(name, level.cmax_ng_ml, after.cmax_ng_ml if after else None)
    for name, course in found.prior.effects.items():
        then = found.posterior.effects.get(name)
        yield _line(name, course.peak, then.peak if then else None)
    yield from _weeks(found)
    yield from (f"warning: {warning}" for warning in found.warnings)


def _weeks(found: Update) -> Iterator[str]:
    if found.prior.response is msgspec.UNSET or found.posterior.response is msgspec.UNSET:
        return
    for name, days in found.posterior.response.items():
        for before, after in zip(found.prior.response[name], days, strict=True):
            yield f"{f'{name}, day {after.day:.0f}':<27}{_score(before):<36}{_score(after)}"


def _score(day: Day) -> str:
    return f"{day.median:.0f} ({day.p5:.0f} to {day.p95:.0f}), response {100 * day.p_response:.0f} %"


def _line(name: str, before: Figure | float, after: Figure | float | None) -> str:
    return f"{name:<27}{_band(before):<36}{_band(after)}"


def _band(figure: Figure | float | None) -> str:
    if not isinstance(figure, Figure):
        return "nobody left who speaks for it"
    return f"{figure.median:.3g} ({figure.p5:.3g} to {figure.p95:.3g})"
