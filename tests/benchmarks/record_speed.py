"""The record: an append against bare durable inserts of the same run, a cold fold, a cached fold plus what is new."""

import sqlite3
import statistics
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import cycle, islice
from pathlib import Path
from uuid import UUID, uuid4

from django.db import connection

from lowtide.data import monitoring
from lowtide.pathway.session.models import Session
from lowtide.pathway.session.rules.state import session_state
from lowtide.record import projections, rows, store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Body, Draft
from lowtide.record.entries.chair import Note, Rating, Vitals
from lowtide.record.entries.identity import Patient
from tests.benchmarks.figures import Figure, cpu_ms, cpu_s, percentile, wall_s

BLOCK = 25
LONG = "chart:00000000-0000-4000-8000-0000000000f1"


def figures(home: Path, *, smoke: bool) -> Iterator[Figure]:
    yield from _appends(home, 150 if smoke else 1500)
    yield from _folds(4_000 if smoke else 20_000)


def _appends(home: Path, count: int) -> Iterator[Figure]:
    """Vital signs into the latest session of many charts, in blocks that take turns with the bare inserts."""
    places = latest_sessions()
    for stream in {stream for stream, _ in places}:
        store.load(stream)
    bare, appended = [], []
    work = islice(cycle(places), count)
    with Bare(home / "bare.sqlite3") as insert:
        while block := list(islice(work, BLOCK)):
            bare += [wall_s(lambda: insert.one()) for _ in block]
            appended += [wall_s(lambda p=place: _append(*p)) for place in block]
    one, other = statistics.median(bare), statistics.median(appended)
    usual, slow = (percentile(bare, 99) * 1000, percentile(appended, 99) * 1000)
    yield Figure("bare durable one-row insert, median", one * 1000, "ms")
    yield Figure("append, median", other * 1000, "ms")
    yield Figure("append rate over bare durable inserts, medians", one / other, "", 0.15, at_least=True)
    yield Figure("append, p99", slow, "ms", max(10.0, 5 * usual), note=f"bare p99 {usual:.2f} ms")


def latest_sessions() -> list[tuple[str, UUID]]:
    """(stream, session): nobody charts into two sessions of one patient by turns."""
    begun = Session.objects.filter(started_at__isnull=False).order_by("started_at")
    return list({row.stream: (row.stream, UUID(row.key)) for row in begun}.values())


def _append(stream: str, session: UUID) -> None:
    """What charting at a chair asks of the record: a guard that folds the session under the lock."""
    now = datetime.now(UTC)
    body = Vitals(sbp_mmhg=128, dbp_mmhg=80, heart_rate_bpm=72, spo2_pct=98)
    draft = Draft(stream=stream, session=session, body=body, by="staff:bench", at=now)

    def guard(charts: Mapping[str, Chart]) -> None:
        session_state(charts[stream], session, monitoring.items(), now)

    store.append([draft], guard, now=now)


class Bare:
    """A table of one row an insert in a file of its own, opened as Lowtide opens its database."""

    def __init__(self, path: Path) -> None:
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE row (id TEXT PRIMARY KEY, said BLOB)"
        )

    def one(self) -> None:
        self.database.execute("BEGIN IMMEDIATE")
        self.database.execute("INSERT INTO row VALUES (?, ?)", (str(uuid4()), b"x" * 600))
        self.database.execute("COMMIT")

    def __enter__(self) -> "Bare":
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()


def _folds(size: int) -> Iterator[Figure]:
    fill(LONG, size)

    def cold() -> Chart:
        store.forget()
        return store.load(LONG)

    assert len(cold()) == size
    scale = size / 20_000
    yield Figure(f"cold load and fold of {size:,} entries, CPU", cpu_ms(cold, 5), "ms", 400 * scale)
    for new in (1, 10, 100):
        taken = cached_plus(new, 15)
        yield Figure(f"cached fold of {size:,} plus {new} new entries, CPU", taken, "ms", 2 + 0.010 * new)


def cached_plus(new: int, runs: int) -> float:
    """CPU milliseconds of a load when another process has written `new` entries since the last one here."""
    head, before = rows.heads([LONG])[LONG], store.load(LONG)
    with projections.postponed(keep="none"):
        store.append([_said(n) for n in range(new)])

    def timed() -> float:
        store._remember(LONG, head.hash, before)  # as this process would have it had it not written itself
        return cpu_s(lambda: store.load(LONG))

    timed()
    return statistics.median(timed() for _ in range(runs)) * 1000


def fill(stream: str, size: int) -> None:
    """A chart as long as years of weekly sessions make it. Nothing of it is promised, so nothing is synced."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")
    who = Patient(family="Longstay", given="Ada", birth_date="1970-01-01")
    with projections.postponed(keep="people."):
        store.append([Draft(stream=stream, body=who, by="staff:bench", at=_at(0))])
        for start in range(1, size, 500):
            store.append([_said(n) for n in range(start, min(start + 500, size))])
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=FULL")


def _said(number: int) -> Draft:
    kinds: tuple[Body, ...] = (
        Vitals(sbp_mmhg=118 + number % 30, dbp_mmhg=78, heart_rate_bpm=70, spo2_pct=98),
        Vitals(sbp_mmhg=118 + number % 30, dbp_mmhg=78),
        Rating(scale="moaas", value=Decimal(5)),
        Note(text=f"note {number}: calm, eyes closed, music on"),
    )
    session = UUID(int=1_000 + number // 60)
    return Draft(stream=LONG, body=kinds[number % 4], by="staff:bench", at=_at(number), session=session)


def _at(number: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=900) + timedelta(minutes=30 * number)
