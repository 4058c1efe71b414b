"""How low-dose ketamine is thought to work: steps in relative time, each with what was shown in whom, and what is open."""

from functools import cache
from typing import Literal

import msgspec

from lowtide.data import read

Shown = Literal["people", "animals", "contested"]


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a source says, and what of it was read; `unverified` where it was not."""

    ref: str
    says: str
    seen: Literal["abstract", "text", "unverified"]

    @property
    def name(self) -> str:
        """How it is named in a line of text."""
        return self.ref.removeprefix("https://").split("/")[0] if self.ref.startswith("https:") else self.ref

    @property
    def url(self) -> str:
        """Where it can be read."""
        if self.ref.startswith("https:"):
            return self.ref
        if self.ref.startswith("doi:"):
            return f"https://doi.org/{self.ref.removeprefix('doi:')}"
        return f"https://www.ncbi.nlm.nih.gov/pmc/articles/{self.ref}/"


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step; `begins_h` and `ends_h` are each the earliest and the latest hour."""

    id: str
    label: str
    plain: str
    begins_h: tuple[float, float]
    ends_h: tuple[float, float]
    timing: str
    shown: Shown
    doubt: str
    sources: tuple[Source, ...]


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence or two of the page with what they rest on."""

    text: str
    sources: tuple[Source, ...]


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom the levels of the page are drawn for."""

    drug: str
    route: str
    mg_per_kg: float
    weight_kg: float
    over_min: float
    follow_h: float
    members: int
    seed: int


class Mechanism(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    example: Example
    step: tuple[Step, ...]
    open: tuple[Statement, ...]
    feeling: Statement


@cache
def mechanism() -> Mechanism:
    return read.toml("pharmacology/mechanism.toml", Mechanism)
