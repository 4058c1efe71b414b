"""The intake as a page shows it: each question with its standing answer, by section, with how far it has come (pure)."""

from datetime import date
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from lowtide.data import intake
from lowtide.data.charted import charted
from lowtide.pathway.evaluate.chart_facts import facts_from_chart, person_answers
from lowtide.pathway.evaluate.charted_answers import Told, told
from lowtide.pathway.evaluate.words import plain
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer, Entry, Source
from lowtide.record.entries.history import HistoryItem, HistoryTaken, TreatmentTrial
from lowtide.record.entries.words import day, kind_label

NOT_KNOWN = Answer.NOT_KNOWN.value
YES_NO = (("yes", "Yes"), ("no", "No"), (NOT_KNOWN, "Not known"))
CONDITION = (("never", "Never"), ("past", "In the past"), ("active", "Now"), (NOT_KNOWN, "Not known"))
SEVERAL = (("no", "None"), ("yes", "These:"), (NOT_KNOWN, "Not known"))
UNKNOWN_ONLY = ((NOT_KNOWN, "Not known"),)

State = Literal["asked", "not_known", "missing"]


class Given(msgspec.Struct, frozen=True):
    """What a form says about one item, as typed. `was` is the id of the entry that stood when the page was made."""

    answer: str = ""
    value: str = ""
    date: str = ""
    detail: str = ""
    was: str = ""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One question: what stands, where that comes from, and what its fields hold.

    `fixed` says why it is not asked here; `error` what is wrong with what was typed. `again`: the answer that stands is
    older than a problem that may be this condition, so that it is asked again.
    """

    item: intake.Item
    state: State
    given: Given
    known: str = ""
    fixed: str = ""
    error: str = ""
    patient_said: str = ""
    again: bool = False

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        """The answers to choose from; for a number only that it is not known."""
        item = self.item
        if is_measured(item):
            return ()
        if item.choices:
            return (*((c, c.replace("_", " ")) for c in item.choices), *UNKNOWN_ONLY)
        return {"condition": CONDITION, "several": SEVERAL, "number": UNKNOWN_ONLY, "word": UNKNOWN_ONLY}.get(
            item.kind, YES_NO
        )

    @property
    def takes_value(self) -> bool:
        return self.item.kind in ("number", "several") or (self.item.kind == "word" and not self.item.choices)

    @property
    def takes_date(self) -> bool:
        return self.item.dated or self.item.kind in ("condition", "number")

    @property
    def is_open(self) -> bool:
        return self.state != "asked"


class Section(msgspec.Struct, frozen=True):
    """The questions of one section."""

    key: str
    title: str
    rows: tuple[Row, ...]

    @property
    def asked(self) -> int:
        return sum(row.state != "missing" for row in self.rows)

    @property
    def open(self) -> int:
        return sum(row.is_open for row in self.rows)


def sections(chart: Chart, on: date, zone: ZoneInfo) -> tuple[Section, ...]:
    """Every section with the items a person asks; what is read from elsewhere in the record says so."""
    said, standing, person = told(chart, zone), standing_answers(chart), person_answers(chart, on)
    found: dict[str, list[Row]] = {key: [] for key in intake.sections()}
    again = facts_from_chart(chart, on, zone).reopened()
    for item in asked_items():
        row = _row(item, said.get(item.id), standing.get(item.id), person, chart)
        found[item.section].append(_asked_again(row) if item.id in again else row)
    return tuple(Section(key, intake.sections()[key], tuple(rows)) for key, rows in found.items())


def asked_items() -> list[intake.Item]:
    return [item for item in intake.items().values() if item.ask]


def standing_answers(chart: Chart) -> dict[str, Entry]:
    """Item -> the entry in which the history last answered it."""
    said = chart.said(HistoryItem)
    return {body.item: entry for entry, body in said if entry.source is not Source.PATIENT}


def to_confirm(item: intake.Item, chart: Chart, standing: Entry | None) -> str:
    """What the patient said of it before they came, until a clinician has asked."""
    own = [e for e, b in chart.said(HistoryItem) if b.item == item.id and e.source is Source.PATIENT]
    if not own or (standing and standing.at >= own[-1].at):
        return ""
    return f"{own[-1].body.answer.replace('_', ' ')}, {day(own[-1].at.date().isoformat())}"


def _row(
    item: intake.Item, one: Told | None, standing: Entry | None, person: dict[str, Any], chart: Chart
) -> Row:
    if item.id in person:
        return Row(
            item=item,
            state="asked",
            given=Given(),
            known=plain_value(item, person[item.id].value),
            fixed="identity",
        )
    if item.id in charted().worked_out:
        known = plain_value(item, one.answer.value) if one and one.answer.value is not None else "not yet"
        return Row(item=item, state="asked", given=Given(), known=known, fixed=charted().worked_out[item.id])
    if item.kind == "trials":
        return _trials(item, chart)
    return Row(
        item=item,
        state=_state(one),
        given=given_of(item, standing),
        known=_recorded(item, one, standing),
        patient_said=to_confirm(item, chart, standing),
    )


def _asked_again(row: Row) -> Row:
    """Nothing is chosen: the older no is told, and has to be said anew."""
    known = "never, said before a problem was listed that may be this"
    return msgspec.structs.replace(
        row, state="missing", given=Given(was=row.given.was), known=known, again=True
    )


def _trials(item: intake.Item, chart: Chart) -> Row:
    count = len(chart.said(TreatmentTrial))
    whole = any("trials" in taken.items for _, taken in chart.said(HistoryTaken))
    state: State = "asked" if whole else "not_known" if count else "missing"
    return Row(item=item, state=state, given=Given(), known=f"{count} listed", fixed="trials")


def _state(one: Told | None) -> State:
    if one is None:
        return "missing"
    return "not_known" if one.answer.value is None else "asked"


def _recorded(item: intake.Item, one: Told | None, standing: Entry | None) -> str:
    """What the record says from elsewhere than this page."""
    if one is None or (standing and one.entry.id == standing.id and not is_measured(item)):
        return ""
    value = "not known" if one.answer.value is None else plain_value(item, one.answer.value)
    when = day(str(one.answer.at)) if one.answer.at else ""
    return ", ".join(filter(None, (value, when, kind_label(one.entry.body.kind_name()).lower())))


def plain_value(item: intake.Item, value: Any) -> str:
    """A value as a person reads it, with its unit."""
    if isinstance(value, list):
        return ", ".join(value) or "none"
    unit = item.unit if item.kind == "number" else ""
    return f"{plain(value)} {unit}".strip()


def given_of(item: intake.Item, standing: Entry | None) -> Given:
    """The fields as the standing answer fills them; nothing is chosen while nothing was said.

    A measured value stands beside its field, never in it: it must not be taken for today's.
    """
    if standing is None or is_measured(item):
        return Given()
    body = standing.body
    return Given(
        answer=_answer_of(item, body),
        value=(body.value or "") if body.answer is Answer.YES and item.kind != "condition" else "",
        date=day(body.date) if body.date else "",
        detail=body.detail or "",
        was=str(standing.id),
    )


def is_measured(item: intake.Item) -> bool:
    """Whether its answers are kept as measurements."""
    return item.id in charted().measurement.values()


def _answer_of(item: intake.Item, body: HistoryItem) -> str:
    if body.answer is Answer.NOT_KNOWN:
        return NOT_KNOWN
    if item.kind == "condition":
        return "never" if body.answer is Answer.NO else "past" if body.value == "past" else "active"
    if item.choices:
        return body.value or ""
    if item.kind in ("number", "word"):
        return ""
    return body.answer.value
