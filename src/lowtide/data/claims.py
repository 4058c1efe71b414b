"""What people say about low-dose ketamine, by which answers each claim is judged, and what they said when it was looked at."""

import datetime
from functools import cache
from typing import Literal

import msgspec

from lowtide.data import read

FILE, LOOKED = "evidence/claims.toml", "evidence/checked.json"
Verdict = Literal["supported", "partly", "not_shown", "wrong", "unknown"]
WORDS: dict[Verdict, str] = {
    "supported": "supported",
    "partly": "partly supported",
    "not_shown": "not shown",
    "wrong": "wrong",
    "unknown": "to be checked again",
}


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The verdict, and what patients read of it, if every condition (`answer.what > number`) holds; without any it is argued
    from the claim's source."""

    verdict: Verdict
    all: tuple[str, ...]
    plain: str


class Why(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reason that holds as long as its conditions do."""

    text: str
    when: tuple[str, ...] = ()


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`beside` are answers that are shown with it and decide nothing; `on` the indications whose trials may speak on it."""

    id: str
    says: str
    why: tuple[Why, ...]
    when: tuple[When, ...]
    on: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    source: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.source and not all(line.all for line in self.when):
            raise ValueError("a verdict without conditions is argued: give the source that it is argued from")

    @property
    def argued(self) -> bool:
        """Whether no row can decide it: the verdict stands on its source."""
        return not all(line.all for line in self.when)

    @property
    def weighed(self) -> tuple[str, ...]:
        """Every answer on which the verdict or a reason for it rests."""
        texts = [text for line in self.when for text in line.all] + [
            text for w in self.why for text in w.when
        ]
        return tuple(dict.fromkeys(text.partition(".")[0] for text in texts))


class Looked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody saw who looked at a claim: the figures of each answer behind it, and how many rows each trial on it had."""

    day: datetime.date
    answers: dict[str, tuple[float | None, ...]]
    trials: dict[str, int]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    claim: tuple[Claim, ...]


@cache
def claims() -> dict[str, Claim]:
    return {claim.id: claim for claim in read.toml(FILE, _File).claim}


@cache
def looked() -> dict[str, Looked]:
    """Claim -> what was seen when it was last looked at."""
    return msgspec.json.decode(read.text(LOOKED), type=dict[str, Looked])
