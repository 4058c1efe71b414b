"""The lists of the history as the page shows them: what stands, what was recognised, who called them whole (pure)."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from lowtide.data import codes, intake
from lowtide.pathway.evaluate.asking.forms import (
    AllergyForm,
    ListForm,
    MedicineForm,
    ProblemForm,
    ResultForm,
    TrialForm,
)
from lowtide.pathway.evaluate.chart_facts import medicine_of, problem_of
from lowtide.pathway.evaluate.charted_trials import trial_of
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Body, Entry
from lowtide.record.entries.history import (
    Allergy,
    Diagnosis,
    HistoryTaken,
    Medicine,
    ProblemStatus,
    Result,
    ResultReviewed,
    TreatmentTrial,
)
from lowtide.record.entries.words import summary


class Spec(msgspec.Struct, frozen=True):
    """A list: its name in the address (also the word that calls it whole), heading, kind of entry and form."""

    key: str
    title: str
    one: str
    kind: type[Body]
    form: type[ListForm]
    whole: str = ""
    none: str = ""


SPECS = {
    spec.key: spec
    for spec in (
        Spec("problems", "Problems", "problem", Diagnosis, ProblemForm, "These are all problems"),
        Spec("medicines", "Medicines", "medicine", Medicine, MedicineForm, "These are all medicines"),
        Spec("allergies", "Allergies", "allergy", Allergy, AllergyForm, "These are all allergies"),
        Spec(
            "trials", "Earlier treatments", "treatment", TreatmentTrial, TrialForm, "These are all treatments"
        ),
        Spec("results", "Results", "result", Result, ResultForm),
    )
}


class Line(msgspec.Struct, frozen=True):
    """One line of a list. `known` are the names it is recognised by; `open` says what about it makes wait.

    `settled_at`: the address by whose page a person settles it.
    """

    entry: Entry
    text: str
    known: tuple[str, ...] = ()
    open: str = ""
    settled_at: str = ""


class Listed(msgspec.Struct, frozen=True):
    """A list with its lines, and who last called it whole, when."""

    spec: Spec
    lines: tuple[Line, ...]
    whole: Entry | None

    @property
    def open(self) -> int:
        return sum(bool(line.open) for line in self.lines)


def lists(chart: Chart, zone: ZoneInfo) -> tuple[Listed, ...]:
    """Every list, in the order they are asked for."""
    reviewed = {result for _, body in chart.said(ResultReviewed) for result in body.results}
    return tuple(
        Listed(
            spec,
            tuple(_line(e, zone, reviewed=e.id in reviewed) for e, _ in chart.said(spec.kind)),
            _whole(chart, key),
        )
        for key, spec in SPECS.items()
    )


def authors(found: tuple[Listed, ...]) -> Iterator[str]:
    """Everybody who is named beside a line."""
    for one in found:
        yield from (line.entry.by for line in one.lines)
        if one.whole:
            yield one.whole.by


def _whole(chart: Chart, key: str) -> Entry | None:
    said: list[tuple[datetime, Entry]] = [
        (e.at, e) for e, body in chart.said(HistoryTaken) if key in body.items
    ]
    return said[-1][1] if said else None


def _line(entry: Entry, zone: ZoneInfo, *, reviewed: bool) -> Line:
    body, text = entry.body, summary(entry, zone)
    if isinstance(body, Medicine):
        return _medicine(entry, body, text)
    if isinstance(body, Diagnosis):
        return _problem(entry, body, text)
    if isinstance(body, TreatmentTrial):
        classes = sorted(trial_of(body).classes)
        return Line(entry, text, tuple(codes.medicine_classes()[k].label for k in classes), _trial_open(body))
    if isinstance(body, Result):
        return Line(entry, text, ("reviewed",) if reviewed else (), "" if reviewed else "waits for review")
    return Line(entry, text)


def _problem(entry: Entry, body: Diagnosis, text: str) -> Line:
    found = problem_of(body)
    labels = tuple(codes.conditions()[k].label for k in sorted(found.keys))
    if found.status == "refuted" or not (found.stranger or found.possible):
        unasked = () if labels or found.status == "refuted" else ("known, and no rule asks about it",)
        return Line(entry, text, labels or unasked)
    says = "not recognised" if found.stranger else f"may be {', '.join(_labels(found.possible))}"
    return Line(entry, text, labels, f"{says}: a reason to wait until it is settled", "evaluate:problem")


def _labels(keys: frozenset[str]) -> list[str]:
    """What conditions are called that a rule asks about."""
    asked = [key for key in sorted(keys) if f"dx.{key}" in intake.items()]
    return [codes.conditions()[key].label for key in asked or sorted(keys)]


def _medicine(entry: Entry, body: Medicine, text: str) -> Line:
    found = medicine_of(body)
    if found.classes is None:
        gone = body.status in (ProblemStatus.PAST, ProblemStatus.REFUTED)
        return Line(entry, text, (), "" if gone else "not recognised: a reason to wait until it is matched")
    labels = tuple(codes.medicine_classes()[k].label for k in sorted(found.classes))
    return Line(entry, text, labels or ("known, in no class that a rule asks about",))


def _trial_open(body: TreatmentTrial) -> str:
    trial = trial_of(body)
    unknown = [
        words
        for words, missing in (
            ("weeks", trial.weeks is None),
            ("dose", trial.said_dose is None and trial.daily_mg is None),
            ("episode", trial.current_episode is None),
        )
        if missing
    ]
    return f"{', '.join(unknown)} not known" if unknown else ""
