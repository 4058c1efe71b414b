"""The way to a chart: fetching one checks the right to it, narrows it to what may be seen, and logs the reading."""

from uuid import UUID

import msgspec
from django.http import Http404

from lowtide.people.models import LinkIndex, PatientIndex
from lowtide.people.roles import Permission
from lowtide.people.who import Person, Request
from lowtide.record import access_log, store
from lowtide.record.chart import Chart
from lowtide.record.entries.identity import Patient


class PatientChart(msgspec.Struct, frozen=True):
    """A chart somebody may see: `chart` is the union of the person's linked charts, narrowed to the reader."""

    patient_id: UUID
    patient: Patient
    chart: Chart

    @property
    def stream(self) -> str:
        return stream_of(self.patient_id)


def stream_of(patient_id: UUID | str) -> str:
    return f"chart:{patient_id}"


def linked(stream: str) -> list[str]:
    """This stream first, then every chart that links make one person with it."""
    found, waiting = [stream], [stream]
    while waiting:
        others = LinkIndex.objects.filter(stream=waiting.pop()).values_list("other", flat=True)
        fresh = sorted(set(others) - set(found))
        found += fresh
        waiting += fresh
    return found


def whole_chart(stream: str) -> Chart:
    """Everything about the person, for rules and guards: never narrowed, never shown as it is."""
    return Chart.union(store.load(name) for name in linked(stream))


def chart_for(
    request: Request, patient_id: UUID, permission: Permission = Permission.SEE_CHART
) -> PatientChart:
    """The patient's chart as this person may see it; the reading is logged.

    Raises Http404 when there is no such patient or the person may not: the two look alike from outside.
    """
    person = request.person
    whole = whole_chart(stream_of(patient_id))
    who = identity(whole, patient_id)
    allowed = person.can(permission) or (
        permission is Permission.OWN_PLACE and person.by == f"patient:{patient_id}"
    )
    if who is None or not allowed:
        _log(request, person, patient_id, allowed=False)
        raise Http404("no such chart for you")
    _log(request, person, patient_id, allowed=True)
    return PatientChart(patient_id, who, whole.seen_by(person.audience, person.by))


def identity(chart: Chart, patient_id: UUID) -> Patient | None:
    """Who this chart says it is, its own word before that of linked charts."""
    said = [body for entry, body in chart.said(Patient) if entry.stream == stream_of(patient_id)]
    return said[-1] if said else None


def _log(request: Request, person: Person, patient_id: UUID, *, allowed: bool) -> None:
    access_log.log(
        person.by,
        f"{request.method} {request.path}",
        stream=stream_of(patient_id),
        roles=" ".join(person.roles),
        address=request.META.get("REMOTE_ADDR", ""),
        allowed=allowed,
    )


def row_of(stream: str) -> PatientIndex | None:
    return PatientIndex.objects.filter(stream=stream).first()
