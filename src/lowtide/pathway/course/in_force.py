"""The numbers in force in this clinic: laid over the tables at the door, so that all steps of care read the same ones.

A request lays the clinic's own values and what somebody answers for. A look-up table is folded with the own values
alone: an approval takes a mark away, it moves no time and no limit.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from lowtide.data import own
from lowtide.data.own import Own
from lowtide.pathway.course import answerable
from lowtide.pathway.course.approved import approvals, own_values, policy_name
from lowtide.people.clinic import CLINIC
from lowtide.record import store
from lowtide.record.chart import Chart

_values: list[tuple[Chart, Own]] = []
_whole: list[tuple[Chart, Own]] = []
"""What was last worked out, for the very chart that the store keeps."""


def values_in_force(clinic: Chart) -> Own:
    """The clinic's policy and own values, with every mark still standing."""
    return _remembered(_values, clinic) or _keep(_values, clinic, _read_values(clinic))


def in_force(clinic: Chart) -> Own:
    """The clinic's policy and own values; what somebody here answers for carries no mark."""
    return _remembered(_whole, clinic) or _keep(_whole, clinic, _read_whole(clinic))


def _read_values(clinic: Chart) -> Own:
    found = {name: value for name, (value, _) in own_values(clinic).items()}
    return own.own(tuple(sorted(found.items())), own.NONE, policy_name(clinic))


def _read_whole(clinic: Chart) -> Own:
    base, approved = values_in_force(clinic), approvals(clinic)
    with own.laying(base):
        rows = answerable.answerables()
    settled = frozenset(row.key[0] for row in rows if row.key in approved)
    return own.own(base.values, settled, base.policy)


def _remembered(kept: list[tuple[Chart, Own]], clinic: Chart) -> Own | None:
    last = kept[-1] if kept else None
    return last[1] if last and last[0] is clinic else None


def _keep(kept: list[tuple[Chart, Own]], clinic: Chart, found: Own) -> Own:
    kept[:] = [(clinic, found)]
    return found


@contextmanager
def laid(clinic: Chart) -> Iterator[None]:
    """Within this every step reads the clinic's numbers."""
    with own.laying(in_force(clinic)):
        yield


@contextmanager
def folding() -> Iterator[None]:
    """Within this look-up tables are folded: with the clinic's own values as they are stored at this moment."""
    with own.laying(values_in_force(store.load(CLINIC))):
        yield


def keep_for_command() -> None:
    """A command that runs for this clinic reads its numbers from now on."""
    own.keep(in_force(store.load(CLINIC)))
