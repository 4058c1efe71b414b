"""Before the dose: the time-out, in which identity is typed, not nodded through (hazard H001), and the second
person's look at the preparation (hazard H012)."""

from collections.abc import Mapping
from datetime import datetime

from lowtide.data import monitoring
from lowtide.pathway.course.approved_here import dosing_here
from lowtide.pathway.session.actions.common import Act, append, require
from lowtide.pathway.session.actions.containers import drawn_lots
from lowtide.pathway.session.actions.enrolment import refuse_without_programs
from lowtide.pathway.session.rules.containers import Container, waiting_for_check
from lowtide.pathway.session.rules.drawn import ordered_share
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.pathway.session.rules.gates import (
    CONSENT,
    CONSENT_MEND,
    consent_missing,
    open_session,
    questions,
)
from lowtide.pathway.session.rules.identity import second_identifier
from lowtide.pathway.session.rules.preparation import Read, compare
from lowtide.pathway.session.rules.state import SessionState, Verb
from lowtide.people.charts import identity, whole_chart
from lowtide.people.clinic import zone
from lowtide.people.roles import Permission
from lowtide.people.who import Person
from lowtide.problems import bad, refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.chair import PreparationChecked, TimeOut, TimeOutItem
from lowtide.safe.lots import lots_of

Answers = Mapping[str, Answer]


def time_out(
    act: Act,
    *,
    typed: str,
    chair: str,
    answers: Answers,
    details: Mapping[str, str] | None = None,
    nurse: str | None = None,
) -> list[Entry]:
    """Take the time-out: `typed` is the patient's birth date or number as read off the patient, not off the screen.

    A question without an answer is kept as not asked. `nurse` takes the session; by default whoever does this.
    Raises BadInput when the identifier is not this patient's.
    """
    require(act, Permission.CHART_SESSION)
    patient = identity(store.load(act.stream), act.patient_id)
    matched = second_identifier(patient, typed) if patient else None
    if matched is None:
        raise bad(
            "this is not the birth date or number of this chart",
            "typed",
            "Ask the patient again. If it still differs, you may have the wrong chart open.",
        )
    if not chair.strip():
        raise bad("the chair is missing", "chair", "Choose the chair.")
    body = TimeOut(
        items=_items(answers, details or {}),
        second_identifier=matched,
        nurse=nurse or act.person.by,
        chair=chair,
    )

    def check(chart: Chart, state: SessionState) -> None:
        _alone(chart, state, act.when)
        if answers.get(CONSENT) is Answer.YES:
            _covered(chart, state, act.when)

    return append(act, Verb.TIME_OUT, [act.draft(body)], check)


def _covered(chart: Chart, state: SessionState, at: datetime) -> None:
    """“Yes” re-affirms what was signed: there is nothing to re-affirm where no consent covers this session."""
    why = consent_missing(chart, state.facts, at, zone())
    if why:
        raise refuse(f"it cannot be re-affirmed: {why}", f"ask_{CONSENT}", CONSENT_MEND)


def _items(answers: Answers, details: Mapping[str, str]) -> tuple[TimeOutItem, ...]:
    return tuple(
        TimeOutItem(item=item, answer=answer, detail=details.get(item, "").strip() or None)
        for item, answer in answers.items()
    )


def unanswered(chart: Chart, state: SessionState, answers: Answers) -> list[str]:
    """The questions of this patient's time-out that have no answer yet."""
    asked = questions(chart, state.facts, monitoring.items())
    return [q.short for q in asked if answers.get(q.id, Answer.NOT_KNOWN) is Answer.NOT_KNOWN]


def _alone(chart: Chart, state: SessionState, at: datetime) -> None:
    if open_session(chart, state.facts.session):
        raise refuse(
            "another session of this patient is open",
            "session",
            "End that one first, or find out why it is open.",
        )
    refuse_without_programs(chart, state.facts.session, at)


def check_preparation(
    act: Act, *, other: Person, prepared_by_me: bool, typed: str, drug: str, read: Mapping[str, Read]
) -> list[Entry]:
    """A second person read the preparation without seeing the order; both people signed in (hazard H012).

    Of several bags or syringes it is the first that nobody has checked. What differs is kept, too: it holds the start, or
    that bag, until a later check agrees. `typed` is the patient's birth date or
    number as it stands on the label of the syringe or bag.
    """
    require(act, Permission.CHART_SESSION)
    _fits_beside(act.person, other)
    facts = session_facts(whole_chart(act.stream), act.session_id)
    found, one = facts.order, waiting_for_check(facts)
    if found is None:
        raise refuse("the dose is not ordered", "order", "A prescriber signs the order on the plan.")
    if facts.started and one is None:
        raise refuse("nothing waits for a check", "order", "Make up the next one first.")
    patient = identity(store.load(act.stream), act.patient_id)
    named = patient is not None and second_identifier(patient, typed) is not None
    body = PreparationChecked(
        order=found[0].id,
        preparer=act.person.by if prepared_by_me else other.by,
        checker=other.by if prepared_by_me else act.person.by,
        container=one.id if one else None,
        figures=compare(
            ordered_share(found[1], one.body) if one else found[1],
            drug,
            read,
            identified=named,
            on=act.when.astimezone(zone()).date(),
            limits=dosing_here(),
            lots=_lots(act, found[1].drug, one),
        ),
    )
    return append(
        act,
        Verb.CHECK_PREPARATION,
        [act.draft(body)],
        lambda chart, state: _still_ordered(state, found[0]),
    )


def _lots(act: Act, drug: str, one: Container | None) -> frozenset[str]:
    """The lots that may be read: what the safe gave out for the session; of a bag or syringe those on its record, which
    were drawn, or have a reason why not."""
    lots = drawn_lots(act.session_id, drug)
    if one is None:
        return lots
    own = frozenset({one.body.lot})
    return own if not lots or one.body.beyond or lots_of(one.body.lot) <= lots_of(*lots) else lots


def _fits_beside(person: Person, other: Person) -> None:
    if other.by == person.by or not other.can(Permission.CHART_SESSION):
        raise refuse(
            "this is no second person who may check a preparation",
            "second_login",
            "Another nurse or prescriber signs in here.",
        )


def _still_ordered(state: SessionState, order: Entry) -> None:
    if state.facts.order is None or state.facts.order[0].id != order.id:
        raise refuse("the order was changed meanwhile", "order", "Look at the session again.")
