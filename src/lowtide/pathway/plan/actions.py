"""The verbs of planning: weigh, plan a course, sign an order. Each is one append under a guard."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID, uuid5

import msgspec

from lowtide.data.dosing import Dosing
from lowtide.data.policies import policy
from lowtide.data.programs import required
from lowtide.data.protocols import Protocol, protocol, version
from lowtide.data.vocabulary import label
from lowtide.pathway.course.approved import dosing_in_force
from lowtide.pathway.course.room import room_for
from lowtide.pathway.course.settled import checked, settle
from lowtide.pathway.course.state import fold
from lowtide.pathway.plan import choosing, ordering
from lowtide.pathway.plan.checks import beyond_age
from lowtide.pathway.plan.dose import drug_of
from lowtide.pathway.plan.looking_again import far, refuse_unless_typed_again
from lowtide.pathway.plan.ordered import InHand, figures
from lowtide.pathway.plan.rules import Plan, Request, plan
from lowtide.pathway.plan.therapy import beside
from lowtide.pathway.safety.longterm.gate import blocking
from lowtide.people.charts import linked, stream_of, whole_chart
from lowtide.people.clinic import CLINIC, this_clinic, zone
from lowtide.people.retry import append
from lowtide.people.who import Person
from lowtide.problems import Conflict, Problem, Refused, bad, refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Body, Draft, Entry, Source
from lowtide.record.entries.care import (
    CoursePlanned,
    CourseReviewed,
    OrderSigned,
    PlannedSession,
    Settled,
    Titrated,
)
from lowtide.record.entries.forecast import Forecast, ForecastShown
from lowtide.record.entries.history import Measurement
from lowtide.science.units import on_scale, plain, weight_kg


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Who plans for whom. `entry_id` is made with the form, so that a double click is one entry."""

    person: Person
    patient_id: UUID
    entry_id: UUID
    now: datetime = msgspec.field(default_factory=lambda: datetime.now(UTC))

    @property
    def stream(self) -> str:
        return stream_of(self.patient_id)

    def draft(
        self,
        body: Body,
        session: UUID | None = None,
        corrects: Entry | None = None,
        reason: str | None = None,
    ) -> Draft:
        made = Draft(
            id=self.entry_id,
            stream=self.stream,
            body=body,
            by=self.person.by,
            at=self.now,
            session=session,
            reason=reason,
            source=Source.PATIENT if self.person.is_patient else Source.MANUAL,
        )
        return made.correcting(corrects) if corrects else made


def limits() -> Dosing:
    """The dosing numbers of the policy that the clinic adopted, with its own values."""
    return dosing_in_force(store.load(CLINIC))


def record_weight(act: Act, value: str, unit: str, device: str, again: str = "") -> list[Entry]:
    """A measured weight, kept in kg beside what was read and in which unit.

    One far from the last is recorded only when `again`, a second weighing in the same unit, says the same.
    """
    kg = weight_kg(f"{value} {unit}", "weight")
    if store.find(act.entry_id) is None:
        _believable(act, kg, weight_kg(f"{again} {unit}", "again") if again else None)
    body = Measurement(
        quantity="weight_kg",
        value=on_scale(kg),
        read_value=Decimal(value),
        read_unit=unit,
        device=device or None,
    )
    return append([act.draft(body)], now=act.now)


def _believable(act: Act, kg: Decimal, again: Decimal | None) -> None:
    """Refuse a jump that nobody has weighed twice (hazard H005)."""
    last, numbers = ordering.weighed(whole_chart(act.stream), act.now.date(), zone()), limits()
    most = Decimal(str(policy(numbers.policy).numbers()["weight_change_limit_pct"].value))
    if last is None or abs(kg - last.weight_kg) * 100 <= last.weight_kg * most:
        return
    if again is None:
        raise bad(
            f"{plain(round(kg, 1))} kg is more than {plain(most)} % from the last, {plain(last.recorded_kg)} kg",
            "again",
            "Check kg against lb, weigh a second time and enter what the scale shows.",
        )
    if abs(kg - again) > kg * numbers.rounding_tolerance:
        raise bad("the second weighing differs from the first", "again", "Weigh until two agree.")


def _country() -> str:
    clinic = this_clinic()
    return clinic.country if clinic else ""


def proposed(act: Act, protocol_id: str, start: date, settled: Settled | None = None) -> Plan:
    """The sessions of a protocol from a day on, on days on which they can be held. Raises BadInput for a past day."""
    where, known = zone(), protocol(protocol_id)
    said = checked(known, settled)
    chosen = settle(known, said) if said else known
    if start < act.now.astimezone(where).date():
        raise bad(f"{start} is past", "start", "Choose today or a later day.")
    chart = whole_chart(act.stream)
    who = ordering.subject(chart, start, where)
    if known.labelled and (text := beyond_age(known, who.age_years)):
        raise bad(text, "protocol", "No dose of it could be signed.")
    request = Request(
        who,
        chosen,
        start,
        where,
        room=room_for(chart),
        not_before=act.now,
    )
    return plan(request, limits())


def plan_course(
    act: Act,
    protocol_id: str,
    start: date,
    goal: str,
    *,
    with_therapy: bool = False,
    settled: Settled | None = None,
) -> list[Entry]:
    """Plan the sessions of a protocol from a day on, with psychotherapy beside them if it is wanted. Each line of the
    goal is one. Dates that had to move keep the reason. `settled` is what the prescriber
    settles where the source of the protocol leaves it open.

    Refused without a standing decision that the person may be treated, and while another course is running.
    """
    made, said = proposed(act, protocol_id, start, settled), checked(protocol(protocol_id), settled)
    chosen = made.protocol
    goals = tuple(line.strip() for line in goal.splitlines() if line.strip())
    therapy = beside([s.at for s in made.sessions], room_for(whole_chart(act.stream)), act.now)
    course = uuid5(act.entry_id, "course")
    decided = ordering.candidacy(whole_chart(act.stream))
    body = CoursePlanned(
        course=course,
        indication=decided.indication if decided else chosen.indications[0],
        protocol=chosen.id,
        protocol_version=version(chosen.id),
        phase=chosen.phase,
        goal="; ".join(goals) or None,
        goals=goals,
        programs=required(_country(), chosen.product),
        settled=said,
        sessions=tuple(
            PlannedSession(uuid5(course, str(s.number)), s.number, s.at, s.moved or None)
            for s in made.sessions
        ),
        therapy=therapy if with_therapy else (),
    )
    return _append(act, [act.draft(body)], _may_plan)


def sign_order(
    act: Act,
    session: UUID,
    preparation: InHand,
    *,
    seen_mg: Decimal,
    printed_name: str,
    second_person: str | None,
    reason: str = "",
    forecast: Forecast | None = None,
    dose: Decimal | None = None,
    dose_because: str = "",
    dose_again: Decimal | None = None,
) -> list[Entry]:
    """Sign the dose for one session as it is worked out now.

    `seen_mg` is the dose that stood on the page: when today's weight has made it another, nothing is signed. A
    standing order is replaced as a correction, with its reason. Refused once the dose has begun. `forecast` is what
    stood beside the sheet, computed before: it is kept with the order, in the same append. `dose` is the protocol's
    dose that the prescriber chose, in its unit; where it is not what the titration rule led to, `dose_because` says
    why, and both are kept with the order. One far from the last dose is typed once more, in mg, as `dose_again`.
    """
    if signed := _signed_already(act, session, seen_mg):
        return [signed]
    chart = whole_chart(act.stream)
    running = ordering.course(chart)
    if running is None or session not in ordering.session_numbers(chart, running):
        raise refuse("this session is in no running course", "session", "Open the plan again.")
    chosen = _titrated(chart, running, dose, dose_because, act.now)
    body = _order(act, chart, running, preparation, printed_name, second_person, chosen)
    if body.dose_mg != seen_mg:
        raise refuse(
            f"the dose is now {plain(body.dose_mg)} mg; the page showed {plain(seen_mg)} mg",
            "dose_mg",
            "Look at the sheet again, then sign.",
        )
    unusual = far(choosing.standing(chart, running, dose, now=act.now), limits())
    refuse_unless_typed_again(unusual, dose_again, body.dose_mg)
    body = msgspec.structs.replace(body, looked_again=unusual or None)
    standing = ordering.order_of(chart, session)
    if standing and not reason.strip():
        raise refuse("an order stands for this session already", "reason", "Say the reason for replacing it.")
    drafts = [act.draft(body, session, standing[0] if standing else None, reason or None)]
    if forecast:
        shown = ForecastShown(order=act.entry_id, forecast=forecast)
        drafts.append(msgspec.structs.replace(act.draft(shown, session), id=uuid5(act.entry_id, "forecast")))

    def may(whole_chart: Chart) -> None:
        _may_sign(whole_chart, session, body)
        refuse_held(whole_chart, act.now)

    return _append(act, drafts, may)


def _signed_already(act: Act, session: UUID, seen_mg: Decimal) -> Entry | None:
    """What an earlier press of the same button signed."""
    stored = store.find(act.entry_id)
    if stored is None:
        return None
    same = (stored.stream, stored.session, stored.by) == (act.stream, session, act.person.by)
    if not same or getattr(stored.body, "dose_mg", None) != seen_mg:
        raise Conflict(stored, seen_mg)
    return stored


def _order(
    act: Act,
    chart: Chart,
    running: CoursePlanned,
    preparation: InHand,
    printed_name: str,
    second_person: str | None,
    chosen: Titrated | None = None,
) -> OrderSigned:
    numbers, where = limits(), zone()
    on, dose = act.now.astimezone(where).date(), chosen.dose if chosen else None
    found = ordering.dose_sheet(chart, running, preparation, numbers, on, where, dose_value=dose)
    if found.mg is None or (found.needs_weight and found.weighed is None):
        raise refuse("the dose cannot be worked out yet", "order", "Weigh today and choose what is in hand.")
    if found.blocking:
        raise refuse(found.blocking[0].text.rstrip("."), "order", "Settle it, then sign.")
    if found.second_person and not second_person:
        raise refuse(
            found.second_person.text.rstrip("."), "second_person", "Let a second person sign in below."
        )
    if printed_name.strip().casefold() != act.person.name.casefold():
        raise bad("the printed name is not yours", "printed_name", f"Type your name as {act.person.name}.")
    return OrderSigned(
        course=running.course,
        protocol=running.protocol,
        protocol_version=running.protocol_version,
        drug=drug_of(found.protocol),
        route=found.protocol.route or "",
        product=found.protocol.product,
        **figures(found),
        policy=f"{numbers.policy} {numbers.version}",
        printed_name=act.person.name,
        second_person=second_person,
        acknowledged_checks=tuple(c.id for c in found.checks),
        titration=chosen,
    )


def _titrated(
    chart: Chart, running: CoursePlanned, dose: Decimal | None, because: str, now: datetime
) -> Titrated | None:
    """What the rule says now, beside what was chosen. Another dose than the rule's needs its reason."""
    chosen = choosing.standing(chart, running, dose, now=now)
    if chosen is None:
        return None
    if chosen.needs_reason and not because.strip():
        raise refuse(
            f"the rule says: {chosen.advice.words.lower()}, {chosen.advised_words}",
            "dose_because",
            "Say why you choose otherwise, or choose that dose.",
        )
    return chosen.kept(because.strip() if chosen.needs_reason else None)


def review_course(act: Act, rules: tuple[str, ...], choice: str, reason: str) -> list[Entry]:
    """What a clinician decides on the findings of stopping and review rules. Nothing else is changed by it.

    Refused for findings that no longer stand, and, where a second clinician is asked for, to the one who signed last.
    """
    if not reason.strip():
        raise bad("a review needs its reason", "reason", "Say in a few words what you decided on.")
    chart = whole_chart(act.stream)
    state = fold(chart)
    waiting = choosing.waiting(chart, state, now=act.now, zone=zone())
    asked = [f for f in waiting if f.id in rules]
    if state.course is None or not asked or {f.id for f in asked} != set(rules):
        raise refuse("these findings no longer stand", "rules", "Look at the course again.")
    if any(f.second_clinician for f in asked) and act.person.by == ordering.last_signer(chart):
        raise refuse(
            "you signed the last order yourself", "rules", "Another clinician reviews what was given in all."
        )
    body = CourseReviewed(
        course=state.course.course,
        rules=tuple(f.id for f in asked),
        findings=tuple(f.text for f in asked),
        choice=choice,
        known=chart.known,
    )
    return _append(act, [act.draft(body, reason=reason.strip())], lambda whole: None)


def _may_plan(chart: Chart) -> None:
    decided = ordering.candidacy(chart)
    if decided is None or decided.decision not in ordering.MAY_BE_TREATED:
        raise refuse(
            "nobody has decided that this person may be treated",
            "candidacy",
            "Evaluate and record the decision first.",
        )
    if ordering.course(chart):
        raise refuse("a course is running already", "course", "End it before another one is planned.")


def refuse_another_product(chart: Chart, ordered: Protocol) -> None:
    """Refuse an order whose drug or route is not what was decided on: doses do not carry over (hazard H004)."""
    decided = ordering.candidacy(chart)
    if decided and (decided.product, decided.route) != (ordered.product, ordered.route):
        raise refuse(
            f"{label('product', decided.product)} by route {decided.route} was decided on; {ordered.id} gives another",
            "protocol",
            "Evaluate and decide again, then plan a course of it.",
        )


def _may_sign(chart: Chart, session: UUID, body: OrderSigned) -> None:
    running = ordering.course(chart)
    refuse_another_product(chart, ordering.followed(running) if running else protocol(body.protocol))
    if session in ordering.begun(chart):
        raise refuse(
            "this session has begun or was cancelled", "session", "An order is signed before the dose."
        )
    newest = max(
        (e for e, m in chart.said(Measurement) if m.quantity == "weight_kg"),
        key=lambda e: e.order,
        default=None,
    )
    if body.weight_entry and (newest is None or newest.id != body.weight_entry):
        raise refuse("the weight was changed meanwhile", "weight", "Look at the sheet again, then sign.")


def refuse_held(chart: Chart, at: datetime) -> None:
    """Refuse a dose while long-term safety holds the next session back, each reason said."""
    if found := blocking(chart, at):
        raise Refused(*(Problem(one.what, "longterm", one.mend) for one in found))


def _append(act: Act, drafts: list[Draft], may: Callable[[Chart], None]) -> list[Entry]:
    own = linked(act.stream)

    def guard(charts: Mapping[str, Chart]) -> None:
        may(Chart.union(charts[name] for name in own))

    return append(drafts, guard, also_lock=own, now=act.now)
