"""Where guidance conflicts, side by side, and how the clinic's policy came to be what it is (pure)."""

from collections.abc import Iterator

import msgspec

from lowtide.data import rules as tables
from lowtide.data.policies import Policy, policies
from lowtide.pathway.course.approved import own_values
from lowtide.pathway.evaluate.ruling.adopted import own_number, policy_in_force
from lowtide.pathway.evaluate.words import filled, told
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Body, Entry
from lowtide.record.entries.clinic import NumberChanged, PolicyAdopted


class Said(msgspec.Struct, frozen=True):
    """What one source or profile says; `sources` may be empty, which is a default."""

    who: str
    what: str
    sources: tuple[str, ...]
    verified: bool
    in_force: bool = False


class Conflict(msgspec.Struct, frozen=True):
    """A number or a decision for which more than one answer is published."""

    id: str
    title: str
    said: tuple[Said, ...]


class Event(msgspec.Struct, frozen=True):
    """One word on the policy. `gone` is what it replaced, shown struck through."""

    entry: Entry
    what: str
    gone: str
    stands: bool


def conflicts(clinic: Chart) -> list[Conflict]:
    """Numbers first, then decisions; what is in force here is named."""
    policy = policy_in_force(clinic)
    return [*_numbers(policy), *_decisions(policy)]


def _numbers(policy: Policy) -> Iterator[Conflict]:
    for name, threshold in tables.thresholds().items():
        stands, unit = policy.numbers()[name], threshold.unit
        said = [
            Said("clinic default", told("", threshold.value, unit), threshold.sources, threshold.verified)
        ]
        for profile in policies().values():
            if change := profile.threshold.get(name):
                said.append(
                    Said(
                        f"{profile.label} policy",
                        told("", change.value, unit),
                        change.sources,
                        change.verified,
                    )
                )
        for other in threshold.others:
            source = (other.source,) if other.source else ()
            said.append(Said(other.who, told("", other.value, unit), source, other.verified))
        here = told("", stands.value, unit)
        if here not in [one.what for one in said]:
            said.append(Said("this clinic", here, (), False))
        if len({one.what for one in said}) > 1:
            marked = tuple(msgspec.structs.replace(s, in_force=s.what == here) for s in said)
            yield Conflict(name, threshold.meaning, marked)


def _decisions(policy: Policy) -> Iterator[Conflict]:
    numbers = policy.numbers()
    for rule in tables.rules().values():
        rulings = [(p, p.rule[rule.id]) for p in policies().values() if rule.id in p.rule]
        if not rulings:
            continue
        plain = " or ".join(dict.fromkeys(o.decision.replace("_", " ") for o in rule.outcomes))
        said = [Said("clinic default", plain, rule.sources, rule.verified, rule.id not in policy.rule)]
        said += [
            Said(
                f"{p.label} policy",
                r.decision.replace("_", " "),
                r.sources,
                r.verified,
                p.name == policy.name,
            )
            for p, r in rulings
        ]
        yield Conflict(rule.id, filled(rule.criterion, numbers), tuple(said))


def history(clinic: Chart) -> list[Event]:
    """Every adoption and every own value, the latest first; what no longer stands says so."""
    said: list[tuple[Entry, Body]] = [*clinic.said(PolicyAdopted), *clinic.said(NumberChanged)]
    last = clinic.last(PolicyAdopted)
    own = own_values(clinic)
    standing = {entry.id for _, entry in own.values()} | ({last[0].id} if last else set())
    found, before = [], ""
    for entry, body in sorted(said, key=lambda pair: pair[0].seq):
        if isinstance(body, PolicyAdopted):
            found.append(Event(entry, _adoption(body), before, entry.id in standing))
            before = _adoption(body)
        elif isinstance(body, NumberChanged):
            title = body.told.partition(", here ")[0]
            found.append(Event(entry, body.told, title, entry.id in standing))
    return found[::-1]


def _adoption(body: PolicyAdopted) -> str:
    label = policies()[body.policy].label if body.policy in policies() else body.policy
    own = [_own(name, value) for name, value in body.overrides.items() if own_number(name, value)]
    return f"{label} {body.version}" + (f" with own numbers: {'; '.join(own)}" if own else "")


def _own(name: str, value: str) -> str:
    threshold = tables.thresholds()[name]
    return told(threshold.meaning, float(value), threshold.unit)
