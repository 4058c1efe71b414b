"""How much a re-evaluation costs, of a folded chart: from its entries to the decision."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from lowtide.data.policies import policy
from lowtide.pathway.evaluate.chart_facts import facts_from_chart
from lowtide.pathway.evaluate.rules import evaluate
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Body, Entry
from lowtide.record.entries.care import Answers
from lowtide.record.entries.chair import DoseStarted, Note, Rating, Vitals
from lowtide.record.entries.history import Measurement, Result
from tests.benchmarks.figures import Figure, cpu_ms
from tests.pathway.evaluate.charts import NOW, STREAM, TODAY, TRD, YES, ZONE, entry, said, whole_history

ENTRIES, BUDGET_MS = 5000, 10


def figures(home: Path, *, smoke: bool) -> Iterator[Figure]:
    """CPU milliseconds: reading the facts, judging them, and both together."""
    chart, rules, runs = Chart.of(STREAM, long_history(ENTRIES)), policy("default"), 5 if smoke else 30
    facts = facts_from_chart(chart, TODAY, ZONE)
    read = cpu_ms(lambda: facts_from_chart(chart, TODAY, ZONE), runs)
    judge = cpu_ms(lambda: evaluate(facts, TRD, rules, TODAY), runs)
    yield Figure(f"facts of a chart of {ENTRIES:,} entries, CPU", read, "ms")
    yield Figure("the rules on those facts, CPU", judge, "ms")
    yield Figure(f"a re-evaluation of {ENTRIES:,} entries, CPU", read + judge, "ms", BUDGET_MS)


def long_history(count: int) -> list[Entry]:
    """A whole history and, for the rest, what years of weekly sessions write of every kind that facts are read from."""
    told = whole_history()
    return [*told, *(_later(number) for number in range(count - len(told)))]


IN_A_WEEK = 20


def _later(number: int) -> Entry:
    """One of the entries of a week: a dose among vital signs and ratings, a weight, results, a questionnaire."""
    at = NOW - timedelta(days=1 + 7 * (number // IN_A_WEEK), minutes=5 * (IN_A_WEEK - number % IN_A_WEEK))
    session = UUID(int=10_000 + number // IN_A_WEEK)
    return entry(in_a_week(number), session=session, at=at, id=UUID(int=20_000 + number))


def in_a_week(number: int) -> Body:
    place = number % IN_A_WEEK
    match place:
        case 0:
            return Measurement(quantity="weight_kg", value=Decimal(73))
        case 1:
            items = {f"{n}": (number + n) % 4 for n in range(1, 10)}
            return Answers(instrument="PHQ-9", version="1", items=items | {"9": 0}, mode="tablet")
        case 2:
            rate = Decimal("54.8")
            return DoseStarted(
                order=UUID(int=number), rate_ml_per_h=rate, mg_per_ml=Decimal(1), volume_ml=Decimal(50)
            )
        case 3:
            return Result(
                label="ALT", test="alt_u_l", value=Decimal(30), unit="U/L", reference_high=Decimal(40)
            )
        case 4:
            return said("audit_c", YES, "2")
        case 5 | 6:
            return Rating(scale="moaas", value=Decimal(5))
        case 7:
            return Note(text="calm, talks of the week")
        case _:
            return Vitals(sbp_mmhg=118 + number % 15, dbp_mmhg=78, heart_rate_bpm=70, spo2_pct=98)
