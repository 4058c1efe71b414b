"""The time-out: the pause before the dose, in which identity is typed, not nodded through (hazard H001)."""

from collections.abc import Mapping
from datetime import datetime

from lowtide.data import monitoring
from lowtide.pathway.session.actions.common import Act, append, require
from lowtide.pathway.session.actions.enrolment import refuse_without_programs
from lowtide.pathway.session.rules.gates import open_session, questions
from lowtide.pathway.session.rules.identity import second_identifier
from lowtide.pathway.session.rules.state import SessionState, Verb
from lowtide.people.charts import identity
from lowtide.people.roles import Permission
from lowtide.problems import bad, refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.chair import TimeOut, TimeOutItem

Answers = Mapping[str, Answer]


def time_out(
    act: Act,
    *,
    typed: str,
    chair: str,
    answers: Answers,
    details: Mapping[str, str] | None = None,
    nurse: str | None = None,
) -> list[Entry]:
    """Take the time-out: `typed` is the patient's birth date or number as read off the patient, not off the screen.

    A question without an answer is kept as not asked. `nurse` takes the session; by default whoever does this.
    Raises BadInput when the identifier is not this patient's.
    """
    require(act, Permission.CHART_SESSION)
    patient = identity(store.load(act.stream), act.patient_id)
    matched = second_identifier(patient, typed) if patient else None
    if matched is None:
        raise bad(
            "this is not the birth date or number of this chart",
            "typed",
            "Ask the patient again. If it still differs, you may have the wrong chart open.",
        )
    if not chair.strip():
        raise bad("the chair is missing", "chair", "Choose the chair.")
    body = TimeOut(
        items=_items(answers, details or {}),
        second_identifier=matched,
        nurse=nurse or act.person.by,
        chair=chair,
    )
    return append(act, Verb.TIME_OUT, [act.draft(body)], lambda chart, state: _alone(chart, state, act.when))


def _items(answers: Answers, details: Mapping[str, str]) -> tuple[TimeOutItem, ...]:
    return tuple(
        TimeOutItem(item=item, answer=answer, detail=details.get(item, "").strip() or None)
        for item, answer in answers.items()
    )


def unanswered(chart: Chart, state: SessionState, answers: Answers) -> list[str]:
    """The questions of this patient's time-out that have no answer yet."""
    asked = questions(chart, state.facts, monitoring.items())
    return [q.short for q in asked if answers.get(q.id, Answer.NOT_KNOWN) is Answer.NOT_KNOWN]


def _alone(chart: Chart, state: SessionState, at: datetime) -> None:
    if open_session(chart, state.facts.session):
        raise refuse(
            "another session of this patient is open",
            "session",
            "End that one first, or find out why it is open.",
        )
    refuse_without_programs(chart, state.facts.session, at)
