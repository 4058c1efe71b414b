"""Maintenance phases of a protocol laid on one course: which phase comes next, and how far apart it asks for (pure).

Two shapes: phases by the week of the course, and a ladder of intervals that a held response climbs. Weeks and months
are the calendar's, in the zone that is given; an interval in days is real time.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import msgspec

from lowtide.data import maintenance
from lowtide.data.protocols import Protocol, Upkeep, protocols
from lowtide.pathway.course.sessions import Session
from lowtide.pathway.course.state import CourseState
from lowtide.record.dates import months_later

YEAR_MONTHS, WEEK_DAYS = 12, 7


class Span(msgspec.Struct, frozen=True):
    """A distance in days or in months of the calendar."""

    days: int = 0
    months: int = 0

    def after(self, at: datetime, zone: tzinfo) -> datetime:
        """The instant this far after another; months keep the clock's hour in the zone."""
        if not self.months:
            return at + timedelta(days=self.days)
        local = at.astimezone(zone)
        day = months_later(local.date(), self.months)
        return datetime.combine(day, local.time(), zone).astimezone(UTC)

    def __str__(self) -> str:
        if self.months:
            return "1 month" if self.months == 1 else f"{self.months} months"
        weeks, rest = divmod(self.days, WEEK_DAYS)
        if rest or not weeks:
            return "1 day" if self.days == 1 else f"{self.days} days"
        return "1 week" if weeks == 1 else f"{weeks} weeks"


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """One phase: how far apart its sessions are at least and at most, in which weeks, for how many months in all."""

    shortest: Span
    longest: Span
    by_response: bool = False
    from_week: int | None = None
    to_week: int | None = None
    for_months: int | None = None

    @property
    def words(self) -> str:
        """“weeks 5 to 8: every week”."""
        apart = f"every {self._apart}"
        if self.from_week is None:
            return apart
        until = (
            f"weeks {self.from_week} to {self.to_week}" if self.to_week else f"from week {self.from_week} on"
        )
        return f"{until}: {apart}"

    @property
    def _apart(self) -> str:
        short, long = (str(span).removeprefix("1 ") for span in (self.shortest, self.longest))
        least = ", whichever is least frequent and holds the response" if self.by_response else ""
        return short if short == long else f"{short} to {long}{least}"

    def chosen(self, *, holds: bool) -> tuple[Span, Span]:
        """The interval the phase leads to: of a range by response the longest that holds."""
        if not self.by_response:
            return self.shortest, self.longest
        span = self.longest if holds else self.shortest
        return span, span


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """The phase of the next session: when it opens and closes, its place among the phases, and why it is that one."""

    rung: Rung
    number: int
    opens_at: datetime
    closes_at: datetime | None
    apart: Span
    reasons: tuple[str, ...] = ()
    over: bool = False


def rungs(plan: Protocol) -> tuple[Rung, ...]:
    """The phases that the protocol gives numbers for; none where it only describes them."""
    found = tuple(rung for one in plan.maintenance if (rung := _rung(one)))
    if found or plan.phase != "maintenance" or plan.schedule is None:
        return found
    by_response = any(one.by_response for one in plan.maintenance)
    gaps = (Span(days=days) for days in plan.schedule.gaps_days)
    return tuple(Rung(shortest=gap, longest=gap, by_response=by_response) for gap in gaps)


def _rung(one: Upkeep) -> Rung | None:
    spans = _spans(one)
    if spans is None:
        return None
    return Rung(
        shortest=spans[0],
        longest=spans[1],
        by_response=one.by_response,
        from_week=one.from_week,
        to_week=one.to_week,
        for_months=one.for_months,
    )


def _spans(one: Upkeep) -> tuple[Span, Span] | None:
    if one.every_days:
        return Span(days=one.every_days), Span(days=one.every_days_max or one.every_days)
    if one.every_months:
        return (Span(months=one.every_months),) * 2
    if one.per_week:
        return Span(days=WEEK_DAYS // one.per_week), Span(days=-(-WEEK_DAYS // one.per_week))
    if one.per_year_max:
        return Span(months=YEAR_MONTHS // one.per_year_max), Span(
            months=YEAR_MONTHS // (one.per_year_min or one.per_year_max)
        )
    return None


def maintenance_of(plan: Protocol) -> Protocol | None:
    """Whose phases follow: the protocol's own, or those of a maintenance protocol of the same product, route and
    indication; None where no numbers are held."""
    if rungs(plan):
        return plan
    return next((p for p in protocols().values() if _follows(p, plan)), None)


def _follows(other: Protocol, plan: Protocol) -> bool:
    return (
        other.phase == "maintenance"
        and (other.product, other.route) == (plan.product, plan.route)
        and not set(other.indications).isdisjoint(plan.indications)
        and bool(rungs(other))
        and not other.reference_only
    )


def under(state: CourseState, protocol_id: str) -> tuple[Session, ...]:
    """The sessions given under one protocol in the present treatment, in whichever of its courses; those before a new
    induction are past."""
    courses = {body.course for _, body in state.recent if body.protocol == protocol_id}
    return tuple(s for s in state.given if s.course in courses)


def step(state: CourseState, plan: Protocol, zone: tzinfo, *, holds: bool) -> Step:
    """The phase for the session after the last one given. `holds`: the response is there and was not lost."""
    found = rungs(plan)
    if any(rung.from_week for rung in found):
        return _by_week(state, plan, found, zone, holds=holds)
    return _on_ladder(state, plan, found, zone, holds=holds)


def _step(
    last: datetime, rung: Rung, number: int, zone: tzinfo, *, holds: bool, not_before: datetime
) -> Step:
    first, final = rung.chosen(holds=holds)
    opens = max(first.after(last, zone), not_before)
    closes = None if first == final else max(opens, final.after(last, zone))
    return Step(rung=rung, number=number, opens_at=opens, closes_at=closes, apart=first)


# -- phases by the week of the course ------------------------------------------------------------------------------


def _by_week(
    state: CourseState, plan: Protocol, found: tuple[Rung, ...], zone: tzinfo, *, holds: bool
) -> Step:
    given = under(state, plan.id)
    last, calendar = state.given[-1].at, _Weeks.of(state, plan, given, found, zone)
    for number, rung in enumerate(found, start=1):
        begins = calendar.begins(rung.from_week or 1)
        one = _step(last, rung, number, zone, holds=holds, not_before=begins)
        if rung.to_week is None or calendar.week(one.opens_at) <= rung.to_week or number == len(found):
            break
    week = calendar.week(one.opens_at)
    return msgspec.structs.replace(
        one, reasons=(f"Week {week} of the course: {rung.words}.", *calendar.reasons)
    )


class _Weeks(msgspec.Struct, frozen=True):
    """The weeks of a course by the calendar, the first of them beginning on the day of its first dose."""

    first: datetime
    late: int
    zone: tzinfo
    reasons: tuple[str, ...]

    @classmethod
    def of(
        cls,
        state: CourseState,
        plan: Protocol,
        given: tuple[Session, ...],
        found: tuple[Rung, ...],
        zone: tzinfo,
    ) -> "_Weeks":
        first = given[0].at if given else state.given[-1].at
        bare = cls(first, 0, zone, ())
        if not state.has_induction:  # what was given elsewhere is not known: the first phase begins here
            begins = found[0].from_week or 1
            return cls(first, 1 - begins, zone, ("The induction was not given here.",))
        planned = plan.schedule.weeks if plan.schedule else None
        within = given[: plan.schedule.sessions] if plan.schedule and plan.schedule.sessions else given
        late = max(0, bare.week(within[-1].at) - planned) if planned and within else 0
        why = (
            f"The induction took {late} week{'' if late == 1 else 's'} longer; the weeks count on from its end.",
        )
        return cls(first, late, zone, why if late else ())

    def week(self, at: datetime) -> int:
        """1 for the first seven days."""
        return (self._day(at) - self._day(self.first)).days // WEEK_DAYS + 1 - self.late

    def begins(self, week: int) -> datetime:
        day = self._day(self.first) + timedelta(weeks=week - 1 + self.late)
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()


# -- a ladder of intervals -----------------------------------------------------------------------------------------


def _on_ladder(
    state: CourseState, plan: Protocol, found: tuple[Rung, ...], zone: tzinfo, *, holds: bool
) -> Step:
    last, given = state.given[-1].at, len(state.since_induction)
    place, reasons = min(max(_climbed(state, plan, given), 0), len(found) - 1), []
    if not holds and place:
        place -= 1
        reasons.append("The interval is not stretched further but taken back.")
    one = _step(last, found[place], place + 1, zone, holds=holds, not_before=last)
    reasons.insert(0, f"Maintenance session {given + 1}: {one.apart} after the last dose.")
    return msgspec.structs.replace(one, reasons=tuple(reasons), over=_is_over(state, found[place], one, zone))


def _climbed(state: CourseState, plan: Protocol, given: int) -> int:
    """How many rungs up: one a session, once the sessions of a first rung that counts its own were held."""
    own = (
        plan.schedule.sessions
        if plan.schedule and plan.maintenance and plan.maintenance[0].per_week
        else None
    )
    steps = given + _chosen(state)
    if own:
        return steps - own + 1
    return steps if state.has_induction else steps - 1


def _chosen(state: CourseState) -> int:
    """By how many rungs the clinicians' choices differ from one up each session."""
    return sum(_rungs(state, session.at) - 1 for session in state.since_induction)


def _rungs(state: CourseState, at: datetime) -> int:
    """How many rungs the session at this instant was chosen to be above the one before; one where nobody chose."""
    before = max((s.at for s in state.given if s.at < at), default=None)
    chosen = [d for d in state.decisions if d.at < at and (before is None or d.at >= before)]
    found = maintenance.steps().get(chosen[-1].body.choice) if chosen else None
    return found.rungs if found and found.needs == "date" else 1


def _is_over(state: CourseState, rung: Rung, one: Step, zone: tzinfo) -> bool:
    """The phase was to last so many months from the first dose, and the next session would come after them."""
    if rung.for_months is None:
        return False
    return one.opens_at > Span(months=rung.for_months).after(state.given[0].at, zone)


def lines(plan: Protocol, current: int | None) -> Iterator[tuple[str, bool]]:
    """Every phase in words, and whether it is the one of the next session."""
    for number, rung in enumerate(rungs(plan), start=1):
        yield rung.words[:1].upper() + rung.words[1:], number == current
