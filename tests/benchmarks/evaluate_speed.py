"""How much a re-evaluation costs, of a folded chart: from its entries to the decision."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from lowtide.data.policies import policy
from lowtide.pathway.evaluate.chart_facts import facts_from_chart
from lowtide.pathway.evaluate.rules import evaluate
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import Vitals
from tests.benchmarks.figures import Figure, cpu_ms
from tests.pathway.evaluate.charts import NOW, STREAM, TODAY, TRD, ZONE, entry, whole_history

ENTRIES, BUDGET_MS = 5000, 10


def figures(home: Path, *, smoke: bool) -> Iterator[Figure]:
    """CPU milliseconds: reading the facts, judging them, and both together."""
    chart, rules, runs = Chart.of(STREAM, long_history(ENTRIES)), policy("default"), 5 if smoke else 30
    facts = facts_from_chart(chart, TODAY, ZONE)
    read = cpu_ms(lambda: facts_from_chart(chart, TODAY, ZONE), runs)
    judge = cpu_ms(lambda: evaluate(facts, TRD, rules, TODAY), runs)
    yield Figure(f"facts of a chart of {ENTRIES:,} entries, CPU", read, "ms")
    yield Figure("the rules on those facts, CPU", judge, "ms")
    yield Figure("a re-evaluation, CPU", read + judge, "ms", BUDGET_MS)


def long_history(count: int) -> list[Entry]:
    """A whole history and, for the rest, the vital signs of many sessions."""
    told = whole_history()
    more = range(count - len(told))
    return [*told, *(_vitals(number) for number in more)]


def _vitals(number: int) -> Entry:
    at = NOW - timedelta(days=1, minutes=5 * number)
    body = Vitals(sbp_mmhg=120 + number % 20, dbp_mmhg=78, heart_rate_bpm=70, spo2_pct=98)
    return entry(body, session=UUID(int=10_000 + number // 30), at=at, id=UUID(int=20_000 + number))
