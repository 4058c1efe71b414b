"""What people say about low-dose ketamine, and by which answers each claim is judged."""

import datetime
from functools import cache
from typing import Literal

import msgspec

from lowtide.data import read

FILE = "evidence/claims.toml"
Verdict = Literal["supported", "partly", "not_shown", "wrong", "unknown"]
WORDS: dict[Verdict, str] = {
    "supported": "supported",
    "partly": "partly supported",
    "not_shown": "not shown",
    "wrong": "wrong",
    "unknown": "to be checked again",
}


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The verdict, if every condition (`answer.what > number`) holds; without any it is argued from the claim's source."""

    verdict: Verdict
    all: tuple[str, ...]


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`plain` says the verdict to patients; `beside` are answers that are shown with it and decide nothing."""

    id: str
    says: str
    why: str
    last_checked: datetime.date
    when: tuple[When, ...]
    plain: dict[Verdict, str]
    beside: tuple[str, ...] = ()
    source: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.source and not all(line.all for line in self.when):
            raise ValueError("a verdict without conditions is argued: give the source that it is argued from")

    @property
    def argued(self) -> bool:
        """Whether no row can decide it: the verdict stands on its source."""
        return not all(line.all for line in self.when)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    claim: tuple[Claim, ...]


@cache
def claims() -> dict[str, Claim]:
    return {claim.id: claim for claim in read.toml(FILE, _File).claim}
