"""Where a patient's treatment stands: a pure fold of the chart that every step and page shares.

It holds instants and facts, no states of the clock: what is due and what is late is said by `due`, with the time
it is asked at.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from lowtide.data.instruments import Instrument
from lowtide.pathway.course.leading import lead, told_by
from lowtide.pathway.course.response import Response, Tracked, response
from lowtide.pathway.course.scores import Score, course_measure, scores
from lowtide.pathway.course.sessions import Dose, Session, sessions
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import CandidacyDecided, CourseEnded, CoursePlanned, NextSessionDecided
from lowtide.record.entries.history import HistoryTaken, Result, ResultReviewed
from lowtide.record.entries.identity import Patient

Plans = tuple[tuple[Entry, CoursePlanned], ...]


class Phase(StrEnum):
    EVALUATION = "evaluation"
    INDUCTION = "induction"
    MAINTENANCE = "maintenance"
    ENDED = "ended"


class Decision(msgspec.Struct, frozen=True):
    """What a clinician chose for the next session: which entry, when it was first said, who, why."""

    entry: UUID
    at: datetime
    by: str
    reason: str
    body: NextSessionDecided


class CourseState(msgspec.Struct, frozen=True, kw_only=True):
    """What the pages of one patient agree on.

    `plans` are the courses planned since the last ended one, the latest last; `treated` are the sessions of these,
    `sessions` and `doses` are all of the chart. `decisions` are the choices made within the treatment, in order of
    time. `unreviewed` holds (entry, recorded at, label). `measure`, `scores` and `response` are of the questionnaire that
    every course is followed with; `lead` is the measure by which benefit, loss and outlook are told.
    """

    stream: str
    opened_at: datetime | None
    phase: Phase
    history_at: datetime | None
    candidacy: tuple[datetime, CandidacyDecided] | None
    plans: Plans
    ended_at: datetime | None
    sessions: tuple[Session, ...]
    treated: tuple[Session, ...]
    doses: tuple[Dose, ...]
    measure: Instrument
    scores: tuple[Score, ...]
    response: Response
    lead: Tracked
    decisions: tuple[Decision, ...]
    unreviewed: tuple[tuple[UUID, datetime, str], ...]

    @property
    def own(self) -> Tracked:
        """The questionnaire that every course is followed with."""
        return Tracked(self.measure, self.scores, self.response)

    @property
    def told_by(self) -> Tracked:
        """The measure in which what lies ahead is told."""
        return told_by(self.lead, self.own, self.course.indication if self.course else None)

    @property
    def course(self) -> CoursePlanned | None:
        return self.plans[-1][1] if self.plans else None

    @property
    def decision(self) -> Decision | None:
        """The latest choice made within the present treatment."""
        return self.decisions[-1] if self.decisions else None

    @property
    def recent(self) -> Plans:
        """The courses from the last new induction on; all of them where there was none."""
        anew = [n for n, (_, plan) in enumerate(self.plans) if plan.again]
        return self.plans[anew[-1] :] if anew else self.plans

    @property
    def is_refused(self) -> bool:
        """The latest decision is against treatment: nothing is asked for its sake."""
        return self.candidacy is not None and self.candidacy[1].decision == "not_eligible"

    @property
    def given(self) -> tuple[Session, ...]:
        """The sessions of the present treatment in which a dose was started."""
        return tuple(s for s in self.treated if s.dose)

    @property
    def since_induction(self) -> tuple[Session, ...]:
        """The sessions that were given beyond the planned inductions, since the last new one."""
        planned = {p.session for _, plan in self.plans if plan.phase == "induction" for p in plan.sessions}
        courses = {plan.course for _, plan in self.recent}
        return tuple(s for s in self.given if s.id not in planned and s.course in courses)

    @property
    def has_induction(self) -> bool:
        return any(plan.phase == "induction" for _, plan in self.plans)

    @property
    def next_session(self) -> Session | None:
        """The earliest session that has not been dosed; none once the treatment ended."""
        if self.phase is Phase.ENDED:
            return None
        return next((s for s in self.treated if s.is_ahead), None)

    @property
    def standing_decision(self) -> Decision | None:
        """The choice made since the last dose, if there is one."""
        last = self.given[-1] if self.given else None
        if self.decision is None or (last and self.decision.at < last.at):
            return None
        return self.decision


def fold(chart: Chart) -> CourseState:
    """The state of a chart, whatever the order its entries arrived in."""
    plans, ended_at = _plans(chart)
    all_sessions, measure = sessions(chart), course_measure()
    ours = {plan.course for _, plan in plans}
    treated = tuple(s for s in all_sessions if s.course in ours)
    found = scores(chart, measure)
    first_dose, anew = next((s.dose.started_at for s in treated if s.dose), None), _anew(plans, treated)
    own = Tracked(measure, found, response(measure, found, first_dose, anew))
    return CourseState(
        stream=chart.stream,
        opened_at=min((chart.line(e.id)[0].recorded_at for e, _ in chart.said(Patient)), default=None),
        phase=_phase(plans, ended_at, treated),
        history_at=max((e.at for e, _ in chart.said(HistoryTaken)), default=None),
        candidacy=next(((e.at, body) for e, body in reversed(chart.said(CandidacyDecided))), None),
        plans=plans,
        ended_at=ended_at,
        sessions=all_sessions,
        treated=treated,
        doses=tuple(s.dose for s in all_sessions if s.dose),
        measure=measure,
        scores=found,
        response=own.found,
        lead=lead(chart, own, plans[-1][1].indication if plans else None, first_dose, anew),
        decisions=_decisions(chart, plans),
        unreviewed=_unreviewed(chart),
    )


def _plans(chart: Chart) -> tuple[Plans, datetime | None]:
    """The courses of the present treatment and when it ended; a course after an ended one starts a new treatment."""
    ended = {body.course: entry.at for entry, body in chart.said(CourseEnded)}
    plans: list[tuple[Entry, CoursePlanned]] = []
    for entry, plan in chart.said(CoursePlanned):
        if plans and plans[-1][1].course in ended:
            plans = []
        plans.append((entry, plan))
    return tuple(plans), ended.get(plans[-1][1].course) if plans else None


def _anew(plans: Plans, treated: Sequence[Session]) -> datetime | None:
    """The first dose of the last new series; None while there was none."""
    anew = [n for n, (_, plan) in enumerate(plans) if plan.again]
    ours = {plan.course for _, plan in plans[anew[-1] :]} if anew else set()
    return next((s.dose.started_at for s in treated if s.dose and s.course in ours), None)


def planned_since(plans: Plans) -> datetime:
    """When the first course of the treatment was planned."""
    return plans[0][0].at


def _phase(plans: Plans, ended_at: datetime | None, treated: Sequence[Session]) -> Phase:
    """Induction lasts until each of its planned sessions was held or given up and a dose was given."""
    if not plans:
        return Phase.EVALUATION
    if ended_at is not None:
        return Phase.ENDED
    plan = plans[-1][1]
    planned = {p.session for p in plan.sessions}
    waiting = any(s.is_ahead or s.is_under_way for s in treated if s.id in planned)
    if plan.phase == "maintenance" or (not waiting and any(s.dose for s in treated)):
        return Phase.MAINTENANCE
    return Phase.INDUCTION


def _decisions(chart: Chart, plans: Plans) -> tuple[Decision, ...]:
    """The choices of the present treatment; a corrected one keeps its place in time."""
    if not plans:
        return ()
    said = (
        Decision(entry.id, chart.line(entry.id)[0].at, entry.by, entry.reason or "", body)
        for entry, body in chart.said(NextSessionDecided)
    )
    since = planned_since(plans)
    return tuple(sorted((one for one in said if one.at >= since), key=lambda one: one.at))


def _unreviewed(chart: Chart) -> tuple[tuple[UUID, datetime, str], ...]:
    seen = {result for _, body in chart.said(ResultReviewed) for result in body.results}
    return tuple((e.id, e.recorded_at, body.label) for e, body in chart.said(Result) if e.id not in seen)
