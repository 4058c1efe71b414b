"""Claims judged by answers: the first line of conditions that holds gives the verdict; what is unknown leaves it open.

One rule for all: what is known with less than moderate certainty is supported in part only.
"""

import re
from collections.abc import Callable, Mapping
from operator import ge, gt, le, lt

import msgspec

from lowtide.data.claims import Claim, Verdict
from lowtide.problems import bad
from lowtide.science.evidence.looked import Since
from lowtide.science.evidence.named import SURE, Answer

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
    """A line of a claim: the verdict that it would give, its conditions as the table has them, and what patients read."""

    verdict: Verdict
    conditions: tuple[Condition, ...]
    plain: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether every condition does; None where that is not known."""
        if any(c.holds is False for c in self.conditions):
            return False
        return True if all(c.holds for c in self.conditions) else None


class Judged(msgspec.Struct, frozen=True):
    """A claim with its verdict; `by` are the conditions that gave it, or those that could not be decided; `tried` is every
    line, also those that decided against; `why` are the reasons that hold; `since` is what came after it was looked at."""

    claim: Claim
    verdict: Verdict
    by: tuple[Condition, ...]
    tried: tuple[Tried, ...] = ()
    plain: str = ""
    why: tuple[str, ...] = ()
    since: Since = Since(None)

    @property
    def answers(self) -> tuple[str, ...]:
        """Every answer that is shown with it: what decided first, then what any line asks for, then what stands beside."""
        lines = (c.answer for line in self.tried for c in line.conditions)
        reasons = (text.partition(".")[0] for why in self.claim.why for text in why.when)
        return tuple(dict.fromkeys((*(c.answer for c in self.by), *lines, *reasons, *self.claim.beside)))

    @property
    def decided_by(self) -> tuple[str, ...]:
        """The answers of the line that gave the verdict, and of those before it that did not hold."""
        return _asked_until(self.tried)


def _asked_until(tried: tuple[Tried, ...]) -> tuple[str, ...]:
    at = next((n for n, line in enumerate(tried, start=1) if line.holds), len(tried))
    return tuple(dict.fromkeys(c.answer for line in tried[:at] for c in line.conditions))


def judge(claim: Claim, answers: Mapping[str, Answer]) -> Judged:
    """The verdict as the table stands now: that of the first line that holds."""
    tried = tuple(
        Tried(line.verdict, tuple(condition(text, answers) for text in line.all), line.plain)
        for line in claim.when
    )
    why = tuple(w.text for w in claim.why if all(condition(text, answers).holds for text in w.when))
    first = next((line for line in tried if line.holds is not False), None)
    if first is None:
        return Judged(claim, "unknown", tuple(c for line in tried for c in line.conditions), tried, why=why)
    if first.holds:
        verdict = _as_sure(first.verdict, _asked_until(tried), answers)
        return Judged(claim, verdict, first.conditions, tried, first.plain, why)
    return Judged(claim, "unknown", tuple(c for c in first.conditions if c.holds is None), tried, why=why)


def _as_sure(verdict: Verdict, names: tuple[str, ...], answers: Mapping[str, Answer]) -> Verdict:
    """Supported only where the least sure answer that decided is moderate at least; a count is sure."""
    sure = [answers[name].sure for name in names if name in answers and answers[name].sure >= 0]
    return "partly" if verdict == "supported" and sure and min(sure) < SURE["moderate"] else verdict


def condition(text: str, answers: Mapping[str, Answer]) -> Condition:
    """One condition, tried. Raises BadInput for one that cannot be read."""
    said = CONDITION.fullmatch(text)
    if said is None:
        raise bad(f"“{text}” is no condition", "claims.toml", "Write it as response.lower > 1.")
    answer = answers.get(said["answer"])
    value = getattr(answer, said["what"]) if answer else None
    holds = None if value is None else HOW[said["how"]](value, float(said["number"]))
    return Condition(text, said["answer"], said["what"], value, holds)
