"""The look-up table of resources as a pure function of one stream."""

from lowtide.exchange.models import ResourceIndex
from lowtide.record.chart import Chart
from lowtide.record.entries.clinic import FhirResource, Filed
from lowtide.record.projections import Projection, Row, register


def resources(chart: Chart) -> list[Row]:
    """Every resource that stands here; one that was filed from the inbox stands in the chart it went to."""
    filed = {body.item for _, body in chart.said(Filed)}
    return [
        {
            "key": str(chart.line(entry.id)[0].id),
            "system": body.system,
            "resource_type": body.resource_type,
            "resource_id": body.resource_id,
            "entry": str(entry.id),
        }
        for entry, body in chart.said(FhirResource)
        if entry.id not in filed
    ]


def register_all() -> None:
    for prefix in ("chart:", "inbox:"):
        register(
            Projection(
                f"exchange.resources.{prefix[:-1]}",
                1,
                ResourceIndex,
                prefix,
                (FhirResource, Filed),
                resources,
            )
        )
