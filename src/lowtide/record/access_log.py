"""Who read what: append-only, apart from charts, so that reading leaves a trace and the trace cannot be bent."""

from datetime import UTC, datetime

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
    Access.objects.create(
        at=datetime.now(UTC),
        person=person,
        roles=roles,
        action=action,
        stream=stream,
        detail=detail,
        address=address,
        allowed=allowed,
    )


def recent(stream: str | None = None, person: str | None = None, limit: int = 500) -> list[Access]:
    """The latest lines, newest first, of one chart or one person."""
    found = Access.objects.order_by("-at", "-id")
    if stream:
        found = found.filter(stream=stream)
    if person:
        found = found.filter(person=person)
    return list(found[:limit])
