"""Where the facts of an evaluation come from: the entry behind each item, its day and how it came in (pure)."""

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

import msgspec

from lowtide.pathway.evaluate.chart_facts import medicine_of, problem_of
from lowtide.pathway.evaluate.charted_answers import local_day, told
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry, Source
from lowtide.record.entries.history import Diagnosis, Medicine, ProblemStatus, TreatmentTrial
from lowtide.record.entries.words import day, kind_label


class Origin(msgspec.Struct, frozen=True):
    """The entry a fact rests on, told with its age."""

    entry: Entry
    day: date
    today: date

    def __str__(self) -> str:
        days = (self.today - self.day).days
        age = (
            "today"
            if days <= 0
            else "yesterday"
            if days == 1
            else f"{day(self.day.isoformat())}, {days} days old"
        )
        came = ", imported" if self.entry.source is Source.IMPORT else ""
        happened = getattr(self.entry.body, "onset", None) or getattr(self.entry.body, "date", None)
        return f"{day(happened) + '; ' if happened else ''}{kind_label(self.entry.body.kind_name()).lower()}{came}, {age}"


def origins(chart: Chart, on: date, zone: ZoneInfo) -> dict[str, Origin]:
    """Item -> where its standing fact comes from."""
    found = {item: Origin(entry, local_day(entry, zone), on) for item, entry in _listed(chart)}
    return found | {item: Origin(one.entry, one.day, on) for item, one in told(chart, zone).items()}


def _listed(chart: Chart) -> Iterator[tuple[str, Entry]]:
    for entry, problem in chart.said(Diagnosis):
        if problem.status is not ProblemStatus.REFUTED:
            yield from ((f"dx.{key}", entry) for key in problem_of(problem).keys)
    for entry, medicine in chart.said(Medicine):
        if medicine.status is ProblemStatus.ACTIVE:
            yield from ((f"med.{key}", entry) for key in medicine_of(medicine).classes or ())
    for entry, _ in chart.said(TreatmentTrial):
        yield "treatment_trials", entry
