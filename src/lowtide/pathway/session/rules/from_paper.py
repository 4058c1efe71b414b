"""Who had measured what was typed in from a paper sheet: not the typist (pure)."""

from uuid import UUID

from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.downtime import PaperTyped


def who_measured(chart: Chart, entry: Entry) -> str:
    """The name that the sheet says; empty for what did not come from one."""
    if not entry.origin:
        return ""
    try:
        sheet = chart.entries.get(UUID(entry.origin.rpartition("/")[2]))
    except ValueError:
        return ""
    if sheet is None or not isinstance(sheet.body, PaperTyped):
        return ""
    return next((m.name for m in sheet.body.measured if m.entry == str(entry.id)), sheet.body.written_by)
