"""From a dose and a vial to what is drawn, made up and set on the pump, worked out twice.

Example: lowtide pump --drug ketamine --dose "0.5 mg/kg" --weight 73 --over 40min --vial 50mg/mL --final-volume 50mL
"""

import argparse
from collections.abc import Iterator

from lowtide.data.dosing import Dosing, dosing
from lowtide.data.vocabulary import word
from lowtide.pathway.plan.order import Order, Preparation, shown
from lowtide.pathway.plan.pump import Sheet, on_mark, prepare
from lowtide.pathway.plan.refusals import refuse_implausible, second_person_reasons
from lowtide.pathway.plan.second_check import check
from lowtide.pathway.plan.slips import RESTS_ON, is_long, long_infusion
from lowtide.pathway.plan.steps import steps
from lowtide.problems import bad
from lowtide.science import units
from lowtide.science.units import plain
from lowtide.site.answers import add_json, answer
from lowtide.site.numbers import HELP, numbers
from lowtide.site.sheets import sheet_document

DRUGS = ("ketamine", "esketamine")
ROUTES = ("iv", "im", "sc")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--drug", required=True, help="ketamine (racemic) or esketamine; never converted")
    parser.add_argument("--dose", required=True, help='with its unit: "0.5 mg/kg", "35 mg", "0.35 mg/kg/h"')
    parser.add_argument("--weight", required=True, help='in kg, or with its unit: "154 lb"')
    parser.add_argument("--over", help="how long an infusion runs: 40min, 2h")
    parser.add_argument("--vial", required=True, help="its strength: 50mg/mL")
    parser.add_argument("--final-volume", help="what it is made up to: 50mL")
    parser.add_argument("--route", default="iv", help="iv (default), im or sc")
    parser.add_argument("--drop-factor", help="drops per mL of a gravity set: 20")
    parser.add_argument("--pump-step", help="the pump's finest step: 0.1mL/h")
    parser.add_argument(
        "--salt", choices=("base", "hydrochloride"), default="base", help="what the dose is given as"
    )
    parser.add_argument("--policy", default="default", help=HELP)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    with numbers(args.policy) as chosen:
        return _sheet(args, dosing(chosen.name))


def _sheet(args: argparse.Namespace, limits: Dosing) -> int:
    order = _order(args)
    refuse_implausible(order, limits)
    sheet = prepare(order, preparation(args), limits)
    second = check(order, sheet, limits)
    arithmetic = (
        *steps(order, sheet, limits),
        *_on_mark(on_mark(order, preparation(args), sheet, limits), limits),
    )
    reviews = [
        f"A second person checks: {why}." for why in second_person_reasons(order.weight_kg, None, limits)
    ]
    reviews += [text] if (text := long_infusion(order, limits)) else []
    document = {
        "drug": order.drug,
        "route": order.route,
        "weight_kg": float(units.on_scale(order.weight_kg)),
        **sheet_document(sheet),
        "steps": arithmetic,
        "check": {
            "agrees": second.agrees,
            "delivered_mg": shown(second.delivered_mg),
            "text": second.text,
        },
        "reviews": reviews,
        "unverified": [name for name in _rests_on(args, order, limits) if name in limits.unverified],
        "policy": {"name": limits.policy, "version": limits.version},
    }
    return answer(document, [*arithmetic, second.text, *reviews], as_json=args.json)


def _on_mark(drawn: Sheet, limits: Dosing) -> Iterator[str]:
    """What the marks of a syringe make of the draw, where it lies between two."""
    step, ml = plain(limits.syringe_step_ml), shown(drawn.vial_volume_ml)
    if drawn.drawn == "between":
        yield f"Syringe: {ml} mL lies between two marks of {step} mL; a weaker vial can be measured"
    elif drawn.dose_mg != drawn.dose_mg_exact:
        yield f"Syringe: an order is drawn to a mark of {step} mL: {ml} mL, which holds {shown(drawn.dose_mg)} mg"


def preparation(args: argparse.Namespace) -> Preparation:
    """The vial and what is made of it, from the flags that `pump` and `plan` share."""
    return Preparation(
        vial_mg_per_ml=units.strength_mg_per_ml(args.vial, "--vial"),
        final_volume_ml=units.volume_ml(args.final_volume, "--final-volume") if args.final_volume else None,
        pump_step_ml_per_h=units.rate_ml_per_h(args.pump_step, "--pump-step") if args.pump_step else None,
        drop_factor_per_ml=units.count(args.drop_factor, "--drop-factor") if args.drop_factor else None,
    )


def _order(args: argparse.Namespace) -> Order:
    return Order(
        drug=_one_of(DRUGS, "drug", args.drug),
        route=_one_of(ROUTES, "route", args.route),
        dose=units.dose(args.dose, "--dose"),
        weight_kg=units.weight_kg(args.weight, "--weight", bare_is_kg=True),
        over_min=units.minutes(args.over, "--over") if args.over else None,
        salt=args.salt,
    )


def _rests_on(args: argparse.Namespace, order: Order, limits: Dosing) -> list[str]:
    """The policy numbers that this sheet was held against."""
    slips = RESTS_ON["review_mg_per_kg_per_h" if is_long(order, limits) else "review_mg_per_kg"]
    names = [*slips, "review_low_mg_per_kg", "dose_step_mg", "rounding_tolerance", "review_weight_kg"]
    names += ["review_low_mg_per_kg_per_h"] if order.dose.per_h else []
    names += ["syringe_step_ml"]
    if order.route == "iv":
        names += ["infusion_min_minutes", *([] if args.pump_step else ["pump_step_ml_per_h"])]
        names += [] if args.final_volume else ["undiluted_iv_max_mg_per_ml"]
    return names


def _one_of(choices: tuple[str, ...], kind: str, given: str) -> str:
    found = word(kind, given, f"--{kind}")
    if found not in choices:
        raise bad(
            f"a pump sheet is not made for {kind} “{found}”",
            f"--{kind}",
            f"Use one of: {', '.join(choices)}.",
        )
    return found
