"""Due items of safety: events to ask about again or to judge, reports to send, people to call (pure)."""

from collections.abc import Iterator

from lowtide.data import schedules
from lowtide.data.events import word
from lowtide.pathway.course.due import DueItem, Group, Task
from lowtide.pathway.course.state import CourseState
from lowtide.pathway.safety.rules import SENT, Event, Report, events
from lowtide.people.roles import P
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer
from lowtide.record.entries.chair import Discharged
from lowtide.record.entries.event_words import called
from lowtide.record.entries.events import FollowUpCall

FOLLOW = Task(
    "event", "Ask again", 26, Group.CLOCK, P.CHART_SESSION, "safety:follow", "caution", "Event", "subject"
)
JUDGE = Task(
    "event_judged", "Judge it", 24, Group.DECISION, P.DECIDE, "safety:follow", "caution", "Judge", "subject"
)
CALL = Task(
    "advice_call", "Call and write", 8, Group.CLOCK, P.CHART_SESSION, "safety:call", "hold", "Call", "subject"
)


def of_safety(chart: Chart, state: CourseState) -> Iterator[DueItem]:
    """Of every event, and of everybody who left against advice."""
    for event in events(chart):
        yield from _follow(event)
        for report in event.reports:
            yield from _report(event, report)
    yield from _calls(chart)


def _follow(event: Event) -> Iterator[DueItem]:
    what = f"{called(event.body)}, {word(event.grade).lower()}"
    if event.serious is Answer.NOT_KNOWN:
        yield DueItem.after(
            JUDGE,
            schedules.rules()["event_judged"],
            event.entry.recorded_at,
            f"Is it serious: {what}",
            "Nobody has judged it yet; a serious one has to be told.",
            title=f"Judge whether {called(event.body).lower()} is serious",
            subject=event.id,
        )
    if not event.is_over:
        yield DueItem.after(
            FOLLOW,
            event.follow_up,
            event.last_at,
            what,
            "It is not over: ask again, until it is.",
            title=f"Ask how it is: {called(event.body).lower()}",
            opens_at=event.last_at,
            subject=event.id,
        )


def _report(event: Event, report: Report) -> Iterator[DueItem]:
    """The report until it is sent; from the time it is overdue on it is the medical director's as well."""
    what = f"Serious event: {called(event.body).lower()}"
    if report.to_send:
        yield DueItem(
            task=_task(f"report_{report.key}", "Send and write", 6, "hold", "Report"),
            rule=report.rule,
            due_at=report.due_at,
            label=f"Report to {report.label}",
            title=f"Report to {report.label}: {called(event.body).lower()}",
            detail=f"{what}. {'Sending failed: send it again.' if report.state != 'open' else 'Not sent yet.'}",
            subject=event.id,
            taken=report.owner,
        )
        yield _overdue(report, what, event)
    elif report.state == SENT and report.sent_at:
        yield DueItem.after(
            _task(f"report_{report.key}", "Ask after it", 27, "caution", "Report", Group.CLOCK),
            schedules.rules()["report_acknowledged"],
            report.sent_at,
            f"{report.label} has not acknowledged the report",
            f"{what}. Sent under {report.reference or 'no number'}.",
            opens_at=report.sent_at,
            subject=event.id,
        )


def _overdue(report: Report, what: str, event: Event) -> DueItem:
    rule = schedules.rules()["report_overdue"]
    return DueItem(
        task=_task(f"report_overdue_{report.key}", "See to it", 5, "stop", "Overdue"),
        rule=rule,
        due_at=report.due_at + rule.span,
        opens_at=report.due_at,
        label=f"Overdue: report to {report.label}",
        title=f"The report to {report.label} is overdue",
        detail=f"{what}. {rule.text}.",
        subject=event.id,
    )


def _task(name: str, verb: str, rank: int, level: str, word: str, group: Group = Group.DECISION) -> Task:
    return Task(name, verb, rank, group, P.CHART_SESSION, "safety:event", level, word, "subject")


def _calls(chart: Chart) -> Iterator[DueItem]:
    """Whoever left against advice is called, until a call closes it."""
    closed = {body.about for _, body in chart.said(FollowUpCall) if body.closes}
    tried = [body.about for _, body in chart.said(FollowUpCall)]
    for entry, body in chart.said(Discharged):
        if body.against_advice and entry.id not in closed:
            times = tried.count(entry.id)
            yield DueItem.after(
                CALL,
                schedules.rules()["advice_call"],
                entry.at,
                "Left against advice",
                f"Called {times} time{'s' * (times != 1)} so far." if times else "Nobody has called yet.",
                title="Call: they left against advice",
                subject=entry.id,
            )
