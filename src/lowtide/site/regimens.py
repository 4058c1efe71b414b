"""A regimen and a person as the commands of pharmacology take them, from options or from a file."""

import argparse
from pathlib import Path
from typing import Literal

import msgspec

from lowtide.data import pharmacology
from lowtide.data.vocabulary import word
from lowtide.pathway.plan.refusals import refuse_weight
from lowtide.pathway.plan.simulating import person, tables
from lowtide.problems import bad
from lowtide.science import units
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import Dose, in_order
from lowtide.science.pharmacology.simulate import SITES, Question

DRUGS = ("ketamine", "esketamine")
MEMBERS = (200, 1_000_000)
AGES = (0, 120)
SEXES = {"f": "F", "female": "F", "m": "M", "male": "M", "unknown": None, "": None}
DEFAULT_AT_MIN = (*range(0, 121, 5), *range(150, 24 * 60 + 1, 30))


class GivenDose(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of a file of doses."""

    drug: str
    route: str
    at_h: float = 0.0
    dose: str | None = None
    over_min: float | None = None
    salt: Literal["base", "hydrochloride"] | None = None
    devices: int | None = None


def add_person(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--weight", required=True, help='in kg, or with its unit: "154 lb"')
    parser.add_argument("--age", type=float, help="in years")
    parser.add_argument("--sex", help="F or M, at birth")
    parser.add_argument(
        "--ancestry", choices=tuple(pharmacology.ensemble().ancestry), help="where a model knows it"
    )
    parser.add_argument(
        "--with", dest="taking", action="append", default=[], help="a medicine taken: ticlopidine"
    )
    parser.add_argument("--hypertension", action="store_true", help="has hypertension")
    parser.add_argument("--sedatives", type=int, default=0, help="how many sedating medicines are taken")


def add_regimen(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--doses", type=Path, help="a file of doses instead of the options below")
    parser.add_argument("--drug", help="ketamine (racemic) or esketamine; never converted")
    parser.add_argument("--route", help="iv, im, sc, in, po or sl")
    parser.add_argument("--dose", help='with its unit: "0.5 mg/kg", "35 mg"')
    parser.add_argument("--over", help="how long an infusion runs: 40min")
    parser.add_argument(
        "--salt", choices=("base", "hydrochloride"), default="base", help="what the dose is given as"
    )
    parser.add_argument("--repeat", help='when the dose is given: "0,72h,168h"')


def add_ensemble(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--members", type=int, default=2000, help="virtual people: 200 to 1000000")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", default="auto", help="auto (the ensemble) or one model by name")
    parser.add_argument("--until", help="end of peaks and areas: 8h (default: last dose + 24 h)")
    parser.add_argument("--at", help="moments asked for: 20min,40min,2h")
    parser.add_argument("--site", help="venous (default) or arterial")


def question(args: argparse.Namespace) -> Question:
    """What the options ask. Raises BadInput with the option that is wrong."""
    who = the_person(args)
    doses = the_doses(args, who)
    last = max(dose.at_h + dose.over_min / 60 for dose in doses)
    until = float(units.minutes(args.until, "--until")) / 60 if args.until else last + 24
    if until <= doses[0].at_h:
        raise bad(f"“{args.until}” ends before the first dose", "--until", "Give a later time.")
    if args.model != "auto":
        pharmacology.model(args.model)
    return Question(
        doses=doses,
        person=who,
        at_h=_moments(args.at, until),
        until_h=until,
        site=_site(args),
        model=args.model,
        members=between(args.members, MEMBERS, "--members"),
        seed=between(args.seed, (0, 2**63 - 1), "--seed"),
    )


def _site(args: argparse.Namespace) -> str:
    """Venous unless asked otherwise; a model that has one site only speaks for that one."""
    if args.site is not None and args.site not in SITES:
        raise bad(f"unknown site “{args.site}”", "--site", f"Use one of: {', '.join(SITES)}.")
    known = SITES if args.model == "auto" else pharmacology.model(args.model).sites
    if args.site is not None and args.site not in known:
        raise bad(f"{args.model} has no {args.site} levels", "--site", f"Ask for {' or '.join(known)}.")
    return str(args.site or ("venous" if "venous" in known else known[0]))


def the_person(args: argparse.Namespace) -> Person:
    """Whom it is for. Raises BadInput for an implausible weight or age, or an unknown sex or medicine."""
    weight = units.weight_kg(args.weight, "--weight", bare_is_kg=True)
    refuse_weight(weight)
    sex = SEXES.get((args.sex or "unknown").strip().casefold(), "")
    if sex == "":
        raise bad(f"unknown sex “{args.sex}”", "--sex", "Use F, M or unknown.")
    age = args.age
    if age is not None and not AGES[0] <= age <= AGES[1]:
        raise bad(f"an age of {age:g} years is not plausible", "--age", "Give it in years, like 45.")
    taking = tuple(name for given in args.taking for name in given.split(",") if name.strip())
    return person(
        float(weight),
        age=age,
        sex=sex,
        ancestry=args.ancestry,
        taking=taking,
        hypertension=args.hypertension,
        sedatives=between(args.sedatives, (0, 20), "--sedatives"),
    )


def the_doses(args: argparse.Namespace, who: Person) -> tuple[Dose, ...]:
    """The doses in order of time, nasal ones as devices; time counts from the first."""
    if args.doses and any((args.drug, args.route, args.dose, args.over, args.repeat)):
        raise bad("doses are given twice", "--doses", "Give the file or the options, not both.")
    rows = _from_file(args.doses) if args.doses else _from_options(args)
    if not rows:
        raise bad("holds no dose", str(args.doses), "Give at least one.")
    found = [_dose(row, f"{args.doses}[{i}]" if args.doses else "", who) for i, row in enumerate(rows)]
    first = min(dose.at_h for dose in found)
    moved = [msgspec.structs.replace(dose, at_h=dose.at_h - first) for dose in found]
    return in_order(moved, tables().routes)


def first_h(args: argparse.Namespace) -> float:
    """When the first dose is given on the clock of the doses themselves: observations of that clock move with it."""
    rows = _from_file(args.doses) if args.doses else _from_options(args)
    return min((row.at_h for row in rows), default=0.0)


def _from_file(path: Path) -> list[GivenDose]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[GivenDose])
    except OSError as error:
        raise bad(f"cannot be read ({error.strerror})", str(path), "Check the name of the file.") from error
    except (msgspec.MsgspecError, RecursionError) as error:
        example = '[{"at_h": 0, "drug": "ketamine", "route": "iv", "dose": "35 mg", "over_min": 40}]'
        raise bad(str(error), str(path), f"Write it like {example}.") from error


def _from_options(args: argparse.Namespace) -> list[GivenDose]:
    for name in ("drug", "route", "dose"):
        if getattr(args, name) is None:
            raise bad("is missing", f"--{name}", "Give --drug, --route and --dose, or --doses FILE.")
    over = float(units.minutes(args.over, "--over")) if args.over else None
    return [
        GivenDose(args.drug, args.route, at_h, args.dose, over, args.salt)
        for at_h in (_times(args.repeat, "--repeat") if args.repeat is not None else (0.0,))
    ]


def _dose(row: GivenDose, where: str, who: Person) -> Dose:
    drug = word("drug", row.drug, _at(where, "drug"))
    if drug not in DRUGS:
        raise bad(
            f"“{row.drug}” has no kinetics here", _at(where, "drug"), f"Use one of: {', '.join(DRUGS)}."
        )
    route = word("route", row.route, _at(where, "route"))
    over = row.over_min or 0.0
    if not 0 <= row.at_h <= 24 * 732 or not 0 <= over <= 14 * 1440:
        raise bad(
            "a time is negative or too long", where or "--over", "Give hours and minutes from the first dose."
        )
    if over and route not in ("iv", "sc", "im"):
        raise bad(
            f"a dose by route {route} does not run over time", _at(where, "over"), "Leave the time out."
        )
    mg = _mg(row, where, who, over, route)
    return Dose(row.at_h, drug, route, mg, over)


def _mg(row: GivenDose, where: str, who: Person, over_min: float, route: str) -> float:
    """The dose in mg of the base."""
    device = tables().routes["in_esketamine"].device_mg or 0.0
    if row.devices is not None and not 1 <= row.devices <= 12:
        raise bad(f"{row.devices} devices", _at(where, "devices"), "Give 1 to 12.")
    if row.dose is None:
        if row.devices is None:
            raise bad("no dose is given", _at(where, "dose"), 'Give one, like "35 mg".')
        return row.devices * device
    given = units.dose(row.dose, _at(where, "dose"))
    mg = float(given.value) * (who.weight_kg if given.per_kg else 1.0)
    if given.per_h:
        if not over_min:
            raise bad("a dose by the hour needs a time", _at(where, "over"), "Give one, like 4h.")
        mg *= over_min / 60
    if row.devices is not None and abs(row.devices * device - mg) > 0.01 * mg:
        raise bad(
            f"{row.devices} devices of {device:g} mg are not {row.dose}",
            _at(where, "devices"),
            "Give one of the two.",
        )
    base = pharmacology.ensemble().constants["base_per_hydrochloride"].value
    return mg * (base if row.salt == "hydrochloride" else 1.0)


def _at(where: str, name: str) -> str:
    return f"{where}.{name}" if where else f"--{name}"


def _times(text: str, where: str) -> tuple[float, ...]:
    """“0,72h,168h” in hours."""
    return tuple(
        0.0 if part.strip() == "0" else float(units.minutes(part, where)) / 60 for part in text.split(",")
    )


def _moments(text: str | None, until: float) -> tuple[float, ...]:
    if text is None:
        return tuple(minutes / 60 for minutes in DEFAULT_AT_MIN if minutes / 60 <= until)
    found = tuple(sorted(set(_times(text, "--at"))))
    if found[-1] > until + 1e-9:
        raise bad(
            f"“{text}” asks for a moment after the end",
            "--at",
            "Ask for earlier ones, or give a later --until.",
        )
    return found


def between(value: int, bounds: tuple[int, int], where: str) -> int:
    if not bounds[0] <= value <= bounds[1]:
        raise bad(f"{value} is out of range", where, f"Give {bounds[0]} to {bounds[1]}.")
    return value
