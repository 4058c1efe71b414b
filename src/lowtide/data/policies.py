"""Policy profiles: named, versioned sets of replacements for the rules' numbers and decisions.

The default profile replaces nothing. A clinic's own policy is one of these with further changes, each with its reason.
"""

from functools import cache

import msgspec

from lowtide.data import own, read, rules, vocabulary
from lowtide.data.own import Values


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another value for a named number, and whose it is."""

    value: float | tuple[str, ...]
    verified: bool
    sources: tuple[str, ...] = ()
    note: str = ""


class Ruling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another decision for a rule that has one outcome, and whose it is."""

    decision: rules.Decision
    verified: bool
    sources: tuple[str, ...] = ()
    note: str = ""


class Number(msgspec.Struct, frozen=True):
    """A named number as a policy has it. `policy` is None where the rule tables' own value stands."""

    name: str
    value: float | tuple[str, ...]
    unit: str
    meaning: str
    verified: bool
    sources: tuple[str, ...]
    note: str
    policy: str | None


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One profile. `name` and `version` identify it in every evaluation."""

    name: str
    version: str
    label: str
    description: str
    threshold: dict[str, Change] = {}
    rule: dict[str, Ruling] = {}
    monitoring: dict[str, str] = {}
    """Places of what is watched at the chair (`M02/trigger/when/2/0/above`) -> another value, for the same reason that
    the threshold of its name gives."""

    def numbers(self) -> dict[str, Number]:
        """Every named number of the rule tables, with this policy's replacements."""
        return {name: self._number(name) for name in rules.thresholds()}

    def _number(self, name: str) -> Number:
        threshold = rules.thresholds()[name]
        change = self.threshold.get(name)
        stands = change or threshold
        policy = self.name if change else None
        return Number(
            name,
            stands.value,
            threshold.unit,
            threshold.meaning,
            stands.verified,
            stands.sources,
            stands.note,
            policy,
        )


@cache
def policies() -> dict[str, Policy]:
    """Name -> Policy, in the order of the vocabulary."""
    return {name: read.toml(f"policies/{name}.toml", Policy) for name in vocabulary.words()["policy"]}


def in_force() -> Policy:
    """The policy that is laid over the tables here, with the clinic's own numbers; the default where none is."""
    here = own.laid()
    return _in_force(here.policy, here.named)


@cache
def _in_force(name: str, values: Values) -> Policy:
    base = policies()[name]
    known = rules.thresholds()
    plain = {n: v for n, v in values if n in known and not isinstance(known[n].value, tuple)}
    changes = {n: Change(value=float(v), verified=False) for n, v in plain.items()}
    return msgspec.structs.replace(base, threshold=base.threshold | changes)


def policy(name: str, where: str = "policy") -> Policy:
    """The profile of that name, in any accepted spelling. Raises BadInput naming the choices."""
    return policies()[vocabulary.word("policy", name, where)]
