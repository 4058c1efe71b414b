"""Whom the lines of a safe are about."""

from collections.abc import Iterable
from uuid import UUID

from lowtide.people.charts import stream_of
from lowtide.people.models import PatientIndex


def patients_of(ids: Iterable[UUID | None]) -> dict[UUID | None, PatientIndex]:
    """patient -> who it is."""
    wanted = {stream_of(i): i for i in ids if i is not None}
    return {wanted[p.stream]: p for p in PatientIndex.objects.filter(stream__in=list(wanted))}
