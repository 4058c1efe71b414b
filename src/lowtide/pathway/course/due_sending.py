"""Due items of documents that leave the house, each with the clock of its rule from the first of the dose on (pure)."""

from collections.abc import Iterator

from lowtide.data import schedules
from lowtide.data.documents import Kind
from lowtide.pathway.course.due import DueItem, Group, Task
from lowtide.pathway.course.sendings import Way, expected, standing
from lowtide.pathway.course.sessions import Session, Status
from lowtide.pathway.course.state import CourseState
from lowtide.people.roles import P
from lowtide.record.chart import Chart

TASK = "send_"
DONE = (Way.SENT, Way.ACKNOWLEDGED, Way.WAIVED)


def to_send(chart: Chart, state: CourseState) -> Iterator[DueItem]:
    """What every session that is over still has to send."""
    for session in state.sessions:
        for kind, to in expected(chart, session):
            found = standing(chart, session.id, kind.id)
            if found.way not in DONE:
                yield _item(session, kind, to, failed=found.way is Way.FAILED)


def _item(session: Session, kind: Kind, to: str, *, failed: bool) -> DueItem:
    assert session.dose
    word, level = ("Failed", "hold") if failed else ("Send", "note")
    task = Task(
        f"{TASK}{kind.id}",
        "Send it",
        70,
        Group.CLOCK,
        P.SEND_DOCUMENTS,
        "documents:sending",
        level,
        word,
        "session",
    )
    why = "The last try did not arrive." if failed else ""
    if session.status is not Status.SIGNED:
        why = f"{why} The session is signed first.".strip()
    return DueItem.after(
        task,
        schedules.rules()[kind.due],
        session.dose.started_at,
        f"{kind.label}, {session.name}",
        why or f"To {to}.",
        title=f"Send the {kind.label.lower()} of {session.name} to {to}",
        opens_at=session.ended_at,
        session=session.id,
    )
