"""Whether a chosen date can be: to come, not too far away, on a day and at an hour on which the clinic is open, and late
enough after the last dose. One clear error where it cannot (pure)."""

from datetime import date, datetime, timedelta

import msgspec

from lowtide.data.opening import defaults
from lowtide.pathway.course.settled import protocol_of
from lowtide.pathway.course.state import CourseState
from lowtide.pathway.course.staying import length
from lowtide.pathway.maintenance.rules import earliest, propose
from lowtide.people.opening import Opening
from lowtide.problems import BadInput, Problem
from lowtide.record.entries.words import moment

DAY = timedelta(days=1)


class Asked(msgspec.Struct, frozen=True):
    """A date that somebody chose for the next session, beside what it is judged by."""

    at: datetime
    state: CourseState
    opening: Opening
    now: datetime


def check_date(asked: Asked) -> None:
    """Raises BadInput with the first thing that is wrong with it."""
    if found := _past(asked) or _too_far(asked) or _shut(asked) or _too_soon(asked):
        raise BadInput(found)


def check_day(day: date | None, where: str, now: datetime, opening: Opening) -> None:
    """The same for a bare day: no further away than a date may be."""
    most = defaults().most_ahead_days
    if day and day > now.astimezone(opening.zone).date() + most * DAY:
        raise BadInput(_far(where, f"{day:%-d %b %Y}", most))


def _past(asked: Asked) -> Problem | None:
    if asked.at >= asked.now:
        return None
    return Problem("the date lies in the past", "date", "Enter a day and time to come.")


def _too_far(asked: Asked) -> Problem | None:
    """Beyond what is looked ahead, unless the protocol itself leads there."""
    most = defaults().most_ahead_days
    window = propose(asked.state, asked.opening.zone).window
    last = max(asked.now + most * DAY, window[1] if window else asked.now)
    return _far("date", moment(asked.at, asked.opening.zone), most) if asked.at > last else None


def _far(where: str, told: str, most: int) -> Problem:
    return Problem(
        f"{told} is more than {most} days away", where, "Look at the year, or pause with a day to look again."
    )


def _shut(asked: Asked) -> Problem | None:
    """By the clinic's hours, whole stay included; where it said none, by the usual ones, the start alone."""
    opening, at = asked.opening, asked.at
    stays = length(protocol_of(asked.state.course) if asked.state.course else None)
    fits = opening.stated and stays.before + stays.after <= opening.longest()
    start, end = (at - stays.before, at + stays.after) if fits else (at, at)
    if opening.holds(start, end):
        return None
    why = opening.shut(at.astimezone(opening.zone).date())
    if why:
        return Problem(f"the clinic is {why}", "date", "Choose a day on which it is open.")
    stay = ", for the whole stay," if fits else ""
    mend = "Choose a time within the hours; outside them a chair is booked with its own reason."
    return Problem(
        f"{moment(at, opening.zone)} lies outside the opening hours{stay}".rstrip(","), "time", mend
    )


def _too_soon(asked: Asked) -> Problem | None:
    plan = protocol_of(asked.state.course) if asked.state.course else None
    first = earliest(asked.state, plan) if plan else None
    if first is None or plan is None or asked.at >= first:
        return None
    told = moment(first, asked.opening.zone)
    return Problem(
        f"{plan.id} asks for more time since the last dose", "date", f"The first possible time is {told}."
    )
