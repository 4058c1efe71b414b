"""Claims judged by answers: the first line of conditions that holds gives the verdict; what is unknown leaves it open."""

import re
from collections.abc import Callable, Iterator, Mapping
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


class Judged(msgspec.Struct, frozen=True):
    """A claim with its verdict; `by` are the conditions that gave it, or those that could not be decided."""

    claim: Claim
    verdict: Verdict
    by: tuple[Condition, ...]

    @property
    def plain(self) -> str:
        return self.claim.plain.get(self.verdict, "")

    @property
    def answers(self) -> tuple[str, ...]:
        """Every answer that is shown with it: what decided first."""
        said = (*(c.answer for c in self.by), *self.claim.beside)
        return tuple(dict.fromkeys(said))


def judge(claim: Claim, answers: Mapping[str, Answer]) -> Judged:
    """The verdict as the table stands now."""
    for line in claim.when:
        found = tuple(condition(text, answers) for text in line.all)
        if any(c.holds is False for c in found):
            continue
        if all(c.holds for c in found):
            return Judged(claim, line.verdict, found)
        return Judged(claim, "unknown", tuple(c for c in found if c.holds is None))
    return Judged(claim, "unknown", tuple(_all(claim, answers)))


def _all(claim: Claim, answers: Mapping[str, Answer]) -> Iterator[Condition]:
    yield from (condition(text, answers) for line in claim.when for text in line.all)


def condition(text: str, answers: Mapping[str, Answer]) -> Condition:
    """One condition, tried. Raises BadInput for one that cannot be read."""
    said = CONDITION.fullmatch(text)
    if said is None:
        raise bad(f"“{text}” is no condition", "claims.toml", "Write it as response.lower > 1.")
    answer = answers.get(said["answer"])
    value = getattr(answer, said["what"]) if answer else None
    holds = None if value is None else HOW[said["how"]](value, float(said["number"]))
    return Condition(text, said["answer"], said["what"], value, holds)
