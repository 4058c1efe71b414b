"""What must be settled before an order is signed, and what its signer should know.

Each check has an id, a text for the prescriber, and whether it blocks the signature.
"""

from collections.abc import Iterator

import msgspec

from lowtide.data import dosing as dosing_data
from lowtide.data.dosing import Dosing
from lowtide.data.protocols import Protocol
from lowtide.data.vocabulary import label
from lowtide.pathway.plan.dose import PARENTERAL, PlannedDose
from lowtide.pathway.plan.intake import Requested, Subject
from lowtide.pathway.plan.order import Preparation, shown
from lowtide.pathway.plan.refusals import second_person_reasons
from lowtide.science.units import plain

DECIDING = ("dose", "over_min", "schedule", "min_interval_h", "observation_min")
POLICY_DECIDING = ("order_weight_max_age_days", "dose_step_mg", "rounding_tolerance")


class PlanCheck(msgspec.Struct, frozen=True):
    id: str
    blocking: bool
    text: str


class Case(msgspec.Struct, frozen=True):
    """Everything the checks look at."""

    protocol: Protocol
    subject: Subject
    requested: Requested
    dose: PlannedDose | None
    preparation: Preparation | None
    limits: Dosing

    @property
    def weight_matters(self) -> bool:
        return self.protocol.weight_based or self.protocol.route in PARENTERAL


def checks(case: Case) -> tuple[PlanCheck, ...]:
    """Every check that applies, the blocking ones first."""
    found = [check for look in (_weight, _dose, _fit, _advice) for check in look(case)]
    return tuple(sorted(found, key=lambda check: not check.blocking))


def _weight(case: Case) -> Iterator[PlanCheck]:
    subject, limits = case.subject, case.limits
    if not case.weight_matters:
        return
    if subject.weight_kg is None:
        yield PlanCheck("weight_missing", True, "No weight is known: weigh today.")
        return
    age, most = subject.weight_age_days, limits.order_weight_max_age_days
    if age is None:
        yield PlanCheck("weight_age", True, "It is not known when the weight was measured: weigh today.")
    elif age > most:
        text = f"The weight, {plain(subject.weight_kg)} kg, is {age} days old; an order needs one of at most {most} days: weigh today."
        yield PlanCheck("weight_age", True, text)
    for reason in second_person_reasons(subject.weight_kg, subject.height_cm, limits):
        yield PlanCheck(
            "second_person", True, f"A second person checks the dose before it is signed: {reason}."
        )
    if case.protocol.weight_based:
        yield PlanCheck(
            "later_weights", False, "Each later order is worked out again from that day's weight."
        )


def _dose(case: Case) -> Iterator[PlanCheck]:
    dose, weight, limits = case.dose, case.subject.weight_kg, case.limits
    if dose is None:
        return
    for name, cap in dose.caps.items():
        text = f"The protocol's dose would be {shown(dose.asked_mg)} mg; held at its ceiling of {cap}."
        yield PlanCheck(name, name == "max_mg", text)
    if weight and case.protocol.route in PARENTERAL and dose.exact_mg / weight > limits.review_mg_per_kg:
        text = f"{shown(dose.exact_mg / weight)} mg/kg in all is above {plain(limits.review_mg_per_kg)} mg/kg: review the total."
        yield PlanCheck("review_mg_per_kg", True, text)
    if case.preparation is None and case.protocol.route in PARENTERAL:
        yield PlanCheck(
            "preparation", False, "Volumes and pump rate come with the vial in hand and its final volume."
        )


def _fit(case: Case) -> Iterator[PlanCheck]:
    protocol, asked = case.protocol, case.requested
    for field, text in protocol.unsettled.items():
        yield PlanCheck(
            f"unsettled_{field}", True, f"The source leaves the {field} open ({text}): choose it."
        )
    if asked.product not in (None, protocol.product):
        text = f"Asked for {label('product', asked.product or '')}, but {protocol.id} gives {label('product', protocol.product)}: doses do not carry over."
        yield PlanCheck("product", True, text)
    if protocol.route and asked.route not in (None, protocol.route):
        text = f"Asked for the {label('route', asked.route or '')} route, but {protocol.id} is {label('route', protocol.route)}: doses do not carry over."
        yield PlanCheck("route", True, text)
    if asked.indication not in (None, *protocol.indications):
        text = f"{protocol.id} was not made for {label('indication', asked.indication or '')} ({protocol.condition})."
        yield PlanCheck("indication", False, text)
    yield from _age(protocol, case.subject.age_years)


def _age(protocol: Protocol, age_years: int | None) -> Iterator[PlanCheck]:
    if protocol.age_min is None and protocol.age_max is None:
        return
    bounds = f"{protocol.age_min or 'any'} to {protocol.age_max or 'any'} years"
    if age_years is None:
        yield PlanCheck("age", False, f"{protocol.id} is for {bounds}; the age is not known.")
    elif not (protocol.age_min or 0) <= age_years <= (protocol.age_max or age_years):
        yield PlanCheck("age", False, f"{protocol.id} is for {bounds}; this person is {age_years}.")


def _advice(case: Case) -> Iterator[PlanCheck]:
    protocol = case.protocol
    for name, text in (
        ("evidence", protocol.evidence),
        ("titration", protocol.titration),
        ("stopping", protocol.stopping),
    ):
        if text and text != "None":
            yield PlanCheck(name, False, f"{name.capitalize()}: {text}.")
    unapproved = [*_unverified_fields(case), *_unverified_policy()]
    if unapproved:
        text = f"Unverified defaults, awaiting approval by a clinical lead: {', '.join(unapproved)}."
        yield PlanCheck("unverified", False, text)
    yield PlanCheck("forecast", False, "No forecast: it comes with the pharmacology engine.")


def _unverified_fields(case: Case) -> list[str]:
    protocol = case.protocol
    held = case.dose.caps if case.dose else {}
    marked = DECIDING if not protocol.verified else tuple(protocol.unverified)
    return [f"{protocol.id} {name}" for name in (*DECIDING, *held) if name in marked or name in held]


def _unverified_policy() -> list[str]:
    numbers = dosing_data.numbers()
    return [name for name in POLICY_DECIDING if not numbers[name].verified]
