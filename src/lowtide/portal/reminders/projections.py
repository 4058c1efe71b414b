"""The table of reminders as a pure function of a chart."""

from lowtide.portal.models import ReminderRow
from lowtide.portal.reminders import told
from lowtide.record.chart import Chart
from lowtide.record.entries.identity import Patient
from lowtide.record.entries.mailed import ReminderMailed, ReminderOutcome, RemindersChosen
from lowtide.record.projections import Projection, Row, register

KINDS = (Patient, ReminderMailed, ReminderOutcome, RemindersChosen)


def rows(chart: Chart) -> list[Row]:
    said = told.mailed(chart)
    if not said and told.chosen(chart) is None:
        return []
    last, refused = said[-1] if said else None, told.not_taken(chart)
    return [
        {
            "key": chart.stream,
            "on": told.is_on(chart),
            "count": len(said),
            "last_at": last.entry.at if last else None,
            "last_about": " ".join(last.body.about) if last else "",
            "last_how": last.how if last else "",
            "last_to": last.body.address if last else "",
            "not_taken": refused.body.address if refused else "",
        }
    ]


def register_all() -> None:
    register(Projection("portal.reminders", 1, ReminderRow, "chart:", KINDS, rows))
