"""When a long-term check is due, and whether it marks or blocks the next session (pure).

Due by whichever comes first: the count of sessions since it was last done, the days since, the end of the induction,
the next session where it belongs to each. Sessions elsewhere count, too; those of unknown number count as one at least.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta

import msgspec

from lowtide.data import longterm
from lowtide.data.longterm import Check
from lowtide.pathway.course.exposure import Elsewhere, elsewhere
from lowtide.pathway.course.state import CourseState, Phase
from lowtide.pathway.safety.longterm.known import Done, last
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer
from lowtide.record.entries.history import HistoryItem
from lowtide.record.entries.identity import Patient, Sex
from lowtide.record.entries.longterm import CheckPostponed


class Reason(msgspec.Struct, frozen=True):
    """One way in which it falls due: when, in words; `missed` sessions were held without it since it was reached.
    `for_session`: it is asked for by the session to come, and done in the days before it."""

    due_at: datetime
    text: str
    opens_at: datetime
    missed: int = 0
    reached: bool = False
    for_session: bool = False


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One check as it stands, for no clock: `reasons` by due time, the first of which decides."""

    check: Check
    last: Done | None
    reasons: tuple[Reason, ...]
    since: int = 0
    postponed_until: datetime | None = None

    @property
    def first(self) -> Reason:
        return self.reasons[0]

    @property
    def due_at(self) -> datetime:
        return self.first.due_at

    @property
    def opens_at(self) -> datetime:
        return min(reason.opens_at for reason in self.reasons)

    def is_overdue(self, at: datetime) -> bool:
        """Late by the clock, or asked for by the count of sessions that were held."""
        return self.due_at < at or any(one.missed > 0 for one in self.reasons)

    def is_due(self, at: datetime) -> bool:
        return self.opens_at <= at

    def blocks(self, at: datetime, policy: str) -> bool:
        """Whether it keeps a session at that instant back, by the policy; not while a prescriber has put it off."""
        does = self.check.does(policy)
        if does in ("off", "mark") or (self.postponed_until and at < self.postponed_until):
            return False
        if self.check.childbearing and self.last is None:
            return False  # never tested: the time-out asks for it
        at_once = does == "block_at_once"
        sessions = 0 if at_once else int(longterm.number("grace_sessions"))
        days = timedelta(0 if at_once else float(longterm.number("grace_days")))
        return any((one.reached and one.missed >= sessions) or one.due_at + days < at for one in self.reasons)

    def comes_with_the_session(self, at: datetime) -> bool:
        """Whatever of it is late is asked for by the session to come: it is done in the days before, and keeps nobody from
        booking."""
        return all(one.for_session for one in self.reasons if one.missed or one.due_at < at)

    def marks(self, at: datetime, policy: str) -> bool:
        """Whether a session at that instant is marked with it."""
        return self.check.does(policy) != "off" and (
            self.is_overdue(at) or any(one.reached for one in self.reasons)
        )


def standings(chart: Chart, state: CourseState, policy: str) -> tuple[Standing, ...]:
    """Every check that the policy asks for; none before the first dose, when the work-up asks."""
    if not state.doses:
        return ()
    others = elsewhere(chart)
    found = (
        standing(chart, state, check, others)
        for check in longterm.checks().values()
        if check.does(policy) != "off"
    )
    return tuple(one for one in found if one)


def standing(
    chart: Chart, state: CourseState, check: Check, others: tuple[Elsewhere, ...] = ()
) -> Standing | None:
    """None where nothing asks for the check."""
    if check.childbearing and cannot_be_pregnant(chart):
        return None
    known = last(chart, check)
    case = _Case(state, check, known, others)
    reasons = sorted(
        (reason for part in check.rhythm for reason in PARTS[part](case)), key=lambda one: one.due_at
    )
    if not reasons:
        return None
    return Standing(
        check=check,
        last=known,
        reasons=tuple(reasons),
        since=case.count,
        postponed_until=_postponed(chart, check),
    )


def cannot_be_pregnant(chart: Chart) -> bool:
    """True only where somebody said so: recorded as male, or the history answers no."""
    said = [b for _, b in chart.said(HistoryItem) if b.item == "childbearing_potential"]
    if said and said[-1].answer is not Answer.NOT_KNOWN:
        return said[-1].answer is Answer.NO
    patient = chart.last(Patient)
    return patient is not None and patient[1].sex is Sex.MALE


def _postponed(chart: Chart, check: Check) -> datetime | None:
    """The day after the last on which it was put off, as an instant of the clinic's day at its latest (UTC)."""
    said = [b for _, b in chart.said(CheckPostponed) if b.check == check.key]
    if not said:
        return None
    return datetime.combine(said[-1].until + timedelta(days=1), time(), UTC)


class _Held(msgspec.Struct, frozen=True):
    """A session: when it was, since when the clinic knows of it, and whether it was here."""

    at: datetime
    known_at: datetime
    here: bool


class _Case(msgspec.Struct, frozen=True):
    """What the parts of a rhythm look at."""

    state: CourseState
    check: Check
    known: Done | None
    others: tuple[Elsewhere, ...]

    @property
    def doses(self) -> list[datetime]:
        return sorted(d.started_at for d in self.state.doses)

    @property
    def after(self) -> list[datetime]:
        """Doses begun here since it was last done."""
        return [at for at in self.doses if self.known is None or at > self.known.at]

    @property
    def since(self) -> list["_Held"]:
        """Sessions since it was last done in order of time, those elsewhere with them, whenever they were."""
        mine = [_Held(at, at, here=True) for at in self.after]
        theirs = [
            _Held(at, o.entry.recorded_at, here=False)
            for o in self.others
            for at in (o.instants(self.known.at) if self.known else ())
        ]
        return sorted((*mine, *theirs), key=lambda one: one.at)

    @property
    def count(self) -> int:
        return len(self.since)

    @property
    def origin(self) -> datetime:
        """What days are counted from: the last time, else the first dose."""
        return self.known.at if self.known else self.doses[0]

    @property
    def next_at(self) -> datetime | None:
        ahead = self.state.next_session
        return ahead.planned_at if ahead else None


def _remind(due_at: datetime) -> datetime:
    return due_at - timedelta(days=float(longterm.number("remind_days")))


def _baseline(case: _Case) -> Iterator[Reason]:
    """Never done: it was due before the first dose; each later one was held without it."""
    if case.known is None:
        first = case.doses[0]
        held = len(case.doses) - 1 if "every_sessions" not in case.check.rhythm else 0
        yield Reason(first, "never done", first, missed=held, reached=False)


def _every_sessions(case: _Case) -> Iterator[Reason]:
    """Reached with that many sessions; each one held here beyond them was held without it. It was not due before the
    clinic could know that they were reached."""
    every, since = case.check.watched.frequency.every_sessions, case.since
    if not every or len(since) < every:
        return
    text = f"{len(since)} sessions since, every {every} is the rule"
    reached_at = max(since[every - 1].at, *(one.known_at for one in since[:every]))
    beyond = [one.at for one in since[every:] if one.here]
    if beyond:
        due_at = max(beyond[0], reached_at)
        yield Reason(due_at, text, min(reached_at, due_at), missed=len(beyond), reached=True)
        return
    settle = reached_at + timedelta(days=float(longterm.number("after_count_days")))
    ahead = case.next_at if case.next_at and case.next_at > reached_at else settle
    yield Reason(min(ahead, settle), text, reached_at, reached=True)


def _every_days(case: _Case) -> Iterator[Reason]:
    days = case.check.watched.frequency.every_days
    if days:
        due_at = case.origin + timedelta(days=days)
        yield Reason(due_at, f"every {days} days", _remind(due_at))


def _after_induction(case: _Case) -> Iterator[Reason]:
    """Once the planned induction is over, and nothing was done since its last dose."""
    state = case.state
    if not state.has_induction or state.phase is Phase.INDUCTION:
        return
    planned = {p.session for _, plan in state.plans if plan.phase == "induction" for p in plan.sessions}
    given = [s.at for s in state.given if s.id in planned]
    if given and (case.known is None or case.known.at < max(given)):
        due_at = max(given) + timedelta(days=float(longterm.number("after_induction_days")))
        yield Reason(due_at, "after the induction", max(given))


def _each_session(case: _Case) -> Iterator[Reason]:
    """Not done since the last dose, and a session lies ahead."""
    if case.next_at and (case.known is None or case.known.at <= case.doses[-1]):
        yield Reason(
            case.next_at, "before each session", _remind(case.next_at), reached=True, for_session=True
        )


def _max_age(case: _Case) -> Iterator[Reason]:
    """Too old by the day of the next session; days are those of the calendar."""
    days = case.check.watched.frequency.max_age_days
    if days is None or case.next_at is None:
        return
    if case.known is None:
        yield Reason(case.next_at, "never done", case.next_at - timedelta(days=days), for_session=True)
    elif (case.next_at.date() - case.known.at.date()).days > days:
        again = datetime.combine(case.next_at.date() - timedelta(days=days), time(), UTC)
        runs_out = datetime.combine(case.known.at.date() + timedelta(days=days + 1), time(), UTC)
        yield Reason(max(again, runs_out), f"counts {days} days", again, for_session=True)


PARTS: Mapping[str, Callable[[_Case], Iterator[Reason]]] = {
    "baseline": _baseline,
    "every_sessions": _every_sessions,
    "every_days": _every_days,
    "after_induction": _after_induction,
    "each_session": _each_session,
    "max_age_days": _max_age,
}
