"""From a chart to the facts that the rules ask about (pure): an open world.

What nobody asked stays unknown. “No” is only what an entry says: an answer, a refuted problem, a result, or a “history
taken” entry that names the item or the whole list. Where several records answer one item the latest stands.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from lowtide.data import intake
from lowtide.data.charted import charted
from lowtide.data.expression import Span
from lowtide.data.instruments import instrument
from lowtide.data.vocabulary import plain
from lowtide.pathway.evaluate.facts import Answer, Facts, Medicine, Problem, Status, Trial, gather
from lowtide.pathway.evaluate.facts import medicine as medicine_fact
from lowtide.pathway.evaluate.facts import problem as problem_fact
from lowtide.pathway.evaluate.facts import trial as trial_fact
from lowtide.problems import BadInput
from lowtide.record.chart import Chart
from lowtide.record.dates import age_years
from lowtide.record.entries import base
from lowtide.record.entries.care import Answers, Total
from lowtide.record.entries.chair import Vitals
from lowtide.record.entries.history import (
    Allergy,
    Diagnosis,
    HistoryItem,
    HistoryTaken,
    Measurement,
    ProblemStatus,
    Result,
    TreatmentTrial,
)
from lowtide.record.entries.history import Medicine as MedicineEntry
from lowtide.record.entries.identity import Patient, Sex
from lowtide.science.instruments.score import score

Dated = tuple[datetime, Answer]
"""An answer and when it was recorded as true: the latest of several stands."""
STATUS: dict[ProblemStatus, Status | None] = {
    ProblemStatus.ACTIVE: "active",
    ProblemStatus.PAST: "past",
    ProblemStatus.REFUTED: "refuted",
    ProblemStatus.UNKNOWN: None,
}
TRUTH = {base.Answer.YES: True, base.Answer.NO: False, base.Answer.NOT_KNOWN: None}
ANY = "any"
ABSENT = {"condition": "never", "medicine": False, "allergy": False}


def facts_from_chart(chart: Chart, on: date, zone: ZoneInfo) -> Facts:
    """Everything the chart says on a day; days are counted in the clinic's zone."""
    asked = {item for _, taken in chart.said(HistoryTaken) for item in taken.items}
    answers = _latest(
        (*_measured(chart, zone), *_resulted(chart, zone), *_scored(chart, zone), *_told(chart, zone))
    )
    answers |= {k: v for k, v in _weight_change(chart).items() if k not in answers}
    answers |= _person(chart, on)
    for item in _named(asked, answers):
        answers[item.id] = Answer(ABSENT[item.kind])
    return gather(
        problems=[_problem(d) for _, d in chart.said(Diagnosis) if d.status is not ProblemStatus.REFUTED],
        medicines=[_medicine(m) for _, m in chart.said(MedicineEntry) if m.status is ProblemStatus.ACTIVE],
        trials=[_trial(t) for _, t in chart.said(TreatmentTrial)],
        allergies=[a.substance for _, a in chart.said(Allergy) if a.status is not ProblemStatus.REFUTED],
        answers=_refuted(chart) | answers,
        complete={charted().whole[word] for word in asked if word in charted().whole} | _no_allergies(chart),
    )


def _latest(dated: tuple[tuple[str, Dated], ...]) -> dict[str, Answer]:
    """Item -> its latest answer. One that is not known is no answer."""
    found: dict[str, Dated] = {}
    for key, (at, answer) in dated:
        if key in intake.items() and (key not in found or at >= found[key][0]):
            found[key] = (at, answer)
    return {key: answer for key, (_, answer) in found.items() if answer.value is not None}


def _day(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).date().isoformat()


def _measured(chart: Chart, zone: ZoneInfo) -> Iterator[tuple[str, Dated]]:
    for entry, vitals in chart.said(Vitals):
        for name, item in charted().vital.items():
            if (value := getattr(vitals, name)) is not None:
                yield item, (entry.at, Answer(value, _day(entry.at, zone)))
    for entry, measure in chart.said(Measurement):
        if item := charted().measurement.get(measure.quantity):
            yield item, (entry.at, Answer(float(measure.value), _day(entry.at, zone)))


def _weight_change(chart: Chart) -> dict[str, Answer]:
    """By how many percent the last two measured weights differ."""
    weights = [m.value for _, m in chart.said(Measurement) if m.quantity == "weight_kg"]
    if len(weights) < 2 or not weights[-2]:
        return {}
    return {"weight_change_pct": Answer(float(abs(weights[-1] - weights[-2]) * 100 / weights[-2]))}


def _resulted(chart: Chart, zone: ZoneInfo) -> Iterator[tuple[str, Dated]]:
    table, seen = charted(), {}
    for entry, result in chart.said(Result):
        answer = _result_answer(result)
        if answer:
            item, value = answer
            yield item, (entry.at, Answer(value, _day(entry.at, zone)))
        if result.test:
            seen[result.test] = entry.at
    for item, choices in table.workup.items():
        for tests in choices:
            if all(test in seen for test in tests):
                oldest = min(seen[test] for test in tests)
                yield f"workup.{item}", (oldest, Answer(True, _day(oldest, zone)))


def _result_answer(result: Result) -> tuple[str, Any] | None:
    table, test = charted(), result.test or ""
    if test in table.result and result.value is not None:
        return table.result[test], float(result.value)
    if test in table.multiple and result.value is not None and result.reference_high:
        return table.multiple[test], float(result.value / result.reference_high)
    if test in table.word and result.text:
        words = table.word[test]
        said = words.says.get(result.text.strip().lower())
        return (words.item, _typed(intake.items()[words.item], said)) if said else None
    return None


def _scored(chart: Chart, zone: ZoneInfo) -> Iterator[tuple[str, Dated]]:
    """Totals of questionnaires: worked out from the answers, or as they came from another record."""
    table = charted()
    for entry, body in chart.said(Answers):
        name = _instrument_key(body.instrument)
        for item, names in table.workup_answered.items():
            if name in names and body.complete:
                yield f"workup.{item}", (entry.at, Answer(True, _day(entry.at, zone)))
        if name in table.total and (total := _total(body)) is not None:
            yield table.total[name], (entry.at, Answer(total, _day(entry.at, zone)))
    for entry, told in chart.said(Total):
        if item := table.total.get(_instrument_key(told.instrument)):
            yield item, (entry.at, Answer(float(told.value), _day(entry.at, zone)))


def _instrument_key(name: str) -> str:
    """An instrument's own id without hyphens, in capitals; a name nobody knows stays as it is."""
    try:
        name = instrument(name).id
    except BadInput:
        return plain(name).upper()
    return plain(name).upper()


def _total(body: Answers) -> float | None:
    try:
        found = score(instrument(body.instrument), body.items).total
    except BadInput:
        return None
    return None if found is None else float(found)


def _told(chart: Chart, zone: ZoneInfo) -> Iterator[tuple[str, Dated]]:
    """The answers of the structured intake; “not known” takes an older answer back."""
    for entry, said in chart.said(HistoryItem):
        if item := intake.items().get(said.item):
            value = _typed(item, said.value) if said.answer is base.Answer.YES else _plain(item, said.answer)
            yield item.id, (entry.at, Answer(value, said.date or _day(entry.at, zone)))


def _plain(item: intake.Item, answer: base.Answer) -> Any:
    if answer is base.Answer.NOT_KNOWN:
        return None
    if item.kind == "several":
        return []
    if item.kind == "condition":
        return "never"
    return False if item.kind in ("yes_no", "medicine", "allergy") else None


def _typed(item: intake.Item, value: str | None) -> Any:
    """A written value in the type of its item; a plain yes where the item asks for no value."""
    read: dict[str, Callable[[str], Any]] = {
        "number": lambda v: float(Decimal(v)),
        "several": lambda v: [w.strip() for w in v.split(",") if w.strip()],
        "yes_no": lambda v: v != "no",
        "medicine": lambda v: v != "no",
        "allergy": lambda v: v != "no",
    }
    if value is None or value == "":
        return {"condition": "active", "number": None, "choice": None, "word": None, "several": None}.get(
            item.kind, True
        )
    return read.get(item.kind, str)(value)


def _person(chart: Chart, on: date) -> dict[str, Answer]:
    """Age and sex at birth from who the patient is."""
    found = chart.last(Patient)
    answers: dict[str, Answer] = {}
    if found and found[1].birth_date:
        youngest, oldest = age_years(found[1].birth_date, on)
        answers["age_years"] = Answer(youngest if youngest == oldest else Span(youngest, oldest))
    if found and found[1].sex is not Sex.UNKNOWN:
        answers["sex_at_birth"] = Answer(found[1].sex.value)
    return answers


def _named(asked: set[str], answers: dict[str, Answer]) -> list[intake.Item]:
    """Conditions, medicines and allergies that a “history taken” entry names and nothing answers: they are absent."""
    items = (intake.items()[key] for key in sorted(asked) if key in intake.items())
    return [item for item in items if item.kind in ABSENT and item.id not in answers]


def _refuted(chart: Chart) -> dict[str, Answer]:
    """Conditions that an entry says the patient does not have, unless another says they do."""
    refuted = [_problem(d) for _, d in chart.said(Diagnosis) if d.status is ProblemStatus.REFUTED]
    keys = {f"dx.{key}" for one in refuted for key in one.keys}
    return {key: Answer("never") for key in keys if key in intake.items()}


def _no_allergies(chart: Chart) -> set[str]:
    said = [a for _, a in chart.said(Allergy)]
    none = any(a.status is ProblemStatus.REFUTED and a.substance == ANY for a in said)
    return {"allergies"} if none else set()


def _problem(body: Diagnosis) -> Problem:
    codings = [(c.system, c.code) for c in body.codings]
    return problem_fact(body.keys, codings, status=STATUS[body.status], since=body.onset, label=body.label)


def _medicine(body: MedicineEntry) -> Medicine:
    codings = [(c.system, c.code) for c in body.codings]
    daily = float(body.daily_dose_mg) if body.daily_dose_mg is not None else None
    return medicine_fact(body.name, codings, classes=body.keys, daily_mg=daily)


def _trial(body: TreatmentTrial) -> Trial:
    return trial_fact(
        body.agent,
        weeks=None if body.weeks is None else float(body.weeks),
        adequate_dose=TRUTH[body.minimum_effective_dose],
        current_episode=TRUTH[body.current_episode],
    )
