"""One invented person's way through the clinic, told with the same verbs that the pages use, at past instants."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID, uuid5

import msgspec

from lowtide.data.consent import form as consent_form
from lowtide.data.giving import way
from lowtide.data.policies import policy
from lowtide.pathway.course.consent import missing, scope_of
from lowtide.pathway.course.ordered import Pump, pump
from lowtide.pathway.course.room import opening
from lowtide.pathway.course.state import fold
from lowtide.pathway.evaluate.chart_facts import facts_from_chart
from lowtide.pathway.evaluate.rules import evaluate
from lowtide.pathway.maintenance import actions as maintenance
from lowtide.pathway.plan import actions as planning
from lowtide.pathway.plan import ordering
from lowtide.pathway.plan.consenting import actions as consenting
from lowtide.pathway.session.actions import booking, charting, closing, dosing, giving, preparing
from lowtide.pathway.session.actions.common import Act
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.pathway.session.rules.giving import coming
from lowtide.pathway.session.rules.preparation import Read, figures
from lowtide.people.charts import stream_of, whole_chart
from lowtide.people.clinic import zone
from lowtide.people.patients.actions import register
from lowtide.record import store
from lowtide.record.entries.base import Answer, Body, Draft, Source
from lowtide.record.entries.care import (
    Availability,
    CandidacyDecided,
    CoursePlanned,
    FindingKept,
    OrderSigned,
)
from lowtide.record.entries.history import Measurement, Result, ResultReviewed
from lowtide.record.entries.identity import Contact, Patient, Sex
from lowtide.safe.actions.session import everywhere
from lowtide.site.demo.acting import acting
from lowtide.site.demo.answering import Answering
from lowtide.site.demo.deciding import set_aside
from lowtide.site.demo.long_infusion import LongInfusion
from lowtide.site.demo.mishaps import Mishaps
from lowtide.site.demo.staff import NAMESPACE
from lowtide.site.demo.telling import APART, CHARTED, JOINS_REGISTRY, SPARSELY, Event, told
from lowtide.site.demo.treatments import INFUSION_OF_KETAMINE, TIME_OUT, WAY_OUT, Treatment
from lowtide.virtual import history, readings
from lowtide.virtual.people import SyntheticPerson

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
INFUSION = 40


class Care(Mishaps, LongInfusion, Answering):
    """The clinic's work on one person. Every verb is told with the instant at which it happens."""

    def __init__(
        self, person: SyntheticPerson, chart: UUID, treatment: Treatment = INFUSION_OF_KETAMINE
    ) -> None:
        self.treatment = treatment
        self.person, self.patient_id, self.stream = person, chart, stream_of(chart)
        self.doses: dict[int, Decimal] = {}  # sessions for which the prescriber chose another dose
        self.random = Random(person.seed)  # noqa: S311  repeatable, not secret
        self.nurse, self.prescriber = acting("nurse"), acting("prescriber")
        self.events: list[Event] = []

    # -- before treatment -------------------------------------------------------------------------------------

    @told
    def register(self, at: datetime) -> None:
        p = self.person
        patient = Patient(
            family=p.family,
            given=p.given,
            birth_date=p.birth_date.isoformat(),
            sex=Sex.FEMALE if p.female else Sex.MALE,
            contact=Contact(
                phone=f"555 {p.number[-4:]}", email=f"{p.given}.{p.family}@example.invalid".lower()
            ),
        )
        register(acting("frontdesk"), self.patient_id, self._id("register"), patient, now=at)

    @told
    def take_history(self, at: datetime, share: float = 1.0) -> None:
        bodies = [*history.lists(self.person, half=share < 1), *history.answers(self.person, share)]
        typed, imported = history.other_medicines(self.person, half=share < 1)
        self._say(at, [*bodies, *typed, readings.vitals(self.person, 0, self.random), self._weight()])
        if imported:
            self._say(at, imported, source=Source.IMPORT)

    @told
    def work_up(self, at: datetime) -> None:
        self._say(at, history.workup(self.person), source=Source.IMPORT)

    @told
    def review(self, at: datetime) -> None:
        results = tuple(e.id for e, _ in store.load(self.stream).said(Result))
        self._say(at, [ResultReviewed(results=results, note="in range")], by=self.prescriber.by)

    @told
    def decide(self, at: datetime, decision: str = "eligible", reason: str = "as the findings say") -> None:
        chart, on = whole_chart(self.stream), at.astimezone(zone()).date()
        asked = self.treatment.asked
        found = evaluate(facts_from_chart(chart, on, zone()), asked, policy("default"), on)
        body = CandidacyDecided(
            decision=decision,
            suggested=found.decision,
            indication=asked.indication,
            product=asked.product,
            route=asked.route,
            policy=f"{found.policy.name} {found.policy.version}",
            rules_version=found.rules_version,
            findings=tuple(FindingKept(f.rule.id, f.decision, f.reason, f.verified) for f in found.findings),
            known=chart.known,
            urgent_escalation=found.urgent_escalation,
            overrides=set_aside(found, decision, at),
        )
        self._say(at, [body], by=self.prescriber.by, reason=reason)

    @told
    def can_come(self, at: datetime, said: Availability) -> None:
        self._say(at, [said])

    @told
    def plan(
        self, at: datetime, start: date, goal: str = "to walk the dog again", *, therapy: bool = False
    ) -> None:
        act = planning.Act(
            person=self.prescriber, patient_id=self.patient_id, entry_id=self._id("plan"), now=at
        )
        asked = self.treatment.asked.protocol_id or ""
        settled = self.treatment.settled
        planning.plan_course(act, asked, start, goal, settled=settled, with_therapy=therapy)

    # -- the session ------------------------------------------------------------------------------------------

    @told
    def book(self, at: datetime, number: int, start: datetime, chair: str) -> None:
        act, course = self._act(number, at), self._course().course
        stay = booking.duration(whole_chart(self.stream), course)
        outside = opening().outside(start - 30 * MINUTE, start + stay)
        booking.schedule(
            act,
            course=course,
            number=number,
            planned_at=start,
            chair=chair,
            escort="sister, 555 0177",
            outside_because="agreed with the patient" if outside else None,
        )

    @told
    def arrive(self, at: datetime) -> None:
        self._say(at, [self._weight()])
        if self.person.female:
            test = self._say(at + 2 * MINUTE, [history.pregnancy_test()])
            self._say(at + 3 * MINUTE, [ResultReviewed(results=tuple(test))], by=self.prescriber.by)

    @told
    def consent(self, at: datetime, number: int) -> None:
        """Where no consent covers the series, it is gone through before the first dose; the copy goes along on paper."""
        chart, running = whole_chart(self.stream), self._course()
        scope = scope_of(running)
        if scope is None or not missing(chart, running, at, zone()):
            return
        form = consent_form(scope)
        given = consenting.Signature(
            digest=form.digest,
            ticked={e.id for e in form.elements},
            signer=f"{self.person.given} {self.person.family}",
            capacity=Answer.YES,
            joins_registry=self.random.random() < JOINS_REGISTRY,
        )
        act = planning.Act(
            person=self.nurse, patient_id=self.patient_id, entry_id=self._id(f"consent {at}"), now=at
        )
        entry = consenting.sign(act, form, running.course, given)[0]
        copy = msgspec.structs.replace(act, entry_id=self._id(f"copy {at}"), now=at + MINUTE)
        consenting.give_copy(copy, entry.id, "on paper")

    @told
    def sign_order(self, at: datetime, number: int) -> None:
        self._weigh_after_midnight(at)
        session, chart = self._session(number), store.load(self.stream)
        dose = self.doses.get(number)
        act = planning.Act(
            person=self.prescriber, patient_id=self.patient_id, entry_id=self._id(f"order {session}"), now=at
        )
        on = at.astimezone(zone()).date()
        in_hand = self.treatment.in_hand
        found = ordering.dose_sheet(
            chart, self._course(), in_hand, planning.limits(), on, zone(), dose_value=dose
        )
        assert found.mg
        planning.sign_order(
            act,
            session,
            in_hand,
            seen_mg=found.mg,
            printed_name=self.prescriber.name,
            second_person=acting("nurse2").by,
            dose=dose,
            dose_because="a little more was borne well and may help"
            if dose
            else "improving slowly; the series is finished first",
        )

    @told
    def time_out(self, at: datetime, number: int, chair: str) -> None:
        born = self.person.birth_date.isoformat()
        preparing.time_out(self._act(number, at), typed=born, chair=chair, answers=TIME_OUT)

    @told
    def check_preparation(self, at: datetime, number: int) -> None:
        """A colleague reads what was made ready, and finds what was ordered."""
        order, drawn = self._order(number), [d.body.lot for _, _, d in everywhere(self._session(number))]
        told: dict[str, Read] = {
            "vtbi_ml": order.final_volume_ml or Decimal(0),
            "expires": (at + 400 * DAY).date(),
            "lot": next(iter(drawn), f"L{self.person.number[-4:]}"),
        }
        asked = figures(order, labelled=bool(self._bags(number)))
        read = {f.name: told.get(f.name) or getattr(order, f.name) for f in asked}
        preparing.check_preparation(
            self._act(number, at),
            other=acting("nurse2"),
            prepared_by_me=True,
            typed=self.person.birth_date.isoformat(),
            drug=order.drug,
            read=read,
        )

    @told
    def start_dose(self, at: datetime, number: int) -> None:
        self._weigh_after_midnight(at)
        if self._order(number).rate_ml_per_h is None:
            labels = [one.body.code for one in self._bags(number)]
            code = labels[0] if labels else None
            giving.give(self._act(number, at), number=1, site=self._site(number), scanned_code=code)
            return
        by_pump = self._pump(number)
        dosing.start(
            self._act(number, at), rate_ml_per_h=by_pump.rate_ml_per_h, volume_ml=by_pump.final_volume_ml
        )

    @told
    def give_next(self, at: datetime, number: int) -> None:
        """The next device, where the order has one left."""
        following = coming(session_facts(store.load(self.stream), self._session(number)))
        if following.of_mg and self._order(number).rate_ml_per_h is None:
            giving.give(self._act(number, at), number=following.number)

    @told
    def read_pump(self, at: datetime, number: int) -> None:
        dosing.change_rate(self._act(number, at), rate_ml_per_h=self._pump(number).rate_ml_per_h)

    @told
    def stop_dose(self, at: datetime, number: int) -> None:
        if self._order(number).rate_ml_per_h is None:
            return
        given = self._pump(number).final_volume_ml
        dosing.stop(self._act(number, at), delivered_ml=given, complete=True)

    @told
    def vitals(self, at: datetime, number: int, minute: float) -> None:
        charting.vitals(self._act(number, at), readings.vitals(self.person, minute, self.random))

    @told
    def rate(self, at: datetime, number: int, scale: str, value: int) -> None:
        charting.rating(self._act(number, at), scale=scale, value=Decimal(value))

    @told
    def event(self, at: datetime, number: int, what: str) -> None:
        charting.event(self._act(number, at), what=what)

    @told
    def discharge(self, at: datetime, number: int) -> None:
        closing.discharge(self._act(number, at), answers=dict.fromkeys(WAY_OUT, Answer.YES), escort="sister")

    @told
    def sign_session(self, at: datetime, number: int) -> None:
        closing.sign(self._act(number, at), printed_name=self.nurse.name)

    def begin(self, number: int, start: datetime, chair: str) -> None:
        """From arrival to the start of the infusion."""
        self.arrive(start - 55 * MINUTE)
        self.consent(start - 50 * MINUTE, number)
        self.sign_order(start - 45 * MINUTE, number)
        self.vitals(start - 12 * MINUTE, number, 0)
        self.rate(start - 9 * MINUTE, number, "moaas", 5)
        self.time_out(start - 6 * MINUTE, number, chair)
        self.draw(start - 5 * MINUTE, number)
        self.label_syringe(start - 4 * MINUTE, number)
        self.check_preparation(start - 3 * MINUTE, number)
        self.start_dose(start, number)

    def watch(self, number: int, start: datetime, until_min: int, minutes: tuple[int, ...] = CHARTED) -> None:
        """What is charted from the start up to a minute: pressures, ratings, events, the end of the infusion."""
        for minute in (m for m in minutes if m <= until_min):
            at = start + minute * MINUTE
            self.vitals(at, number, minute)
            for scale, value in readings.ratings(minute).items():
                self.rate(at, number, scale, value)
        for minute, what in ((14, "calm"), (26, "floating")):
            if minute <= until_min:
                self.event(start + minute * MINUTE, number, what)
        for device in (1, 2):
            if device * APART < until_min:
                self.give_next(start + device * APART * MINUTE, number)
        if until_min > INFUSION:
            self.stop_dose(start + (INFUSION + 1) * MINUTE, number)
            self.account(start + (INFUSION + 4) * MINUTE, number)

    def whole_session(self, number: int, start: datetime, chair: str) -> None:
        """One session from booking to signature."""
        self.book(start - 3 * DAY, number, start, chair)
        self.begin(number, start, chair)
        self.watch(number, start, SPARSELY[-1], SPARSELY)
        self.rate(start + 162 * MINUTE, number, "aldrete", 10)
        self.discharge(start + 165 * MINUTE, number)
        self.sign_session(start + 172 * MINUTE, number)

    # -- outcomes ---------------------------------------------------------------------------------------------

    @told
    def next_step(self, at: datetime, choice: str, why: str, on: datetime | None = None, **more: Any) -> None:
        chosen = maintenance.Choice(choice, why, on, **more)
        state = fold(whole_chart(self.stream))
        maintenance.decide(self.stream, state, chosen, self.prescriber, at, self._id(f"next {at}"))

    # -- small things -----------------------------------------------------------------------------------------

    def _weigh_after_midnight(self, start: datetime) -> None:
        """Where midnight lies between arrival and dose: on the scale once more, and it says the same."""
        weights = [(e, b) for e, b in whole_chart(self.stream).said(Measurement) if b.quantity == "weight_kg"]
        entry, last = weights[-1]
        if entry.at.astimezone(zone()).date() != start.astimezone(zone()).date():
            self._say(start, [last])

    def _weight(self) -> Measurement:
        drift = Decimal(self.random.randint(-4, 4)) / 10
        return Measurement(quantity="weight_kg", value=self.person.weight_kg + drift, device="scale B")

    def _site(self, number: int) -> str | None:
        order = self._order(number)
        return next(iter(way(order.product, order.route).sites.get(order.route, ())), None)

    def _pump(self, number: int) -> Pump:
        by_pump = pump(self._order(number))
        assert by_pump
        return by_pump

    def _course(self) -> CoursePlanned:
        running = ordering.course(store.load(self.stream))
        assert running
        return running

    def _session(self, number: int) -> UUID:
        """The session with this number: planned with the course, or booked to it later."""
        numbers = ordering.session_numbers(store.load(self.stream), self._course())
        return next((s for s, n in numbers.items() if n == number), self._id(f"session {number}"))

    def _order(self, number: int) -> OrderSigned:
        found = ordering.order_of(store.load(self.stream), self._session(number))
        assert found
        return found[1]

    def _act(self, number: int, at: datetime) -> Act:
        return Act(person=self.nurse, patient_id=self.patient_id, session_id=self._session(number), now=at)

    def _say(
        self,
        at: datetime,
        bodies: Iterable[Body],
        *,
        by: str | None = None,
        source: Source = Source.MANUAL,
        reason: str | None = None,
    ) -> list[UUID]:
        drafts = [
            Draft(stream=self.stream, body=b, by=by or self.nurse.by, at=at, source=source, reason=reason)
            for b in bodies
        ]
        return [e.id for e in store.append(drafts, now=at)]

    def _id(self, what: str) -> UUID:
        return uuid5(NAMESPACE, f"{self.person.number} {what}")
