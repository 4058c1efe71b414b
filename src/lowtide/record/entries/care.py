"""Entries of decisions: candidacy, the course, the order, the next session, and the risk trail."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from lowtide.data.risk import closings, contacts
from lowtide.problems import Problem
from lowtide.record.dates import PartialDate
from lowtide.record.entries.base import Body, date_problems, proof_problems

DECISIONS = ("not_eligible", "defer", "conditional", "eligible")


class FindingKept(msgspec.Struct, frozen=True, omit_defaults=True):
    """A finding as the clinician saw it when deciding."""

    rule_id: str
    decision: str
    reason: str
    verified: bool = True


class OverrideKept(msgspec.Struct, frozen=True, omit_defaults=True):
    """A finding that the clinician set aside: on what ground (the rule's word for it), why, and on whose letter."""

    rule_id: str
    ground: str
    reason: str
    who: str = ""
    dated: PartialDate | None = None


class CandidacyDecided(Body, tag="candidacy_decided.1", frozen=True, kw_only=True):
    """The prescriber's own decision, with the findings it was made on and what was known (`stream -> seq`).

    `policy` is its name with its version; `missing` are the items that were not known; `overrides` are the findings that
    the decision is more open than, each set aside as its rule allows.
    """

    decision: str
    suggested: str
    indication: str
    product: str
    route: str
    policy: str
    rules_version: str
    findings: tuple[FindingKept, ...]
    known: dict[str, int]
    urgent_escalation: bool = False
    missing: tuple[str, ...] = ()
    overrides: tuple[OverrideKept, ...] = ()

    def problems(self) -> Iterator[Problem]:
        if self.decision not in DECISIONS:
            yield Problem(f"“{self.decision}” is no decision", "decision", f"One of: {', '.join(DECISIONS)}.")


class PlannedSession(msgspec.Struct, frozen=True, omit_defaults=True):
    """`moved` says why it is not on the day that the protocol's rhythm names."""

    session: UUID
    number: int
    planned_at: datetime
    moved: str | None = None


class TherapyPlanned(msgspec.Struct, frozen=True, omit_defaults=True):
    """A psychotherapy session beside the doses; `number` is the dose it belongs to."""

    kind: str
    number: int
    planned_at: datetime
    moved: str | None = None


class Away(msgspec.Struct, frozen=True, omit_defaults=True):
    """Days on which a person cannot come, first and last included."""

    first: date
    last: date
    why: str | None = None


class Availability(Body, tag="availability.1", frozen=True, kw_only=True):
    """When a person can come: days away, weekdays (Monday = 0) that never suit, and the hours they like best.

    The latest one stands.
    """

    away: tuple[Away, ...] = ()
    never: tuple[int, ...] = ()
    from_time: str | None = None
    to_time: str | None = None

    def problems(self) -> Iterator[Problem]:
        for one in self.away:
            if one.last < one.first:
                yield Problem("the last day is before the first", "away", "Swap the two days.")
        if self.from_time and self.to_time and self.from_time >= self.to_time:
            yield Problem("the hours end before they begin", "to_time", "Enter the earlier hour first.")


class Settled(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the source of a protocol leaves open and the prescriber settled for this course, and why."""

    because: str
    route: str | None = None
    dose: Decimal | None = None
    unit: str | None = None
    sessions: int | None = None
    every_days: int | None = None


class CoursePlanned(Body, tag="course_planned.1", frozen=True, kw_only=True):
    """A course of sessions under one protocol version, with its goal in words.

    `programs` are the risk programmes that the clinic's country asked for when it was planned. `again`: a new
    induction after a relapse.
    """

    course: UUID
    indication: str
    protocol: str
    protocol_version: str
    phase: str
    sessions: tuple[PlannedSession, ...]
    goal: str | None = None
    goals: tuple[str, ...] = ()
    therapy: tuple[TherapyPlanned, ...] = ()
    programs: tuple[str, ...] = ()
    settled: Settled | None = None
    again: bool = False


class ProgramEnrolled(Body, tag="program_enrolled.1", frozen=True, kw_only=True):
    """The patient is enrolled in a risk programme: since when, with which proof, on which version of its form."""

    program: str
    enrolment: str
    enrolled_on: PartialDate
    form_version: str | None = None
    ended_on: PartialDate | None = None

    def problems(self) -> Iterator[Problem]:
        yield from proof_problems(self.program, self.enrolment, "enrolment")
        yield from date_problems(self, "enrolled_on", "ended_on")


class CourseEnded(Body, tag="course_ended.1", frozen=True, kw_only=True):
    """A course is over. `why` is the word for how it ended, `achieved` what it brought, `goes_on_with` who cares from
    now on, `ask_on` the days on which somebody asks how things are, `told` what the patient was told to come back for."""

    course: UUID
    outcome: str
    why: str | None = None
    achieved: tuple[str, ...] = ()
    goes_on_with: str | None = None
    ask_on: tuple[date, ...] = ()
    told: tuple[str, ...] = ()


class ContactTried(Body, tag="contact_tried.1", frozen=True, kw_only=True):
    """Somebody looked for a patient of whom nothing was heard, or asked how things are. `asked_for` is the agreed day
    it was about, where there was one."""

    how: str
    reached: bool
    said: str = ""
    asked_for: date | None = None


class CourseReviewed(Body, tag="course_reviewed.1", frozen=True, kw_only=True):
    """A clinician looked at what stopping and review rules found: go on, change or stop; the reason is the entry's.

    `findings` are their words as they stood on the page.
    """

    course: UUID
    rules: tuple[str, ...]
    findings: tuple[str, ...]
    choice: str
    known: dict[str, int] = {}


class Titrated(msgspec.Struct, frozen=True, omit_defaults=True):
    """The dose chosen for a session in the protocol's unit, beside what the protocol's rule said, and why it differs."""

    dose: Decimal
    unit: str
    advice: str
    reasons: tuple[str, ...]
    advised: Decimal | None = None
    because: str | None = None


class OrderSigned(Body, tag="order_signed.1", frozen=True, kw_only=True):
    """A signed dose order for one session (the entry's `session`), in every unit that reaches the patient.

    `weight_entry` is the measured weight it rests on, where it rests on one; volumes in mL, rates in mL/h, exact
    decimals. What does not apply is absent: only an infusion has a rate, only what is drawn has a vial. What is
    counted (nasal devices, capsules, mL of a solution) is `count` times `each_mg`, with at least `apart_min` between
    two of them. `looked_again` is what was unusual about a dose that was typed once more before it was signed.
    """

    course: UUID
    protocol: str
    protocol_version: str
    drug: str
    route: str
    dose_mg: Decimal
    policy: str
    printed_name: str
    dose_mg_per_kg: Decimal | None = None
    weight_kg: Decimal | None = None
    weight_entry: UUID | None = None
    duration_min: Decimal | None = None
    vial_mg_per_ml: Decimal | None = None
    vial_volume_ml: Decimal | None = None
    diluent_ml: Decimal | None = None
    final_volume_ml: Decimal | None = None
    rate_ml_per_h: Decimal | None = None
    product: str | None = None
    given_as: str | None = None
    each_mg: Decimal | None = None
    count: Decimal | None = None
    unit: str | None = None
    apart_min: Decimal | None = None
    meaning: str = "I order this dose for this patient"
    second_person: str | None = None
    acknowledged_checks: tuple[str, ...] = ()
    titration: Titrated | None = None
    looked_again: str | None = None

    @property
    def has_pump(self) -> bool:
        return self.rate_ml_per_h is not None

    def problems(self) -> Iterator[Problem]:
        if self.dose_mg <= 0:
            yield Problem("a dose must be above zero", "dose_mg", "Check the order.")
        if not self.printed_name.strip():
            yield Problem("an order is signed by name", "printed_name", "Type your name to sign.")
        if self.each_mg is not None and self.count is not None and self.each_mg * self.count != self.dose_mg:
            yield Problem("the count does not make the dose", "count", "Work the sheet out again.")


class RelapseBy(msgspec.Struct, frozen=True):
    """How many of 100 virtual people have relapsed by an instant, were nothing given."""

    at: datetime
    pct: int


class FadeKept(msgspec.Struct, frozen=True, omit_defaults=True):
    """The prediction that stood beside a choice: its window, relapse by week, what it was made on and with."""

    relapse: tuple[RelapseBy, ...]
    instrument: str
    scores: int
    numbers: str
    opens_at: datetime | None = None
    closes_at: datetime | None = None


class NextSessionDecided(Body, tag="next_session_decided.1", frozen=True, kw_only=True):
    """What the clinician chose after a session (a step of maintenance) beside what the protocol said and what was
    predicted. `look_again_on` is the day set with a pause, `pointed` the rules that pointed at a step, `held` what held the
    next session by then, as it was named to whoever chose."""

    choice: str
    planned_at: datetime | None = None
    proposed_from: datetime | None = None
    proposed_to: datetime | None = None
    rule: str | None = None
    fade: FadeKept | None = None
    look_again_on: date | None = None
    pointed: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


class RiskReviewed(Body, tag="risk_reviewed.1", frozen=True, kw_only=True):
    """A raised suicidality answer was acted on: by whom and when are the entry's, what was done is here.

    `owner` is who has it from now on, where that is not the author. `contact` is the way in which the patient was
    sought, `because` the reason for which it is closed: words of the table of contacts and closings.
    """

    answers: UUID
    action: str
    closed: bool
    owner: str | None = None
    contact: str | None = None
    because: str | None = None

    def problems(self) -> Iterator[Problem]:
        if not self.action.strip():
            yield Problem("say what was done", "action", "Write what you did about the answer.")
        for where, said, known in (
            ("contact", self.contact, contacts()),
            ("because", self.because, closings()),
        ):
            if said is not None and said not in known:
                yield Problem(f"“{said}” is not in the table", where, f"One of: {', '.join(known)}.")


class Answers(Body, tag="answers.1", frozen=True, kw_only=True):
    """A questionnaire as answered, item by item (code -> value). The total is worked out, never stored.

    `complete` is False for a form left half-way; `mode` is tablet, phone, paper, interview or import. `dated` is
    set when no time of day is known: the entry's `at` is then the first instant of that date. `rater` is who rated,
    where that is not the patient (staff:<id>, or a name); `window` the period it asked about, where that is not the
    instrument's usual one; `not_applicable` are items that do not apply to this person; `language` is that of the words
    that were read, where it is not the house's own; `unread` are those that were answered, or may have been, in a way
    that nobody's table could read. `left_open`: whoever answered ended the form with questions left without an answer.
    """

    instrument: str
    version: str
    items: dict[str, int]
    mode: str
    complete: bool = True
    dated: PartialDate | None = None
    rater: str = ""
    window: str = ""
    not_applicable: tuple[str, ...] = ()
    language: str = ""
    unread: tuple[str, ...] = ()
    left_open: bool = False


class Total(Body, tag="total.1", frozen=True, kw_only=True):
    """A questionnaire's total that came without its items, from another record; `dated` as in answers."""

    instrument: str
    value: Decimal
    dated: PartialDate | None = None
