"""Entries of what went wrong and what was done about it: adverse events and their reports, rescue medicines, emergencies.

What happened in a session carries the session's id in its envelope; an event told from home carries none.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from lowtide.data.emergencies import checklists
from lowtide.data.events import events
from lowtide.data.reports import reports, states
from lowtide.data.rescue import medicines
from lowtide.problems import Problem
from lowtide.record.dates import PartialDate
from lowtide.record.entries.base import Answer, Body, date_problems


class AdverseEvent(Body, tag="adverse_event.1", frozen=True, kw_only=True):
    """Something untoward that happened to the patient; the entry's `at` is its onset.

    `term` is a word of the table of events, `other` with `words`. `serious` is what somebody judged, by `criteria`;
    not judged is not “no”. `reports` are those that the clinic's country, product and policy ask for. `dated` is set when no time of day is known:
    `at` is then the first instant of that date.
    """

    term: str
    grade: int
    serious: Answer
    criteria: tuple[str, ...] = ()
    words: str | None = None
    relation: str = "not_assessed"
    suspected: str | None = None
    action: str = "none"
    treatment: str | None = None
    outcome: str = "ongoing"
    ended_at: datetime | None = None
    reports: tuple[str, ...] = ()
    dated: PartialDate | None = None

    def problems(self) -> Iterator[Problem]:
        if self.term not in events().terms:
            yield Problem(f"“{self.term}” is no event of the table", "term", "Choose one, or “other”.")
        if self.term == "other" and not (self.words or "").strip():
            yield Problem("say what happened", "words", "Write it in a few words.")
        yield from _graded(self.grade, self.serious)
        yield from _judged(self.serious, self.criteria, self.reports)
        yield from _one_of("relation", self.relation, events().relations)
        yield from _one_of("action", self.action, events().actions)
        yield from _one_of("outcome", self.outcome, events().outcomes)
        yield from date_problems(self, "dated")


class AdverseEventFollowed(Body, tag="adverse_event_followed.1", frozen=True, kw_only=True):
    """How an adverse event stands now: `event` is the first entry of the event. What is None has not changed.

    `how` is the way it was learnt: seen, phone, message. `ended_at` is when it was over, if it is.
    """

    event: UUID
    outcome: str
    how: str = "seen"
    grade: int | None = None
    serious: Answer | None = None
    criteria: tuple[str, ...] = ()
    relation: str | None = None
    words: str | None = None
    ended_at: datetime | None = None
    reports: tuple[str, ...] = ()

    def problems(self) -> Iterator[Problem]:
        yield from _one_of("outcome", self.outcome, events().outcomes)
        yield from _one_of("how", self.how, events().learnt)
        if self.grade is not None:
            yield from _graded(self.grade)
        if self.relation is not None:
            yield from _one_of("relation", self.relation, events().relations)
        yield from _judged(self.serious, self.criteria, self.reports)


class ReportTaken(Body, tag="report_taken.1", frozen=True, kw_only=True):
    """Whoever wrote this entry has the report on a serious event to `report` from now on."""

    event: UUID
    report: str

    def problems(self) -> Iterator[Problem]:
        yield from _one_of("report", self.report, reports())


class ReportSent(Body, tag="report_sent.1", frozen=True, kw_only=True):
    """How a report on a serious event stands: `sent` with its proof, `failed`, `acknowledged`, or `not_needed`.

    `reference` is the number that the receiver or the sending gave; `channel` is how it went (online, fax, post). Why
    one is not needed, or what failed, is in `note`.
    """

    event: UUID
    report: str
    state: str
    channel: str | None = None
    reference: str | None = None
    note: str | None = None

    def problems(self) -> Iterator[Problem]:
        yield from _one_of("report", self.report, reports())
        yield from _one_of("state", self.state, states())
        if self.state == "sent" and not (self.channel or "").strip():
            yield Problem("say how it was sent", "channel", "Online, by fax, by post.")
        if self.state == "sent" and not (self.reference or "").strip():
            yield Problem(
                "the proof is missing", "reference", "Write the number of the receipt or of the fax."
            )
        if self.state in ("failed", "not_needed") and not (self.note or "").strip():
            yield Problem("say why", "note", "Write it in a few words.")


class RescueGiven(Body, tag="rescue_given.1", frozen=True, kw_only=True):
    """A medicine given beside the ordered dose, because something had to be treated; the entry's `at` is when.

    `medicine` is a key of the table, `other` with `name`. `ordered_by` is the orderer's name, `orderer`
    their id (`staff:<id>`) where they are of the staff. `why` is a term of the table of events. `warnings` are what the chart said against it, as it was shown;
    given all the same, the reason is the entry's.
    """

    medicine: str
    dose: Decimal
    unit: str
    route: str
    ordered_by: str
    orderer: str | None = None
    name: str | None = None
    why: str | None = None
    words: str | None = None
    warnings: tuple[str, ...] = ()

    def problems(self) -> Iterator[Problem]:
        if self.medicine not in medicines():
            yield Problem(f"“{self.medicine}” is not in the table", "medicine", "Choose one, or “other”.")
        elif self.unit not in medicines()[self.medicine].units and self.medicine != "other":
            yield Problem(f"it is not given in {self.unit}", "unit", "Choose one of its units.")
        if self.medicine == "other" and not (self.name or "").strip():
            yield Problem("the medicine has no name", "name", "Write its name.")
        if self.dose <= 0:
            yield Problem("a dose must be above zero", "dose", "Enter what was given.")
        if not self.ordered_by.strip():
            yield Problem("say who ordered it", "ordered_by", "Choose the prescriber, or write the name.")


class RescueEffect(Body, tag="rescue_effect.1", frozen=True, kw_only=True):
    """What a rescue medicine did: `rescue` is the entry that gave it."""

    rescue: UUID
    effect: str
    words: str | None = None

    def problems(self) -> Iterator[Problem]:
        yield from _one_of("effect", self.effect, events().effects)


class EmergencyOpened(Body, tag="emergency_opened.1", frozen=True, kw_only=True):
    """An emergency checklist was opened at the chair; this entry is the run that its steps name.

    `rule` and `about` are the threshold and the reading that suggested it, where one did.
    """

    checklist: str
    version: str
    rule: str | None = None
    about: UUID | None = None

    def problems(self) -> Iterator[Problem]:
        yield from _one_of("checklist", self.checklist, checklists())


class EmergencyStep(Body, tag="emergency_step.1", frozen=True, kw_only=True):
    """A step of a run was done (`done`), or does not apply here; by whom and when are the entry's."""

    run: UUID
    checklist: str
    step: str
    done: bool = True
    words: str | None = None


class EmergencyEnded(Body, tag="emergency_ended.1", frozen=True, kw_only=True):
    """How an emergency ended: a word of the table, and what else should be known."""

    run: UUID
    outcome: str
    words: str | None = None

    def problems(self) -> Iterator[Problem]:
        yield from _one_of("outcome", self.outcome, events().emergency_outcomes)


class FollowUpCall(Body, tag="follow_up_call.1", frozen=True, kw_only=True):
    """Somebody who left against advice was called: `about` is the entry of the leaving."""

    about: UUID
    reached: bool
    words: str
    closes: bool = False

    def problems(self) -> Iterator[Problem]:
        if not self.words.strip():
            yield Problem("say what came of the call", "words", "Write it in a few words.")


def _one_of(name: str, given: str, known: object) -> Iterator[Problem]:
    if given not in known:  # type: ignore[operator]
        yield Problem(f"“{given}” is no {name} of the table", name, "Choose one of those on the page.")


def _graded(grade: int, serious: Answer | None = None) -> Iterator[Problem]:
    known = events().grades.get(str(grade))
    if known is None:
        yield Problem(f"there is no grade {grade}", "grade", f"One of: {', '.join(events().grades)}.")
    elif known.serious and serious is Answer.NO:
        what = f"grade {grade}, {known.word.lower()}, is always serious"
        yield Problem(what, "serious", "Say that it is serious, or look at the grade again.")


def _judged(serious: Answer | None, criteria: tuple[str, ...], owed: tuple[str, ...]) -> Iterator[Problem]:
    unknown = [c for c in criteria if c not in events().criteria]
    if unknown:
        yield Problem(f"“{unknown[0]}” makes nothing serious", "criteria", "Choose one of those on the page.")
    if serious is Answer.YES and not criteria:
        yield Problem("say what makes it serious", "criteria", "Choose at least one.")
    if serious is not Answer.YES and criteria:
        yield Problem("what is named makes it serious", "serious", "Say that it is serious, or name nothing.")
    yield from (p for one in owed for p in _one_of("report", one, reports()))
