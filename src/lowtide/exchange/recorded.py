"""What this clinic's record knows, as an import asks it: a few queries for many resources."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TypeVar

from lowtide.exchange.fhir.known import LookAlike
from lowtide.exchange.fhir.references import Key
from lowtide.exchange.models import ResourceIndex
from lowtide.people.charts import linked
from lowtide.people.models import IdentifierIndex
from lowtide.people.patients.search import look_alikes
from lowtide.people.projections import OWN_NUMBER
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.identity import Identifier, Patient

T = TypeVar("T")
AT_ONCE = 500


class Recorded:
    """The `Known` of a real import."""

    def places(self, keys: Iterable[Key]) -> Mapping[Key, str]:
        wanted, found = set(keys), {}
        for part in _parts({key.id for key in wanted}):
            rows = ResourceIndex.objects.filter(resource_id__in=part)
            for system, kind, name, stream in rows.values_list(
                "system", "resource_type", "resource_id", "stream"
            ):
                found[Key(system, kind, name)] = stream
        return {key: stream for key, stream in found.items() if key in wanted}

    def owners(self, numbers: Iterable[Identifier]) -> Mapping[Identifier, list[str]]:
        wanted = {n for n in numbers if n.system != OWN_NUMBER}
        found: dict[Identifier, set[str]] = {}
        for part in _parts({n.value for n in wanted}):
            rows = IdentifierIndex.objects.filter(value__in=part, current=True)
            for system, value, stream in rows.values_list("system", "value", "stream"):
                if Identifier(system, value) in wanted:
                    found.setdefault(Identifier(system, value), set()).add(_person(stream))
        return {number: sorted(streams) for number, streams in found.items()}

    def chart(self, stream: str) -> Chart:
        return store.load(stream)

    def alike(self, person: Patient) -> list[LookAlike]:
        found = look_alikes(person)
        return [
            LookAlike(a.stream, f"{a.patient.given} {a.patient.family}".strip(), a.reasons[0]) for a in found
        ]


def _person(stream: str) -> str:
    """The chart that stands for somebody who has several linked ones: always the same."""
    return min(linked(stream))


def _parts(values: Iterable[T]) -> Iterator[list[T]]:
    left = iter(values)
    while part := list(islice(left, AT_ONCE)):
        yield part
