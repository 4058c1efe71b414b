"""The treatment passport: what another clinic has to know of one person, read from the chart once for paper and for FHIR (pure)."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from lowtide.data.chair import parameters
from lowtide.data.events import events as event_words
from lowtide.data.vocabulary import label
from lowtide.pathway.course.exposure import Elsewhere, elsewhere
from lowtide.pathway.course.scores import Score
from lowtide.pathway.course.sessions import Dose
from lowtide.pathway.course.state import CourseState, fold
from lowtide.pathway.outcomes.verdict import headline, numbers
from lowtide.pathway.safety.rules import Event, events
from lowtide.pathway.session.rules.readings import Reading, readings
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer, Coding, Entry
from lowtide.record.entries.chair import Vitals
from lowtide.record.entries.event_words import called
from lowtide.record.entries.history import Allergy, Diagnosis, Medicine, ProblemStatus, TreatmentTrial
from lowtide.record.entries.identity import Patient
from lowtide.record.entries.longterm import TreatedElsewhere
from lowtide.record.entries.longterm_words import elsewhere as elsewhere_words
from lowtide.record.entries.reminding import ArtefactMarked
from lowtide.record.entries.words import summary
from lowtide.science.units import plain

ANY = "any"
HIGHEST = "sbp_mmhg"


class Named(msgspec.Struct, frozen=True):
    """A problem, a medicine or an allergy: its words, its codes, since when as far as it is known."""

    entry: UUID
    text: str
    codings: tuple[Coding, ...] = ()
    more: str = ""
    since: str = ""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """One dose that went in; `mg` None: it is not known how much. `before` and `peak` are the last pressure before it and
    the highest since, “152/94”; empty where none was charted."""

    session: UUID
    at: datetime
    until: datetime | None
    drug: str
    route: str
    mg: Decimal | None
    before: str = ""
    peak: str = ""

    @property
    def pressures(self) -> str:
        """“124/78 before, at most 152/94”."""
        return ", ".join(
            filter(None, (self.before and f"{self.before} before", self.peak and f"at most {self.peak}"))
        )


class Total(msgspec.Struct, frozen=True):
    """One drug by one route: how many times, how many mg of those that are known, and of how many nothing is known."""

    drug: str
    route: str
    count: int
    mg: Decimal
    unknown: int

    @property
    def amount(self) -> str:
        """“327 mg”, “327 mg and more”, “not known”: what is not known is never nothing."""
        if self.unknown == self.count:
            return "not known"
        return f"{plain(self.mg)} mg{' and more' if self.unknown else ''}"


class Told(msgspec.Struct, frozen=True):
    """Treatment by others: in words, and as far as it is known in figures. `first` and `last` as precise as they are
    known; `goes_on` may be not known."""

    text: str
    entry: UUID
    one: Elsewhere
    first: str
    last: str
    goes_on: Answer


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """An adverse event as it stands now: the highest grade it had, how it ended."""

    entry: UUID
    at: datetime
    term: str
    grade: int
    grade_word: str
    serious: Answer
    outcome: str
    outcome_word: str
    ended_at: datetime | None

    @property
    def text(self) -> str:
        """“Dissociation, distressing: severe (grade 3), serious; over”."""
        serious = {Answer.YES: ", serious", Answer.NO: ", not serious"}.get(self.serious, "")
        return f"{self.term}: {self.grade_word.lower()} (grade {self.grade}){serious}; {self.outcome_word.lower()}"


class Passport(msgspec.Struct, frozen=True, kw_only=True):
    """`no_allergies` True only if somebody asked and there were none; an empty list alone says nothing."""

    patient: Patient
    problems: tuple[Named, ...]
    medicines: tuple[Named, ...]
    allergies: tuple[Named, ...]
    no_allergies: bool
    given: tuple[Given, ...]
    others: tuple[Told, ...]
    scores: tuple[Score, ...]
    best: Score | None
    measure: str
    verdict: str
    verdict_text: str
    events: tuple[Happened, ...]
    phase: str
    indication: str

    @property
    def first(self) -> Score | None:
        return self.scores[0] if self.scores else None

    @property
    def last(self) -> Score | None:
        return self.scores[-1] if self.scores else None

    @property
    def totals(self) -> tuple[Total, ...]:
        """Never added up over drugs or routes."""
        ways = dict.fromkeys((one.drug, one.route) for one in self.given)
        return tuple(_total(*way, [o for o in self.given if (o.drug, o.route) == way]) for way in ways)


def _total(drug: str, route: str, given: list[Given]) -> Total:
    known = [one.mg for one in given if one.mg is not None]
    return Total(drug, route, len(given), sum(known, Decimal(0)), len(given) - len(known))


def passport(chart: Chart, patient: Patient) -> Passport:
    """What the chart holds now."""
    state = fold(chart)
    pressures = _pressures(chart)
    return Passport(
        patient=patient,
        problems=tuple(
            _problem(chart, e, b) for e, b in chart.said(Diagnosis) if b.status is ProblemStatus.ACTIVE
        ),
        medicines=tuple(
            _medicine(chart, e, b)
            for e, b in chart.said(Medicine)
            if b.status is ProblemStatus.ACTIVE and not b.same_as
        ),
        allergies=tuple(
            _allergy(chart, e, b) for e, b in chart.said(Allergy) if b.status is ProblemStatus.ACTIVE
        ),
        no_allergies=any(
            b.status is ProblemStatus.REFUTED and b.substance == ANY for _, b in chart.said(Allergy)
        ),
        given=tuple(_given(dose, pressures.get(dose.session, ())) for dose in state.doses),
        others=tuple(_told(chart, one) for one in elsewhere(chart)),
        scores=_scores(state),
        best=state.response.best,
        measure=state.measure.name,
        verdict=headline(state.response, state.measure)[1],
        verdict_text=numbers(state, state.response),
        events=tuple(_happened(one) for one in events(chart)),
        phase=state.phase.value,
        indication=_indication(state),
    )


def _scores(state: CourseState) -> tuple[Score, ...]:
    """The baseline of the treatment and every whole score since; before a first dose every whole score."""
    found = state.response
    if found.baseline is None or not found.since:
        return tuple(s for s in state.scores if s.total is not None)
    return (found.baseline, *found.since)


def _indication(state: CourseState) -> str:
    said = state.course or (state.candidacy[1] if state.candidacy else None)
    return label("indication", said.indication) if said else ""


def _root(chart: Chart, entry: Entry) -> UUID:
    """The first entry of a line: what is corrected later stays the same thing to whoever was told before."""
    return chart.line(entry.id)[0].id


def _problem(chart: Chart, entry: Entry, body: Diagnosis) -> Named:
    return Named(_root(chart, entry), body.label, body.codings, body.severity or "", body.onset or "")


def _medicine(chart: Chart, entry: Entry, body: Medicine) -> Named:
    return Named(_root(chart, entry), body.name, body.codings, body.dose or "", body.started or "")


def _allergy(chart: Chart, entry: Entry, body: Allergy) -> Named:
    return Named(_root(chart, entry), body.substance, body.codings, body.reaction or "", body.onset or "")


def _told(chart: Chart, one: Elsewhere) -> Told:
    body, root = one.entry.body, _root(chart, one.entry)
    if isinstance(body, TreatedElsewhere):
        text = elsewhere_words(body)
        return Told(text, root, one, body.first or "", body.last or "", body.still)
    if isinstance(body, TreatmentTrial):
        first, last = body.started or "", body.stopped or ""
        return Told(summary(one.entry), root, one, first, last, Answer.NOT_KNOWN)
    return Told(summary(one.entry), root, one, "", "", Answer.NOT_KNOWN)


def _pressures(chart: Chart) -> dict[UUID, tuple[Reading, ...]]:
    """session -> its pressures, without what somebody marked as an artefact."""
    row = next(p.id for p in parameters().values() if HIGHEST in p.fields)
    entries = sorted(
        (e for kind in (Vitals, ArtefactMarked) for e, _ in chart.said(kind) if e.session),
        key=lambda e: e.order,
    )
    found: dict[UUID, list[Reading]] = {}
    for reading in readings(entries)[row]:
        if reading.whole and reading.entry.session:
            found.setdefault(reading.entry.session, []).append(reading)
    return {session: tuple(each) for session, each in found.items()}


def _given(dose: Dose, pressures: Iterable[Reading]) -> Given:
    told = list(pressures)
    before = [r for r in told if r.at < dose.started_at]
    since = [r for r in told if r.at >= dose.started_at]
    peak = max(since, key=lambda r: Decimal(r.values[HIGHEST]), default=None)
    return Given(
        session=dose.session,
        at=dose.started_at,
        until=dose.stopped_at,
        drug=dose.drug,
        route=dose.route,
        mg=dose.given_mg,
        before=before[-1].text if before else "",
        peak=peak.text if peak else "",
    )


def _happened(event: Event) -> Happened:
    known = event_words()
    return Happened(
        entry=event.id,
        at=event.onset_at,
        term=called(event.body),
        grade=event.grade,
        grade_word=known.grades[str(event.grade)].word,
        serious=event.serious,
        outcome=event.outcome,
        outcome_word=known.outcomes[event.outcome].label,
        ended_at=event.ended_at,
    )
