"""Due items of outcomes: answers that must be acted on, drift from the best of the course, and the next questionnaire (pure)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from lowtide.data import schedules
from lowtide.data.instruments import instrument
from lowtide.pathway.course.due import DueItem, Group, Task
from lowtide.pathway.course.raised_forms import risk_items
from lowtide.pathway.course.scores import Score
from lowtide.pathway.course.state import CourseState, Phase
from lowtide.pathway.outcomes.drift import drifts
from lowtide.pathway.outcomes.risk import CHAIR, Risk, open_risks
from lowtide.pathway.outcomes.scales import of_scales
from lowtide.people.roles import P
from lowtide.record.chart import Chart
from lowtide.record.entries.care import RiskReviewed
from lowtide.science.instruments.score import triaged

URGENT = Task(
    "risk", "Open and call", 0, Group.RISK, P.CLOSE_RISK, "outcomes:risk", "stop", "Urgent", "subject"
)
STANDING = Task(
    "risk", "Open and review", 1, Group.RISK, P.CLOSE_RISK, "outcomes:risk", "hold", "Item 9", "subject"
)
ASK_NOW = Task(
    "risk_asked", "Open and call", 0, Group.RISK, P.CLOSE_RISK, "outcomes:risk", "stop", "Ask now", "subject"
)
ASK = Task(
    "risk_asked", "Open and ask", 1, Group.RISK, P.CLOSE_RISK, "outcomes:risk", "hold", "Ask", "subject"
)
DRIFT = Task(
    "drift", "Look at the course", 86, Group.DRIFT, P.CLOSE_RISK, "outcomes:risk", "caution", "Drifting"
)
BASELINE, BEFORE, AFTER = 31, 40, 70
"""How far in front the next questionnaire stands: before the first dose, before a session, after one."""

DAY = timedelta(days=1)


def of_outcomes(chart: Chart, state: CourseState) -> Iterator[DueItem]:
    yield from _risk(chart, state)
    yield from _drift(chart, state)
    wanted = list(_measured(state))
    if wanted:
        yield min(wanted, key=lambda item: item.due_at)
    yield from of_scales(chart, state)


def _risk(chart: Chart, state: CourseState) -> Iterator[DueItem]:
    """One item a chart: its most pressing open answer speaks for the others; and one for what was left out."""
    waiting = open_risks(chart, state.measure, state.response.outcome)
    for kind in (False, True):
        alike = [risk for risk in waiting if risk.unanswered is kind]
        if alike:
            yield _risk_item(min(alike, key=lambda r: (not r.is_urgent, r.due_at)))


def _risk_item(risk: Risk) -> DueItem:
    urgent, standing = (ASK_NOW, ASK) if risk.unanswered else (URGENT, STANDING)
    return DueItem(
        task=urgent if risk.is_urgent else standing,
        rule=risk.rule,
        due_at=risk.due_at,
        label=risk_words(risk),
        detail=risk_detail(risk),
        opens_at=risk.raised_at if risk.unanswered else None,
        subject=risk.form,
        taken=risk.owner,
        escalates_at=risk.raised_at + patience if (patience := risk.rule.patience) else None,
    )


def risk_words(risk: Risk) -> str:
    """What was answered, in the questionnaire's own words."""
    if risk.value is None:
        return f"{risk.instrument}: {risk.text}"
    own = instrument(risk.instrument)
    if len(risk_items(own)) == 1:
        ((item, value),) = risk.items.items()
        answer = next((o.text.lower() for o in own.item(item).options if o.value == value), str(value))
        return f"{own.name} item {item} answered “{answer}”"
    band = triaged(own, risk.items)
    said = f"question{'s' * (len(risk.items) > 1)} {', '.join(risk.items)} answered yes"
    return f"{own.name}: {said}{f', {band} risk' if band else ''}"


def risk_detail(risk: Risk) -> str:
    """What else somebody who calls should know about the answer."""
    earlier = ", ".join(map(str, risk.earlier))
    said = (
        (
            risk.mode != CHAIR,
            f"Last answers before: {earlier}." if earlier else "There is no earlier answer.",
        ),
        (not risk.finished, "The form was not finished."),
        (risk.now_value == 0, "The answer was changed to 0 afterwards."),
        (risk.withdrawn, "The form was withdrawn afterwards."),
    )
    return " ".join(words for holds, words in said if holds)


def _drift(chart: Chart, state: CourseState) -> Iterator[DueItem]:
    """The scores worsen, and nobody has looked at the latest of them: well above the best since the first dose, or
    creeping up over several weeks. One item a chart, the course's own measure first."""
    if state.phase is Phase.ENDED:
        return
    found = next((one for one in drifts(chart, state) if not _was_seen(chart, one.latest)), None)
    if found is None:
        return
    yield DueItem.after(
        DRIFT,
        schedules.rules()["risk_drifting"],
        found.latest.at,
        found.label,
        found.text,
        subject=found.latest.form,
    )


def _was_seen(chart: Chart, score: Score) -> bool:
    return any(
        body.closed and body.answers in chart.entries and chart.line(body.answers)[0].id == score.form
        for _, body in chart.said(RiskReviewed)
    )


def _measured(state: CourseState) -> Iterator[DueItem]:
    """Each reason for the next questionnaire; whoever answers one has answered all."""
    if state.opened_at is None or state.phase is Phase.ENDED:
        return
    whole = [s.at for s in state.scores if s.total is not None]
    last = whole[-1] if whole else None
    if last is None and not state.given and not state.is_refused:
        yield _item(state, BASELINE, "phq9_baseline", state.opened_at + _span("phq9_baseline"))
    if state.next_session and not _within(last, state.next_session.planned_at - _span("phq9_before")):
        at = state.next_session.planned_at
        yield _item(state, BEFORE, "phq9_before", at, opens_at=at - _span("phq9_before"))
    if state.given:
        yield from _in_treatment(state, last)


def _in_treatment(state: CourseState, last: datetime | None) -> Iterator[DueItem]:
    session = state.given[-1]
    ended = session.ended_at or session.at
    if not _within(last, ended):
        yield _item(state, AFTER, "phq9_after", session.at + _span("phq9_after"), opens_at=ended)
    since = last or ended
    weekly = since + _span("phq9_weekly")
    yield _item(state, AFTER, "phq9_weekly", weekly, opens_at=weekly - DAY)


def _within(last: datetime | None, since: datetime) -> bool:
    return last is not None and last >= since


def _span(name: str) -> timedelta:
    return schedules.rules()[name].span


def _item(
    state: CourseState, rank: int, name: str, due_at: datetime, opens_at: datetime | None = None
) -> DueItem:
    rule, measure = schedules.rules()[name], state.measure
    verb = f"Score a {measure.name}"
    return DueItem(
        task=Task(measure.id.lower(), verb, rank, Group.CLOCK, P.SCORE, "outcomes:measure"),
        rule=rule,
        due_at=due_at,
        label=measure.name,
        detail=f"{rule.text}.",
        opens_at=opens_at,
    )
