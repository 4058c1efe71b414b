"""Entries about monitors and pumps: which there are, which is on whom, and what a pump or an alarm said."""

from collections.abc import Iterator
from decimal import Decimal
from zoneinfo import available_timezones

from lowtide.problems import Problem
from lowtide.record.entries.base import Body

KINDS_OF_DEVICE = ("monitor", "pump")


class DeviceRegistered(Body, tag="device_registered.1", frozen=True, kw_only=True):
    """A device of the clinic, by the number it calls itself; `zone` is that of its clock when its times name none.

    `chair` is where it stands: it is proposed for whoever sits there, and put on by somebody who looked.
    """

    device: str
    label: str
    device_kind: str
    zone: str | None = None
    chair: str | None = None
    active: bool = True

    def problems(self) -> Iterator[Problem]:
        if not self.device.strip():
            yield Problem(
                "the device's number is missing", "device", "Take it from the list of devices heard."
            )
        if not self.label.strip():
            yield Problem("the device has no name", "label", "Write what stands on it, such as Monitor 3.")
        if self.device_kind not in KINDS_OF_DEVICE:
            yield Problem(f"“{self.device_kind}” is no kind", "device_kind", "Choose monitor or pump.")
        if self.zone and self.zone not in available_timezones():
            yield Problem(f"“{self.zone}” is no time zone", "zone", "Write it as Europe/Berlin.")


class DeviceJoined(Body, tag="device_joined.1", frozen=True, kw_only=True):
    """Somebody looked: this device is on the person of this session."""

    device: str
    label: str
    device_kind: str


class DeviceParted(Body, tag="device_parted.1", frozen=True, kw_only=True):
    """The device was taken off the person of this session."""

    device: str


class PumpTold(Body, tag="pump_told.1", frozen=True, kw_only=True):
    """What a pump said of itself: an event, its rate as it told it, what it delivered in all, what is programmed."""

    device: str
    event: str | None = None
    rate_ml_per_h: Decimal | None = None
    delivered_ml: Decimal | None = None
    vtbi_ml: Decimal | None = None
    drug: str | None = None
    mg_per_ml: Decimal | None = None
    rate_mg_per_h: Decimal | None = None


class AlarmTold(Body, tag="alarm_told.1", frozen=True, kw_only=True):
    """An alarm of a bedside device, as it told it. The device alarms; Lowtide writes it down."""

    device: str
    alarm: str
    text: str | None = None
    phase: str | None = None
    priority: str | None = None
