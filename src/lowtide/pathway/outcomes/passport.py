"""The treatment passport: what another clinic has to know of one person, read from the chart once for paper and for FHIR (pure)."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from lowtide.data.events import events
from lowtide.data.vocabulary import label
from lowtide.pathway.course.scores import Score
from lowtide.pathway.course.sessions import Dose
from lowtide.pathway.course.state import CourseState, fold
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Coding, Entry
from lowtide.record.entries.events import AdverseEvent
from lowtide.record.entries.history import Allergy, Diagnosis, Medicine, ProblemStatus
from lowtide.record.entries.identity import Patient

ANY = "any"


class Named(msgspec.Struct, frozen=True):
    """A problem, a medicine or an allergy: its words, its codes, since when as far as it is known."""

    entry: UUID
    text: str
    codings: tuple[Coding, ...] = ()
    more: str = ""
    since: str = ""


class Given(msgspec.Struct, frozen=True):
    """One dose that went in; `mg` None: it is not known how much."""

    session: UUID
    at: datetime
    until: datetime | None
    drug: str
    route: str
    mg: Decimal | None


class Happened(msgspec.Struct, frozen=True):
    entry: UUID
    at: datetime
    term: str
    grade: int


class Passport(msgspec.Struct, frozen=True):
    """`no_allergies` True only if somebody asked and there were none; an empty list alone says nothing."""

    patient: Patient
    problems: tuple[Named, ...]
    medicines: tuple[Named, ...]
    allergies: tuple[Named, ...]
    no_allergies: bool
    given: tuple[Given, ...]
    first: Score | None
    last: Score | None
    measure: str
    events: tuple[Happened, ...]
    phase: str
    indication: str

    @property
    def totals(self) -> dict[tuple[str, str], tuple[int, Decimal]]:
        """(drug, route) -> how many times, and how many mg of those that are known. Never added up over drugs or routes."""
        found: dict[tuple[str, str], tuple[int, Decimal]] = {}
        for one in self.given:
            count, mg = found.get((one.drug, one.route), (0, Decimal(0)))
            found[one.drug, one.route] = (count + 1, mg + (one.mg or Decimal(0)))
        return found

    @property
    def unknown_doses(self) -> int:
        return sum(one.mg is None for one in self.given)


def passport(chart: Chart, patient: Patient) -> Passport:
    """What the chart holds now."""
    state = fold(chart)
    whole = [s for s in state.scores if s.total is not None]
    allergies = [(e, b) for e, b in chart.said(Allergy)]
    return Passport(
        patient=patient,
        problems=tuple(_problem(e, b) for e, b in chart.said(Diagnosis) if b.status is ProblemStatus.ACTIVE),
        medicines=tuple(
            _medicine(e, b)
            for e, b in chart.said(Medicine)
            if b.status is ProblemStatus.ACTIVE and not b.same_as
        ),
        allergies=tuple(_allergy(e, b) for e, b in allergies if b.status is ProblemStatus.ACTIVE),
        no_allergies=any(b.status is ProblemStatus.REFUTED and b.substance == ANY for _, b in allergies),
        given=tuple(_given(dose) for dose in state.doses),
        first=(state.response.baseline or whole[0]) if whole else None,
        last=whole[-1] if whole else None,
        measure=state.measure.name,
        events=tuple(_happened(e, b) for e, b in chart.said(AdverseEvent)),
        phase=state.phase.value,
        indication=_indication(state),
    )


def _indication(state: CourseState) -> str:
    said = state.course or (state.candidacy[1] if state.candidacy else None)
    return label("indication", said.indication) if said else ""


def _problem(entry: Entry, body: Diagnosis) -> Named:
    return Named(entry.id, body.label, body.codings, body.severity or "", body.onset or "")


def _medicine(entry: Entry, body: Medicine) -> Named:
    return Named(entry.id, body.name, body.codings, body.dose or "", body.started or "")


def _allergy(entry: Entry, body: Allergy) -> Named:
    return Named(entry.id, body.substance, body.codings, body.reaction or "", body.onset or "")


def _given(dose: Dose) -> Given:
    return Given(dose.session, dose.started_at, dose.stopped_at, dose.drug, dose.route, dose.given_mg)


def _happened(entry: Entry, body: AdverseEvent) -> Happened:
    known = events().terms.get(body.term)
    term = (known.label if known else body.term) if not body.words else body.words
    return Happened(entry.id, entry.at, term, body.grade)
