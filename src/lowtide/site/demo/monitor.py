"""The simulated monitor of the demonstration: readings of the person at the chair arrive while you watch."""

import time
from datetime import UTC, datetime
from random import Random

EVERY_S = 20
DEVICE = "monitor, simulated"


def run() -> None:
    """Append a reading at a time for as long as the session is open. Runs in a thread of the server."""
    from django.apps import apps

    while not apps.ready:
        time.sleep(0.5)
    random = Random(1)  # noqa: S311  invented readings
    while True:
        time.sleep(EVERY_S)
        _read_all(random)


def _read_all(random: Random) -> None:
    from django.db import OperationalError, connection

    try:
        for session in _open():
            _read(session.stream, session.key, session.started_at, random)
    except OperationalError:
        return  # the database is busy or closing: the next reading comes in a moment
    finally:
        connection.close()


def _open() -> list:  # type: ignore[type-arg]
    from lowtide.pathway.session.models import Session

    return list(Session.objects.filter(open=True, started_at__isnull=False, discharged_at__isnull=True))


def _read(stream: str, session: str, started_at: datetime, random: Random) -> None:
    from uuid import UUID

    from lowtide.record import store
    from lowtide.record.entries.base import Draft, Source
    from lowtide.site.demo.story import everybody
    from lowtide.virtual import readings

    now = datetime.now(UTC)
    person = everybody(now).get(stream)
    if person is None:
        return
    body = readings.vitals(person, (now - started_at).total_seconds() / 60, random)
    draft = Draft(
        stream=stream,
        session=UUID(session),
        body=body,
        by="device:simulated",
        at=now,
        source=Source.DEVICE,
        device=DEVICE,
    )
    store.append([draft])
