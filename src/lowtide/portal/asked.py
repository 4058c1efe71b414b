"""What waits to be answered on the patient's phone: the course's own questionnaire, those of the condition, and the
checks of long-term safety that are put to the patient. In the reader's language where its words may be shipped."""

from datetime import date, datetime

import msgspec
from django.utils.translation import get_language

from lowtide.data import longterm, own
from lowtide.data.instruments import Instrument
from lowtide.data.longterm import Check, Sheet
from lowtide.data.translations import translated
from lowtide.pathway.course.due import DueItem, due
from lowtide.pathway.course.state import CourseState, fold
from lowtide.pathway.outcomes.scales import Wanted, due_now, wanted
from lowtide.pathway.outcomes.wording import worded
from lowtide.pathway.safety.longterm.schedule import Standing, standings
from lowtide.people.charts import PatientChart
from lowtide.people.clinic import clinic_chart, zone
from lowtide.people.own_place import HOUSE
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Source
from lowtide.record.entries.longterm import SafetyAsked


class Worded(msgspec.Struct, frozen=True):
    """An instrument in words that may be shown; `said_in` is their language where it is not that of the page, and
    `language` what is kept with the answers where it is not the house's own."""

    instrument: Instrument
    said_in: str = ""
    language: str = ""


def reader() -> str:
    """The language that the page speaks."""
    return (get_language() or HOUSE)[: len(HOUSE)]


def in_words(one: Instrument, today: date, window: str = "") -> Worded:
    """In the reader's language where that may be shipped, else as the house or the clinic has it."""
    language = reader()
    if language != HOUSE and (found := translated(one.id, language, window)):
        return Worded(found, language=language)
    shown = worded(one, clinic_chart(), today, window)
    return Worded(shown, said_in=HOUSE if one.has_text and language != HOUSE else "")


def course_questions(chart: Chart, state: CourseState) -> DueItem | None:
    """The course's own questionnaire: the one that is due, or the next one to come."""
    return next((item for item in due(chart, state) if item.task.name == state.measure.id.lower()), None)


def scales(chart: PatientChart, now: datetime, today: date) -> tuple[Wanted, ...]:
    """The others that are due and can be asked on a phone: only what there are words for, the shortest first."""
    found = due_now(wanted(chart.chart, fold(chart.chart)), now, self_rated=True)
    return tuple(w for w in found if worded(w.instrument, clinic_chart(), today).has_text)


def checks(chart: PatientChart, now: datetime) -> tuple[Standing, ...]:
    """The checks that are due, put to the patient, and not answered by them since they opened."""
    return open_checks(chart.chart, chart.whole, now)


def open_checks(seen: Chart, whole: Chart, now: datetime) -> tuple[Standing, ...]:
    state = fold(whole)
    if not state.given:
        return ()
    found = standings(whole, state, own.laid().policy)
    return tuple(
        one for one in found if sheet_of(one.check) and one.is_due(now) and not _was_answered(seen, one)
    )


class Asking(msgspec.Struct, frozen=True):
    """What the first page says of it: whether the nine questions wait, and how much there is."""

    nine: bool
    count: int
    minutes: int


def asking(chart: PatientChart, state: CourseState, now: datetime) -> Asking | None:
    """What waits in all; None where nothing does."""
    due = course_questions(chart.chart, state)
    nine = bool(due and due.is_open(now))
    others, sheets = scales(chart, now, now.astimezone(zone()).date()), checks(chart, now)
    minutes = (state.measure.minutes if nine else 0) + sum(w.instrument.minutes for w in others) + len(sheets)
    count = nine + len(others) + len(sheets)
    return Asking(nine, count, minutes) if count else None


def sheet_of(check: Check) -> Sheet | None:
    """The questions of a check that the patient may answer alone."""
    sheet = longterm.sheets().get(check.asks) if check.asks else None
    return sheet if sheet and sheet.by_patient else None


def _was_answered(chart: Chart, one: Standing) -> bool:
    """Also where an answer was “I do not know”: who could not answer alone is asked by the clinic, not again here."""
    return any(
        body.check == one.check.key and entry.source is Source.PATIENT and entry.at >= one.opens_at
        for entry, body in chart.said(SafetyAsked)
    )
