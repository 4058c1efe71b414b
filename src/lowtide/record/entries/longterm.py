"""Entries of long-term safety: what was asked again, treatment elsewhere, observations about use, stop and review."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from uuid import UUID

from lowtide.data import longterm
from lowtide.data.vocabulary import words as vocabulary
from lowtide.problems import Problem
from lowtide.record.dates import PartialDate
from lowtide.record.entries.base import Answer, Body, date_problems

HOLD, RELEASE = "hold", "release"
TOLD_BY = {
    "patient": "the patient",
    "clinic": "the other clinic",
    "record": "a record",
    "register": "the register",
}
TOLD_AT = {"desk": "at the desk", "phone": "on the telephone", "writing": "in writing"}
CONCLUSIONS = {"go_on": "go on as before", "change": "go on with a change", "stop": "stop treatment"}


class SafetyAsked(Body, tag="safety_asked.1", frozen=True, kw_only=True):
    """One check of the long-term table as it was asked: question -> answer, in the words of its sheet.

    An answer of `not_known` was asked and is not known. `dated` is set when no time of day is known: the entry's `at`
    is then the first instant of that date. `mode` is who answered how: interview, patient, paper.
    """

    check: str
    answers: dict[str, str]
    mode: str = "interview"
    note: str | None = None
    dated: PartialDate | None = None

    def problems(self) -> Iterator[Problem]:
        known = longterm.checks().get(self.check)
        if known is None or not known.asks:
            yield Problem(f"“{self.check}” has no questions here", "check", "Open the check from the list.")
            return
        questions = longterm.sheets()[known.asks].questions
        for name, given in self.answers.items():
            if name not in questions or not questions[name].takes(given):
                yield Problem(f"“{given}” is no answer to “{name}”", name, "Choose one of the answers.")
        yield from date_problems(self, "dated")


class TreatedElsewhere(Body, tag="treated_elsewhere.1", frozen=True, kw_only=True):
    """Ketamine or esketamine given by somebody else: what is None is not known, and is never read as none.

    `mg` is the whole amount of free base over all its sessions. `still`: it goes on at the same time as here.
    `their_session` is the session's own id at the clinic that gave it, where its record came with one: by it the same
    session told twice, or told back to where it was given, is recognised.
    """

    drug: str
    told_by: str
    route: str | None = None
    first: PartialDate | None = None
    last: PartialDate | None = None
    sessions: int | None = None
    mg: Decimal | None = None
    still: Answer = Answer.NOT_KNOWN
    where: str | None = None
    note: str | None = None
    their_session: UUID | None = None

    def problems(self) -> Iterator[Problem]:
        for kind, given in (("drug", self.drug), ("route", self.route)):
            if given is not None and given not in vocabulary()[kind]:
                yield Problem(f"“{given}” is no {kind}", kind, f"One of: {', '.join(vocabulary()[kind])}.")
        if self.told_by not in TOLD_BY:
            yield Problem(f"“{self.told_by}” is nobody", "told_by", f"One of: {', '.join(TOLD_BY)}.")
        if self.sessions is not None and self.sessions < 1:
            yield Problem("no session is no treatment", "sessions", "Leave it empty where it is not known.")
        if self.mg is not None and self.mg <= 0:
            yield Problem("an amount is above zero", "mg", "Leave it empty where it is not known.")
        yield from date_problems(self, "first", "last")


class UseSignal(Body, tag="use_signal.1", frozen=True, kw_only=True):
    """An observation about use, kept in neutral words for few eyes; `said` is what the patient said about it. `told_at` is
    where it was asked or told, where that was not at a visit: at the desk, on the telephone, in writing. `dated` as above.
    """

    signal: str
    said: str | None = None
    days_early: int | None = None
    told_at: str = ""
    dated: PartialDate | None = None

    def problems(self) -> Iterator[Problem]:
        known = longterm.signals().get(self.signal)
        if known is None or known.derived:
            yield Problem(f"“{self.signal}” is no observation here", "signal", "Choose one of the list.")
        if self.days_early is not None and self.days_early < 0:
            yield Problem("days early are counted from 0", "days_early", "Enter how many days early.")
        if self.told_at and self.told_at not in TOLD_AT:
            yield Problem("it is not said where it was told", "told_at", f"One of: {', '.join(TOLD_AT)}.")
        yield from date_problems(self, "dated")


class StopReviewed(Body, tag="stop_reviewed.1", frozen=True, kw_only=True):
    """A clinician's word on something that stops: `hold` keeps the next session back, `release` lets it go on.

    `sources` are the entries it was decided on, as they stood; one that is corrected later asks again. Why is the
    entry's reason. `findings` are the words as they stood on the page, `known` how far the record had come.
    """

    stop: str
    choice: str
    sources: tuple[UUID, ...] = ()
    findings: tuple[str, ...] = ()
    known: dict[str, int] = {}

    def problems(self) -> Iterator[Problem]:
        if self.stop not in longterm.stops():
            yield Problem(f"“{self.stop}” is no reason to stop here", "stop", "Choose one of the list.")
        if self.choice not in (HOLD, RELEASE):
            yield Problem(f"“{self.choice}” is no choice", "choice", "Hold, or release.")


class CheckPostponed(Body, tag="check_postponed.1", frozen=True, kw_only=True):
    """A prescriber lets treatment go on without an overdue check up to a day; why is the entry's reason."""

    check: str
    until: date

    def problems(self) -> Iterator[Problem]:
        if self.check not in longterm.checks():
            yield Problem(f"“{self.check}” is no check here", "check", "Open the check from the list.")


class SafetyReviewed(Body, tag="safety_reviewed.1", frozen=True, kw_only=True):
    """The yearly safety review, signed: of which days, on which document (its fingerprint), and what follows."""

    first: date
    last: date
    digest: str
    conclusion: str
    printed_name: str
    known: dict[str, int] = {}
    meaning: str = "I have gone through the safety of this treatment over these days"

    def problems(self) -> Iterator[Problem]:
        if self.conclusion not in CONCLUSIONS:
            yield Problem(f"“{self.conclusion}” is no conclusion", "conclusion", "Choose one.")
        if not self.printed_name.strip():
            yield Problem("a review is signed by name", "printed_name", "Type your name to sign.")
        if self.last < self.first:
            yield Problem("the last day is before the first", "last", "Open the review again.")
