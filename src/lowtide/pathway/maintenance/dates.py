"""Times within the proposed window at which the session could be held: hours, chairs, the person, the distance to other
doses. A proposal beside the form; nothing is chosen."""

from datetime import datetime, time, timedelta

import msgspec

from lowtide.data import schedules
from lowtide.data.protocols import Protocol
from lowtide.pathway.course.placing import Placed, Wanted, place
from lowtide.pathway.course.room import room_for
from lowtide.pathway.course.state import CourseState
from lowtide.pathway.course.staying import length
from lowtide.pathway.maintenance.rules import Proposal
from lowtide.pathway.plan.actions import limits
from lowtide.problems import BadInput
from lowtide.record.chart import Chart

SHOWN = 3


class Times(msgspec.Struct, frozen=True):
    """The first times that can be; `why_not` says why there is none."""

    found: tuple[Placed, ...] = ()
    why_not: str = ""


def times(chart: Chart, state: CourseState, proposal: Proposal, plan: Protocol, now: datetime) -> Times:
    """One a day, from the opening of the window on or from when a fast can be kept, until the window closes.

    The first one is given even where it lies after the window: its days may all be closed or taken.
    """
    if proposal.window is None:
        return Times()
    room, (opens, closes) = room_for(chart), proposal.window
    fast = timedelta(hours=schedules.thresholds()["fast_h"].value)
    first = max(opens, now + fast, proposal.earliest or opens)
    wanted = Wanted(
        days=(first.astimezone(room.opening.zone).date(),),
        hour=time(int(limits().session_hour)),
        apart=timedelta(hours=float(plan.min_interval_h or 0)),
        length=length(plan),
        not_before=first,
        fixed=tuple(s.at for s in state.treated if s.dose or s.is_ahead),
    )
    found: list[Placed] = []
    while len(found) < SHOWN:
        try:
            one = place(wanted, room)[0]
        except BadInput as error:
            return Times(tuple(found), "" if found else f"{error.problems[0].what}.")
        if found and one.at > closes:
            break
        found.append(one)
        day = one.at.astimezone(room.opening.zone).date() + timedelta(days=1)
        wanted = msgspec.structs.replace(wanted, days=(day,))
    return Times(tuple(found))
