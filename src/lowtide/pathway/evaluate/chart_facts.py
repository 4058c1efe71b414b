"""From a chart to the facts that the rules ask about (pure): an open world.

What nobody asked stays unknown. “No” is only what an entry says: an answer, a refuted problem, a result, or a “history
taken” entry that names the item or the whole list. Where several records answer one item the latest stands.
"""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from lowtide.data import codes, intake
from lowtide.data.charted import charted
from lowtide.data.expression import Span
from lowtide.pathway.course.consent import Standing, signed
from lowtide.pathway.evaluate.charted_answers import Told, answered, told
from lowtide.pathway.evaluate.charted_trials import charted as charted_trials
from lowtide.pathway.evaluate.facts import (
    CONSENT,
    Answer,
    Facts,
    Medicine,
    Problem,
    Said,
    Signed,
    Status,
    allergens,
    gather,
)
from lowtide.pathway.evaluate.facts import medicine as medicine_fact
from lowtide.pathway.evaluate.facts import problem as problem_fact
from lowtide.pathway.evaluate.taken_back import reopened
from lowtide.record.chart import Chart
from lowtide.record.dates import age_years
from lowtide.record.entries import base, care, chair, clinic, consent, history, identity
from lowtide.record.entries.base import Entry
from lowtide.record.entries.history import Allergy, Diagnosis, HistoryTaken, ProblemStatus
from lowtide.record.entries.history import Medicine as MedicineEntry
from lowtide.record.entries.identity import Patient, Sex

STATUS: dict[ProblemStatus, Status | None] = {
    ProblemStatus.ACTIVE: "active",
    ProblemStatus.PAST: "past",
    ProblemStatus.REFUTED: "refuted",
    ProblemStatus.UNKNOWN: None,
}
ANY = "any"
ABSENT: dict[str, Any] = {"condition": "never", "medicine": False, "allergy": False}
KINDS: tuple[type[base.Body], ...] = (
    identity.Patient,
    identity.Linked,
    identity.Unlinked,
    history.Diagnosis,
    history.Medicine,
    history.Allergy,
    history.TreatmentTrial,
    history.TrialJudged,
    history.DepressiveEpisode,
    history.HistoryItem,
    history.HistoryTaken,
    history.Result,
    history.Measurement,
    care.Answers,
    care.Total,
    consent.Consent,
    consent.ConsentWithdrawn,
    chair.Vitals,
    chair.DoseStarted,
    chair.DoseGiven,
    clinic.EnteredInError,
    clinic.Redaction,
)
"""The kinds of entry that facts are read from: others do not change an evaluation."""


def facts_from_chart(chart: Chart, on: date, zone: ZoneInfo) -> Facts:
    """Everything the chart says on a day; days are counted in the clinic's zone."""
    consents = signed(chart, datetime.combine(on, time(12), zone), zone)
    said = _in_force(told(chart, zone), consents, zone)
    asked = {item: entry for entry, taken in chart.said(HistoryTaken) for item in taken.items}
    again = reopened(chart)
    person = person_answers(chart, on)
    not_known = {key for key, one in said.items() if one.answer.value is None} - person.keys()
    answers = {key: _by(one.answer, one.entry) for key, one in said.items() if one.answer.value is not None}
    answers |= person
    medicines = [(body.status, medicine_of(body)) for _, body in counted(chart)]
    if any(_is_taken(status, m) and m.classes is None for status, m in medicines):
        answers = {key: a for key, a in answers.items() if not _denies_medicine(key, a)}
    found = gather(
        problems=[
            _since(chart, e) for e, d in chart.said(Diagnosis) if d.status is not ProblemStatus.REFUTED
        ],
        medicines=[m for status, m in medicines if _is_taken(status, m)],
        trials=[one.trial for one in charted_trials(chart)],
        allergies=[a.substance for _, a in chart.said(Allergy) if a.status is not ProblemStatus.REFUTED],
        answers=_no_allergy(chart)
        | _named(chart, {k: e for k, e in asked.items() if k not in again.items}, said)
        | answers,
        complete=(_whole(set(asked)) - again.lists) | _no_allergies(chart),
        unsettled=not_known | _perhaps_taken(medicines) | (again.items - answers.keys()),
    )
    return msgspec.structs.replace(found, consents=(*_scopes(consents), *_taken_back(chart)))


def _scopes(consents: list[Standing]) -> Iterator[Signed]:
    return (Signed(s.body.product, s.body.route, not s.why_not) for s in consents)


def _taken_back(chart: Chart) -> Iterator[Signed]:
    """Consents entered in error: where one was signed here, what a history says of consent is no longer the word on it."""
    for line in chart.retracted():
        if isinstance(body := line[0].body, consent.Consent):
            yield Signed(body.product, body.route, holds=False)


def _whole(asked: set[str]) -> set[str]:
    """The lists that somebody called whole."""
    return {charted().whole[word] for word in asked if word in charted().whole}


def _in_force(said: dict[str, Told], consents: list[Standing], zone: ZoneInfo) -> dict[str, Told]:
    """A signed consent is the word on the item; one that has run out, or is to an older form, is none."""
    if not consents:
        return said
    one = consents[0]
    day = one.entry.at.astimezone(zone).date()
    return said | {CONSENT: Told(CONSENT, one.entry, Answer(not one.why_not, day.isoformat()), day)}


def person_answers(chart: Chart, on: date) -> dict[str, Answer]:
    """Age and sex at birth from who the patient is, by the chart's own word before that of a joined one."""
    said = chart.said(Patient)
    own = [body for entry, body in said if entry.stream == chart.stream] or [body for _, body in said]
    answers: dict[str, Answer] = {}
    if own and own[-1].birth_date:
        youngest, oldest = age_years(own[-1].birth_date, on)
        answers["age_years"] = Answer(youngest if youngest == oldest else Span(youngest, oldest))
    if own and own[-1].sex is not Sex.UNKNOWN:
        answers["sex_at_birth"] = Answer(own[-1].sex.value)
    return answers


def _named(chart: Chart, asked: dict[str, Entry], said: dict[str, Told]) -> dict[str, Answer]:
    """Conditions, medicines and allergies that a “history taken” entry names and nobody ever answered: absent.

    An answer that was marked as entered in error leaves its item open, named or not.
    """
    items = [intake.items()[key] for key in asked if key in intake.items() and key not in said]
    ever = answered(chart) if any(item.kind in ABSENT for item in items) else set()
    absent = (i for i in items if i.kind in ABSENT and i.id not in ever)
    return {i.id: _by(Answer(ABSENT[i.kind]), asked[i.id]) for i in absent}


def _no_allergies(chart: Chart) -> set[str]:
    none = any(a.status is ProblemStatus.REFUTED and a.substance == ANY for _, a in chart.said(Allergy))
    return {"allergies"} if none else set()


def _no_allergy(chart: Chart) -> dict[str, Answer]:
    """Single allergies that an entry rules out."""
    refuted = [a.substance for _, a in chart.said(Allergy) if a.status is ProblemStatus.REFUTED]
    keys = {key for text in refuted for key in (*allergens(text), *charted().no_allergy.get(text, ()))}
    return {f"allergy.{k}": Answer(False) for k in keys if f"allergy.{k}" in intake.items()}


def _is_taken(status: ProblemStatus, medicine: Medicine) -> bool:
    """Taken now; one nobody has recognised also counts while it is not known whether it is taken."""
    return status is ProblemStatus.ACTIVE or (status is ProblemStatus.UNKNOWN and medicine.classes is None)


def _denies_medicine(key: str, answer: Answer) -> bool:
    """“No MAO inhibitor” was said of medicines that are known; one that nobody has recognised may be one."""
    return intake.items()[key].kind == "medicine" and answer.value is False


def _perhaps_taken(medicines: list[tuple[ProblemStatus, Medicine]]) -> set[str]:
    """What a medicine leaves open of which nobody knows whether it is still taken."""
    doubtful = (m.classes or () for status, m in medicines if status is ProblemStatus.UNKNOWN)
    return {f"med.{key}" for classes in doubtful for key in classes}


def problem_of(body: Diagnosis) -> Problem:
    codings = [(c.system, c.code) for c in body.codings]
    return problem_fact(
        body.keys,
        codings,
        status=STATUS[body.status],
        since=body.onset,
        label=body.label,
        dismissed=body.does_not_matter,
    )


def _since(chart: Chart, entry: Entry) -> Problem:
    """The problem as it stands, told when a correction last changed what it may be."""
    line = chart.line(entry.id)
    stands, first = problem_of(entry.body), entry
    for earlier in reversed(line[: line.index(entry)]):
        if not isinstance(earlier.body, Diagnosis) or _doubts(problem_of(earlier.body)) != _doubts(stands):
            break
        first = earlier
    return msgspec.structs.replace(stands, said=_moment(first))


def _doubts(one: Problem) -> tuple[Any, ...]:
    return one.keys, one.possible, one.stranger, one.status, one.label


def _by(answer: Answer, entry: Entry) -> Answer:
    return msgspec.structs.replace(answer, said=_moment(entry))


def _moment(entry: Entry) -> Said:
    return Said(entry.at, entry.counter, entry.recorded_at)


def medicine_of(body: MedicineEntry) -> Medicine:
    daily = float(body.daily_dose_mg) if body.daily_dose_mg is not None else None
    written, codings = recognised_by(body)
    found = medicine_fact(written, codings, classes=body.keys, daily_mg=daily, dismissed=body.does_not_matter)
    return msgspec.structs.replace(found, name=body.name)


def counted(chart: Chart) -> list[tuple[Entry, MedicineEntry]]:
    """The entries on medicines, without those that tell again of one that stands and still is the same medicine."""
    said = chart.said(MedicineEntry)
    standing = {chart.line(e.id)[0].id: body for e, body in said}
    return [(e, body) for e, body in said if not _told_elsewhere(body, standing, chart)]


def _told_elsewhere(body: MedicineEntry, standing: dict[UUID, MedicineEntry], chart: Chart) -> bool:
    if body.same_as is None or body.same_as not in chart.entries:
        return False
    other = standing.get(chart.line(body.same_as)[0].id)
    if other is None or other is body or other.same_as is not None:
        return False
    mine, others = medicine_of(body).classes, medicine_of(other).classes
    return others is not None and (mine is None or mine <= others)


def recognised_by(body: MedicineEntry) -> tuple[str, list[codes.Coding]]:
    """What a medicine is recognised by: a person's match before what it is called and coded as."""
    if body.known_as:
        return " / ".join(body.known_as), []
    return body.name, [(c.system, c.code) for c in body.codings]
