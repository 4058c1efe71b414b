"""How much a re-evaluation costs, of a folded chart: from its entries to the decision.

    .venv/bin/python -m tests.benchmarks.evaluate_speed

Times are CPU milliseconds of this process, the median of many runs. The budget for 5,000 entries is 10 ms.
"""

import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from lowtide.data.policies import policy
from lowtide.pathway.evaluate.chart_facts import facts_from_chart
from lowtide.pathway.evaluate.rules import evaluate
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import Vitals
from tests.pathway.evaluate.charts import NOW, STREAM, TODAY, TRD, ZONE, entry, whole_history

ENTRIES, RUNS = 5000, 30


def run() -> dict[str, float]:
    """CPU milliseconds: reading the facts, judging them, and both together."""
    chart, rules = Chart.of(STREAM, long_history(ENTRIES)), policy("default")
    facts = facts_from_chart(chart, TODAY, ZONE)
    read = _median_ms(lambda: facts_from_chart(chart, TODAY, ZONE))
    judge = _median_ms(lambda: evaluate(facts, TRD, rules, TODAY))
    return {
        "entries": len(chart),
        "facts_ms": read,
        "evaluate_ms": judge,
        "reevaluation_ms": read + judge,
        "budget_ms": 10,
    }


def long_history(count: int) -> list[Entry]:
    """A whole history and, for the rest, the vital signs of many sessions."""
    told = whole_history()
    more = range(count - len(told))
    return [*told, *(_vitals(number) for number in more)]


def _vitals(number: int) -> Entry:
    at = NOW - timedelta(days=1, minutes=5 * number)
    body = Vitals(sbp_mmhg=120 + number % 20, dbp_mmhg=78, heart_rate_bpm=70, spo2_pct=98)
    return entry(body, session=UUID(int=10_000 + number // 30), at=at, id=UUID(int=20_000 + number))


def _median_ms(work: Callable[[], Any]) -> float:
    work()
    return statistics.median(_seconds(work) for _ in range(RUNS)) * 1000


def _seconds(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    for name, value in run().items():
        print(f"{name:<18}{value:>10,.1f}")


if __name__ == "__main__":
    main()
