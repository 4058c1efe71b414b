"""Due items of the way to a course and through it: history, candidacy, plan, results, sessions (pure)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from lowtide.data import schedules
from lowtide.pathway.course.due import DueItem, Group, Task
from lowtide.pathway.course.sessions import Session
from lowtide.pathway.course.state import CourseState, Phase
from lowtide.pathway.course.words import few
from lowtide.people.roles import P
from lowtide.record.chart import Chart
from lowtide.record.entries.care import CandidacyDecided

CHAIR, DECIDE, CLOCK = Group.SESSION, Group.DECISION, Group.CLOCK
UNDER_WAY = Task(
    "under_way", "Go to the chair", 10, CHAIR, P.CHART_SESSION, "session:session", "hold", "Now", "session"
)
SIGN_OFF = Task(
    "sign_off", "Sign off", 20, DECIDE, P.SIGN_SESSION, "session:session", "caution", "Sign off", "session"
)
HISTORY = Task("history", "Take the history", 30, CLOCK, P.WRITE_HISTORY, "evaluate:intake")
CANDIDACY = Task("candidacy", "Decide candidacy", 32, DECIDE, P.DECIDE, "evaluate:evaluate", "note", "Decide")
AGAIN = Task("candidacy_again", "Look again", 34, DECIDE, P.DECIDE, "evaluate:evaluate", "hold", "Deferred")
PLAN = Task("plan", "Plan the course", 36, DECIDE, P.DECIDE, "plan:plan", "note", "Plan")
ORDER = Task("order", "Open dose sheet", 44, DECIDE, P.ORDER, "plan:order", "caution", "Sign dose", "session")
BOOK = Task("book", "Book a chair", 45, Group.BOOKING, P.BOOK, "session:book", "note", "Book", "session")
SESSION = Task(
    "session",
    "Open the session",
    60,
    CHAIR,
    P.CHART_SESSION,
    "session:session",
    "caution",
    "Not held",
    "session",
)
RESULTS = Task("results", "Review results", 94, Group.RESULT, P.REVIEW_RESULT, "evaluate:results")

GO_AHEAD = frozenset({"eligible", "conditional"})


def of_the_course(chart: Chart, state: CourseState) -> Iterator[DueItem]:
    """The due items that belong to no later step."""
    if state.opened_at is None:
        return
    yield from _evaluation(state, state.opened_at)
    yield from _results(state)
    yield from _booking(state)
    for session in state.treated if state.phase is not Phase.ENDED else ():
        yield from _ahead(session)
    for session in state.sessions:
        yield from _begun(session)


def _evaluation(state: CourseState, opened_at: datetime) -> Iterator[DueItem]:
    """The way to a plan: before the first course, and again after one that ended."""
    rules, decided = schedules.rules(), _fresh_decision(state)
    if decided is None and state.phase is Phase.EVALUATION:
        if state.history_at is None:
            yield DueItem.after(HISTORY, rules["history"], opened_at, "No history taken yet")
        else:
            yield DueItem.after(CANDIDACY, rules["candidacy"], state.history_at, "Candidacy open")
    if decided is None or state.phase not in (Phase.EVALUATION, Phase.ENDED):
        return
    at, body = decided
    if body.decision in GO_AHEAD:
        why = f"Found {body.decision}; no course is planned."
        yield DueItem.after(PLAN, rules["plan"], at, "Course to plan", why)
    elif body.decision == "defer":
        rule = rules["candidacy_again"]
        yield DueItem.after(
            AGAIN, rule, at, "Deferred", "What held may have changed.", opens_at=at + rule.span / 2
        )


def _fresh_decision(state: CourseState) -> tuple[datetime, CandidacyDecided] | None:
    """The candidacy decision that no ended treatment has used up."""
    if state.candidacy and (state.ended_at is None or state.candidacy[0] > state.ended_at):
        return state.candidacy
    return None


def _results(state: CourseState) -> Iterator[DueItem]:
    """All results that wait for review, as one item: the oldest says when it is due."""
    if not state.unreviewed:
        return
    first = min(arrived for _, arrived, _ in state.unreviewed)
    count = len(state.unreviewed)
    yield DueItem.after(
        RESULTS,
        schedules.rules()["result_review"],
        first,
        "1 result to review" if count == 1 else f"{count} results to review",
        f"{few(list(dict.fromkeys(label for _, _, label in state.unreviewed)))}.",
    )


def _booking(state: CourseState) -> Iterator[DueItem]:
    """Planned sessions without a chair, as one item: the earliest says for when.

    A chair is booked a week ahead, or a day after the session was planned, and before it in any case.
    """
    open_ = (
        [s for s in state.treated if s.is_ahead and not s.booked] if state.phase is not Phase.ENDED else []
    )
    if not open_:
        return
    first, rule = open_[0], schedules.rules()["booking"]
    planned = next(e.at for e, plan in reversed(state.plans) if plan.course == first.course)
    due_at = max(first.planned_at - rule.span, planned + timedelta(days=1))
    yield DueItem(
        task=BOOK,
        rule=rule,
        due_at=min(due_at, first.planned_at),
        opens_at=first.planned_at - 2 * rule.span,
        label=f"{first.name.capitalize()} has no chair"
        if len(open_) == 1
        else f"{len(open_)} sessions have no chair",
        title=f"Book a chair for {first.name}",
        session=first.id,
        window=(first.planned_at, first.planned_at),
    )


def _ahead(session: Session) -> Iterator[DueItem]:
    """The order to sign and the session to hold."""
    if not session.is_ahead:
        return
    rules, name = schedules.rules(), session.name.capitalize()
    opens_at = session.planned_at - rules["order"].span
    if session.order is None:
        yield DueItem(
            task=ORDER,
            rule=rules["order"],
            due_at=session.planned_at,
            opens_at=opens_at,
            label=f"{name}: dose not signed",
            title=f"Sign the dose of {session.name}",
            detail=f"{rules['order'].text}.",
            window=(session.planned_at, session.planned_at),
            session=session.id,
        )
    yield DueItem.after(
        SESSION,
        rules["session"],
        session.planned_at,
        name,
        title=f"Hold {session.name}",
        opens_at=opens_at,
        session=session.id,
    )


def _begun(session: Session) -> Iterator[DueItem]:
    """The chair while somebody sits in it, and the signature that closes the record."""
    rules = schedules.rules()
    if session.is_under_way and session.dose:
        now = f"{session.name.capitalize()} is under way"
        since = session.dose.started_at
        why = "The dose was begun, and the patient has not left yet."
        yield DueItem.after(UNDER_WAY, rules["session"], since, now, why, title=now, session=session.id)
    elif session.is_unsigned:
        yield DueItem.after(
            SIGN_OFF,
            rules["sign_off"],
            session.ended_at or session.at,
            f"{session.name.capitalize()}: not signed off",
            title=f"Sign {session.name} off",
            session=session.id,
        )
