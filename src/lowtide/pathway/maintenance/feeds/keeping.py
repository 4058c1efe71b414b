"""Secret addresses of calendars: made, found by their secret, taken back. Only a digest is kept, so that whoever reads the
database cannot read a calendar."""

import hashlib
import secrets
from datetime import datetime, timedelta

import msgspec

from lowtide.pathway.maintenance.models import CalendarFeed
from lowtide.people.models import PatientIndex, StaffIndex
from lowtide.people.roles import Permission
from lowtide.people.who import Person, person_from

SECRET_BYTES = 32
READ_EVERY = timedelta(minutes=10)


class Standing(msgspec.Struct, frozen=True):
    """An address that holds."""

    made_at: datetime
    made_by: str
    read_at: datetime | None


def make(owner: str, person: Person, now: datetime) -> str:
    """A new secret for this owner's calendar; the one before ends. It is told this once."""
    take_back(owner, person, now)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    CalendarFeed.objects.create(digest=_digest(secret), owner=owner, made_at=now, made_by=person.by)
    return secret


def take_back(owner: str, person: Person, now: datetime) -> int:
    """From now on the address answers nobody."""
    rows = CalendarFeed.objects.filter(owner=owner, revoked_at=None)
    return int(rows.update(revoked_at=now, revoked_by=person.by))


def standing(owner: str) -> Standing | None:
    row = CalendarFeed.objects.filter(owner=owner, revoked_at=None).order_by("-made_at").first()
    return Standing(row.made_at, row.made_by, row.read_at) if row else None


def owner_of(secret: str, now: datetime) -> str | None:
    """Whose calendar this secret opens; None for one that was never made or was taken back, and where the owner has left or
    has died."""
    row = CalendarFeed.objects.filter(digest=_digest(secret), revoked_at=None).first()
    if row is None or not _is_here(row.owner):
        return None
    if row.read_at is None or now - row.read_at > READ_EVERY:
        CalendarFeed.objects.filter(digest=row.digest).update(read_at=now)
    return str(row.owner)


def _is_here(owner: str) -> bool:
    kind, _, key = owner.partition(":")
    if kind == "patient":
        return bool(PatientIndex.objects.filter(stream=f"chart:{key}", deceased=False).exists())
    row = StaffIndex.objects.filter(key=key, active=True).first()
    return row is not None and person_from(row).can(Permission.SEE_TODAY)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
