"""A protocol applied to one person: the sessions, what must be settled before an order is signed, what falls due.

Pure: the day, the zone and the policy are given. A plan is a proposal; the prescriber signs each order.
"""

from collections.abc import Iterator
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import msgspec

from lowtide.data import protocols as protocol_data
from lowtide.data.dosing import Dosing
from lowtide.data.monitoring import Item, items_for
from lowtide.data.protocols import Protocol
from lowtide.data.vocabulary import label
from lowtide.pathway.course.placing import Room
from lowtide.pathway.evaluate.rules import Evaluation
from lowtide.pathway.plan.checks import Case, PlanCheck, checks
from lowtide.pathway.plan.counted import counted
from lowtide.pathway.plan.dose import PARENTERAL, PlannedDose, planned_dose
from lowtide.pathway.plan.intake import Requested, Subject
from lowtide.pathway.plan.order import Preparation
from lowtide.pathway.plan.pump import Sheet, prepare
from lowtide.pathway.plan.refusals import refuse_reference_only, refuse_speed, refuse_weight
from lowtide.pathway.plan.schedule import fitted, sessions_at
from lowtide.problems import bad


class Request(msgspec.Struct, frozen=True):
    """Whom to plan for, by which protocol, from which day, in which zone, with which vial if one is in hand.

    `room` is what the dates must fit into (hours, chairs, the person's days); without one only the protocol's interval
    counts. `candidacy` is what the rules say of the person; None where a prescriber's own decision stands in their chart.
    """

    subject: Subject
    protocol: Protocol
    start: date
    zone: ZoneInfo
    requested: Requested = Requested()
    preparation: Preparation | None = None
    candidacy: Evaluation | None = None
    room: Room | None = None
    not_before: datetime | None = None


class PlannedSession(msgspec.Struct, frozen=True):
    """One intended session; `moved` says why it is not on the day of the rhythm. `dose` is None while the weight it needs is not known, `sheet` while the vial is not."""

    number: int
    at: datetime
    dose: PlannedDose | None
    sheet: Sheet | None
    moved: str = ""


class Due(msgspec.Struct, frozen=True):
    """What must be done for a session, by whom, and which rule asks for it."""

    item: str
    due_at: datetime
    owner: str
    rule_id: str
    session: int


class Plan(msgspec.Struct, frozen=True):
    protocol: Protocol
    protocol_version: str
    policy: str
    policy_version: str
    sessions: tuple[PlannedSession, ...]
    checks: tuple[PlanCheck, ...]
    due: tuple[Due, ...]

    @property
    def blocked(self) -> bool:
        return any(check.blocking for check in self.checks)


def plan(request: Request, limits: Dosing) -> Plan:
    """The course for this person.

    Raises BadInput for a protocol that lacks a dose or a schedule (naming what is missing), an implausible weight,
    and a preparation that must not be made.
    """
    protocol, subject = request.protocol, request.subject
    refuse_reference_only(protocol)
    if subject.weight_kg is not None:
        refuse_weight(subject.weight_kg)
    dose = planned_dose(protocol, subject.weight_kg, limits)
    sheet = _sheet(request, dose, limits)
    units = counted(dose, protocol, subject.weight_kg, None, limits) if dose else None
    sessions = _sessions(request, dose, sheet, limits)
    return Plan(
        protocol=protocol,
        protocol_version=protocol_data.version(protocol.id),
        policy=limits.policy,
        policy_version=limits.version,
        sessions=sessions,
        checks=checks(
            Case(protocol, subject, request.requested, dose, sheet, limits, request.candidacy, units)
        ),
        due=tuple(_due(request, sessions)),
    )


def _sessions(
    request: Request, dose: PlannedDose | None, sheet: Sheet | None, limits: Dosing
) -> tuple[PlannedSession, ...]:
    protocol = request.protocol
    assert protocol.schedule is not None  # a protocol without one is reference only
    hour = time(int(limits.session_hour))
    if request.room:
        found = fitted(protocol, request.start, hour, request.room, request.not_before)
        return tuple(
            PlannedSession(number, one.at, dose, sheet, one.moved)
            for number, one in enumerate(found, start=1)
        )
    instants = sessions_at(protocol.schedule, protocol.min_interval_h, request.start, hour, request.zone)
    return tuple(PlannedSession(number, at, dose, sheet) for number, at in enumerate(instants, start=1))


def _sheet(request: Request, dose: PlannedDose | None, limits: Dosing) -> Sheet | None:
    if request.preparation is None:
        return None
    if request.protocol.route not in (*PARENTERAL, None):
        raise bad(
            f"{request.protocol.id} is not drawn from a vial ({label('route', request.protocol.route)})",
            "vial",
            "Leave the vial out.",
        )
    if dose is None or dose.order is None:
        return None
    refuse_speed(dose.order, limits)
    return prepare(dose.order, request.preparation, limits)


def _due(request: Request, sessions: tuple[PlannedSession, ...]) -> Iterator[Due]:
    items = items_for(
        request.protocol.route or "",
        request.requested.indication or request.protocol.indications[0],
        weight_based=request.protocol.weight_based,
        childbearing=request.subject.childbearing_potential is not False,
    )
    for session in sessions:
        for item in items:
            if _falls_on(item, session.number, len(sessions)):
                yield Due(item.parameter, session.at, item.responsible, item.id, session.number)


def _falls_on(item: Item, number: int, last: int) -> bool:
    """Before-dose items come at each session; long-term ones at the first, by count, and at the end of the course."""
    frequency = item.frequency
    if item.phase == "pre":
        return True
    if item.phase != "long_term":
        return False
    counted = (
        frequency.every_sessions is not None and number > 1 and (number - 1) % frequency.every_sessions == 0
    )
    return (
        frequency.each_session
        or (frequency.baseline and number == 1)
        or counted
        or (frequency.after_induction and number == last)
    )
