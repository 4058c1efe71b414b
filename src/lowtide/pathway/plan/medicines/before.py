"""What was to be held before one session, for those who ask at the chair."""

from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from lowtide.pathway.evaluate.reconciling.lines import medicines
from lowtide.pathway.plan.medicines.page import reminders, scene
from lowtide.people.clinic import clinic_chart
from lowtide.record.chart import Chart


def held_before(chart: Chart, session: datetime | None, zone: tzinfo, now: datetime) -> list[dict[str, Any]]:
    """Each medicine with hours of holding around this session."""
    place = zone if isinstance(zone, ZoneInfo) else ZoneInfo("UTC")
    at = scene(chart, clinic_chart(), place, now)
    return reminders(medicines(chart, now).taken, msgspec.structs.replace(at, session=session))
