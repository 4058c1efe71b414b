"""What the response model says of the weeks ahead of one patient, from the folded course (pure)."""

from datetime import datetime, timedelta

import msgspec

from lowtide.data.designs import designs
from lowtide.data.early_signals import early_signals
from lowtide.data.pharmacology import response
from lowtide.data.vocabulary import drug_of, words
from lowtide.pathway.course import foreseen
from lowtide.pathway.course.sessions import Session
from lowtide.pathway.course.state import CourseState
from lowtide.science.pharmacology.response.conditioning import Scores
from lowtide.science.pharmacology.response.early import Early, early
from lowtide.science.pharmacology.response.person import Foreseen, Person, foresee

DAY = timedelta(days=1)
UNTIL_D = 84.0


class Ahead(msgspec.Struct, frozen=True):
    """The outlook of one patient: day 0 is `starts`. `condition` and `instrument` by name; `person`: what was asked."""

    starts: datetime
    condition: str
    instrument: str
    person: Person
    found: Foreseen
    early: list[Early]
    basis: dict[str, object]


def ahead(state: CourseState) -> tuple[Ahead | None, str]:
    """What lies ahead, or None and what is missing for it."""
    baseline, condition = state.response.baseline, _condition(state)
    if not state.given:
        return None, "No dose was given yet: the forecast beside the order says what a session may do."
    if baseline is None or not baseline.value:
        return None, f"There is no {state.measure.name} from before the first dose to forecast from."
    if condition is None:
        return None, "The response model does not describe what this course treats."
    starts = state.given[0].at
    given = [_given(session, starts) for session in state.given]
    if None in given:
        return (
            None,
            "Drug, route or amount of a session are not known yet: the record of the dose comes first.",
        )
    held = [one for one in given if one is not None]
    person = _person(state, float(baseline.value), condition, held, starts)
    found = foresee(person, designs())
    return Ahead(
        starts,
        condition,
        state.measure.name,
        person,
        found,
        _early(person),
        foreseen.basis(condition),
    ), ""


def _condition(state: CourseState) -> str | None:
    treated = state.course.indication if state.course else ""
    return treated if treated in response().conditions else None


def _given(session: Session, starts: datetime) -> foreseen.Given | None:
    """The dose of one session; None where the model could not say what it was."""
    dose, order = session.dose, session.order
    if dose is None:
        return None
    mg = dose.given_mg if dose.given_mg is not None else (order.dose_mg if order else None)
    drug = drug_of(dose.drug) if dose.drug in words()["product"] else dose.drug
    if mg is None or drug not in foreseen.drugs() or dose.route not in response().potency:
        return None
    per_kg = float(dose.mg_per_kg or 0)
    weight = float(mg) / per_kg if per_kg else None
    return foreseen.Given((session.at - starts) / DAY, drug, dose.route, float(mg), weight_kg=weight)


def _person(
    state: CourseState, baseline: float, condition: str, held: list[foreseen.Given], starts: datetime
) -> Person:
    seen = tuple(((s.at - starts) / DAY, float(s.value)) for s in state.response.since if s.total is not None)
    scores = Scores(baseline, seen, foreseen.cuts(state.measure))
    sessions = tuple(one.session for one in held)
    last = max([s.day for s in sessions] + [day for day, _ in seen])
    return Person(foreseen.people(condition, held), sessions, (), scores, last + UNTIL_D)


def _early(person: Person) -> list[Early]:
    """Signs beside the chance of a response that there was without any score."""
    blind = msgspec.structs.replace(
        person, scores=msgspec.structs.replace(person.scores, seen=()), until_day=person.now
    )
    before = foresee(blind, designs()).days[-1].p_response
    days = [s.day for s in person.given]
    return early(early_signals(), days, person.scores.baseline, person.scores.seen, before)
