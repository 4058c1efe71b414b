"""What the page of scales shows: what this visit asks for, and how each instrument stands (pure)."""

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from fractions import Fraction
from typing import Any

import msgspec

from lowtide.data.instruments import Instrument, instruments
from lowtide.pathway.course import words
from lowtide.pathway.course.state import CourseState
from lowtide.pathway.outcomes.page import MODES
from lowtide.pathway.outcomes.scales import Wanted, known
from lowtide.problems import BadInput
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry, Source
from lowtide.record.entries.care import Answers, Total
from lowtide.record.entries.identity import Patient
from lowtide.science.instruments import answers as reading
from lowtide.science.instruments.change import Change, change
from lowtide.science.instruments.score import Score, band, scored, urgent

TYPED = "from elsewhere"


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """One answered form of an instrument, or a total that came alone; `score` is None where it cannot be worked out."""

    entry: Entry
    body: Answers | Total
    measure: Instrument
    figure: Fraction | None
    band: str
    parts: dict[str, Fraction | None]
    flags: tuple[str, ...]
    is_raised: bool
    window: str


def forms(chart: Chart) -> list[Form]:
    """Every form of every instrument, the latest first."""
    about = person(chart)
    answered = [
        found
        for entry, body in chart.said(Answers)
        if (one := known(body.instrument)) and (found := _answered(entry, body, one, about))
    ]
    told = [
        _told(entry, body, one, about) for entry, body in chart.said(Total) if (one := known(body.instrument))
    ]
    return sorted((*answered, *told), key=lambda f: f.entry.order, reverse=True)


def person(chart: Chart) -> reading.About:
    """What cuts depend on, as far as the chart says it."""
    said = chart.last(Patient)
    return reading.about(str(said[1].sex), None) if said and said[1].sex else reading.About()


def _answered(entry: Entry, body: Answers, one: Instrument, about: reading.About) -> Form:
    found = _scored(body, one, about)
    return Form(
        entry=entry,
        body=body,
        measure=one,
        figure=figure(one, found) if found else None,
        band=(found.band if found else None) or "",
        parts=found.subscales if found else {},
        flags=tuple(flag.text for flag in found.flags) if found else (),
        is_raised=bool(urgent(one, body.items)),
        window=body.window,
    )


def _scored(body: Answers, one: Instrument, about: reading.About) -> Score | None:
    try:
        said = reading.read(one, body.items)
    except BadInput:
        return None
    said = msgspec.structs.replace(said, not_applicable=body.not_applicable, about=about)
    return scored(one, said) if said.values else None


def figure(one: Instrument, found: Score) -> Fraction | None:
    """What a form is followed by: its total, or the subscale that stands for it."""
    part = one.change.part if one.change else ""
    return found.subscales.get(part) if part else found.total


def _told(entry: Entry, body: Total, one: Instrument, about: reading.About) -> Form:
    total = Fraction(body.value)
    return Form(
        entry=entry,
        body=body,
        measure=one,
        figure=total,
        band=band(one, total, about.sex) or "",
        parts={},
        flags=(),
        is_raised=False,
        window="",
    )


def asked_rows(found: tuple[Wanted, ...], zone: tzinfo, now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "id": w.instrument.id,
            "name": w.instrument.name,
            "window": w.window or w.instrument.recall_window,
            "query": f"?window={w.window}" if w.window else "",
            "minutes": w.instrument.minutes,
            "why": w.rule.text,
            "rule": w.rule,
            "due": words.due(w.due_at, now),
            "by": words.by(w.due_at, zone, now),
            "is_late": w.due_at < now,
            "self_rated": w.instrument.is_self_rated,
        }
        for w in found
    ]


def rows(
    found: list[Form], state: CourseState, names: Mapping[str, str], zone: tzinfo, now: datetime
) -> list[dict[str, Any]]:
    """Each instrument that was ever answered, the latest form first, with what has changed since the baseline."""
    seen: dict[tuple[str, str], list[Form]] = {}
    for form in found:
        seen.setdefault((form.measure.id, form.window), []).append(form)
    return [_row(line, state, names, zone, now) for line in seen.values()]


def _row(
    line: list[Form], state: CourseState, names: Mapping[str, str], zone: tzinfo, now: datetime
) -> dict[str, Any]:
    latest = line[0]
    return {
        "id": latest.measure.id,
        "name": latest.measure.name,
        "window": latest.window,
        "entry": latest.entry.id,
        "when": words.when(latest.entry.at, zone, now),
        "figure": shown(latest.figure),
        "of": latest.measure.total_range,
        "band": latest.band,
        "parts": [f"{name} {shown(value)}" for name, value in latest.parts.items() if value is not None],
        "flags": latest.flags,
        "is_raised": latest.is_raised,
        "how": how(latest, names),
        "change": "; ".join(_change_words(since_baseline(line, state))),
        "earlier": [f"{shown(f.figure)} ({words.when(f.entry.at, zone, now)})" for f in line[1:5]],
        "is_form": isinstance(latest.body, Answers),
        "unfinished": isinstance(latest.body, Answers) and not latest.body.complete,
    }


def how(form: Form, names: Mapping[str, str]) -> str:
    if not isinstance(form.body, Answers):
        return TYPED
    patient = form.entry.source is Source.PATIENT
    by = "the patient" if patient else names.get(form.entry.by, "")
    rater = names.get(form.body.rater, form.body.rater)
    who = f"rated by {rater}" if rater else f"typed by {by}" if form.body.mode == "paper" else by
    return ", ".join(p for p in (MODES.get(form.body.mode, form.body.mode), who) if p)


def shown(value: Fraction | None) -> str:
    if value is None:
        return ""
    return str(int(value)) if value.denominator == 1 else f"{float(value):.1f}"


def since_baseline(line: list[Form], state: CourseState) -> Change | None:
    """From the last form before the first dose to the latest after it; of one window only."""
    first_dose = state.response.first_dose_at
    whole = [f for f in line if f.figure is not None]
    if first_dose is None or not whole or whole[0].entry.at <= first_dose:
        return None
    before = next((f.figure for f in whole if f.entry.at <= first_dose), None)
    after = whole[0].figure
    return None if before is None or after is None else change(whole[0].measure, before, after)


def _change_words(found: Change | None) -> Iterator[str]:
    if found is None:
        return
    points = abs(float(found.points))
    yield f"{points:g} points {'better' if found.points > 0 else 'worse'}" if points else "no change"
    if found.remission:
        yield f"remission ({found.remission_cut})"
    elif found.response:
        yield "response"
    if found.category is not None:
        yield str(found.category)


def choices(clinic_text: Mapping[str, bool]) -> list[dict[str, Any]]:
    """Every instrument that has a score, to enter one that nothing asks for."""
    return [
        {
            "id": one.id,
            "name": one.name,
            "domain": one.domain,
            "minutes": one.minutes,
            "rater": "the patient" if one.is_self_rated else one.rater,
            "has_text": one.has_text or clinic_text.get(one.id, False),
        }
        for one in instruments().values()
        if one.total != "unscored"
    ]
