"""Entries about what a patient brings: problems, medicines, allergies, earlier treatments, results, answers."""

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import msgspec

from lowtide.data.plausibility import implausible
from lowtide.data.trials import tables, trial_words
from lowtide.problems import Problem
from lowtide.record.dates import PartialDate, earliest, is_partial_date, latest
from lowtide.record.entries.base import Answer, Body, Coding, date_problems

MOST_PCT = 100


class ProblemStatus(StrEnum):
    ACTIVE = "active"
    PAST = "past"
    REFUTED = "refuted"
    UNKNOWN = "unknown"


class Diagnosis(Body, tag="diagnosis.1", frozen=True, kw_only=True):
    """A condition the patient has, had, or is known not to have (`refuted`).

    `keys` are condition names of the code tables, set by a person who picked from the list; an imported
    problem is matched by its codings. `does_not_matter` is a clinician's word on one that nobody recognises: it
    touches no rule.
    """

    label: str
    status: ProblemStatus
    codings: tuple[Coding, ...] = ()
    keys: tuple[str, ...] = ()
    severity: str | None = None
    onset: PartialDate | None = None
    ended: PartialDate | None = None
    note: str | None = None
    does_not_matter: bool = False

    def problems(self) -> Iterator[Problem]:
        if not self.label.strip():
            yield Problem("a problem needs a name", "label", "Name the condition.")
        yield from date_problems(self, "onset", "ended")


class Medicine(Body, tag="medicine.1", frozen=True, kw_only=True):
    """A medicine the patient takes, took (`past`), or is known not to take (`refuted`).

    `does_not_matter` is a clinician's word on a medicine that nobody recognises: it touches no rule. `known_as` are
    the medicines of the code table that a person matched it to. `same_as` names the entry that tells of the same
    medicine and counts in this one's place: set when they were reconciled.
    """

    name: str
    status: ProblemStatus
    codings: tuple[Coding, ...] = ()
    keys: tuple[str, ...] = ()
    dose: str | None = None
    daily_dose_mg: Decimal | None = None
    started: PartialDate | None = None
    stopped: PartialDate | None = None
    note: str | None = None
    does_not_matter: bool = False
    known_as: tuple[str, ...] = ()
    same_as: UUID | None = None

    def problems(self) -> Iterator[Problem]:
        if not self.name.strip():
            yield Problem("a medicine needs a name", "name", "Name the medicine.")
        yield from date_problems(self, "started", "stopped")


class MedicinesReconciled(Body, tag="medicines_reconciled.1", frozen=True, kw_only=True):
    """Somebody went through all medicines: these entries stood then, and none was left open."""

    entries: tuple[UUID, ...]
    note: str | None = None


class Allergy(Body, tag="allergy.1", frozen=True, kw_only=True):
    """A substance the patient reacts to; `refuted` with substance `any` says “no known allergies”."""

    substance: str
    status: ProblemStatus
    codings: tuple[Coding, ...] = ()
    reaction: str | None = None
    onset: PartialDate | None = None

    def problems(self) -> Iterator[Problem]:
        if not self.substance.strip():
            yield Problem(
                "an allergy needs a substance", "substance", "Name it, or record “no known allergies”."
            )


class TreatmentTrial(Body, tag="treatment_trial.1", frozen=True, kw_only=True):
    """One earlier treatment: what, how much, how long, was it taken, what came of it, who says so.

    `treatment`, `adherence`, `result` and `told_by` are words of the table of trials; None is not known. `minimum_effective_dose`
    is the word of whoever took the history; `weeks` is the time at that dose, the dates are from the first to the last.
    """

    agent: str
    dose: str | None = None
    weeks: Decimal | None = None
    minimum_effective_dose: Answer = Answer.NOT_KNOWN
    current_episode: Answer = Answer.NOT_KNOWN
    started: PartialDate | None = None
    stopped: PartialDate | None = None
    outcome: str | None = None
    stopped_because: str | None = None
    codings: tuple[Coding, ...] = ()
    treatment: str | None = None
    daily_dose_mg: Decimal | None = None
    sessions: int | None = None
    adherence: str | None = None
    result: str | None = None
    improvement_pct: Decimal | None = None
    told_by: str | None = None

    def problems(self) -> Iterator[Problem]:
        if not self.agent.strip():
            yield Problem("a treatment needs a name", "agent", "Name the medicine or the treatment.")
        yield from date_problems(self, "started", "stopped")
        for name, known in trial_words().items():
            if getattr(self, name) not in (None, *known):
                yield Problem(
                    f"“{getattr(self, name)}” is no word here", name, f"One of: {', '.join(known)}."
                )
        yield from self._wrong_numbers()

    def _wrong_numbers(self) -> Iterator[Problem]:
        if self.weeks is not None and self.weeks < 0:
            yield Problem("the length of a trial cannot be negative", "weeks", "Enter weeks, such as 6.")
        if self.daily_dose_mg is not None and self.daily_dose_mg <= 0:
            yield Problem("a dose is above zero", "daily_dose_mg", "Leave it empty where it is not known.")
        for field, quantity in (("weeks", "treatment_weeks"), ("daily_dose_mg", "treatment_mg_per_day")):
            if (value := getattr(self, field)) is not None and value > 0:
                yield from (msgspec.structs.replace(p, where=field) for p in implausible(quantity, value))
        if self.sessions is not None and self.sessions < 0:
            yield Problem("sessions cannot be negative", "sessions", "Enter how many were given.")
        if self.improvement_pct is not None and self.improvement_pct > MOST_PCT:
            yield Problem("nobody gets better by more than 100 %", "improvement_pct", "Enter 0 to 100.")
        if self.started and self.stopped and not in_order(self):
            yield Problem("it ended before it began", "stopped", "Check both dates.")


def in_order(body: TreatmentTrial) -> bool:
    """Whether the dates can be in order; one that is no date is told of elsewhere."""
    dates = (body.started or "", body.stopped or "")
    return not all(map(is_partial_date, dates)) or latest(dates[1]) >= earliest(dates[0])


class TrialJudged(Body, tag="trial_judged.1", frozen=True, kw_only=True):
    """A clinician's own word on whether a treatment was an adequate trial, against what dose and weeks say.

    `trial` is the entry as it was read: once that is corrected the judgement was made on other facts and no longer holds.
    """

    trial: UUID
    adequate: bool


class DepressiveEpisode(Body, tag="depressive_episode.1", frozen=True, kw_only=True):
    """The present episode of depression: since when, and how severe at its worst, in the words of the staging."""

    started: PartialDate | None = None
    severity: str | None = None

    def problems(self) -> Iterator[Problem]:
        yield from date_problems(self, "started")
        known = [s.key for s in tables().maudsley.severity]
        if self.severity not in (None, *known):
            yield Problem(f"“{self.severity}” is no severity", "severity", f"One of: {', '.join(known)}.")


class HistoryItem(Body, tag="history_item.1", frozen=True, kw_only=True):
    """The answer to one item of the structured intake; `value` holds a number or a choice where it asks one.

    `abnormal` is how whoever recorded a test that is only noted as done read what it showed; not said is not “no”.
    """

    item: str
    answer: Answer
    value: str | None = None
    date: PartialDate | None = None
    detail: str | None = None
    abnormal: Answer = Answer.NOT_KNOWN

    def problems(self) -> Iterator[Problem]:
        yield from date_problems(self, "date")


class HistoryTaken(Body, tag="history_taken.1", frozen=True, kw_only=True):
    """Somebody asked: each named item (or whole list: diagnoses, medicines, allergies…) was gone through."""

    items: tuple[str, ...]


class Result(Body, tag="result.1", frozen=True, kw_only=True):
    """A test result or finding from outside the session; it waits for a named clinician's review.

    `test` is the clinic's name for it (`alt_u_l`, `hcg`, `ecg`), None when only the codings are known. `dated`
    is set when no time of day is known: the entry's `at` is then the first instant of that day, month or year.
    """

    label: str
    test: str | None = None
    value: Decimal | None = None
    text: str | None = None
    unit: str | None = None
    codings: tuple[Coding, ...] = ()
    reference_low: Decimal | None = None
    reference_high: Decimal | None = None
    abnormal: Answer = Answer.NOT_KNOWN
    dated: PartialDate | None = None

    @property
    def is_out_of_range(self) -> bool:
        """Called abnormal, or beyond the laboratory's own limits."""
        low, high = self.reference_low, self.reference_high
        beyond = self.value is not None and (
            (low is not None and self.value < low) or (high is not None and self.value > high)
        )
        return self.abnormal is Answer.YES or beyond

    def problems(self) -> Iterator[Problem]:
        yield from date_problems(self, "dated")


class ResultReviewed(Body, tag="result_reviewed.1", frozen=True, kw_only=True):
    """A clinician saw these results."""

    results: tuple[UUID, ...]
    note: str | None = None


class Measurement(Body, tag="measurement.1", frozen=True, kw_only=True):
    """Weight or height, in kg and cm, beside what was read off the device and its unit; `dated` as in a result."""

    quantity: str
    value: Decimal
    read_value: Decimal | None = None
    read_unit: str | None = None
    device: str | None = None
    dated: PartialDate | None = None

    def problems(self) -> Iterator[Problem]:
        yield from implausible(self.quantity, self.value)
        yield from date_problems(self, "dated")
