"""The way to a chart: fetching one checks the right to it, narrows it to what may be seen, and logs the reading."""

from collections.abc import Collection, Iterable
from uuid import UUID

import msgspec
from django.db.models import Exists, OuterRef
from django.http import Http404

from lowtide.people import refreshing
from lowtide.people.models import LinkIndex, PatientIndex
from lowtide.people.roles import Permission
from lowtide.people.who import Person, Request
from lowtide.record import access_log, store
from lowtide.record.chart import Chart
from lowtide.record.entries.identity import Patient


class PatientChart(msgspec.Struct, frozen=True):
    """A chart somebody may see: `chart` is the union of the person's linked charts, narrowed to the reader.

    `whole` is the same not narrowed, for rules: it is never shown as it is.
    """

    patient_id: UUID
    patient: Patient
    chart: Chart
    whole: Chart

    @property
    def stream(self) -> str:
        return stream_of(self.patient_id)

    @property
    def joined(self) -> list[str]:
        """The streams of the other charts of this person."""
        return sorted(stream for stream in self.whole.known if stream != self.stream)


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
    return _joined(linked(stream))


def with_links(streams: Collection[str]) -> tuple[dict[str, PatientIndex], set[str]]:
    """Who they are, by stream, and which of the charts links join with another one: asked at once."""
    links = LinkIndex.objects.filter(stream=OuterRef("stream"))
    found = list(PatientIndex.objects.filter(stream__in=streams).annotate(is_linked=Exists(links)))
    return {p.stream: p for p in found}, {p.stream for p in found if p.is_linked}


def whole_charts(streams: Collection[str], apart: Collection[str]) -> dict[str, Chart]:
    """The same of many people, by stream; few questions to the database as long as few of them are linked (`apart`)."""
    alone = store.load_all(name for name in streams if name not in apart)
    return alone | {name: whole_chart(name) for name in streams if name in apart}


def _joined(streams: list[str]) -> Chart:
    charts = [store.load(name) for name in streams]
    return charts[0] if len(charts) == 1 else Chart.union(charts)


def chart_for(
    request: Request, patient_id: UUID, permission: Permission = Permission.SEE_CHART
) -> PatientChart:
    """The patient's chart as this person may see it; the reading is logged for every chart it joins.

    Raises Http404 when there is no such patient or the person may not: the two look alike from outside.
    """
    person, streams = request.person, linked(stream_of(patient_id))
    whole = _joined(streams)
    who = identity(whole, patient_id)
    allowed = who is not None and _may(person, patient_id, permission)
    log_readings(request, streams, allowed=allowed)
    if who is None or not allowed:
        raise Http404("no such chart for you")
    return PatientChart(patient_id, who, whole.seen_by(person.audience, person.by), whole)


def _may(person: Person, patient_id: UUID, permission: Permission) -> bool:
    """A patient's own place is theirs alone: holding that permission opens nobody else's chart."""
    if permission is Permission.OWN_PLACE:
        return person.by == f"patient:{patient_id}"
    return person.can(permission)


def identity(chart: Chart, patient_id: UUID) -> Patient | None:
    """Who this chart says it is, its own word before that of linked charts."""
    said = [body for entry, body in chart.said(Patient) if entry.stream == stream_of(patient_id)]
    return said[-1] if said else None


def log_reading(request: Request, stream: str, *, allowed: bool, detail: str = "") -> None:
    """One line of the access log: who asked for what of this stream."""
    log_readings(request, [stream], allowed=allowed, detail=detail)


def log_readings(request: Request, streams: Iterable[str], *, allowed: bool, detail: str = "") -> None:
    """A line of the access log for each stream that a page shows; none for the refreshes of a page that is open."""
    by = request.person.by
    access_log.log_each(
        by,
        f"{request.method} {request.path}",
        [s for s in streams if not (allowed and refreshing.is_logged(request, by, s))],
        roles=" ".join(request.person.roles),
        detail=detail,
        address=request.META.get("REMOTE_ADDR", ""),
        allowed=allowed,
    )


def rows_of(streams: list[str]) -> list[PatientIndex]:
    """Who these charts are, for a list of them."""
    return list(PatientIndex.objects.filter(stream__in=streams).order_by("number")) if streams else []


def row_of(stream: str) -> PatientIndex | None:
    """Who this chart is; None for a chart of nobody."""
    return PatientIndex.objects.filter(stream=stream).first()
