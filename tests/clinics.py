"""A small invented clinic in the database that is set up: people at chosen stages of care, told by the
demonstration's own stories. Used by the benchmarks, the soak and the stored clinic of a release."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from uuid import uuid5

import msgspec
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from lowtide.people.models import User
from lowtide.record import projections, store, verify
from lowtide.record.entries.base import Draft, Source
from lowtide.record.entries.clinic import Chair
from lowtide.site.demo import safe
from lowtide.site.demo.care import Care
from lowtide.site.demo.staff import CLINIC, NAMESPACE, staff
from lowtide.site.demo.story import SEED, TELL, Calendar
from lowtide.site.demo.telling import Event
from lowtide.virtual.people import Stage, people

OPENED = datetime(2026, 1, 5, 8, tzinfo=UTC)


def make(
    stages: Sequence[Stage], tell: Mapping[Stage, Callable[..., None]] = TELL, *, safes: bool = False
) -> list[Care]:
    """A clinic with its staff and one person at each of the stages, everybody at the chair on a chair of their own.

    With `safes` it keeps the demonstration's stock of controlled drugs, too.
    """
    now = datetime.now(UTC)
    chairs = [Chair(chair=str(n), label=f"Chair {n}") for n in range(1, max(4, len(stages)) + 1)]
    bodies = [msgspec.structs.replace(CLINIC, demo=True), *staff(), *chairs]
    told = {"by": "system:demo", "source": Source.SYSTEM}
    store.append([Draft(stream="clinic:main", body=b, at=OPENED, **told) for b in bodies], now=OPENED)
    with projections.postponed(keep="people."):
        cares = _tell(now, stages, tell, safe.events(now) if safes else ())
    verify.rebuild()
    return cares


def _tell(
    now: datetime, stages: Sequence[Stage], tell: Mapping[Stage, Callable[..., None]], lived: Iterable[Event]
) -> list[Care]:
    calendar = Calendar(now)
    invented = people(SEED, calendar.today)[: len(stages)]
    cares = [
        Care(msgspec.structs.replace(person, stage=stage), uuid5(NAMESPACE, person.number))
        for person, stage in zip(invented, stages, strict=True)
    ]
    for number, care in enumerate(cares, 1):
        at_the_chair = {"chair": str(number)} if care.person.stage is Stage.LIVE else {}
        tell[care.person.stage](care, calendar, **at_the_chair)
    told = [*lived, *(e for care in cares for e in care.events)]
    for _, happen in sorted(told, key=lambda event: event[0]):
        happen()
    return cares


def cookie(login: str) -> str:
    """The session cookie of a member of staff who has just signed in."""
    user, _ = User.objects.get_or_create(username=login)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)
