"""What becomes of a device's message: an answer at once, the live view, and what is charted while the device is on somebody."""

import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
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

REMEMBERED, MOST_WAITING = 20_000, 20_000
CLOCK_OFF, CLOCK_SAME = timedelta(seconds=30), timedelta(seconds=5)
CHARTED = ("sbp_mmhg", "dbp_mmhg", "map_mmhg", "heart_rate_bpm", "spo2_pct", "resp_rate_per_min", "temp_c")
_log = logging.getLogger(__name__)


class _Device:
    """What is kept of a device between its messages: its open minutes, and how far its clock is behind ours.

    A message that comes late looks like one from a slow clock. The difference counts as the clock's once two messages that
    were received some seconds apart agree on it; until then their values wait.
    """

    def __init__(self) -> None:
        self.minutes = Minutes()
        self.offset = timedelta()
        self._waiting: list[Value] = []
        self._guess: tuple[timedelta, datetime] | None = None

    def take(self, values: Iterable[Value], behind: timedelta, now: datetime) -> None:
        self._waiting = [*self._waiting, *values][-MOST_WAITING:]
        if self._settled(behind, now):
            waiting, self._waiting = self._waiting, []
            self.minutes.add(map(_shifted(self.offset), waiting), now)

    def _settled(self, behind: timedelta, now: datetime) -> bool:
        if abs(behind) < CLOCK_OFF:
            self.offset, self._guess = timedelta(), None
            return True
        if self.offset and abs(behind - self.offset) <= CLOCK_SAME:
            return True
        if self._guess is None or abs(behind - self._guess[0]) > CLOCK_SAME:
            self._guess = behind, now
            return False
        if now - self._guess[1] < CLOCK_SAME:
            return False
        self.offset = timedelta(seconds=round(behind.total_seconds()))
        return True


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
        device = self._devices.setdefault(name, _Device())
        behind = self._behind(message, row)
        where = _on(name)
        self.live.hear(found, self.now(), behind.total_seconds(), _why_not(message, row, where))
        if row and where and not _someone_elses(message, where):
            device.take(found.values, behind, self.now())
            for event in found.events:
                self._chart_event(name, found, event, behind if abs(behind) >= CLOCK_OFF else timedelta())
        return answers.verdict(faults)

    def _behind(self, message: Message, row: DeviceRegistered | None) -> timedelta:
        """How far the time in the message is behind ours; nothing where it cannot be told."""
        try:
            return self.now() - times.instant(
                message.head.field(7), ZoneInfo(row.zone) if row and row.zone else None
            )
        except times.NotATime:
            return timedelta()

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
            key = f"{(minute.at - device.offset).isoformat()} {minute.kind}"
            self._write(name, Vitals(**said, extremes=spread), key, minute.at, device.offset)  # type: ignore[arg-type]

    def _chart_event(self, name: str, found: Reading, event: Event, offset: timedelta) -> None:
        if event.at is None:
            return
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
        key = f"{event.at.isoformat()} {event.kind} {word} {event.phase or ''}"
        self._write(name, body, key, event.at + offset, offset)

    def _write(self, name: str, body: Body, key: str, at: datetime, offset: timedelta) -> None:
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
                offset=offset,
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
