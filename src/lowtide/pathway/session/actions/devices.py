"""Monitors and pumps at a session: put on a person and taken off by hand, and what they then say.

A device is tied to a session by somebody who looked, never by a name in its messages (hazard H018).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from lowtide.pathway.session.actions.common import Act, append, require
from lowtide.pathway.session.rules.devices import joined, was_on
from lowtide.pathway.session.rules.state import SessionState, Verb
from lowtide.people.clinic import clinic_chart
from lowtide.people.roles import Permission
from lowtide.people.who import Person
from lowtide.problems import bad, refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Body, Entry, Source
from lowtide.record.entries.chair import Vitals
from lowtide.record.entries.devices import DeviceJoined, DeviceParted, DeviceRegistered

OF_DEVICES = UUID("6f0f9c1e-7d5a-4a51-9c77-0b5e8f1f5a10")


def registered() -> dict[str, DeviceRegistered]:
    """The clinic's devices in use, by their own number."""
    latest = {body.device: body for _, body in clinic_chart().said(DeviceRegistered)}
    return {device: body for device, body in latest.items() if body.active}


def last_pressure(stream: str, session: UUID, device: str) -> dict[str, Decimal]:
    """What this device's cuff told last of those that were charted in this session."""
    for entry in reversed(store.load(stream).session(session)):
        if entry.device == device and isinstance(entry.body, Vitals) and entry.body.sbp_mmhg is not None:
            told = {name: getattr(entry.body, name) for name in ("sbp_mmhg", "dbp_mmhg", "map_mmhg")}
            return {name: Decimal(value) for name, value in told.items() if value is not None}
    return {}


def join(act: Act, *, device: str, elsewhere: Mapping[str, str]) -> list[Entry]:
    """Put a device on this person. `elsewhere` says on whom it is, by device, in words; one device is on one person."""
    require(act, Permission.CHART_SESSION)
    known = registered().get(device.strip())
    if known is None:
        raise bad(
            "this device is not one of the clinic's", "device", "Scan it again, or have it registered first."
        )
    if known.device in elsewhere:
        raise refuse(f"{known.label} is on {elsewhere[known.device]}", "device", "Take it off there first.")
    return append(
        act,
        Verb.CHART,
        [act.draft(DeviceJoined(device=known.device, label=known.label, device_kind=known.device_kind))],
    )


def part(act: Act, *, device: str) -> list[Entry]:
    """Take a device off this person."""
    require(act, Permission.CHART_SESSION)

    def check(chart: Chart, state: SessionState) -> None:
        if device not in joined(chart, act.session_id):
            raise refuse("it is not on this person", "device", "Look at the session again.")

    return append(act, Verb.CHART, [act.draft(DeviceParted(device=device))], check)


def told(
    stream: str,
    session: UUID,
    device: str,
    body: Body,
    *,
    key: str,
    at: datetime,
    offset: timedelta,
    now: datetime,
) -> list[Entry]:
    """Write what a device said, once for each `key`, if the device was on this person.

    `at` is by the server's clock; `offset` is what the device's clock was behind it. Raises Refused when the device was not on
    the person at that moment, or the session takes no more entries; Conflict when the key was written with other content.
    """
    who = Person(f"device:{device}", device, (), frozenset())
    patient = UUID(stream.removeprefix("chart:"))
    entry_id = uuid5(OF_DEVICES, f"{session} {device} {key}")
    act = Act(person=who, patient_id=patient, session_id=session, entry_id=entry_id, at=at, now=now)
    draft = act.draft(
        body,
        source=Source.DEVICE,
        device=device,
        device_at=at - offset,
        offset_s=round(offset.total_seconds()),
    )

    def check(chart: Chart, state: SessionState) -> None:
        if not was_on(chart, session, device, at):
            raise refuse("the device was not on this person", "device", "Put it on at the session's page.")

    return append(act, Verb.CHART, [draft], check)
