"""Which patient a word on the command line means."""

from uuid import UUID

from lowtide.people.models import IdentifierIndex, PatientIndex
from lowtide.people.patients.search import find
from lowtide.problems import bad

SHOWN_CHOICES = 10


def the_one(given: str) -> str:
    """The stream of the patient that is meant. Raises BadInput naming the choices."""
    found = sorted(_meant(given.strip()))
    if len(found) == 1:
        return found[0]
    if not found:
        raise bad(f"no patient “{given}” is known", "PATIENT", "Give the chart's id, a number, or a name.")
    rows = PatientIndex.objects.filter(stream__in=found[:SHOWN_CHOICES]).order_by("family", "given", "key")
    names = "; ".join(
        f"{r.number or r.stream.partition(':')[2]} {r.given} {r.family}, born {r.birth_date}" for r in rows
    )
    raise bad(f"“{given}” can be {len(found)} patients", "PATIENT", f"Choose one: {names}.")


def _meant(given: str) -> set[str]:
    """An id decides; then a number; then a name."""
    try:
        by_id = PatientIndex.objects.filter(stream=f"chart:{UUID(given)}")
    except ValueError:
        by_id = PatientIndex.objects.none()
    numbered = IdentifierIndex.objects.filter(value__iexact=given, current=True)
    return (
        set(by_id.values_list("stream", flat=True))
        or set(numbered.values_list("stream", flat=True))
        or (set(find(given).values_list("stream", flat=True)) if given else set())
    )
