"""How many earlier treatments count under each policy, and why the others do not (pure).

The numbers are those that the rules see: they come from the same look-up.
"""

from collections.abc import Iterable
from datetime import date

import msgspec

from lowtide.data.expression import Span
from lowtide.data.policies import Number, Policy
from lowtide.data.trials import tables
from lowtide.pathway.evaluate.adequacy import ANTIDEPRESSANT, Part, counts, failures
from lowtide.pathway.evaluate.charted_trials import Charted
from lowtide.pathway.evaluate.facts import Facts
from lowtide.pathway.evaluate.lookup import Asked
from lowtide.pathway.evaluate.words import plain

PAIN = "pain"


class Count(msgspec.Struct, frozen=True):
    """A number that is known or lies between two, against the one that is asked for."""

    what: str
    found: str
    asked: str
    met: bool | None


class Under(msgspec.Struct, frozen=True):
    """One policy: its weeks, its counts, and each antidepressant with whether and why it counts."""

    label: str
    weeks: str
    counts: tuple[Count, ...]
    trials: tuple[tuple[str, Part], ...]
    in_force: bool
    open: bool

    @property
    def met(self) -> bool | None:
        found = [c.met for c in self.counts]
        return False if False in found else None if None in found else True


def under(policy: Policy, ledger: Iterable[Charted], facts: Facts, on: date, *, in_force: bool) -> Under:
    """What counts under a policy. `open`: nobody has said that the list is whole."""
    numbers, names = policy.numbers(), tables().counted
    weeks = _number(numbers[names.min_weeks])
    asked = Asked(facts, {}, numbers, on)
    return Under(
        label=policy.label,
        weeks=plain(weeks),
        counts=(
            _count("adequate trials", asked.adequate_trials(weeks).value, numbers[names.trials]),
            _count("different classes", asked.adequate_trial_classes(weeks).value, numbers[names.classes]),
        ),
        trials=tuple(
            (one.body.agent, counts(one.trial, weeks)) for one in ledger if one.trial.kind == ANTIDEPRESSANT
        ),
        in_force=in_force,
        open="trials" not in facts.complete,
    )


def pain(policy: Policy, ledger: Iterable[Charted]) -> tuple[Count, ...]:
    """Failed adequate treatments of pain against what each pain indication asks for; nothing without any."""
    numbers, names = policy.numbers(), tables().counted
    tried = [one.trial for one in ledger if one.trial.kind == PAIN]
    if not tried:
        return ()
    found = failures(tried, _number(numbers[names.min_weeks]))
    return tuple(_count(numbers[name].meaning, found, numbers[name]) for name in names.pain.values())


def _number(number: Number) -> float:
    assert isinstance(number.value, int | float), number.name
    return number.value


def _count(what: str, found: float | Span, number: Number) -> Count:
    asked = _number(number)
    low, high = (found.low, found.high) if isinstance(found, Span) else (found, found)
    met = True if low >= asked else False if high < asked else None
    return Count(what, plain(low if low == high else found), plain(asked), met)
