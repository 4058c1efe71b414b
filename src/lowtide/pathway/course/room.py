"""The clinic's days as a plan must respect them: hours, chairs, what is booked, and when the person can come."""

from lowtide.pathway.course.placing import Room, Taken
from lowtide.people.clinic import CLINIC, chairs, zone
from lowtide.people.opening import Opening, fold
from lowtide.people.staffing import staffing
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.care import Availability
from lowtide.record.entries.clinic import Booked

CALENDAR = "calendar:main"


def opening() -> Opening:
    """The hours that stand now."""
    return fold(store.load(CLINIC), zone())


def room_for(chart: Chart) -> Room:
    """What a session of this person must fit into, as it stands now."""
    said = chart.last(Availability)
    return Room(
        opening=opening(),
        chairs=tuple(body.chair for _, body in chairs() if body.active),
        taken=tuple(Taken(b.chair, b.starts_at, b.ends_at) for _, b in store.load(CALENDAR).said(Booked)),
        availability=said[1] if said else None,
        staffing=staffing(store.load(CLINIC), zone()),
    )
