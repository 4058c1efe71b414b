"""Due items about a payer's agreement: ask, ask again, answer, object, renew before it runs out (pure).

No session is held back by them: whether it is given without an agreement is the clinic's and the patient's to decide.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from lowtide.data import schedules
from lowtide.data.documents import bill
from lowtide.pathway.course import consent
from lowtide.pathway.course.authorised import Case, Standing, cases, end_of, in_force, not_needed
from lowtide.pathway.course.due import DueItem, Group, Task
from lowtide.pathway.course.sessions import Session
from lowtide.pathway.course.state import CourseState, Phase
from lowtide.people.roles import P
from lowtide.record.chart import Chart
from lowtide.record.entries.care import CoursePlanned
from lowtide.record.entries.papers import Coverage
from lowtide.record.entries.words import day

PAGE = "documents:authorisation"


def _task(name: str, verb: str, rank: int, level: str, word: str) -> Task:
    return Task(name, verb, rank, Group.BOOKING, P.SEND_DOCUMENTS, PAGE, level, word)


ASK = _task("authorisation", "Ask the payer", 71, "caution", "Ask")
CHASE = _task("authorisation_answer", "Ask again", 73, "note", "No answer")
MORE = _task("authorisation_more", "Answer it", 49, "caution", "Wants more")
RENEW = _task("authorisation_ends", "Ask again", 72, "caution", "Runs out")
APPEAL = _task("authorisation_appeal", "Object, or close it", 48, "hold", "Refused")
FEW = 1
"""So many sessions left: the next one may be the last that is paid."""
OPENS_BEFORE = 2
"""An item opens this many of its own spans before what it must come before."""


def of_the_payer(chart: Chart, state: CourseState) -> Iterator[DueItem]:
    """What is open with the payer of this person."""
    found = cases(chart, state.doses)
    for case in found:
        yield from _of_case(case)
    session = state.next_session if state.phase is not Phase.ENDED else None
    if session and state.course:
        yield from _before(chart, state.course, session, found)


def _of_case(case: Case) -> Iterator[DueItem]:
    rules, payer = schedules.rules(), case.asked.payer
    if case.standing is Standing.DENIED:
        by = case.answer.by if case.answer else None
        yield _by(
            case,
            APPEAL,
            "authorisation_appeal",
            end_of(by) if by else None,
            label=f"{payer} refused",
            title=f"Object to the refusal of {payer}, or close it",
            detail=f"The last day for it is {day(by.isoformat())}." if by else "No last day is recorded.",
        )
    if case.standing is Standing.MORE:
        by = case.answer.by if case.answer else None
        yield _by(
            case,
            MORE,
            "authorisation_more",
            end_of(by) if by else None,
            label=f"{payer} asks for more",
            title=f"Send {payer} what it asks for",
            detail=f"{case.answer.why}." if case.answer and case.answer.why else "",
        )
    if case.standing in (Standing.ASKED, Standing.APPEALED):
        rule = rules["authorisation_answer"]
        yield DueItem.after(
            CHASE,
            rule,
            case.since,
            f"{payer} has not answered",
            f"Asked on {day(case.since.date().isoformat())}.",
            title=f"Ask {payer} for its answer",
            opens_at=case.since + rule.span / OPENS_BEFORE,
            subject=case.id,
        )


def _by(
    case: Case, task: Task, rule_name: str, by: datetime | None, *, label: str, title: str, detail: str
) -> DueItem:
    """Before the day that the payer named; where it named none, the rule's distance after its letter."""
    rule = schedules.rules()[rule_name]
    due_at = max(by - rule.span, case.since) if by else case.since + rule.span
    return DueItem(
        task=task,
        rule=rule,
        due_at=due_at,
        label=label,
        title=title,
        detail=detail,
        opens_at=case.since,
        subject=case.id,
    )


def _before(
    chart: Chart, course: CoursePlanned, session: Session, found: tuple[Case, ...]
) -> Iterator[DueItem]:
    """For the next session: nobody was asked, or what was granted does not reach it."""
    of = consent.scope_of(course)
    if of is None:
        return
    at, product = session.planned_at, of.product
    of_it = [case for case in found if case.asked.product == product]
    if held := in_force(of_it, at.astimezone(UTC).date()):
        yield from _ends(held, of_it, at)
        return
    waiting = [c for c in of_it if c.standing not in (Standing.GRANTED, Standing.WITHDRAWN)]
    if waiting or not_needed(chart, product):
        return
    granted = [c for c in of_it if c.standing is Standing.GRANTED]
    if granted:
        yield _renew(granted[-1], at)
    elif _agrees_first(chart, product):
        rule = schedules.rules()["authorisation"]
        yield DueItem(
            task=ASK,
            rule=rule,
            due_at=at - rule.span,
            opens_at=at - OPENS_BEFORE * rule.span,
            label="The payer was not asked",
            title=f"Ask the payer before {session.name}",
            detail=f"{rule.text}.",
            window=(at, at),
        )


def _ends(held: Case, of_it: list[Case], at: datetime) -> Iterator[DueItem]:
    """The agreement reaches the next session; it is renewed in time all the same, unless that was asked for."""
    asked_since = [
        c for c in of_it if c.entry.order > held.entry.order and c.standing is not Standing.WITHDRAWN
    ]
    if held.last is None or asked_since:
        return
    rule, ends = schedules.rules()["authorisation_ends"], end_of(held.last)
    few = held.left is not None and held.left <= FEW
    yield _renewal(
        held, at if few else ends - rule.span, ends - OPENS_BEFORE * rule.span if not few else None
    )


def _renew(case: Case, at: datetime) -> DueItem:
    """What was granted does not reach the next session."""
    rule = schedules.rules()["authorisation_ends"]
    return _renewal(case, at - rule.span, None)


def _renewal(case: Case, due_at: datetime, opens_at: datetime | None) -> DueItem:
    payer, until = (
        case.asked.payer,
        f"It holds until {day(case.last.isoformat())}" if case.last else "It has no end",
    )
    left = "" if case.left is None else f", with {case.left} of {_granted(case)} sessions left"
    return DueItem(
        task=RENEW,
        rule=schedules.rules()["authorisation_ends"],
        due_at=due_at,
        opens_at=opens_at,
        label=f"The agreement of {payer} runs out",
        title=f"Ask {payer} to agree again",
        detail=f"{until}{left}.",
        subject=case.id,
    )


def _granted(case: Case) -> int | None:
    return case.answer.sessions if case.answer else None


def _agrees_first(chart: Chart, product: str) -> bool:
    """Whether the payer on record is one that is asked before this product."""
    known, table = chart.last(Coverage), bill().agrees_first
    return known is not None and known[1].payer_kind in table.payer_kinds and product in table.products
