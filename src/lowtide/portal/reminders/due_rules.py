"""The due item of reminders: an address that took none (pure)."""

from collections.abc import Iterator

from lowtide.data import schedules
from lowtide.pathway.course.due import DueItem, Group, Task
from lowtide.pathway.course.state import CourseState, Phase
from lowtide.people.roles import P
from lowtide.portal.reminders import told
from lowtide.record.chart import Chart

ADDRESS = Task(
    "reminder_address",
    "Ask for the address",
    74,
    Group.CLOCK,
    P.EDIT_IDENTITY,
    "portal_desk:reminders",
    "caution",
    "Mail failed",
)


def of_reminders(chart: Chart, state: CourseState) -> Iterator[DueItem]:
    """Somebody asks for the address anew, as long as reminders are wanted and the treatment goes on."""
    found = told.not_taken(chart)
    if found is None or found.outcome is None or state.phase is Phase.ENDED or not told.is_on(chart):
        return
    yield DueItem.after(
        ADDRESS,
        schedules.rules()["reminder_address"],
        found.outcome[0].at,
        "Reminder not delivered",
        "The e-mail address took no mail. The patient was not reminded: tell them by telephone.",
    )
