"""The pages of what a chart holds from elsewhere: every resource word for word, and what came of it."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lowtide.exchange.fhir.mapping.parts import title
from lowtide.exchange.fhir.reader import decode
from lowtide.exchange.pages.inbox import pretty
from lowtide.people.banner import patient_page
from lowtide.people.charts import chart_for
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.clinic import FhirResource
from lowtide.record.entries.words import label, summary

PER_PAGE = 50


@needs(Permission.SEE_CHART)
@require_GET
def resources(request: Request, patient: UUID) -> HttpResponse:
    """Everything that came from elsewhere, the newest first; or only what was not understood."""
    chart = chart_for(request, patient)
    everything = list(reversed(chart.chart.said(FhirResource)))
    only_kept = [(e, b) for e, b in everything if b.kept_because]
    all_of_it = request.GET.get("show") == "all"
    page = Paginator(everything if all_of_it else only_kept, PER_PAGE).get_page(request.GET.get("page"))
    about = {
        **patient_page(request, chart, "record"),
        "page": page,
        "rows": [_row(entry, body) for entry, body in page.object_list],
        "total": len(everything),
        "kept": len(only_kept),
        "all_of_it": all_of_it,
        "query": "show=all&" if all_of_it else "",
    }
    return render(request, "exchange/resources.html", about)


@needs(Permission.SEE_CHART)
@require_GET
def resource(request: Request, patient: UUID, entry: UUID) -> HttpResponse:
    """One resource exactly as it arrived (`?raw=1`: its very bytes), with the entries that came of it."""
    chart = chart_for(request, patient)
    found = chart.chart.entries.get(entry)
    if found is None or not isinstance(found.body, FhirResource):
        raise Http404("no such resource for you")
    if request.GET.get("raw"):
        name = f"{found.body.resource_type}-{found.body.resource_id}.json"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(found.body.json, content_type="application/fhir+json", headers=headers)
    about = {
        **patient_page(request, chart, "record"),
        "row": _row(found, found.body) | {"by": names_of({found.by})[found.by]},
        "derived": [
            {"id": e.id, "label": label(e), "text": summary(e)} for e in _derived(chart.chart, found)
        ],
        "newer": chart.chart.line(entry)[-1].id != entry,
        "latest": chart.chart.line(entry)[-1].id,
        "json": pretty(found.body.json),
    }
    return render(request, "exchange/resource.html", about)


def _row(entry: Entry, body: FhirResource) -> dict[str, Any]:
    return {
        "id": entry.id,
        "type": body.resource_type,
        "what": title(decode(body.json)),
        "resource_id": body.resource_id,
        "system": body.system,
        "why": body.kept_because,
        "derived": body.derived,
        "at": entry.recorded_at,
    }


def _derived(chart: Chart, found: Entry) -> list[Entry]:
    """The standing entries that point back to this resource, in any of its versions."""
    origins = {f"{version.stream}/{version.id}" for version in chart.line(found.id)}
    return [e for e in chart.standing() if e.origin in origins and not isinstance(e.body, FhirResource)]
