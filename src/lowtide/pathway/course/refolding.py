"""After a clinic changed a number: the look-up tables of its charts are folded again, chart by chart.

What is due, the board of the chairs and the list of sessions hold instants that follow from the clinic's own numbers.
Which numbers they were folded with stands beside the versions of the tables, so that a server that was stopped in
between goes on, and a command that reads them knows.
"""

import hashlib

from django.db import transaction

from lowtide.pathway.course.in_force import values_in_force
from lowtide.people.clinic import CLINIC
from lowtide.record import projections, rows, store
from lowtide.record.models import ProjectionVersion

NAME = "clinic's own numbers"
AT_ONCE = 300
"""A clinic of this many charts does not wait: it is done within the request that changed the number."""


def fingerprint() -> int:
    """The numbers that the tables should be folded with; 0 where the clinic has none of its own."""
    own = values_in_force(store.load(CLINIC))
    if not own.values and own.policy == "default":
        return 0
    said = f"{own.policy} {own.values}"
    return int(hashlib.sha256(said.encode()).hexdigest()[:7], 16)


def is_needed() -> bool:
    """Whether the tables were folded with other numbers than those in force."""
    kept = ProjectionVersion.objects.filter(name=NAME).values_list("version", flat=True).first()
    return (kept or 0) != fingerprint()


def refold_soon() -> None:
    """At once where there are few charts; else the server does it in the background."""
    if is_needed() and len(store.streams("chart:")) <= AT_ONCE:
        refold()


def refold() -> int:
    """Fold every chart again with the numbers in force now; answers how many. A number that is changed meanwhile is
    noticed at the end: then it is still needed."""
    mark, streams = fingerprint(), store.streams("chart:")
    for stream in streams:
        _again(stream)
    ProjectionVersion.objects.update_or_create(name=NAME, defaults={"version": mark})
    return len(streams)


def _again(stream: str) -> None:
    """One chart under its lock, so that nothing is written to it in between."""
    with transaction.atomic():
        rows.lock([stream])
        chart = store.load(stream)
        with projections.folding(stream):
            for projection in projections.REGISTERED.values():
                if stream.startswith(projection.prefix):
                    projections.project(projection, chart)
