"""What at the chair calls for those who act on suicidality, beside the questionnaires (pure, hazard H026)."""

from collections.abc import Iterable, Iterator

from lowtide.data.chair import Question, chair
from lowtide.data.emergencies import checklists, raises_risk
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.chair import Discharged, TimeOut, TimeOutItem
from lowtide.record.entries.events import EmergencyOpened


def raised_entries(chart: Chart) -> Iterator[tuple[Entry, str]]:
    """Each entry that stands and raises the patient, and why in words."""
    for entry, opened in chart.said(EmergencyOpened):
        if raises_risk(opened.checklist):
            yield entry, f"The checklist “{checklists()[opened.checklist].label}” was opened."
    for entry, body in chart.said(TimeOut):
        yield from ((entry, text) for text in _answered(body.items, chair().time_out))
    for entry, left in chart.said(Discharged):
        yield from ((entry, text) for text in _answered(left.criteria, chair().leaving))


def _answered(items: Iterable[TimeOutItem], asked: Iterable[Question]) -> Iterator[str]:
    """A question on risk answered otherwise than well; not asked raises nobody, it is said as missing."""
    given = {item.item: item.answer for item in items}
    for question in asked:
        answer = given.get(question.id, Answer.NOT_KNOWN)
        if question.risk and answer not in (Answer.NOT_KNOWN, Answer(question.good)):
            yield f"“{question.question}” was answered with {answer.value}."
