"""What it takes to set a finding aside, by the word of the rule's `override`."""

from functools import cache
from typing import Literal

import msgspec

from lowtide.data import read


class Override(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nobody can (`refused`), a reason, or a specialist's letter: who wrote it, when, what it says."""

    takes: Literal["refused", "reason", "letter"]
    label: str
    step: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    word: dict[str, Override]


@cache
def overrides() -> dict[str, Override]:
    """Word -> Override: every word that a rule may use."""
    return read.toml("overrides.toml", _File).word
