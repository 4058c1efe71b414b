"""The worklist's tables as pure functions of a chart; they grow with the due rules that the steps add."""

from lowtide.data import schedules
from lowtide.data.protocols import every
from lowtide.pathway.course import due
from lowtide.pathway.course.due import DueItem
from lowtide.pathway.course.models import DueRow, SessionRow
from lowtide.pathway.course.sessions import Session, sessions
from lowtide.pathway.course.state import fold
from lowtide.record.chart import Chart
from lowtide.record.entries import (
    authorising,
    care,
    chair,
    consent,
    events,
    history,
    identity,
    longterm,
    mailed,
    papers,
    portal,
)
from lowtide.record.entries.base import Body
from lowtide.record.projections import Projection, Row, register
from lowtide.science.units import plain

SESSION_KINDS: tuple[type[Body], ...] = (
    care.CoursePlanned,
    care.OrderSigned,
    chair.SessionScheduled,
    chair.SessionCancelled,
    chair.SessionAbandoned,
    chair.SessionSigned,
    chair.TimeOut,
    chair.DoseStarted,
    chair.DoseStopped,
    chair.DoseGiven,
    chair.DosingEnded,
    chair.Discharged,
)
DUE_KINDS: tuple[type[Body], ...] = (
    *SESSION_KINDS,
    identity.Patient,
    history.HistoryTaken,
    history.HistoryItem,
    history.Result,
    history.Diagnosis,
    history.Medicine,
    history.Measurement,
    history.ResultReviewed,
    care.CandidacyDecided,
    care.CourseEnded,
    care.CourseReviewed,
    care.ProgramEnrolled,
    care.NextSessionDecided,
    care.ContactTried,
    care.RiskReviewed,
    care.Answers,
    care.Total,
    consent.Consent,
    consent.ConsentWithdrawn,
    consent.ConsentConfirmed,
    papers.DocumentSent,
    papers.DocumentFailed,
    papers.DocumentAcknowledged,
    papers.DocumentWaived,
    papers.Correspondent,
    papers.Coverage,
    authorising.AuthorisationAsked,
    authorising.AuthorisationAnswered,
    authorising.AuthorisationAppealed,
    authorising.AuthorisationNotNeeded,
    events.AdverseEvent,
    events.AdverseEventFollowed,
    events.ReportTaken,
    events.ReportSent,
    events.FollowUpCall,
    events.EmergencyOpened,
    history.TreatmentTrial,
    longterm.SafetyAsked,
    longterm.TreatedElsewhere,
    longterm.UseSignal,
    longterm.StopReviewed,
    longterm.CheckPostponed,
    longterm.SafetyReviewed,
    portal.Message,
    portal.MessageClosed,
    portal.PatientRequest,
    portal.PatientRequestClosed,
    portal.EscortNamed,
    mailed.ReminderMailed,
    mailed.ReminderOutcome,
    mailed.RemindersChosen,
)
"""What the due rules of all steps look at."""

RULES = 16  # raised with each change of a due rule’s code: rows folded by the older one are folded again


def due_rows(chart: Chart) -> list[Row]:
    return [_due_row(chart.stream, item) for item in due.due(chart, fold(chart))]


def session_rows(chart: Chart) -> list[Row]:
    plans = {plan.course: plan for _, plan in chart.said(care.CoursePlanned)}
    return [_session_row(s, plans.get(s.course) if s.course else None) for s in sessions(chart)]


def _observation_min(name: str) -> int | None:
    """How long the protocol keeps the patient after the dose; None where it does not say or is not known here."""
    found = every().get(name)
    return int(found.observation_min) if found and found.observation_min is not None else None


def _due_row(stream: str, item: DueItem) -> Row:
    task, rule = item.task, item.rule
    return {
        "key": f"{stream}|{item.key}",
        "task": task.name,
        "group": task.group.value,
        "rank": task.rank,
        "label": item.label,
        "detail": item.detail,
        "verb": task.verb,
        "level": task.level,
        "word": task.word,
        "opens_at": item.opens_at,
        "due_at": item.due_at,
        "owner": rule.owner,
        "rule_id": rule.rule_id,
        "rule_text": rule.text,
        "verified": rule.verified,
        "needs": task.needs.name,
        "page": task.page,
        "place": str(item.place or ""),
        "taken": item.taken,
        "second": rule.second if item.escalates_at else "",
        "escalates_at": item.escalates_at,
        "window_from": item.window[0] if item.window else None,
        "window_to": item.window[1] if item.window else None,
    }


def _session_row(session: Session, plan: care.CoursePlanned | None) -> Row:
    order = session.order
    return {
        "key": str(session.id),
        "number": session.number,
        "at": session.at,
        "status": session.status.value,
        "chair": session.chair or "",
        "dose": f"{plain(order.dose_mg)} mg {order.route.upper()}" if order else "",
        "dose_min": int(order.duration_min or 0) if order else None,
        "observation_min": _observation_min(plan.protocol) if plan else None,
        "ended_at": session.ended_at,
        "programs": f" {' '.join(plan.programs)} " if plan and plan.programs else "",
    }


def register_all() -> None:
    version = schedules.revision() + RULES
    register(Projection("course.due", version, DueRow, "chart:", DUE_KINDS, due_rows))
    register(Projection("course.sessions", 3, SessionRow, "chart:", SESSION_KINDS, session_rows))
