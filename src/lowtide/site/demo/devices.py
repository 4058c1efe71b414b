"""The demonstration's monitors and pumps: the clinic's list, and one of each on whoever is at a chair when it is made."""

from datetime import UTC, datetime, timedelta

from lowtide.record import store
from lowtide.record.entries.base import Draft, Source
from lowtide.record.entries.devices import DeviceJoined, DeviceRegistered

CHAIRS = range(1, 6)
MONITORS = {f"SIM-M{n}": f"Monitor {n}" for n in CHAIRS}
PUMPS = {f"SIM-P{n}": f"Pump {n}" for n in CHAIRS}
KINDS = {"monitor": MONITORS, "pump": PUMPS}


def register(at: datetime) -> None:
    """Every chair has a monitor and a pump of its own."""
    bodies = (
        DeviceRegistered(device=device, label=label, device_kind=kind, chair=device[-1])
        for kind, devices in KINDS.items()
        for device, label in devices.items()
    )
    drafts = [
        Draft(stream="clinic:main", body=body, by="system:demo", at=at, source=Source.SYSTEM)
        for body in bodies
    ]
    store.append(drafts, now=at)


def put_on() -> None:
    """The monitor and the pump of the chair are on whoever sits there with the dose begun."""
    from lowtide.pathway.session.models import Session

    for row in Session.objects.filter(open=True, started_at__isnull=False, discharged_at__isnull=True):
        for kind, devices in KINDS.items():
            device = f"SIM-{kind[0].upper()}{row.chair}"
            if device in devices and (kind == "monitor" or row.route == "iv"):
                _join(row.stream, row.key, device, devices[device], kind)


def _join(stream: str, session: str, device: str, label: str, kind: str) -> None:
    from uuid import UUID

    now = datetime.now(UTC)
    body = DeviceJoined(device=device, label=label, device_kind=kind)
    at = now - timedelta(seconds=5)
    store.append(
        [
            Draft(
                stream=stream, session=UUID(session), body=body, by="system:demo", at=at, source=Source.SYSTEM
            )
        ],
        now=now,
    )
