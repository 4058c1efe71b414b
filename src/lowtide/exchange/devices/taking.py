"""What becomes of a device's message: an answer at once, the live view, and what is charted while the device is on somebody."""

import hashlib
import logging
import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec

from lowtide.exchange.devices.live import Live
from lowtide.exchange.devices.spool import Spool
from lowtide.exchange.hl7v2 import answers, times
from lowtide.exchange.hl7v2.messages import Fault, Message, Unreadable, read
from lowtide.exchange.hl7v2.minutes import Minute, Minutes
from lowtide.exchange.hl7v2.reading import Event, Reading, Value, device_of, reading
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
SILENT = timedelta(hours=2)
AT_LEAST, SPREAD_TICKS = 2, 20
_log = logging.getLogger(__name__)


class _Device:
    """What is kept of a device on one person between its messages: its open minutes, and how far its clock is behind ours.

    A message that comes late looks like one from a slow clock. The difference counts as the clock's once two messages that
    were received some seconds apart agree on it; until then their values wait. So does a minute that could not be written.
    """

    def __init__(self, name: str, where: JoinedDevice) -> None:
        self.name, self.where = name, where
        self.minutes = Minutes()
        self.offset = timedelta()
        self.over: list[tuple[datetime, Minute]] = []
        self.heard_at: datetime | None = None
        self._waiting: list[Value] = []
        self._waiting_since: datetime | None = None
        self._guess: tuple[timedelta, datetime] | None = None

    @property
    def since(self) -> datetime | None:
        """When the oldest value was received that is not in the record yet."""
        over = (at for at, _ in self.over)
        return min((at for at in (*over, self.minutes.since, self._waiting_since) if at), default=None)

    def take(self, values: Iterable[Value], behind: timedelta, now: datetime) -> None:
        self._waiting = [*self._waiting, *values][-MOST_WAITING:]
        self.heard_at, self._waiting_since = now, self._waiting_since or now
        if self._settled(behind, now):
            waiting, self._waiting, self._waiting_since = self._waiting, [], None
            self.minutes.add(map(_shifted(self.offset), waiting), now)

    def close(self, now: datetime) -> None:
        """Put the minutes that are over in line to be written, pressures first."""
        if since := self.minutes.since:
            closed = [(since, minute) for minute in self.minutes.closed(now)]
            self.over = sorted([*self.over, *closed], key=lambda each: each[1].kind != "pressure")

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


class _Batch(msgspec.Struct):
    """Messages that came together: what they share, and what of them must be on disk before they are answered."""

    now: datetime
    known: dict[str, DeviceRegistered]
    where: dict[str, JoinedDevice]
    held: list[bytes] = []
    keys: list[bytes] = []


class Taker:
    """Takes messages one after the other. `now` is the server's clock, a test may move it. What is answered and not charted
    yet lies in the spool, where there is one."""

    def __init__(
        self, live: Live, now: Callable[[], datetime] = lambda: datetime.now(UTC), spool: Spool | None = None
    ) -> None:
        self.live, self.now, self.spool = live, now, spool
        self._devices: dict[tuple[str, str], _Device] = {}
        self._answered: OrderedDict[bytes, str] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, data: bytes) -> bytes | None:
        """The answer to one message; None where none is asked for, or where it could not be kept and must come again."""
        return self.take_all([data])[0]

    def take_all(self, messages: Sequence[bytes]) -> list[bytes | None]:
        """The answers to messages that came together, once what they say is committed or on disk."""
        found = [_read(data) for data in messages]
        with self._lock:
            batch = self._batch([message for message in found if isinstance(message, Message)], self.now())
            answers = [self._answer(m, data, batch) for m, data in zip(found, messages, strict=True)]
            if self._kept(batch):
                return answers
        return [None] * len(answers)

    def resume(self) -> int:
        """Take what an earlier server had answered and not charted; answers how many messages that were."""
        with self._lock:
            found = [(at, data, _read(data)) for at, data in (self.spool.kept() if self.spool else ())]
            whole = [(at, data, message) for at, data, message in found if isinstance(message, Message)]
            batch = self._batch([message for _, _, message in whole], self.now())
            for at, data, message in whole:
                self._answer(message, data, msgspec.structs.replace(batch, now=at))
        return len(found)

    def tick(self, *, paced: bool = False) -> None:
        """Chart the minutes that are over; what could not be written is tried again at the next tick. `paced`: pressures at
        once, the other minutes spread over the next ticks, so that a full house does not write and show them all together."""
        with self._lock:
            now = self.now()
            for device in self._devices.values():
                device.close(now)
            waiting = sum(len(device.over) for device in self._devices.values())
            left = max(AT_LEAST, math.ceil(waiting / SPREAD_TICKS)) if paced else waiting
            for device in self._devices.values():
                while device.over and (left > 0 or device.over[0][1].kind == "pressure"):
                    if not self._charted(device, device.over[0][1]):
                        break
                    device.over.pop(0)
                    left -= 1
            self._tidy(now)

    def _charted(self, device: _Device, minute: Minute) -> bool:
        try:
            self._chart_minute(device, minute)
        except Exception:
            _log.warning("device %s: a minute waits for the database", device.name, exc_info=True)
            return False
        return True

    def _tidy(self, now: datetime) -> None:
        """Forget devices that fell silent, and on disk what is charted."""
        waiting = [device.since for device in self._devices.values()]
        silent = [
            key
            for key, d in self._devices.items()
            if not d.since and d.heard_at and now - d.heard_at > SILENT
        ]
        for key in silent:
            del self._devices[key]
        if self.spool:
            self.spool.forget(min((at for at in waiting if at), default=None))

    def _batch(self, messages: list[Message], now: datetime) -> _Batch:
        names = {device_of(message) for message in messages}
        on = JoinedDevice.objects.filter(device__in=names).order_by("since") if names else ()
        return _Batch(now, registered() if names else {}, {row.device: row for row in on})

    def _kept(self, batch: _Batch) -> bool:
        """Whether what must be on disk is there. What is not will be sent again, and is then new."""
        try:
            if self.spool and batch.held:
                self.spool.keep(batch.held, batch.now)
        except OSError:
            _log.warning(
                "devices' messages could not be kept on disk; they will be sent again", exc_info=True
            )
            for key in batch.keys:
                self._answered.pop(key, None)
            return False
        return True

    def _answer(self, message: Message | Unreadable, data: bytes, batch: _Batch) -> bytes | None:
        if isinstance(message, Unreadable):
            faults = [Fault("MSH", message.what, "100", fatal=True)]
            return answers.answer(None, answers.REJECTED, faults, self.now(), str(uuid4()))
        try:
            code, faults = self._taken(message, data, batch)
        except Exception:
            _log.warning("a device's message could not be kept; it will be sent again", exc_info=True)
            return None
        if not answers.asked(message, code):
            return None
        return answers.answer(message, code, faults, self.now(), str(uuid4()))

    def _taken(self, message: Message, data: bytes, batch: _Batch) -> tuple[str, list[Fault]]:
        faults = list(answers.fatal(message))
        if faults:
            return answers.verdict(faults), faults
        # A sender that starts to count anew sends other content under an old number: that is a new message.
        key = hashlib.sha256(f"{message.sender} {message.control_id} ".encode() + data).digest()
        if key not in self._answered:
            self._answered[key] = self._understood(message, data, faults, batch)
            batch.keys.append(key)
            if len(self._answered) > REMEMBERED:
                self._answered.popitem(last=False)
        return self._answered[key], faults

    def _understood(self, message: Message, data: bytes, faults: list[Fault], batch: _Batch) -> str:
        name = device_of(message)
        row, where = batch.known.get(name), batch.where.get(name)
        found = reading(message, ZoneInfo(row.zone) if row and row.zone else None)
        faults += answers.unusable(found)
        behind = self._behind(message, row, batch.now)
        other = where is not None and _someone_elses(message, where)
        self.live.hear(found, batch.now, behind.total_seconds(), _why_not(row, where, other))
        if row and where and not other:
            device = self._devices.setdefault((name, where.session), _Device(name, where))
            device.take(found.values, behind, batch.now)
            batch.held.append(data)
            for event in found.events:
                self._chart_event(device, found, event, behind if abs(behind) >= CLOCK_OFF else timedelta())
        return answers.verdict(faults)

    def _behind(self, message: Message, row: DeviceRegistered | None, now: datetime) -> timedelta:
        """How far the time in the message is behind ours; nothing where it cannot be told."""
        try:
            return now - times.instant(
                message.head.field(7), ZoneInfo(row.zone) if row and row.zone else None
            )
        except times.NotATime:
            return timedelta()

    def _chart_minute(self, device: _Device, minute: Minute) -> None:
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
            self._write(device, Vitals(**said, extremes=spread), key, minute.at, device.offset)  # type: ignore[arg-type]

    def _chart_event(self, device: _Device, found: Reading, event: Event, offset: timedelta) -> None:
        if event.at is None:
            return
        word = event.event or event.name or event.code or "event"
        if event.kind == "alarm":
            body: Body = AlarmTold(
                device=device.name, alarm=word, text=event.text, phase=event.phase, priority=event.priority
            )
        else:
            figures = {v.lowtide: v.value for v in found.values if v.chartable}
            body = PumpTold(
                device=device.name,
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
        self._write(device, body, key, event.at + offset, offset)

    def _write(self, device: _Device, body: Body, key: str, at: datetime, offset: timedelta) -> None:
        try:
            told(
                device.where.stream,
                UUID(device.where.session),
                device.name,
                body,
                key=key,
                at=at,
                offset=offset,
                now=self.now(),
            )
        except (BadInput, Conflict) as error:
            _log.warning("device %s: not charted: %s", device.name, error)


def _read(data: bytes) -> Message | Unreadable:
    try:
        return read(data)
    except Unreadable as error:
        return error


def _someone_elses(message: Message, where: JoinedDevice) -> bool:
    """Whether the message carries the number of another patient of the clinic (hazard H018)."""
    pid = next((segment for segment in message.segments if segment.name == "PID"), None)
    number = pid.component(3) if pid else ""
    if not number:
        return False
    owners = set(IdentifierIndex.objects.filter(value=number, current=True).values_list("stream", flat=True))
    return bool(owners) and where.stream not in owners


def _why_not(row: DeviceRegistered | None, where: JoinedDevice | None, other: bool) -> str:
    if row is None:
        return "this device is not registered"
    if where is None:
        return "it is on nobody"
    if other:
        return "it says that it is on another patient"
    return ""


def _shifted(offset: timedelta) -> Callable[[Value], Value]:
    def shift(value: Value) -> Value:
        return msgspec.structs.replace(value, at=value.at + offset) if offset and value.at else value

    return shift
