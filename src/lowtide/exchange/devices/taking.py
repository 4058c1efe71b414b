"""What becomes of a device's message: an answer at once, the live view, and what is charted while the device is on somebody."""

import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec

from lowtide.exchange.devices.live import Live
from lowtide.exchange.hl7v2 import answers, times
from lowtide.exchange.hl7v2.messages import Fault, Message, Unreadable, read
from lowtide.exchange.hl7v2.minutes import Minute, Minutes
from lowtide.exchange.hl7v2.reading import Event, Reading, Value, reading
from lowtide.exchange.models import JoinedDevice
from lowtide.pathway.session.actions.devices import registered, told
from lowtide.people.models import IdentifierIndex
from lowtide.problems import BadInput, Conflict
from lowtide.record.entries.base import Body
from lowtide.record.entries.chair import Vitals
from lowtide.record.entries.devices import AlarmTold, DeviceRegistered, PumpTold

REMEMBERED = 20_000
CLOCK_OFF_S, CLOCK_MOVED_S = 30, 5
CHARTED = ("sbp_mmhg", "dbp_mmhg", "map_mmhg", "heart_rate_bpm", "spo2_pct", "resp_rate_per_min", "temp_c")
_log = logging.getLogger(__name__)


class _Device(msgspec.Struct):
    """What is kept of a device between its messages."""

    minutes: Minutes
    offset: timedelta = timedelta()


class Taker:
    """Takes messages one after the other. `now` is the server's clock, a test may move it."""

    def __init__(self, live: Live, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.live, self.now = live, now
        self._devices: dict[str, _Device] = {}
        self._answered: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, data: bytes) -> bytes | None:
        """The answer to a message, once what it says is committed; None where none is asked for."""
        try:
            message = read(data)
        except Unreadable as error:
            faults = [Fault("MSH", error.what, "100", fatal=True)]
            return answers.answer(None, answers.REJECTED, faults, self.now(), str(uuid4()))
        with self._lock:
            code, faults = self._taken(message, data)
        if not answers.asked(message, code):
            return None
        return answers.answer(message, code, faults, self.now(), str(uuid4()))

    def tick(self) -> None:
        """Chart the minutes that are over; a minute that could not be written is lost to the flowsheet, and said in the log."""
        with self._lock:
            for name, device in self._devices.items():
                for minute in device.minutes.closed(self.now()):
                    self._chart_minute(name, device, minute)

    def _taken(self, message: Message, data: bytes) -> tuple[str, list[Fault]]:
        faults = list(answers.fatal(message))
        if faults:
            return answers.verdict(faults), faults
        # A sender that starts to count anew sends other content under an old number: that is a new message.
        key = f"{message.sender} {message.control_id} {hashlib.sha256(data).hexdigest()}"
        if key not in self._answered:
            self._answered[key] = self._understood(message, faults)
            if len(self._answered) > REMEMBERED:
                self._answered.popitem(last=False)
        return self._answered[key], faults

    def _understood(self, message: Message, faults: list[Fault]) -> str:
        known = registered()
        name = reading(message).device
        row = known.get(name)
        found = reading(message, ZoneInfo(row.zone) if row and row.zone else None)
        faults += answers.unusable(found)
        device = self._devices.setdefault(name, _Device(Minutes()))
        behind = self._clock(device, message, row)
        where = _on(name)
        self.live.hear(found, self.now(), behind.total_seconds(), _why_not(message, row, where))
        if row and where and not _someone_elses(message, where):
            device.minutes.add(map(_shifted(device.offset), found.values), self.now())
            for event in found.events:
                self._chart_event(name, device, found, event)
        return answers.verdict(faults)

    def _clock(self, device: _Device, message: Message, row: DeviceRegistered | None) -> timedelta:
        """How far the device's clock is behind ours, by the time it wrote the message; small differences are the network's."""
        try:
            zone = ZoneInfo(row.zone) if row and row.zone else None
            behind = self.now() - times.instant(message.head.field(7), zone)
        except times.NotATime:
            return timedelta()
        if abs((behind - device.offset).total_seconds()) > CLOCK_MOVED_S:
            off = abs(behind.total_seconds()) >= CLOCK_OFF_S
            device.offset = timedelta(seconds=round(behind.total_seconds())) if off else timedelta()
        return behind

    def _chart_minute(self, name: str, device: _Device, minute: Minute) -> None:
        values = dict(minute.values)
        if "heart_rate_bpm" not in values and "pulse_bpm" in values:
            values["heart_rate_bpm"] = values["pulse_bpm"]
        said = {
            key: values[key] if key == "temp_c" else round(values[key]) for key in CHARTED if key in values
        }
        if said:
            spread = {
                k: (minute.least[k], minute.greatest[k])
                for k in said
                if minute.samples > 1 and k in minute.least
            }
            self._write(name, device, Vitals(**said, extremes=spread), minute.key, minute.at)  # type: ignore[arg-type]

    def _chart_event(self, name: str, device: _Device, found: Reading, event: Event) -> None:
        if event.at is None:
            return
        at = event.at + device.offset
        word = event.event or event.name or event.code or "event"
        if event.kind == "alarm":
            body: Body = AlarmTold(
                device=name, alarm=word, text=event.text, phase=event.phase, priority=event.priority
            )
        else:
            figures = {v.lowtide: v.value for v in found.values if v.chartable}
            body = PumpTold(
                device=name,
                event=word,
                drug=found.drug,
                mg_per_ml=found.concentration_mg_per_ml,
                **{
                    key: figures[key]
                    for key in ("rate_ml_per_h", "delivered_ml", "vtbi_ml")
                    if key in figures
                },  # type: ignore[arg-type]
            )
        self._write(name, device, body, f"{event.at.isoformat()} {event.kind} {word} {event.phase or ''}", at)

    def _write(self, name: str, device: _Device, body: Body, key: str, at: datetime) -> None:
        where = _on(name)
        if where is None:
            return
        try:
            told(
                where.stream,
                UUID(where.session),
                name,
                body,
                key=key,
                at=at,
                offset=device.offset,
                now=self.now(),
            )
        except (BadInput, Conflict) as error:
            _log.warning("device %s: not charted: %s", name, error)


def _on(name: str) -> JoinedDevice | None:
    return JoinedDevice.objects.filter(device=name).order_by("-since").first()


def _someone_elses(message: Message, where: JoinedDevice) -> bool:
    """Whether the message carries the number of another patient of the clinic (hazard H018)."""
    pid = next((segment for segment in message.segments if segment.name == "PID"), None)
    number = pid.component(3) if pid else ""
    if not number:
        return False
    owners = set(IdentifierIndex.objects.filter(value=number, current=True).values_list("stream", flat=True))
    return bool(owners) and where.stream not in owners


def _why_not(message: Message, row: DeviceRegistered | None, where: JoinedDevice | None) -> str:
    if row is None:
        return "this device is not registered"
    if where is None:
        return "it is on nobody"
    if _someone_elses(message, where):
        return "it says that it is on another patient"
    return ""


def _shifted(offset: timedelta) -> Callable[[Value], Value]:
    def shift(value: Value) -> Value:
        return msgspec.structs.replace(value, at=value.at + offset) if offset and value.at else value

    return shift
