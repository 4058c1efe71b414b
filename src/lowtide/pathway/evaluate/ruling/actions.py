"""The verbs of the clinic's rules: approve a number or a rule as it stands, adopt a policy with own numbers."""

from datetime import datetime
from uuid import UUID

from lowtide.data.policies import policies
from lowtide.pathway.evaluate.ruling.adopted import own_number, policy_in_force
from lowtide.pathway.evaluate.ruling.tables import lines
from lowtide.people.clinic import CLINIC
from lowtide.people.retry import append
from lowtide.people.who import Person
from lowtide.problems import bad, refuse
from lowtide.record.entries.base import Body, Draft, Entry
from lowtide.record.entries.clinic import NumberApproved, PolicyAdopted
from lowtide.record.store import Charts, Guard


def approve(person: Person, entry_id: UUID, key: str, value: str, reason: str, *, now: datetime) -> Entry:
    """Take responsibility for a number or rule as it stands. Refused where it is another one by now."""

    def guard(charts: Charts) -> None:
        standing = {line.key: line.value for line in lines(policy_in_force(charts[CLINIC]), {}) if line.key}
        if standing.get(key) != value:
            raise refuse("it is another one by now", "value", "Look at it again, then approve it.")

    return _append(person, entry_id, NumberApproved(number=key, value=value), reason, guard, now)


def adopt(
    person: Person, entry_id: UUID, policy: str, overrides: dict[str, str], reason: str, *, now: datetime
) -> Entry:
    """Work under this policy from now on, with the clinic's own values of single numbers."""
    if policy not in policies():
        raise bad(f"there is no policy “{policy}”", "policy", f"One of: {', '.join(policies())}.")
    for name, value in overrides.items():
        if own_number(name, value) is None:
            raise bad(f"“{value}” is no value of {name}", "value", "Write a number, such as 30.")
    body = PolicyAdopted(policy=policy, version=policies()[policy].version, overrides=overrides)
    return _append(person, entry_id, body, reason, lambda charts: None, now)


def _append(person: Person, entry_id: UUID, body: Body, reason: str, guard: Guard, now: datetime) -> Entry:
    if not reason.strip():
        raise bad("a reason is needed", "reason", "Say in a few words why.")
    draft = Draft(id=entry_id, stream=CLINIC, body=body, by=person.by, at=now, reason=reason.strip())
    return append([draft], guard, now=now)[0]
