"""What this clinic has approved, for the pages: its stream is read once a request."""

from lowtide.data import monitoring, own
from lowtide.data.dosing import Dosing
from lowtide.data.monitoring import Item
from lowtide.data.protocols import Protocol
from lowtide.pathway.course.approved import Approvals, approvals, as_approved, dosing_in_force, monitored
from lowtide.people.clinic import clinic_chart
from lowtide.record.chart import Chart

_watched: tuple[Chart, object, dict[str, Item]] | None = None


def approved_here() -> Approvals:
    """Everything somebody answers for in this clinic."""
    return approvals(clinic_chart())


def monitored_here() -> dict[str, Item]:
    """What is watched in a session; what this clinic has approved carries no mark."""
    global _watched
    clinic, values, known = clinic_chart(), (monitoring.in_force(), own.of("monitoring")), _watched
    if known is None or known[0] is not clinic or known[1] != values:
        known = _watched = (clinic, values, monitored(approvals(clinic)))
    return known[2]


def protocol_here(protocol: Protocol) -> Protocol:
    """A protocol with only those fields marked that nobody here answers for."""
    return as_approved(protocol, approved_here())


def dosing_here() -> Dosing:
    """The dosing numbers in force in this clinic."""
    return dosing_in_force(clinic_chart())
