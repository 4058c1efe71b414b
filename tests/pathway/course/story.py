"""A patient's story told in entries, for tests: each verb adds what that step of care would have written.

`chart` folds it without a database; `tell` writes it to the record.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import msgspec

from lowtide.data.consent import form as consent_form
from lowtide.data.instruments import version
from lowtide.pathway.course.consent import scope_of
from lowtide.record import projections, store
from lowtide.record.chart import Chart
from lowtide.record.entries import care, chair, history
from lowtide.record.entries.base import Answer, Body, Draft, Entry, Source
from lowtide.record.entries.consent import Consent, ConsentElement
from lowtide.record.entries.identity import Patient, Sex
from lowtide.record.verify import refold

START = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def items_for(total: int, item_nine: int = 0) -> dict[str, int]:
    """Nine answers that make a total, the last one given."""
    rest, items = total - item_nine, {}
    for number in range(1, 9):
        items[str(number)] = min(3, rest)
        rest -= items[str(number)]
    assert rest == 0, "not a PHQ-9 total with this item 9"
    return items | {"9": item_nine}


class Story:
    """Entries in the order they are told; `now` is the instant of the last one."""

    def __init__(self, stream: str | None = None, at: datetime = START, *, register: bool = True) -> None:
        self.stream = stream or f"chart:{uuid4()}"
        self.now = at
        self.drafts: list[Draft] = []
        self.course = uuid4()
        self.sessions: list[UUID] = []
        if register:
            self.say(Patient(family="Testperson", given="Ada", birth_date="1980-05-17", sex=Sex.FEMALE))

    @property
    def patient(self) -> UUID:
        return UUID(self.stream.removeprefix("chart:"))

    def after(self, **span: float) -> "Story":
        self.now += timedelta(**span)
        return self

    def say(self, body: Body, **envelope: Any) -> Draft:
        draft = Draft(
            stream=self.stream, body=body, by=envelope.pop("by", "staff:test"), at=self.now, **envelope
        )
        self.drafts.append(draft)
        return draft

    # -- the verbs of care ------------------------------------------------------------------------------------

    def took_history(self) -> "Story":
        self.say(history.HistoryTaken(items=("diagnoses",)))
        return self

    def decided(self, decision: str = "eligible") -> "Story":
        self.say(
            care.CandidacyDecided(
                decision=decision,
                suggested=decision,
                indication="trd",
                product="racemic_ketamine",
                route="iv",
                policy="default",
                rules_version="1",
                findings=(),
                known={},
            )
        )
        return self

    def planned(
        self,
        days: Sequence[float] = (0, 3, 7, 10, 14, 17),
        *,
        protocol: str = "P05",
        phase: str = "induction",
    ) -> "Story":
        """A course whose sessions lie so many days after the next day at ten."""
        first = (self.now + DAY).replace(hour=10, minute=0)
        self.course, self.sessions = uuid4(), [uuid4() for _ in days]
        sessions = tuple(
            care.PlannedSession(session, number, first + timedelta(days=after))
            for number, (session, after) in enumerate(zip(self.sessions, days, strict=True), start=1)
        )
        self.say(
            care.CoursePlanned(
                course=self.course,
                indication="trd",
                protocol=protocol,
                protocol_version="1",
                phase=phase,
                sessions=sessions,
            )
        )
        self.first_at = first
        return self

    def consented(self) -> "Story":
        """The patient agrees to the course planned last, by the form in force."""
        plan = next(d.body for d in reversed(self.drafts) if isinstance(d.body, care.CoursePlanned))
        scope = scope_of(plan)
        assert scope
        form = consent_form(scope)
        self.say(
            Consent(
                form=form.id,
                version=form.version,
                language=form.language,
                digest=form.digest,
                indication=scope.indication,
                product=scope.product,
                route=scope.route,
                standing=scope.standing,
                compounded=scope.compounded,
                elements=tuple(ConsentElement(e.id, e.title, e.text) for e in form.elements),
                signer="Ada Testperson",
                acting_as="patient",
                capacity=Answer.YES,
                course=plan.course,
            )
        )
        return self

    def ordered(self, number: int = 1) -> "Story":
        self.say(
            care.OrderSigned(
                course=self.course,
                protocol="P05",
                protocol_version="1",
                drug="ketamine",
                route="iv",
                dose_mg=Decimal("36.5"),
                dose_mg_per_kg=Decimal("0.5"),
                weight_kg=Decimal("73.0"),
                weight_entry=uuid4(),
                duration_min=Decimal(40),
                vial_mg_per_ml=Decimal(50),
                vial_volume_ml=Decimal("0.73"),
                diluent_ml=Decimal("49.27"),
                final_volume_ml=Decimal(50),
                rate_ml_per_h=Decimal(75),
                policy="default",
                printed_name="Dr Test",
            ),
            session=self.sessions[number - 1],
        )
        return self

    def started(self, number: int = 1) -> "Story":
        body = chair.DoseStarted(
            order=uuid4(), rate_ml_per_h=Decimal(75), mg_per_ml=Decimal("0.73"), volume_ml=Decimal(50)
        )
        self.say(body, session=self.sessions[number - 1])
        return self

    def finished(self, number: int = 1, *, signed: bool = True) -> "Story":
        session = self.sessions[number - 1]
        self.after(minutes=40).say(
            chair.DoseStopped(delivered_ml=Decimal(50), complete=True), session=session
        )
        self.after(hours=2).say(chair.Discharged(criteria=(), escort="Mia"), session=session)
        if signed:
            self.after(minutes=5).say(chair.SessionSigned(printed_name="N. Test", known={}), session=session)
        return self

    def held(self, number: int = 1, *, signed: bool = True) -> "Story":
        """One whole session, from the signed order on."""
        return self.ordered(number).started(number).finished(number, signed=signed)

    def induced(self, totals: Sequence[int | None] = (20, 16, 13, 12, 10, 8, 7)) -> "Story":
        """Six sessions of an induction with a score before each and one after the last."""
        self.phq9(totals[0]) if totals[0] is not None else None
        for number in range(1, 7):
            self.now = max(self.now, self.first_at + timedelta(days=(0, 3, 7, 10, 14, 17)[number - 1]))
            self.held(number)
            total = totals[number]
            if total is not None:
                self.after(hours=20).phq9(total)
        return self

    def phq9(self, total: int, item_nine: int = 0, **envelope: Any) -> "Story":
        self.answered(items_for(total, item_nine), **envelope)
        return self

    def answered(self, items: dict[str, int], *, mode: str = "tablet", **envelope: Any) -> Draft:
        body = care.Answers(
            instrument="PHQ9", version=version("PHQ9"), items=items, mode=mode, complete=len(items) == 9
        )
        return self.say(body, **envelope)

    def chose(
        self, choice: str = "next", in_days: float | None = 14, reason: str = "as discussed"
    ) -> "Story":
        planned_at = self.now + timedelta(days=in_days) if in_days is not None and choice == "next" else None
        self.say(care.NextSessionDecided(choice=choice, planned_at=planned_at), reason=reason)
        return self

    def scheduled(self, number: int, at: datetime, chair_: str | None = "Chair 1") -> "Story":
        while len(self.sessions) < number:
            self.sessions.append(uuid4())
        body = chair.SessionScheduled(
            course=self.course, number=number, planned_at=at, chair=chair_, escort="Mia"
        )
        self.say(body, session=self.sessions[number - 1])
        return self

    def scheduled_as_planned(self) -> "Story":
        """Each planned session with a chair at its planned time."""
        plan = next(d.body for d in reversed(self.drafts) if isinstance(d.body, care.CoursePlanned))
        for session in plan.sessions:
            self.scheduled(session.number, session.planned_at)
        return self

    def work_up(self, *items: str) -> "Story":
        for item in items:
            self.say(history.HistoryItem(item=f"workup.{item}", answer=Answer.YES))
        return self

    def shifted(self, by: timedelta) -> "Story":
        """The same story at another time, planned instants included."""
        self.now += by
        self.drafts = [
            msgspec.structs.replace(d, at=d.at + by, body=_shifted(d.body, by)) for d in self.drafts
        ]
        return self

    def ended(self, outcome: str = "well") -> "Story":
        self.say(care.CourseEnded(course=self.course, outcome=outcome))
        return self

    # -- what becomes of it -----------------------------------------------------------------------------------

    @property
    def entries(self) -> list[Entry]:
        return [draft.as_entry(seq) for seq, draft in enumerate(self.drafts, start=1)]

    @property
    def chart(self) -> Chart:
        return Chart.of(self.stream, self.entries)

    def tell(self) -> "Story":
        """Write it to the record as it happened, then go on from here; the tables are folded from it once, at the end."""
        with projections.postponed(keep="people."):
            for draft in self.drafts:
                store.append([draft], now=max(draft.at, START))
        refold(self.stream)
        store.forget()
        self.drafts = []
        return self


def _shifted(body: Body, by: timedelta) -> Body:
    if isinstance(body, care.CoursePlanned):
        moved = tuple(msgspec.structs.replace(p, planned_at=p.planned_at + by) for p in body.sessions)
        return msgspec.structs.replace(body, sessions=moved)
    if getattr(body, "planned_at", None):
        return msgspec.structs.replace(body, planned_at=body.planned_at + by)  # type: ignore[attr-defined]
    return body


__all__ = ["DAY", "START", "Source", "Story", "items_for"]
