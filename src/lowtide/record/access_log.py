"""Who read what: append-only, apart from charts, so that reading leaves a trace and the trace cannot be bent."""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.db.models import QuerySet

from lowtide.record.models import Access


def log(
    person: str,
    action: str,
    *,
    stream: str = "",
    detail: str = "",
    roles: str = "",
    address: str = "",
    allowed: bool = True,
) -> None:
    """Write one line: `person` did `action` on `stream`, now."""
    log_each(person, action, [stream], detail=detail, roles=roles, address=address, allowed=allowed)


def log_each(
    person: str,
    action: str,
    streams: Iterable[str],
    *,
    detail: str = "",
    roles: str = "",
    address: str = "",
    allowed: bool = True,
) -> None:
    """Write a line for each stream, all synced at once: a page that shows many charts waits for the disk once."""
    about = {"person": person, "roles": roles, "action": action, "detail": detail, "address": address}
    now = datetime.now(UTC)
    lines = [Access(at=now, stream=stream, allowed=allowed, **about) for stream in streams]
    if len(lines) == 1:
        lines[0].save(force_insert=True)
    elif lines:
        Access.objects.bulk_create(lines)


def since(person: str, at: datetime) -> list[Access]:
    """What `person` did since an instant, newest first."""
    return list(Access.objects.filter(person=person, at__gte=at).order_by("-at", "-id"))


def lines(
    *,
    streams: Iterable[str] = (),
    people: Iterable[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    refused: bool = False,
) -> QuerySet[Access]:
    """The lines that fit, newest first: of these streams, by these people, from `since` until before `until`."""
    found = Access.objects.order_by("-at", "-id")
    if names := list(streams):
        found = found.filter(stream__in=names)
    if whom := list(people):
        found = found.filter(person__in=whom)
    if since:
        found = found.filter(at__gte=since)
    if until:
        found = found.filter(at__lt=until)
    return found.filter(allowed=False) if refused else found


def recent(stream: str | None = None, person: str | None = None, limit: int = 500) -> list[Access]:
    """The latest lines, newest first, of one chart or one person."""
    return list(lines(streams=[stream] if stream else (), people=[person] if person else ())[:limit])
