"""After a clinic changed a number: the look-up tables of its charts are folded again, chart by chart.

What is due, the board of the chairs and the list of sessions hold instants that follow from the clinic's own numbers.
Which numbers they were folded with stands beside the versions of the tables, so that a server that was stopped in
between goes on, and a command that reads them knows.
"""

import hashlib

from lowtide.pathway.course.in_force import values_in_force
from lowtide.people.clinic import CLINIC
from lowtide.record import store, verify

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
    return verify.folded_with(NAME) != fingerprint()


def refold_soon() -> None:
    """At once where there are few charts; else the server does it in the background."""
    if is_needed() and len(store.streams("chart:")) <= AT_ONCE:
        refold()


def refold() -> int:
    """Fold every chart again with the numbers in force now; answers how many. A number that is changed meanwhile is
    noticed at the end: then it is still needed."""
    mark, streams = fingerprint(), store.streams("chart:")
    for stream in streams:
        verify.refold(stream)
    store.forget()  # what the store knows of the tables was folded with the numbers of before
    verify.mark_folded(NAME, mark)
    return len(streams)
