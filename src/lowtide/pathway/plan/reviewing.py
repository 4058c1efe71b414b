"""When a course must be looked at again or stopped: the protocol's rules and the long-term ones, as findings (pure).

A finding asks for a prescriber's word; it stops nothing by itself. A review holds until the next dose; of a finding
that holds from an instant on it holds for good.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from uuid import uuid5

import msgspec

from lowtide.data import schedules
from lowtide.data.monitoring import Item, items
from lowtide.data.protocols import Protocol
from lowtide.pathway.course.approved import NOTHING, Approvals, limit_is_settled, monitored
from lowtide.pathway.course.due import DueItem, Group, Task
from lowtide.pathway.course.exposure import Elsewhere, Exposure, elsewhere, exposure
from lowtide.pathway.course.sessions import Dose
from lowtide.pathway.course.settled import protocol_of
from lowtide.pathway.course.state import CourseState, Phase
from lowtide.pathway.plan.stopping import Case, Said, better, judged, more_than_named, rules_of
from lowtide.people.roles import P
from lowtide.record.chart import Chart
from lowtide.record.entries.care import CourseReviewed
from lowtide.science.units import plain

EXPOSURE, RESPONSE = "M38", "M39"
REVIEW = Task(
    "course_review", "Review the course", 42, Group.DECISION, P.DECIDE, "plan:plan", "caution", "Review"
)


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One rule that asks for a review, with the numbers it rests on and what it lacks.

    `known` is False where it rests on no response. `at`: it holds only from then on. Of one that says `continue`
    nobody has to review anything: it is shown beside the choice to stop.
    """

    id: str
    text: str
    then: str
    source: tuple[str, ...] = ()
    verified: bool = True
    known: bool = True
    second_clinician: bool = False
    at: datetime | None = None
    inputs: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def concerns_dose(self) -> bool:
        """It speaks against another dose as before, rather than of what was given in all."""
        return self.known and not self.second_clinician

    @property
    def asks(self) -> bool:
        return self.then != "continue"


def findings(
    chart: Chart, state: CourseState, plan: Protocol, approved: Approvals = NOTHING, zone: tzinfo = UTC
) -> Iterator[Finding]:
    """What asks for a review after the sessions held so far, now or from an instant to come."""
    case = Case.of(chart, state, plan, zone)
    if not state.given:
        return
    for name, whose, rule in rules_of(plan):
        if said := judged(case, rule):
            yield _finding(
                name, said, rule.then, whose, _seen(whose, "stopping") and _settled(said, approved)
            )
    if case.held and (said := more_than_named(case)):
        yield _finding(f"{plan.id}.sessions", said, "review", plan, _seen(plan, "schedule"))
    if state.course and _concerns(items()[RESPONSE], state.course.indication):
        yield from _by_response(state, monitored(approved)[RESPONSE])
    yield from by_exposure(state.doses, elsewhere(chart), monitored(approved)[EXPOSURE])


def _finding(name: str, said: Said, then: str, whose: Protocol, verified: bool) -> Finding:
    return Finding(
        id=name,
        text=said.text,
        then=then,
        known=said.known,
        at=said.at,
        inputs=said.inputs,
        missing=said.missing,
        source=whose.source,
        verified=verified,
    )


def _seen(plan: Protocol, field: str) -> bool:
    return plan.verified and field not in plan.unverified


def _settled(said: Said, approved: Approvals) -> bool:
    """A number of this project that stands in for one the source does not give is answered for by somebody here."""
    return all(limit_is_settled(name, approved) for name in said.stand_ins)


def _concerns(item: Item, indication: str) -> bool:
    return not item.scope.indications or indication in item.scope.indications


def _by_response(state: CourseState, item: Item) -> Iterator[Finding]:
    """Each alternative holds one count of sessions and one bound on the response."""
    if state.response.fall_pct is None or item.trigger is None:
        return
    if state.response.lost and not state.response.unanswered:
        return  # these ask about those who do not respond; a response that was lost is maintenance's
    anew, done = state.response.anew_at, state.given
    count = sum(anew is None or s.at >= anew for s in done)
    known: dict[str, Decimal | bool] = {
        "sessions_done": Decimal(count),
        "improvement_pct": Decimal(float(state.response.fall_pct)),
        "response": state.response.helped,
    }
    for alternative in item.trigger.when:
        if all(_holds(known[c.value], c) for c in alternative):
            text = f"{better(state.response)} after {count} sessions ({item.id}: {item.trigger_text})."
            yield Finding(
                id=item.id,
                text=text,
                then="change",
                source=item.source,
                verified=item.verified,
                inputs=(f"{count} sessions", better(state.response)),
            )
            return


def _holds(value: Decimal | bool, bound: object) -> bool:
    at_least, below, above, holds = (getattr(bound, name) for name in ("at_least", "below", "above", "holds"))
    if isinstance(value, bool):
        return holds is value
    return (
        (at_least is None or value >= at_least)
        and (below is None or value < below)
        and (above is None or value > above)
    )


def by_exposure(doses: tuple[Dose, ...], others: tuple[Elsewhere, ...], item: Item) -> Iterator[Finding]:
    """Sessions in the days that the name of each value says, ending with the last one known of, here or elsewhere;
    those elsewhere counted with the most that can lie there. Where their number is not known, that is said instead of
    nothing."""
    if not doses or item.trigger is None:
        return
    ends = {max(d.started_at for d in doses), *(o.known_until for o in others)}
    for bound in (one for alternative in item.trigger.when for one in alternative):
        days = int("".join(c for c in bound.value if c.isdigit()))
        found = max(
            (exposure(doses, others, end, days) for end in sorted(ends)),
            key=lambda one: (one.most, one.unknown),
        )
        if _holds(Decimal(found.most), bound):
            limit = plain(bound.above or Decimal(0))
            text = f"{_counted(found)} within {days} days; over {limit} a second clinician looks at it ({item.id})."
            yield Finding(
                id=f"{item.id}.{days}",
                text=text,
                then="review",
                source=item.source,
                verified=item.verified,
                second_clinician=True,
                inputs=(f"{_counted(found)} in {days} days up to the last one",),
                missing=("how much was given elsewhere",) if found.unknown else (),
            )


def _counted(found: Exposure) -> str:
    """“14 sessions, up to 6 of them elsewhere”."""
    theirs = found.most - found.sessions
    told = f", up to {theirs} of them elsewhere" if theirs else ""
    return f"{found.most} sessions{told}"


def unreviewed(
    chart: Chart,
    state: CourseState,
    plan: Protocol,
    approved: Approvals = NOTHING,
    now: datetime | None = None,
    zone: tzinfo = UTC,
) -> tuple[Finding, ...]:
    """The findings that hold by `now` (by the last dose, without one) and that nobody has spoken to since."""
    until = now or (state.given[-1].at if state.given else None)
    return tuple(
        f
        for f in open_findings(chart, state, plan, approved, zone)
        if f.at is None or until is None or f.at <= until
    )


def open_findings(
    chart: Chart, state: CourseState, plan: Protocol, approved: Approvals = NOTHING, zone: tzinfo = UTC
) -> Iterator[Finding]:
    """Those that ask for a review and had none: since the last dose, or since the instant from which they hold."""
    last = state.given[-1].at if state.given else None
    reviews = [(e.at, set(body.rules)) for e, body in chart.said(CourseReviewed)]
    for found in findings(chart, state, plan, approved, zone):
        since = found.at or last
        if found.asks and not any(
            found.id in names and (since is None or at >= since) for at, names in reviews
        ):
            yield found


def of_the_plan(chart: Chart, state: CourseState) -> Iterator[DueItem]:
    """One item for everything that asks for a review after the last session, and one for each instant to come."""
    plan = protocol_of(state.course) if state.course else None
    if plan is None or state.phase is Phase.ENDED or not state.given or state.given[-1].is_under_way:
        return
    last, rule = state.given[-1], schedules.rules()["course_review"]
    ended = last.ended_at or last.at
    waiting = list(open_findings(chart, state, plan))
    if now := [f for f in waiting if f.at is None or f.at <= ended]:
        text, title = " ".join(f.text for f in now), f"Review the course after {last.name}"
        yield DueItem.after(REVIEW, rule, ended, "Course to review", text, title=title, opens_at=ended)
    for later in waiting:
        if later.at and later.at > ended:
            yield _to_come(later, later.at, state)


def _to_come(finding: Finding, at: datetime, state: CourseState) -> DueItem:
    assert state.course  # a plan was found by it
    return DueItem.after(
        REVIEW,
        schedules.rules()["course_review"],
        at,
        "Course to review",
        finding.text,
        title="Review the course",
        opens_at=at,
        subject=uuid5(state.course.course, finding.id),
    )
