"""What the chart's front page shows: the next thing, the course as a picture, what is due, exposure, the record."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

import msgspec
from django.utils.safestring import mark_safe

from lowtide.data.vocabulary import words as vocabulary
from lowtide.pathway.course import picture, words
from lowtide.pathway.course.drawing import timeline, timeline_data
from lowtide.pathway.course.due import DueItem, Group
from lowtide.pathway.course.due_rules import ORDER, SESSION, UNDER_WAY
from lowtide.pathway.course.exposure import (
    WINDOWS,
    Amount,
    Elsewhere,
    Exposure,
    counted,
    drug_label,
    exposure,
)
from lowtide.pathway.course.links import address
from lowtide.pathway.course.next_action import Next, next_action
from lowtide.pathway.course.state import CourseState
from lowtide.people.charts import PatientChart
from lowtide.people.roles import Permission
from lowtide.people.who import Person
from lowtide.record.chart import Line
from lowtide.record.entries.base import Source
from lowtide.record.entries.clinic import FhirResource


def next_card(
    chart: PatientChart,
    state: CourseState,
    items: Sequence[DueItem],
    person: Person,
    now: datetime,
    zone: tzinfo,
) -> dict[str, Any]:
    """The largest thing on the page, with one filled button at most."""
    found = next_action(state, items, person, now)
    item = found.item
    return {
        "title": _title(found, chart, now, zone),
        "text": found.why,
        "level": "none" if found.page is None else item.task.level if item and item.task.rank < 20 else "",
        "word": item.task.word if item and item.task.group is Group.RISK else "",
        "why": item.label if item and item.task.group is Group.RISK else "",
        "actions": [*_alternatives(found, chart, state, person), *_main(found, chart)],
    }


def _title(found: Next, chart: PatientChart, now: datetime, zone: tzinfo) -> str:
    """What and by when; a risk names the person and the hour."""
    item = found.item
    if item and item.task.group is Group.RISK and found.page:
        return (
            f"Call {chart.patient.given or chart.patient.family} before {words.when(item.due_at, zone, now)}"
        )
    if item and found.starts_at:
        return f"{found.verb}, {words.when(item.due_at, zone, now)}"
    return found.verb


def _main(found: Next, chart: PatientChart) -> list[dict[str, Any]]:
    if found.page is None or found.item is None:
        return []
    url = address(found.page, chart.patient_id, found.item.place)
    return [{"label": found.item.task.verb, "url": url, "main": True}]


def _alternatives(
    found: Next, chart: PatientChart, state: CourseState, person: Person
) -> list[dict[str, Any]]:
    """The way to the date, whenever a session lies ahead and is not itself the next thing."""
    session = state.next_session
    if session is None or not person.can(Permission.BOOK) or (found.item and found.item.task.rank < 40):
        return []
    return [{"label": "Dates", "url": address("maintenance:maintenance", chart.patient_id)}]


def course_sheet(state: CourseState, items: Sequence[DueItem], now: datetime, zone: tzinfo) -> dict[str, Any]:
    """The course picture with its table twin; nothing to draw says what comes first."""
    drawn = picture.timeline(state, items, now, zone)
    title = "Course"
    if state.course:
        indication = vocabulary()["indication"].get(state.course.indication)
        title = f"Course: {indication.label if indication else state.course.indication}"
    return {
        "title": title,
        "about": f"{state.measure.name}, dose and next session",
        "is_empty": not (drawn.scores or drawn.sessions),
        "svg": mark_safe(timeline.draw(drawn)),  # noqa: S308  drawn from numbers and escaped words
        "caption": timeline_data.sentence(drawn),
        "table": timeline_data.table(drawn),
    }


def watch(
    items: Sequence[DueItem], patient_id: object, person: Person, now: datetime, zone: tzinfo
) -> list[dict[str, Any]]:
    """Due items as `parts/due_row.html` takes them, one a session: its dose to be signed stands for the session."""
    unsigned = {item.session for item in items if item.task is ORDER}
    said = [
        item
        for item in items
        if item.task is not UNDER_WAY and not (item.task is SESSION and item.session in unsigned)
    ]
    return [_due_row(item, str(patient_id), person, now, zone) for item in _together(said)]


def _together(items: Sequence[DueItem]) -> list[DueItem]:
    """The tests of a work-up as one line, in the place of the earliest."""
    tests = [item for item in items if item.task.group is Group.WORKUP]
    if len(tests) < 2:
        return list(items)
    names = words.few([item.label for item in tests])
    one = msgspec.structs.replace(tests[0], label=f"Work-up, {len(tests)} tests", detail=f"{names}.")
    return [one if item is tests[0] else item for item in items if item is tests[0] or item not in tests]


def _due_row(item: DueItem, patient_id: str, person: Person, now: datetime, zone: tzinfo) -> dict[str, Any]:
    able = person.can(item.task.needs)
    is_risk = item.task.group in (Group.RISK, Group.DRIFT)
    return {
        "label": item.label,
        "rule": item.rule.rule_id,
        "state": "late" if item.is_late(now) else "due" if item.is_open(now) else "planned",
        "when": words.due(item.due_at, now),
        "due_at": item.due_at,
        "icon": "stop" if item.task.level == "stop" else "caution" if is_risk else "",
        "detail": f"{item.detail or item.rule.text + '.'} {_when(item, zone, now)}",
        "url": address(item.task.page, patient_id, item.place) if able else "",
    }


def _when(item: DueItem, zone: tzinfo, now: datetime) -> str:
    """When it is due, and before that from when on it can be done."""
    due = f"Due {words.when(item.due_at, zone, now)}."
    return (
        due
        if item.is_open(now) or not item.opens_at
        else f"From {words.when(item.opens_at, zone, now)}. {due}"
    )


def exposure_rows(
    state: CourseState, now: datetime, others: Sequence[Elsewhere] = ()
) -> list[dict[str, Any]]:
    """Sessions over 30, 90 and 365 days, here and elsewhere; milligrams by drug and way, never added to one another."""
    return [_exposed(exposure(state.doses, others, now, days)) for days in WINDOWS]


def _exposed(found: Exposure) -> dict[str, Any]:
    given = [one for one in found.amounts if one.sessions]
    several = len(given) > 1
    return {
        "days": found.days,
        "sessions": counted(found.least, found.most, found.uncounted),
        "mg": [f"{one.mg:.1f}{f' {_way(one)}' if several else ''}" for one in given] or ["0.0"],
        "mg_per_kg": [f"{one.mg_per_kg:.2f}" for one in given] or ["0.00"],
        "unknown": found.unread,
        "elsewhere": found.unknown,
    }


def _way(one: Amount) -> str:
    return f"{drug_label(one.drug)} {one.route.upper()}".strip()


def exposure_of(state: CourseState) -> str:
    """What was counted: drugs and routes, in words."""
    kinds = dict.fromkeys((d.drug, d.route) for d in state.doses)
    drugs = vocabulary()["drug"]
    return ", ".join(
        f"{drugs[d].label if d in drugs else d}, {r.upper()}" if d else "a drug that no order names"
        for d, r in kinds
    )


def telling(lines: Sequence[Line]) -> list[Line]:
    """The lines worth a place on the front page, of those given newest first.

    An imported resource is told by the entries that it became, a monitor by its latest reading in each session.
    """
    told, monitored = [], set()
    for line in lines:
        entry = line[-1]
        if isinstance(entry.body, FhirResource):
            continue
        if entry.source is Source.DEVICE:
            if entry.session in monitored:
                continue
            monitored.add(entry.session)
        told.append(line)
    return told


def scored(lines: list[dict[str, Any]], state: CourseState) -> list[dict[str, Any]]:
    """Lines of the record, in which a questionnaire tells its total rather than its nine answers."""
    totals = {
        s.entry: f"{state.measure.name} {s.total}, {s.band}" for s in state.scores if s.total is not None
    }
    return [{**line, "text": totals.get(line["id"], line["text"])} for line in lines]
