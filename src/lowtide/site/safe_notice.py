"""The safe on the worklist of those who work at it: one line for all that is late there."""

from django.utils import timezone

from lowtide.pathway.course.notices import Notice
from lowtide.people.who import Person
from lowtide.safe.watching import late_for


def notice(person: Person) -> Notice | None:
    """What is late at the safes; nothing while nothing is."""
    late = late_for(person, timezone.now())
    if not late:
        return None
    first = late[0]
    more = f", and {len(late) - 1} more" if len(late) > 1 else ""
    return Notice(
        title=f"{first.due.title}: {first.label}",
        text=f"Late since {timezone.localtime(first.due.due_at):%d %b, %H:%M}{more}.",
        verb="Open the safe",
        page="safe:safes",
    )
