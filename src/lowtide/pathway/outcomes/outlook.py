"""What the response model says of the weeks ahead of one patient, from the folded course (pure)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from lowtide.data.designs import designs
from lowtide.data.early_signals import early_signals
from lowtide.data.pharmacology import response
from lowtide.data.vocabulary import drug_of, words
from lowtide.pathway.course import foreseen
from lowtide.pathway.course.leading import speaks_of
from lowtide.pathway.course.measures import tracked
from lowtide.pathway.course.response import Outcome, Tracked
from lowtide.pathway.course.sessions import Session
from lowtide.pathway.course.state import CourseState
from lowtide.record.chart import Chart
from lowtide.science.pharmacology.response.conditioning import Scores
from lowtide.science.pharmacology.response.early import Early, early
from lowtide.science.pharmacology.response.model import Session as Modelled
from lowtide.science.pharmacology.response.person import Foreseen, Person, before_scores, foresee

DAY = timedelta(days=1)
UNTIL_D = 84.0


class Ahead(msgspec.Struct, frozen=True):
    """The outlook of one patient: day 0 is `starts`. `condition` by name; `one`: the measure it is told in, with what it
    says so far; `person`: what was asked. `early` is empty where a response was there: then no sign speaks of it."""

    starts: datetime
    condition: str
    one: Tracked
    person: Person
    found: Foreseen
    early: list[Early]
    basis: dict[str, object]

    @property
    def instrument(self) -> str:
        return self.one.measure.name


def ahead(
    state: CourseState, by: Tracked | None = None, now: datetime | None = None
) -> tuple[Ahead | None, str]:
    """What lies ahead told in one measure (the one that leads this course, without another), or None and what is missing
    for it. Without `now`, from the last thing that is known on."""
    one, condition = by or state.told_by, _condition(state)
    baseline = one.found.baseline
    if not state.given:
        return None, "No dose was given yet: the forecast beside the order says what a session may do."
    if condition is None:
        return None, "The response model does not describe what this course treats."
    if not speaks_of(one.measure, condition):
        return None, f"The response model does not speak of {one.measure.name} in this condition."
    if baseline is None or not baseline.value:
        return None, f"There is no {one.measure.name} from before the first dose to forecast from."
    starts = state.given[0].at
    given = [_given(session, starts) for session in state.given]
    if None in given:
        return (
            None,
            "Drug, route or amount of a session are not known yet: the record of the dose comes first.",
        )
    held = [one for one in given if one is not None]
    person = _person(state, one, condition, held, now or starts)
    early_ones = _early(person, state, starts, condition) if is_open(one) else []
    beyond = [*foreseen.beyond(condition, held), *foreseen.crowded(len(person.scores.seen))]
    found = foresee(person, designs(), foreseen.upkeep())
    found = msgspec.structs.replace(found, warnings=[*beyond, *found.warnings])
    return Ahead(starts, condition, one, person, found, early_ones, foreseen.basis(condition)), ""


def told_in(chart: Chart, state: CourseState) -> tuple[Tracked, ...]:
    """Every measure that the outlook can be told in: the model answers for it, and it was taken before the first dose."""
    condition, first = _condition(state), state.told_by
    if condition is None:
        return ()
    able = [t for t in tracked(chart, state) if t.found.baseline and speaks_of(t.measure, condition)]
    return tuple(sorted(able, key=lambda t: t.measure.id != first.measure.id))


def is_open(one: Tracked) -> bool:
    """Whether it is still open if the present series answers at all."""
    return one.found.unanswered or one.found.outcome is Outcome.UNKNOWN


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
    state: CourseState, one: Tracked, condition: str, held: list[foreseen.Given], now: datetime
) -> Person:
    assert one.found.baseline
    starts = state.given[0].at
    seen = tuple(((s.at - starts) / DAY, float(s.value)) for s in one.found.since)
    scores = Scores(float(one.found.baseline.value), seen, foreseen.cuts(one.measure))
    sessions = tuple(one.session for one in held)
    series = _series(state) if one.found.lost and not one.found.unanswered else ()
    drawn = foreseen.people(condition, held)
    who = Person(
        drawn,
        sessions,
        tuple(_booked(state, sessions[-1], starts)),
        scores,
        0.0,
        series,
        (now - starts) / DAY,
    )
    return msgspec.structs.replace(who, until_day=who.now + UNTIL_D)


def _booked(state: CourseState, like: Modelled, starts: datetime) -> Iterator[Modelled]:
    """Sessions ahead, as if they were like the last one."""
    for day in sorted((s.at - starts) / DAY for s in state.treated if s.is_ahead):
        yield msgspec.structs.replace(like, day=day)


def _series(state: CourseState) -> tuple[float, ...]:
    """Days of the last induction's sessions, counted from its first: a new series would go so."""
    induction = next((plan for _, plan in reversed(state.plans) if plan.phase == "induction"), None)
    planned = sorted(p.planned_at for p in induction.sessions) if induction else []
    return tuple((at - planned[0]) / DAY for at in planned)


def _early(person: Person, state: CourseState, starts: datetime, condition: str) -> list[Early]:
    """Signs of the present series beside the chance of a response that there was without any score."""
    before = before_scores(person, designs())
    anew = state.response.anew_at
    since = (anew - starts) / DAY if anew else 0.0
    days = [s.day for s in person.given if s.day >= since]
    return early(early_signals(condition), days, person.scores.baseline, person.scores.seen, before)
