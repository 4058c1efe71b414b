"""Of what a patient is to be reminded now, if of anything: a function of the chart, the clock and the clinic's zone.

A reminder answers nothing and settles nothing: what is due stays due, and an answer about suicide stays a call to make.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from lowtide.data import longterm
from lowtide.data.portal import Reminders, reminders
from lowtide.pathway.course import consent
from lowtide.pathway.course.due import due
from lowtide.pathway.course.scores import course_measure
from lowtide.pathway.course.state import CourseState, Phase, fold
from lowtide.pathway.outcomes.scales import ASKED, due_now, wanted
from lowtide.pathway.outcomes.wording import worded
from lowtide.pathway.safety.longterm.stops import open_stops
from lowtide.portal.asked import open_checks, sheet_of
from lowtide.portal.conversation import open_requests
from lowtide.portal.reminders import told
from lowtide.portal.reminders.told import Mailed
from lowtide.portal.visit import Visit, next_visit
from lowtide.record.chart import Chart

DAY = timedelta(days=1)
VISIT, QUESTIONS = "visit", "questions"
SPEAK_FIRST = ("stop_treatment", "close_access")
"""Whoever asked for one of these hears from a person next."""


class Here(msgspec.Struct, frozen=True):
    """When and where it is asked: the clock, the clinic's zone, and its stream for licensed wording."""

    now: datetime
    zone: ZoneInfo
    clinic: Chart

    def is_today(self, at: datetime, ahead: int = 0) -> bool:
        return at.astimezone(self.zone).date() == (self.now.astimezone(self.zone) + ahead * DAY).date()


class Reminder(msgspec.Struct, frozen=True):
    """What to say, and by which names it is remembered as said."""

    about: tuple[str, ...]
    items: tuple[str, ...]
    visit: Visit | None = None


class Asked(msgspec.Struct, frozen=True):
    """A questionnaire that waits for the patient."""

    item: str
    opens_at: datetime | None
    due_at: datetime


def reminder(chart: Chart, here: Here) -> Reminder | None:
    """The one mail that is to go out now."""
    limits, said = reminders(), told.mailed(chart)
    hour = here.now.astimezone(here.zone).hour
    if not limits.from_hour.value <= hour < limits.until_hour.value:
        return None
    if not told.is_on(chart) or not told.address(chart) or told.not_taken(chart):
        return None
    state = fold(chart)
    if state.phase is Phase.ENDED or is_halted(chart, state, here) or _waits_for_the_server(said, here):
        return None
    visit, spent = _visit(chart, state, said, here), _is_spent(said, here, limits)
    if visit and (not spent or _was_told_otherwise(state, said, here)):
        also = () if spent else asked(chart, state, here, visit.arrives_at)
        return Reminder(
            (VISIT, *([QUESTIONS] if also else [])),
            (_visit_item(state), *(one.item for one in also)),
            visit,
        )
    again = [] if spent else [a for a in asked(chart, state, here, here.now) if _may_bring_up(a, said, here)]
    return Reminder((QUESTIONS,), tuple(one.item for one in again)) if again else None


def is_halted(chart: Chart, state: CourseState, here: Here) -> bool:
    """Somebody has to speak with them first: they want to stop, or took their consent back."""
    if any(one.body.what in SPEAK_FIRST for one in open_requests(chart)):
        return True
    course = state.course
    signed = consent.signed(chart, here.now, here.zone)
    ours = [s for s in signed if course and s.body.course in (None, course.course)]
    return bool(ours and ours[0].withdrawn)


# -- what went out already --------------------------------------------------------------------------------------


def _waits_for_the_server(said: list[Mailed], here: Here) -> bool:
    """The mail server did not answer a short while ago, or too often today."""
    failed = [m.entry.at for m in said if m.how == "failed" and here.is_today(m.entry.at)]
    again = timedelta(minutes=reminders().again_min.value)
    return len(failed) >= reminders().tries_per_day.value or any(here.now - at < again for at in failed)


def _is_spent(said: list[Mailed], here: Here, limits: Reminders) -> bool:
    """As many as may go out on one day have; one of which nobody knows whether it went counts."""
    today = [m for m in said if m.how != "failed" and here.is_today(m.entry.at)]
    return len(today) >= limits.per_day.value


def _may_bring_up(one: Asked, said: list[Mailed], here: Here) -> bool:
    """Not too often, not what is late for long, and not while a mail about any questions is fresh."""
    limits, went = reminders(), [m for m in said if m.how != "failed"]
    if here.now - one.due_at > limits.late_days.value * DAY:
        return False
    if sum(one.item in m.body.items for m in went) >= limits.per_item.value:
        return False
    fresh = timedelta(hours=limits.apart_h.value)
    return all(here.now - m.entry.at >= fresh for m in went if QUESTIONS in m.body.about)


# -- the visit --------------------------------------------------------------------------------------------------


def _visit(chart: Chart, state: CourseState, said: list[Mailed], here: Here) -> Visit | None:
    """Tomorrow's, where it is booked and was not told yet with this time. While stop and review holds it nobody is asked to
    fast and to come: a prescriber decides first, and the clinic speaks with them."""
    found = None if open_stops(chart, state) else next_visit(chart, state)
    if found is None or not found.is_booked or not here.is_today(found.arrives_at, ahead=1):
        return None
    known = any(_visit_item(state) in m.body.items for m in said if m.how != "failed")
    return None if known else found


def _visit_item(state: CourseState) -> str:
    session = state.next_session
    assert session
    return f"{VISIT}|{session.id}|{session.planned_at:%Y-%m-%dT%H:%MZ}"


def _was_told_otherwise(state: CourseState, said: list[Mailed], here: Here) -> bool:
    """A mail of today names this visit with another time: that one may not stand alone."""
    start = _visit_item(state).rpartition("|")[0]
    today = [m for m in said if m.how != "failed" and here.is_today(m.entry.at)]
    return any(item.startswith(start) for m in today for item in m.body.items)


# -- the questions ----------------------------------------------------------------------------------------------


def asked(chart: Chart, state: CourseState, here: Here, until: datetime) -> tuple[Asked, ...]:
    """What the patient can answer until then and has not; nothing on the day of a dose, when nobody should be asked."""
    if any(here.is_today(session.at) for session in state.given[-1:]):
        return ()
    found = (
        *_of_the_course(chart, state),
        *_of_the_condition(chart, state, here, until),
        *_of_the_long_term(chart, until),
    )
    return tuple(one for one in found if one.opens_at is None or one.opens_at <= until)


def _of_the_course(chart: Chart, state: CourseState) -> Iterator[Asked]:
    measure = state.measure.id
    for item in due(chart, state):
        if item.task.name == measure.lower():
            yield Asked(_named(measure, item.rule.rule_id, item.due_at), item.opens_at, item.due_at)


def _of_the_condition(chart: Chart, state: CourseState, here: Here, until: datetime) -> Iterator[Asked]:
    today = here.now.astimezone(here.zone).date()
    for one in due_now(wanted(chart, state), until, self_rated=True):
        if worded(one.instrument, here.clinic, today).has_text:
            name = _named(one.instrument.id, one.rule.rule_id, one.due_at)
            yield Asked(name, one.opens_at, one.due_at)


def _of_the_long_term(chart: Chart, until: datetime) -> Iterator[Asked]:
    for one in open_checks(chart, chart, until):
        first = one.first
        yield Asked(_named(one.check.key, "check", one.opens_at), one.opens_at, first.due_at)


def tasks() -> tuple[str, ...]:
    """What the tables call it when something waits for a patient's answers."""
    checks = (f"longterm_{check.key}" for check in longterm.checks().values() if sheet_of(check))
    return (course_measure().id.lower(), ASKED.name, *checks)


def _named(instrument: str, rule: str, due_at: datetime) -> str:
    return f"{instrument}|{rule}|{due_at:%Y-%m-%d}"
