"""From a chart to a dose sheet: the person as the plan needs them, the course, and the sheet for one session.

Pure: the day, the zone and the numbers in force are given. What is signed is what this page of code works out
again under the lock; no number is taken from a form.
"""

from datetime import date
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from lowtide.data import observations
from lowtide.data.dosing import Dosing
from lowtide.data.protocols import Amount, Protocol, protocol
from lowtide.pathway.course.approved import NOTHING, Approvals, as_approved
from lowtide.pathway.course.given import first_doses
from lowtide.pathway.course.settled import protocol_of
from lowtide.pathway.plan.checks import Case, PlanCheck, checks
from lowtide.pathway.plan.counted import Counted, Portion, counted
from lowtide.pathway.plan.dose import PlannedDose, needs_weight, planned_dose
from lowtide.pathway.plan.intake import Requested, Subject
from lowtide.pathway.plan.order import Preparation
from lowtide.pathway.plan.pump import Sheet, on_mark, prepare
from lowtide.pathway.plan.second_check import Check, check
from lowtide.problems import bad
from lowtide.record.chart import Chart
from lowtide.record.dates import age_years
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import CandidacyDecided, CourseEnded, CoursePlanned, OrderSigned
from lowtide.record.entries.chair import SessionCancelled, SessionScheduled
from lowtide.record.entries.history import Measurement
from lowtide.record.entries.identity import Patient
from lowtide.science.units import plain

MAY_BE_TREATED = ("eligible", "conditional")


class Weighed(msgspec.Struct, frozen=True):
    """The latest measured weight, and the entry it rests on. A dose is worked out from `weight_kg`, exactly what the
    scale read; `recorded_kg` is what the chart keeps and shows."""

    entry: Entry
    weight_kg: Decimal
    recorded_kg: Decimal
    age_days: int


class DoseSheet(msgspec.Struct, frozen=True):
    """Everything the prescriber sees before signing. `sheet` is None while weight or vial are not known."""

    protocol: Protocol
    weighed: Weighed | None
    dose: PlannedDose | None
    sheet: Sheet | None
    second: Check | None
    checks: tuple[PlanCheck, ...]
    counted: Counted | None = None

    @property
    def mg(self) -> Decimal | None:
        """The dose that would be signed; None while it is not worked out to the last step."""
        whole = self.sheet or self.counted
        return whole.dose_mg if whole else None

    @property
    def needs_weight(self) -> bool:
        return needs_weight(self.protocol)

    @property
    def blocking(self) -> tuple[PlanCheck, ...]:
        return tuple(c for c in self.checks if c.blocking and c.id != "second_person")

    @property
    def second_person(self) -> PlanCheck | None:
        """The check that asks for another person's own sign-in, if there is one."""
        return next((c for c in self.checks if c.id == "second_person"), None)


def weighed(chart: Chart, on: date, zone: ZoneInfo) -> Weighed | None:
    """The latest measured weight; its age counts calendar days of the clinic."""
    found = [(e, m) for e, m in chart.said(Measurement) if m.quantity == "weight_kg"]
    if not found:
        return None
    entry, body = found[-1]
    return Weighed(entry, exact_kg(body), body.value, (on - entry.at.astimezone(zone).date()).days)


def exact_kg(body: Measurement) -> Decimal:
    """The weight as it was read, brought to kg without rounding, so that pounds and kilograms give the same dose."""
    if body.read_value is None or body.read_unit is None:
        return body.value
    of_weight = observations.table().measurement[body.quantity]
    found = of_weight.converted(body.read_value, observations.unit(body.read_unit), exact=True)
    return body.value if found is None else found


def subject(chart: Chart, on: date, zone: ZoneInfo) -> Subject:
    """The person planned for, as the chart knows them on a day."""
    weight, who = weighed(chart, on, zone), chart.last(Patient)
    heights = [m.value for _, m in chart.said(Measurement) if m.quantity == "height_cm"]
    born = who[1].birth_date if who else None
    return Subject(
        weight_kg=weight.weight_kg if weight else None,
        weight_age_days=weight.age_days if weight else None,
        height_cm=heights[-1] if heights else None,
        age_years=age_years(born, on)[0] if born else None,
    )


def candidacy(chart: Chart) -> CandidacyDecided | None:
    """The prescriber's latest decision."""
    found = chart.last(CandidacyDecided)
    return found[1] if found else None


def course(chart: Chart) -> CoursePlanned | None:
    """The course that is running, if one is."""
    ended = {body.course for _, body in chart.said(CourseEnded)}
    running = [body for _, body in chart.said(CoursePlanned) if body.course not in ended]
    return running[-1] if running else None


def order_of(chart: Chart, session: UUID) -> tuple[Entry, OrderSigned] | None:
    """The signed order of a session, if it stands."""
    found = [(e, body) for e, body in chart.said(OrderSigned) if e.session == session]
    return found[-1] if found else None


def last_signer(chart: Chart) -> str | None:
    """Who signed the latest order."""
    found = chart.last(OrderSigned)
    return found[0].by if found else None


def followed(running: CoursePlanned) -> Protocol:
    """The protocol that a course follows, with what was settled for it. Raises BadInput for one not known here."""
    return protocol_of(running) or protocol(running.protocol)


def session_numbers(chart: Chart, running: CoursePlanned) -> dict[UUID, int]:
    """Every session of the course: those it was planned with, and those booked to it later."""
    planned = {s.session: s.number for s in running.sessions}
    booked = {
        e.session: body.number
        for e, body in chart.said(SessionScheduled)
        if body.course == running.course and e.session
    }
    return planned | booked


def begun(chart: Chart) -> frozenset[UUID]:
    """Sessions whose dose was started, or that will not happen: no order is signed for them any more."""
    cancelled = {e.session for e, _ in chart.said(SessionCancelled) if e.session}
    return frozenset({*first_doses(chart), *cancelled})


def _with_dose(plan: Protocol, value: Decimal | None) -> Protocol:
    """The protocol giving this dose. A dose outside of what its source allows is refused."""
    if value is None or plan.dose is None or value == plan.dose.value:
        return plan
    if not allowed(plan, value):
        raise bad(
            f"{plan.id} does not give {plain(value)} {plan.dose.unit}",
            "dose",
            "Choose one of the protocol’s doses.",
        )
    return msgspec.structs.replace(plan, dose=Amount(value, plan.dose.unit))


def allowed(plan: Protocol, value: Decimal) -> bool:
    """One of the protocol's steps, or within its range where it names none."""
    if plan.dose is None:
        return False
    if plan.dose_steps:
        return value in plan.dose_steps
    low = plan.dose_min.value if plan.dose_min else plan.dose.value
    high = plan.highest or plan.dose.value
    return low <= value <= high


def dose_sheet(
    chart: Chart,
    running: CoursePlanned,
    preparation: Preparation | Portion | None,
    limits: Dosing,
    on: date,
    zone: ZoneInfo,
    approved: Approvals = NOTHING,
    dose_value: Decimal | None = None,
) -> DoseSheet:
    """The sheet for this person today, marked where nobody has `approved` what decided; for a chosen dose of the
    protocol if one is given, in the protocol's unit.

    Raises BadInput for a preparation that must not be made and for a dose that the protocol does not allow.
    """
    chosen = _with_dose(as_approved(followed(running), approved), dose_value)
    who = subject(chart, on, zone)
    dose = planned_dose(chosen, who.weight_kg, limits)
    vial = preparation if isinstance(preparation, Preparation) else None
    portion = preparation if isinstance(preparation, Portion) else None
    sheet = (
        on_mark(dose.order, vial, prepare(dose.order, vial, limits), limits)
        if dose and dose.order and vial
        else None
    )
    second = check(dose.order, sheet, limits) if dose and dose.order and sheet else None
    units = counted(dose, chosen, who.weight_kg, portion, limits) if dose else None
    case = Case(chosen, who, Requested(indication=running.indication), dose, sheet, limits, counted=units)
    return DoseSheet(chosen, weighed(chart, on, zone), dose, sheet, second, checks(case), units)
