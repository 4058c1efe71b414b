"""What a clinic does when a rule of the monitoring table speaks: its own steps, the last word on each rule (pure)."""

from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.reminding import ActionsWritten

Steps = dict[str, tuple[str, ...]]


def written(clinic: Chart) -> dict[str, tuple[Entry, ActionsWritten]]:
    """rule -> the last word on it, and who said it; one without steps is back at the table's action."""
    return {body.rule: (entry, body) for entry, body in clinic.said(ActionsWritten)}


def own_steps(clinic: Chart) -> Steps:
    """rule -> the clinic's own steps, where it has any."""
    return {rule: body.steps for rule, (_, body) in written(clinic).items() if body.steps}
