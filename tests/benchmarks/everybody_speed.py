"""How long a clinic takes to evaluate everybody again after a policy change, cold, by its own background job.

The clinic is made of some charts that went through the store, each copied many times with ids of its own: only the
making is short cut, what is read afterwards is read as any chart is.
"""

import re
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import NormalDist
from uuid import UUID, uuid4

import msgspec
from django.db import connection, transaction

from lowtide.data.policies import policies, policy
from lowtide.pathway.evaluate.chart_facts import facts_from_chart
from lowtide.pathway.evaluate.deciding.moved import summary
from lowtide.pathway.evaluate.everybody import running
from lowtide.pathway.evaluate.models import Reevaluated
from lowtide.pathway.evaluate.rules import evaluate
from lowtide.people.clinic import CLINIC
from lowtide.record import projections, rows, store
from lowtide.record.chain import Row
from lowtide.record.entries.base import Body, Draft
from lowtide.record.entries.care import CandidacyDecided, FindingKept
from lowtide.record.entries.clinic import PolicyAdopted
from lowtide.record.entries.history import Measurement
from lowtide.site.jobs.keeper import PROCESSES, Keeper
from tests.benchmarks.evaluate_speed import IN_A_WEEK, in_a_week
from tests.benchmarks.figures import Figure
from tests.pathway.evaluate.charts import NO, TRD, YES, ZONE, said, whole_history

MEDIAN, SPREAD, LEAST = 300, 0.7, 125
BUDGET_S, OF = 60, 5000
UUIDS = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")


def figures(home: Path, *, smoke: bool) -> Iterator[Figure]:
    """Seconds for the whole clinic; the budget is for 5,000 charts, and in proportion for fewer."""
    count = 60 if smoke else OF
    sizes = _clinic(count, templates=6 if smoke else 40)
    now = datetime.now(UTC)
    _append(CLINIC, [PolicyAdopted(policy="strict", version=policies()["strict"].version, overrides={})], now)
    run, keeper, began = running.start("staff:bench", uuid4(), now), Keeper(), time.perf_counter()
    assert running.take(keeper.me, now)
    keeper.work(run, lambda far: None)
    took = time.perf_counter() - began
    assert running.progress(running.basis(datetime.now(UTC))).left == 0
    about = f"{PROCESSES} processes, median {statistics.median(sizes):.0f} entries, cold"
    limit = max(BUDGET_S * count / OF, 10.0)
    yield Figure(f"everybody again, {count:,} charts", took, "s", limit, note=about)
    moved = Reevaluated.objects.filter(how__in=("worse", "better", "urgent")).count()
    yield Figure("of them with another outcome", moved)
    yield from _a_second_time(count)


def _a_second_time(count: int) -> Iterator[Figure]:
    began = time.process_time()
    assert running.progress(running.basis(datetime.now(UTC))).left == 0
    seen = (time.process_time() - began) * 1000
    yield Figure(f"seeing that none of {count:,} is stale, CPU", seen, "ms")


def _clinic(count: int, templates: int) -> list[int]:
    """Charts of many lengths; answers how many entries each has."""
    lengths = [
        max(LEAST, round(MEDIAN * 2.718281828 ** (SPREAD * NormalDist().inv_cdf((n + 0.5) / templates))))
        for n in range(templates)
    ]
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")  # none of this was promised to anybody
    with projections.postponed(keep="none"):
        made = [list(rows.read(_template(n, length))) for n, length in enumerate(lengths)]
        for number in range(templates, count):
            _copy(made[number % templates], number)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=FULL")
    store.forget()
    return [lengths[number % templates] for number in range(count)]


def _template(number: int, length: int) -> str:
    """A chart of so many entries; one in four had a transient ischaemic attack, which the strict policy excludes."""
    stream, now = f"chart:{uuid4()}", datetime.now(UTC)
    history: list[Body] = [e.body for e in whole_history()]
    weeks = [in_a_week(n) for n in range(length - len(history) - 3)]
    told = [
        said("dx.tia", YES, "past") if number % 4 == 0 else said("dx.tia", NO),
        Measurement(quantity="weight_kg", value=Decimal(73)),
    ]
    _append(stream, history, now - timedelta(days=400))
    for start in range(0, len(weeks), IN_A_WEEK):
        _append(stream, weeks[start : start + IN_A_WEEK], now - timedelta(days=399 - start // IN_A_WEEK))
    _append(stream, told, now - timedelta(hours=2))
    _append(stream, [_decision(stream, now)], now - timedelta(hours=1))
    return stream


def _decision(stream: str, now: datetime) -> CandidacyDecided:
    chart, today = store.load(stream), now.date()
    made = evaluate(facts_from_chart(chart, today, ZONE), TRD, policy("default"), today)
    short = summary(made)
    return CandidacyDecided(
        decision=short.decision,
        suggested=short.decision,
        indication=TRD.indication,
        product=TRD.product,
        route=TRD.route,
        policy="default 1",
        rules_version=made.rules_version,
        findings=tuple(FindingKept(f.rule.id, f.decision, f.reason) for f in made.findings),
        known=dict(chart.known),
        missing=short.missing,
    )


def _append(stream: str, bodies: list[Body], at: datetime) -> None:
    session = UUID(int=int(at.timestamp()))
    store.append([Draft(stream=stream, body=b, by="staff:bench", at=at, session=session) for b in bodies])


def _copy(entries: list[Row], number: int) -> None:
    """The same entries under other ids: the first eight digits of each become the number of the copy."""
    other = b"%08x" % number + rb"\1"

    def text(value: str | None) -> str | None:
        return UUIDS.sub(other, value.encode()).decode() if value else None

    copies = [
        msgspec.structs.replace(
            row,
            id=text(row.id),
            stream=text(row.stream),
            session=text(row.session),
            envelope=UUIDS.sub(other, row.envelope),
            payload=UUIDS.sub(other, row.payload) if row.payload else None,
        )
        for row in entries
    ]
    with transaction.atomic():
        rows.lock([copies[0].stream])
        rows.insert(copies)
        rows.move_head(copies[0].stream, rows.Head(len(copies), copies[-1].hash, ""))
