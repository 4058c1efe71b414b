"""The notice of documents that wait to be sent, for whoever sends them."""

from django.db.models import Count, Q
from django.utils import timezone

from lowtide.pathway.course.due_sending import TASK
from lowtide.pathway.course.models import DueRow
from lowtide.pathway.course.notices import Notice
from lowtide.people.roles import Permission
from lowtide.people.who import Person


def notice(person: Person) -> Notice | None:
    if not person.can(Permission.SEND_DOCUMENTS):
        return None
    now = timezone.now()
    waiting = DueRow.objects.filter(task__startswith=TASK, opens_at__lte=now)
    many = waiting.aggregate(count=Count("key"), late=Count("key", filter=Q(due_at__lt=now)))
    count, late = many["count"], many["late"]
    if not count:
        return None
    text = (
        f"{count} {'waits' if count == 1 else 'wait'} to be sent{f', {late} of them late' if late else ''}."
    )
    return Notice("Documents to send", text, "Open", "documents:board")
