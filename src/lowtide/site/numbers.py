"""Which numbers a command judges by: the published tables, or with `--policy clinic` those of the clinic in this home.

A command on a file answers the same everywhere unless it is asked for the clinic: `default` is the policy without a
flag, whatever home it runs in.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from lowtide.data import own, policies
from lowtide.data.policies import Policy
from lowtide.pathway.course.approved import NOTHING, Approvals, approvals
from lowtide.problems import bad
from lowtide.site.setup import is_made

HELP = "default, strict or payer; clinic: what the clinic in $LOWTIDE_HOME adopted, changed and approved"


class Numbers(msgspec.Struct, frozen=True):
    """The policy, its name for the dosing numbers, and what the clinic answers for (nothing without a clinic)."""

    policy: Policy
    name: str
    approved: Approvals = NOTHING


@contextmanager
def numbers(given: str) -> Iterator[Numbers]:
    """Within this the tables are those that `given` asks for. Raises BadInput where there is no such policy or clinic."""
    if given.strip().lower() != "clinic":
        yield Numbers(policies.policy(given, "--policy"), given)
        return
    if not is_made():
        raise bad("no clinic was set up in this home", "--policy", "Set LOWTIDE_HOME, or name a policy.")
    from lowtide.pathway.course.in_force import in_force
    from lowtide.pathway.evaluate.ruling.adopted import policy_in_force
    from lowtide.people.clinic import CLINIC
    from lowtide.record import store

    clinic = store.load(CLINIC)
    with own.laying(in_force(clinic)):
        yield Numbers(policy_in_force(clinic), own.laid().policy, approvals(clinic))
