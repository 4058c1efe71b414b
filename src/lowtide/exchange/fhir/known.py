"""What an import needs to know of the record, and a record that knows nothing yet (pure)."""

from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec

from lowtide.exchange.fhir.references import Key
from lowtide.record.chart import Chart
from lowtide.record.entries.identity import Identifier, Patient


class LookAlike(msgspec.Struct, frozen=True):
    """A chart that may be the same person, and why."""

    stream: str
    name: str
    why: str


class Known(Protocol):
    """The record as an import asks it, many things at once."""

    def places(self, keys: Iterable[Key]) -> Mapping[Key, str]:
        """The stream in which each of these resources stands, of those that are known."""

    def owners(self, numbers: Iterable[Identifier]) -> Mapping[Identifier, list[str]]:
        """The charts that carry a number; charts that are linked count as one."""

    def chart(self, stream: str) -> Chart:
        """The stream as it stands."""

    def alike(self, person: Patient) -> list[LookAlike]:
        """Charts that may be this person."""


class Nothing:
    """An empty record."""

    def places(self, keys: Iterable[Key]) -> Mapping[Key, str]:
        return {}

    def owners(self, numbers: Iterable[Identifier]) -> Mapping[Identifier, list[str]]:
        return {}

    def chart(self, stream: str) -> Chart:
        return Chart(stream)

    def alike(self, person: Patient) -> list[LookAlike]:
        return []
