"""A FHIR file as the facts that candidacy is judged on, without a database (pure)."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from lowtide.exchange.fhir.bundle import chart_from_bundle
from lowtide.pathway.evaluate.chart_facts import facts_from_chart
from lowtide.pathway.evaluate.facts import Facts

NOON = time(12, tzinfo=UTC)
ZONE = ZoneInfo("UTC")


def facts_from_bundle(data: bytes, on: date, name: str = "file") -> Facts:
    """What the one patient's history in this file says on a day. Raises BadInput with the place of a fault.

    What tells no time of its own counts as said on that day.
    """
    return facts_from_chart(
        chart_from_bundle(data, datetime.combine(on, NOON), name=name, zone=ZONE), on, ZONE
    )
