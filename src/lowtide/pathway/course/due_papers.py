"""Due items of what must stand on paper before the next session: the consent, the enrolment in a risk programme (pure).

Each is judged for the instant the session is planned for, so that what runs out before it is asked for in time. The
entry that settles it clears it. Days are counted in UTC: a row of the worklist knows no clinic.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from lowtide.data import schedules
from lowtide.data.programs import programs
from lowtide.pathway.course import consent
from lowtide.pathway.course.due import DueItem, Group, Task
from lowtide.pathway.course.programs import patient_lacks
from lowtide.pathway.course.sessions import Session
from lowtide.pathway.course.state import CourseState, Phase
from lowtide.people.roles import P
from lowtide.record.chart import Chart
from lowtide.record.entries.care import CoursePlanned
from lowtide.record.entries.words import day

ENROL = Task("enrolment", "Record it", 43, Group.BOOKING, P.BOOK, "plan:enrolment", "caution", "Enrol")
CONSENT = Task(
    "consent", "Go through it", 46, Group.CLOCK, P.WRITE_HISTORY, "plan:consent", "caution", "Consent"
)
WITHDRAWN = Task(
    "consent",
    "Speak to the patient",
    41,
    Group.DECISION,
    P.WRITE_HISTORY,
    "plan:consent",
    "hold",
    "Withdrawn",
)
WITHDRAWN_LABEL = "Consent withdrawn"
OPENS_BEFORE = 7
"""An item opens this many of its own spans before the session: of a day, a week."""


def before_the_session(chart: Chart, state: CourseState) -> Iterator[DueItem]:
    """For the next session of the treatment; and a consent that was taken back while none lies ahead."""
    session = state.next_session
    if session is None:
        yield from _taken_back(chart, state)
    course = consent.course_of(chart, session.course) if session else None
    if session is None or course is None:
        return
    yield from _consent(chart, session, course)
    yield from _enrolment(chart, session, course)


def _consent(chart: Chart, session: Session, course: CoursePlanned) -> Iterator[DueItem]:
    at = session.planned_at
    if consent.scope_of(course) is None or consent.covering(chart, course, at, UTC):
        return
    of_it = [s for s in consent.signed(chart, at, UTC) if s.body.course in (None, course.course)]
    if of_it and of_it[0].withdrawn:
        yield _withdrawn(session, of_it[0].withdrawn.at)
        return
    why = consent.missing(chart, course, at, UTC)
    label, detail = f"No consent for {session.name}", f"{why[:1].upper()}{why[1:]}."
    if of_it and consent.covering(chart, course, of_it[0].entry.at, UTC):
        label = f"The consent runs out before {session.name}"
        detail = f"It holds until {day(of_it[0].holds_until.isoformat())}."
    rule = schedules.rules()["consent"]
    yield DueItem(
        task=CONSENT,
        rule=rule,
        due_at=at - rule.span,
        opens_at=at - OPENS_BEFORE * rule.span,
        label=label,
        title=f"Go through the consent before {session.name}",
        detail=detail,
        window=(at, at),
    )


def _taken_back(chart: Chart, state: CourseState) -> Iterator[DueItem]:
    """Nobody waits for a session, and the patient was told that the clinic speaks with them: until a new consent, a choice
    of what comes next, or the end of the course."""
    if state.course is None or state.phase is Phase.ENDED:
        return
    ours = {None, *(plan.course for _, plan in state.plans)}
    of_it = [s for s in consent.signed(chart, state.plans[-1][0].at, UTC) if s.body.course in ours]
    since = of_it[0].withdrawn.at if of_it and of_it[0].withdrawn else None
    if since is None or (state.decision and state.decision.at > since):
        return
    rule = schedules.rules()["consent_withdrawn"]
    yield DueItem(
        task=WITHDRAWN,
        rule=rule,
        due_at=since + rule.span,
        opens_at=since,
        label=WITHDRAWN_LABEL,
        title="Consent is withdrawn",
        detail="No session lies ahead. Speak to the patient; end the course, or go through a new consent.",
    )


def _withdrawn(session: Session, since: datetime) -> DueItem:
    """A session lies ahead to which nobody consents any more: it is spoken about, not waited for."""
    rule = schedules.rules()["consent_withdrawn"]
    return DueItem(
        task=WITHDRAWN,
        rule=rule,
        due_at=min(since + rule.span, session.planned_at),
        opens_at=since,
        label=WITHDRAWN_LABEL,
        title=f"Consent is withdrawn and {session.name} lies ahead",
        detail="Speak to the patient; cancel what lies ahead, or go through a new consent.",
        window=(session.planned_at, session.planned_at),
    )


def _enrolment(chart: Chart, session: Session, course: CoursePlanned) -> Iterator[DueItem]:
    """The enrolment that the country asks for: not recorded, not yet begun, or ended by the day of the session."""
    on = session.planned_at.astimezone(UTC).date()
    lacks = [lack for key in course.programs for lack in patient_lacks(chart, key, on)]
    if not lacks:
        return
    rule, name, what = schedules.rules()["enrolment"], programs()[lacks[0].program].label, lacks[0].what
    yield DueItem(
        task=ENROL,
        rule=rule,
        due_at=session.planned_at - rule.span,
        label=f"Enrolment in the {name}",
        title=f"Record the enrolment in the {name}",
        detail=f"{what[:1].upper()}{what[1:]}. {rule.text}.",
        window=(session.planned_at, session.planned_at),
    )
