"""Due items of the patient's own place: messages, words of crisis, and what a patient asks for (pure)."""

from collections.abc import Iterator

from lowtide.data import schedules
from lowtide.pathway.course.due import DueItem, Group, Task
from lowtide.pathway.course.state import CourseState
from lowtide.people.roles import P
from lowtide.portal.conversation import Asked, Said, open_messages, open_requests
from lowtide.record.chart import Chart

PAGE, PLACE = "portal_desk:messages", "portal_desk:place"
CRISIS = Task("message_crisis", "Open and call", 0, Group.RISK, P.CLOSE_RISK, PAGE, "stop", "Call now")
MESSAGE = Task("message", "Answer", 72, Group.CLOCK, P.CLOSE_RISK, PAGE, "note", "Message")
STOPS = Task(
    "patient_stops", "Speak to them", 5, Group.DECISION, P.WRITE_HISTORY, PAGE, "hold", "Wants to stop"
)
ASKS = Task("patient_asks", "Do it", 73, Group.CLOCK, P.EDIT_IDENTITY, PLACE, "note", "Asked")
ASKED = {
    "close_access": "Asks to close their own place",
    "correct": "Asks to have something put right",
    "other": "Asks for something",
}


def of_the_portal(chart: Chart, state: CourseState) -> Iterator[DueItem]:
    """What waits for the clinic. The text of a message stays on its page: a list is read over shoulders."""
    waiting = open_messages(chart)
    grave = [m for m in waiting if m.body.crisis]
    if grave:
        yield _crisis(grave[0])
    if ordinary := [m for m in waiting if not m.body.crisis]:
        yield _message(ordinary)
    for asked in open_requests(chart):
        yield _request(asked)


def _crisis(one: Said) -> DueItem:
    rule, since = schedules.rules()["message_crisis"], one.entry.recorded_at
    return DueItem(
        task=CRISIS,
        rule=rule,
        due_at=since + rule.span,
        label="A message with words of crisis",
        detail="The patient was shown help at once and told that nobody reads messages live.",
        escalates_at=since + patience if (patience := rule.patience) else None,
    )


def _message(waiting: list[Said]) -> DueItem:
    count = len(waiting)
    label = "A message from the patient" if count == 1 else f"{count} messages from the patient"
    return DueItem.after(MESSAGE, schedules.rules()["message"], waiting[0].entry.at, label)


def _request(asked: Asked) -> DueItem:
    stops = asked.body.what == "stop_treatment"
    rule = schedules.rules()["patient_stops" if stops else "patient_asks"]
    label = "Wants to stop the treatment" if stops else ASKED[asked.body.what]
    task = Task(f"{ASKS.name}_{asked.body.what}", *_rest(ASKS)) if not stops else STOPS
    return DueItem.after(task, rule, asked.entry.at, label)


def _rest(task: Task) -> tuple[str, int, Group, P, str, str, str]:
    return task.verb, task.rank, task.group, task.needs, task.page, task.level, task.word
