"""What must be settled before an order is signed, and what its signer should know.

Each check has an id, a text for the prescriber, and whether it blocks the signature.
"""

from collections.abc import Iterable, Iterator

import msgspec

from lowtide.data.dosing import Dosing
from lowtide.data.giving import way
from lowtide.data.protocols import FINDINGS, GRADES, Protocol, fitting
from lowtide.data.vocabulary import label
from lowtide.pathway.evaluate.rules import Evaluation
from lowtide.pathway.plan import slips
from lowtide.pathway.plan.candidacy import SAID, STOPS, decided_by
from lowtide.pathway.plan.counted import Counted, sites
from lowtide.pathway.plan.dose import PARENTERAL, PlannedDose, needs_weight
from lowtide.pathway.plan.intake import Requested, Subject
from lowtide.pathway.plan.order import Order, shown
from lowtide.pathway.plan.pump import Sheet
from lowtide.pathway.plan.refusals import second_person_reasons
from lowtide.pathway.plan.second_check import check as second_check
from lowtide.science.units import on_scale, plain

DECIDING = ("dose", "over_min", "schedule", "min_interval_h", "observation_min")
ALWAYS_DECIDING = ("order_weight_max_age_days", "dose_step_mg", "rounding_tolerance")
DECIDED_BY = {  # a check that was raised -> the policy numbers it rests on
    "second_person": ("review_weight_kg", "review_bmi_kg_per_m2"),
    **slips.RESTS_ON,
    "second_computation": ("pump_step_ml_per_h",),
    "drawn": ("syringe_step_ml", "draw_tolerance"),
    "sites": ("injection_site_max_ml_im", "injection_site_max_ml_sc"),
    "apart": ("device_gap_min",),
    "rounded": ("portion_tolerance",),
}


class PlanCheck(msgspec.Struct, frozen=True):
    id: str
    blocking: bool
    text: str


def rests_on(protocol: Protocol, caps: Iterable[str], raised: Iterable[str]) -> tuple[str, ...]:
    """The numbers that decided a dose, by the keys that an approval names: fields of the protocol, the caps that held
    it, and the policy's own."""
    given = (name for name in DECIDING if getattr(protocol, name) is not None)
    rested_on = (name for check in raised for name in DECIDED_BY.get(check, ()))
    fields = (f"protocol:{protocol.id}:{name}" for name in dict.fromkeys((*given, *caps)))
    return (*fields, *(f"dosing:{name}" for name in dict.fromkeys((*ALWAYS_DECIDING, *rested_on))))


class Case(msgspec.Struct, frozen=True):
    """Everything the checks look at."""

    protocol: Protocol
    subject: Subject
    requested: Requested
    dose: PlannedDose | None
    sheet: Sheet | None
    limits: Dosing
    candidacy: Evaluation | None = None
    counted: Counted | None = None

    @property
    def parenteral(self) -> bool:
        return self.protocol.route is None or self.protocol.route in PARENTERAL


def checks(case: Case) -> tuple[PlanCheck, ...]:
    """Every check that applies, the blocking ones first."""
    looks = (_candidacy, _weight, _second_person, _dose, _preparation, _unsettled, _request, _age, _advice)
    found = [check for look in looks for check in look(case)]
    found += _unverified(case, found)
    return tuple(sorted(found, key=lambda check: not check.blocking))


def _candidacy(case: Case) -> Iterator[PlanCheck]:
    """What the rules of candidacy say, where the plan is made from what they judge."""
    judged = case.candidacy
    if judged is None:
        return
    if judged.urgent_escalation:
        text = "A suicide-risk answer needs a clinician now, whatever is planned."
        yield PlanCheck("urgent_escalation", False, text)
    if judged.decision != "eligible":
        why = "; ".join(decided_by(judged))
        text = f"{SAID[judged.decision]} under the {judged.policy.label} policy: {why}."
        yield PlanCheck("candidacy", judged.decision in STOPS, text)


def _weight(case: Case) -> Iterator[PlanCheck]:
    """An order needs a weight no older than the policy allows (hazard H006)."""
    kg, age, most = (
        case.subject.weight_kg,
        case.subject.weight_age_days,
        case.limits.order_weight_max_age_days,
    )
    if not needs_weight(case.protocol):
        return
    if kg is None:
        yield PlanCheck("weight_missing", True, "No weight is known: weigh today.")
    elif age is None:
        yield PlanCheck("weight_age", True, "It is not known when the weight was measured: weigh today.")
    elif age > most:
        allowed = "one of the same day" if not most else f"one of at most {most} days"
        text = (
            f"The weight, {plain(on_scale(kg))} kg, is {age} days old; an order needs {allowed}: weigh today."
        )
        yield PlanCheck("weight_age", True, text)
    if case.protocol.weight_based:
        yield PlanCheck(
            "later_weights", False, "Each later order is worked out again from that day's weight."
        )


def _second_person(case: Case) -> Iterator[PlanCheck]:
    if case.protocol.weight_based and case.subject.weight_kg:
        for reason in second_person_reasons(case.subject.weight_kg, case.subject.height_cm, case.limits):
            yield PlanCheck(
                "second_person", True, f"A second person checks the dose before it is signed: {reason}."
            )


def _dose(case: Case) -> Iterator[PlanCheck]:
    """Caps that took hold, and a dose that asks for a review of its unit (hazards H003, H011)."""
    dose = case.dose
    if dose is None:
        return
    for name, cap in dose.caps.items():
        text = f"The protocol's dose would be {shown(dose.asked_mg)} mg; held at its ceiling of {cap}."
        yield PlanCheck(name, name == "max_mg", text)
    if case.subject.weight_kg:
        yield from _slips(case, dose.held)


def _slips(case: Case, order: Order) -> Iterator[PlanCheck]:
    """The floor holds by every route, the ceiling for what is injected or pumped: elsewhere less reaches the blood, and the
    ceiling is another."""
    ceiling = slips.high(order, case.limits) if case.parenteral else _high_elsewhere(case, order)
    if slip := ceiling or slips.low(order, case.limits):
        yield PlanCheck(slip.number, True, f"{slip.text}: review the dose and its unit.")
    elif case.parenteral and (text := slips.long_infusion(order, case.limits)):
        yield PlanCheck("long_infusion", False, text)


def _high_elsewhere(case: Case, order: Order) -> slips.Slip | None:
    number = way(case.protocol.product, case.protocol.route).dose_max.get(case.protocol.route or "")
    return slips.high_elsewhere(order, number, case.limits) if number else None


def _preparation(case: Case) -> Iterator[PlanCheck]:
    if case.sheet and case.dose and case.dose.order:
        second = second_check(case.dose.order, case.sheet, case.limits)
        yield PlanCheck("second_computation", not second.agrees, f"{second.text}.")
        yield from _drawn(case.sheet, case.limits)
    elif case.parenteral:
        what = "Volumes and pump rate come with the vial in hand and its final volume."
        if case.protocol.route and way(case.protocol.product, case.protocol.route).form == "injection":
            what = "The volume comes with the vial in hand."
        yield PlanCheck("preparation", False, what)
    yield from _divided(case)
    yield from _counted(case)


def _drawn(sheet: Sheet, limits: Dosing) -> Iterator[PlanCheck]:
    """What the marks of the syringe make of the volume, where an order is drawn to them."""
    ml, step = shown(sheet.vial_volume_ml), plain(limits.syringe_step_ml)
    lost = 1 - sheet.dose_mg / sheet.dose_mg_exact
    if sheet.drawn == "mark" and lost:
        text = f"Drawn to the mark, {ml} mL, it holds {shown(sheet.dose_mg)} mg: {lost:.2%} less than exact."
        yield PlanCheck("drawn", False, text)
    if sheet.drawn == "between":
        text = f"{ml} mL lies between two marks of a syringe ({step} mL), and the mark below would take away too much:"
        yield PlanCheck("drawn", False, f"{text} a weaker vial can be measured.")


def _divided(case: Case) -> Iterator[PlanCheck]:
    """A volume that is too large for one site of an injection."""
    route = case.protocol.route or ""
    if case.sheet and case.sheet.infusion is None and (n := sites(case.sheet, route, case.limits)) > 1:
        text = f"{shown(case.sheet.vial_volume_ml)} mL is too much for one site: divide it over {n} sites."
        yield PlanCheck("sites", False, text)


def _counted(case: Case) -> Iterator[PlanCheck]:
    """The count, worked back to the dose; for what is given one by one also how far apart."""
    counted, dose = case.counted, case.dose
    if counted is None:
        if dose and way(case.protocol.product, case.protocol.route).form == "portion":
            yield PlanCheck("preparation", False, "The amount comes with the preparation in hand.")
        return
    agrees = counted.count * counted.each_mg == counted.dose_mg <= counted.dose_mg_exact
    verdict = "agrees" if agrees else "does NOT agree"
    text = f"Worked back from what is counted: {counted.text}, {plain(counted.dose_mg)} mg, which {verdict}."
    yield PlanCheck("count", not agrees, text)
    if counted.dose_mg != counted.dose_mg_exact:
        text = f"Rounded down from {shown(counted.dose_mg_exact)} mg to what can be counted out."
        yield PlanCheck("rounded", False, text)
    if counted.apart_min and counted.count > 1:
        text = f"One {counted.made.unit} after the other, at least {plain(counted.apart_min)} min apart."
        yield PlanCheck("apart", False, text)


def _unsettled(case: Case) -> Iterator[PlanCheck]:
    for field, text in case.protocol.unsettled.items():
        yield PlanCheck(
            f"unsettled_{field}", True, f"The source leaves the {field} open ({text}): choose it."
        )


def _request(case: Case) -> Iterator[PlanCheck]:
    """What was asked for against what the protocol gives: doses do not carry over (hazard H004)."""
    asked, protocol = case.requested, case.protocol
    for kind, wanted, given in (
        ("product", asked.product, protocol.product),
        ("route", asked.route, protocol.route),
    ):
        if wanted and given and wanted != given:
            words = f"{label(kind, wanted)} was asked for; {protocol.id} gives {label(kind, given)}"
            yield PlanCheck(kind, True, f"{words[0].upper()}{words[1:]}: doses do not carry over.")
    if asked.indication and asked.indication not in protocol.indications:
        made_for = ", ".join(label("indication", name) for name in protocol.indications)
        text = f"{protocol.id} was made for {made_for}, not for {label('indication', asked.indication)}."
        yield PlanCheck("indication", False, text)


def _age(case: Case) -> Iterator[PlanCheck]:
    """The ages a protocol was made for: on a label they bind, as the starting dose hangs on them; those of a trial
    are told."""
    if text := beyond_age(case.protocol, case.subject.age_years):
        yield PlanCheck("age", case.protocol.labelled, f"{text}.")


def beyond_age(protocol: Protocol, age: int | None) -> str:
    """Why this protocol is not for somebody of this age, and which one is; empty where it is."""
    bounds = f"{protocol.id} is for people {protocol.ages}"
    if not protocol.ages or (age is not None and protocol.for_age(age)):
        return ""
    if age is None:
        return f"{bounds}; the age is not known"
    instead = fitting(protocol, age) if protocol.labelled else ()
    named = ", ".join(f"{p.id} ({p.condition}, from {_start(p)})" for p in instead)
    return f"{bounds}; this person is {age}" + (f": plan by {named}" if named else "")


def _start(protocol: Protocol) -> str:
    return f"{plain(protocol.dose.value)} {protocol.dose.unit}" if protocol.dose else "a dose of its own"


def _advice(case: Case) -> Iterator[PlanCheck]:
    for one in case.protocol.evidence:
        said = f"{GRADES[one.grade]}; {FINDINGS[one.finding]}. {one.text}".strip()
        yield PlanCheck("evidence", False, f"Evidence for {label('indication', one.indication)}: {said}")
    for other in case.protocol.beside:
        yield PlanCheck("beside", False, f"Read {other} beside it: its result was another.")
    for name in ("titration", "stopping"):
        if text := getattr(case.protocol, f"{name}_note"):
            yield PlanCheck(name, False, f"{name.capitalize()}: {text}.")


def _unverified(case: Case, found: list[PlanCheck]) -> Iterator[PlanCheck]:
    """The numbers that decided something here and that nobody has approved yet."""
    protocol, held = case.protocol, tuple(case.dose.caps) if case.dose else ()
    given = [name for name in DECIDING if getattr(protocol, name) is not None]
    fields, caps = (
        [name for name in names if name in protocol.unverified or not protocol.verified]
        for names in (given, held)
    )
    rested_on = [name for check in found for name in DECIDED_BY.get(check.id, ())]
    decided = dict.fromkeys((*ALWAYS_DECIDING, *rested_on))
    policy = [name for name in decided if name in case.limits.unverified]
    names = [*(f"{protocol.id} {name}" for name in (*fields, *caps)), *policy]
    if names:
        text = f"Unverified defaults, awaiting approval by a clinical lead: {', '.join(names)}."
        yield PlanCheck("unverified", False, text)
