"""Make the demonstration clinic in a home of its own: never in a database that it did not make."""

import hashlib
import shutil
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lowtide.problems import refuse
from lowtide.site.home import home

MARK = "demonstration"


def prepare(*, fresh: bool) -> bool:
    """Before Django is set up: mark the home as a demonstration. True when a clinic must be made in it.

    Yesterday's demonstration is made anew, because its people stand at the chair relative to now.
    """
    mark, database = home() / MARK, home() / "lowtide.sqlite3"
    if database.exists() and not mark.exists():
        raise refuse(
            f"{home()} holds a clinic that this demonstration did not make",
            "LOWTIDE_HOME",
            "Choose an empty folder for the demonstration.",
        )
    if database.exists() and not fresh and mark.read_text() == _stamp():
        return False
    if mark.exists():
        _empty(home())
    home().mkdir(parents=True, exist_ok=True)
    mark.write_text("being made")
    return True


def _stamp() -> str:
    """The day and the shape of the database: a demonstration of another day or shape is made anew."""
    shape = sorted(p.name for p in Path(__file__).parents[2].glob("**/migrations/0*.py"))
    digest = hashlib.sha256(" ".join(shape).encode()).hexdigest()[:12]
    return f"{datetime.now(UTC).date().isoformat()} {digest}"


def _empty(folder: Path) -> None:
    """Remove what an earlier demonstration left, and nothing else."""
    for name in ("lowtide.sqlite3", "lowtide.sqlite3-wal", "lowtide.sqlite3-shm", "redactions.jsonl"):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "uploads", ignore_errors=True)


def make() -> None:
    """Fill the empty database with a clinic, its staff and forty invented people."""
    from django.contrib.auth.hashers import make_password
    from django.db import connection

    from lowtide.pathway.maintenance.fade.keeping import keep_up
    from lowtide.people.models import User
    from lowtide.record import projections, store, verify
    from lowtide.record.entries.base import Draft, Source
    from lowtide.record.entries.clinic import ClosedDays
    from lowtide.site.demo import devices, own_places, papers, payers
    from lowtide.site.demo.approvals import answer_for_numbers, go_stricter
    from lowtide.site.demo.referred import referrals
    from lowtide.site.demo.staff import CHAIRS, CLINIC, HOURS, NURSES, PASSWORD, staff
    from lowtide.site.demo.story import tell

    began, now = time.monotonic(), datetime.now(UTC)
    opened = datetime(2026, 1, 5, 8, tzinfo=UTC)
    training = (now + timedelta(days=13)).date()
    closed = ClosedDays(first=training, last=training, why="staff training")
    bodies = (CLINIC, *staff(), *CHAIRS, HOURS, NURSES, closed)
    with connection.cursor() as cursor:  # nothing here was promised to anybody yet: it need not be synced
        cursor.execute("PRAGMA synchronous=OFF")
    store.append(
        [
            Draft(stream="clinic:main", body=b, by="system:demo", at=opened, source=Source.SYSTEM)
            for b in bodies
        ],
        now=opened,
    )
    devices.register(opened)
    with projections.postponed(keep="people."):
        told = tell(now)
        referrals(now, told[0].person)
        papers.send(now, told)
        payers.ask(now, told)
        answer_for_numbers(now)
    verify.rebuild()
    keep_up(now, 40)
    devices.put_on()
    go_stricter(now)
    hashed = make_password(PASSWORD)  # once for everybody: it is slow on purpose
    for member in staff():
        User.objects.create(username=member.login, password=hashed)
    patient = next(care for care in told if care.person.stage.name == "INDUCTION")
    User.objects.create(username="patient", password=hashed, patient=str(patient.patient_id))
    own_places.open_them(now, told)
    connection.close()
    (home() / MARK).write_text(_stamp())
    print(
        f"Made a clinic of {len(told)} invented people in {time.monotonic() - began:.0f} s.", file=sys.stderr
    )
