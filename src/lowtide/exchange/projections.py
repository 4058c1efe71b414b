"""The look-up tables of the exchange as pure functions of one stream: resources from elsewhere, devices on people."""

from lowtide.exchange.models import JoinedDevice, ResourceIndex
from lowtide.pathway.session.rules.devices import joined
from lowtide.record.chart import Chart
from lowtide.record.entries.chair import Discharged, SessionAbandoned, SessionSigned
from lowtide.record.entries.clinic import FhirResource, Filed
from lowtide.record.entries.devices import DeviceJoined, DeviceParted
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


def devices(chart: Chart) -> list[Row]:
    """Every device that is on the person of this chart."""
    return [
        {"key": f"{session} {device}", "device": device, "session": str(session), "since": entry.at}
        for session in chart.sessions()
        for device, (entry, _) in joined(chart, session).items()
    ]


def register_all() -> None:
    ending = (Discharged, SessionAbandoned, SessionSigned)
    of_devices = (DeviceJoined, DeviceParted, *ending)
    register(Projection("exchange.devices", 1, JoinedDevice, "chart:", of_devices, devices))
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
