"""How long a session keeps its chair: preparation, the dose, and the watch after it (pure)."""

from datetime import timedelta

from lowtide.data import monitoring
from lowtide.data.chair import numbers
from lowtide.data.protocols import Protocol
from lowtide.pathway.course.placing import Length


def stay(protocol: Protocol | None) -> timedelta:
    """How long the patient will be in the chair after the planned time of the dose: the dose and the watch after it."""
    infusion = protocol.over_min if protocol and protocol.over_min else 0
    watch = max(
        i.frequency.minimum_min or 0
        for i in monitoring.items().values()
        if protocol is None
        or protocol.route is None
        or not i.scope.routes
        or protocol.route in i.scope.routes
    )
    own = protocol.observation_min if protocol and protocol.observation_min else 0
    return timedelta(minutes=float(infusion) + max(watch, float(own)))


def length(protocol: Protocol | None) -> Length:
    return Length(timedelta(minutes=numbers().prepare_min), stay(protocol))
