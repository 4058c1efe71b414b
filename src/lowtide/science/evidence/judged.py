"""Claims judged by answers: the first line of conditions that holds gives the verdict; what is unknown leaves it open."""

import re
from collections.abc import Callable, Mapping
from operator import ge, gt, le, lt

import msgspec

from lowtide.data.claims import Claim, Verdict
from lowtide.problems import bad
from lowtide.science.evidence.named import Answer

CONDITION = re.compile(r"(?P<answer>\w+)\.(?P<what>\w+) (?P<how><=|>=|<|>) (?P<number>-?[\d.]+)")
HOW: dict[str, Callable[[float, float], bool]] = {"<": lt, ">": gt, "<=": le, ">=": ge}


class Condition(msgspec.Struct, frozen=True):
    """`holds` is None while the table does not give its answer; `value` is what the answer says."""

    text: str
    answer: str
    what: str
    value: float | None
    holds: bool | None


class Tried(msgspec.Struct, frozen=True):
    """A line of a claim: the verdict that it would give, and its conditions as the table has them."""

    verdict: Verdict
    conditions: tuple[Condition, ...]

    @property
    def holds(self) -> bool | None:
        """Whether every condition does; None where that is not known."""
        if any(c.holds is False for c in self.conditions):
            return False
        return True if all(c.holds for c in self.conditions) else None


class Judged(msgspec.Struct, frozen=True):
    """A claim with its verdict; `by` are the conditions that gave it, or those that could not be decided; `tried` is every
    line, also those that decided against."""

    claim: Claim
    verdict: Verdict
    by: tuple[Condition, ...]
    tried: tuple[Tried, ...] = ()

    @property
    def plain(self) -> str:
        return self.claim.plain.get(self.verdict, "")

    @property
    def answers(self) -> tuple[str, ...]:
        """Every answer that is shown with it: what decided first, then what any line asks for, then what stands beside."""
        lines = (c.answer for line in self.tried for c in line.conditions)
        return tuple(dict.fromkeys((*(c.answer for c in self.by), *lines, *self.claim.beside)))


def judge(claim: Claim, answers: Mapping[str, Answer]) -> Judged:
    """The verdict as the table stands now: that of the first line that holds."""
    tried = tuple(
        Tried(line.verdict, tuple(condition(text, answers) for text in line.all)) for line in claim.when
    )
    first = next((line for line in tried if line.holds is not False), None)
    if first is None:
        return Judged(claim, "unknown", tuple(c for line in tried for c in line.conditions), tried)
    if first.holds:
        return Judged(claim, first.verdict, first.conditions, tried)
    return Judged(claim, "unknown", tuple(c for c in first.conditions if c.holds is None), tried)


def condition(text: str, answers: Mapping[str, Answer]) -> Condition:
    """One condition, tried. Raises BadInput for one that cannot be read."""
    said = CONDITION.fullmatch(text)
    if said is None:
        raise bad(f"“{text}” is no condition", "claims.toml", "Write it as response.lower > 1.")
    answer = answers.get(said["answer"])
    value = getattr(answer, said["what"]) if answer else None
    holds = None if value is None else HOW[said["how"]](value, float(said["number"]))
    return Condition(text, said["answer"], said["what"], value, holds)
