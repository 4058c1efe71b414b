"""What becomes of a device's message: an answer at once, the live view, and what is charted while the device is on somebody."""

import hashlib
import logging
import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec

from lowtide.exchange.devices.charting import of_event, of_minute
from lowtide.exchange.devices.kept import Kept
from lowtide.exchange.devices.live import Live
from lowtide.exchange.devices.matching import NOTHING_SAID, Match, matching
from lowtide.exchange.devices.spool import Spool
from lowtide.exchange.hl7v2 import answers, times
from lowtide.exchange.hl7v2.cuff import Cuff
from lowtide.exchange.hl7v2.messages import Fault, Message, Unreadable, read, within
from lowtide.exchange.hl7v2.minutes import Minute
from lowtide.exchange.hl7v2.parts import Whose, parts
from lowtide.exchange.hl7v2.reading import Reading, readings
from lowtide.exchange.models import JoinedDevice
from lowtide.pathway.session.actions.devices import last_pressure, registered, told
from lowtide.problems import BadInput, Conflict
from lowtide.record.entries.base import Body
from lowtide.record.entries.devices import DeviceRegistered

REMEMBERED = 10_000  # a message whose answer was lost comes again within seconds
SILENT, LOOK_UP_EVERY = timedelta(hours=2), timedelta(seconds=10)
AT_LEAST, SPREAD_TICKS, TOLD_APART = 2, 20, 16
_log = logging.getLogger(__name__)


class _Batch(msgspec.Struct):
    """Messages that came together: what they share, and what of them must be on disk before they are answered."""

    now: datetime
    known: dict[str, DeviceRegistered]
    where: dict[str, JoinedDevice]
    held: list[bytes] = []
    keys: list[bytes] = []

    def zone(self, device: str) -> ZoneInfo | None:
        row = self.known.get(device)
        return ZoneInfo(row.zone) if row and row.zone else None


class Taker:
    """Takes messages one after the other. `now` is the server's clock, a test may move it. What is answered and not charted
    yet lies in the spool, where there is one."""

    def __init__(
        self, live: Live, now: Callable[[], datetime] = lambda: datetime.now(UTC), spool: Spool | None = None
    ) -> None:
        self.live, self.now, self.spool = live, now, spool
        self._devices: dict[tuple[str, str, datetime], Kept] = {}
        self._cuffs: dict[str, Cuff] = {}
        self._matches: dict[tuple[str, Whose], tuple[datetime, Match]] = {}
        self._answered: OrderedDict[bytes, str] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, data: bytes) -> bytes | None:
        """The answer to one message; None where none is asked for, or where it could not be kept and must come again."""
        return self.take_all([data])[0]

    def take_all(self, messages: Sequence[bytes]) -> list[bytes | None]:
        """The answers to messages that came together, once what they say is committed or on disk."""
        framed = [[(data, _read(data)) for data in within(frame)] for frame in messages]
        whole = [message for each in framed for _, message in each if isinstance(message, Message)]
        with self._lock:
            batch = self._batch(whole, self.now())
            said = [[self._answer(message, data, batch) for data, message in each] for each in framed]
            if self._kept(batch):
                return [answers.together(frame, each) for frame, each in zip(messages, said, strict=True)]
        return [None] * len(messages)

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
                self._offered(device)
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

    def _offered(self, device: Kept) -> None:
        """Chart the events that waited; those that cannot be written are offered again."""
        try:
            self._chart_events(device)
        except Exception:
            _log.warning("device %s: an event waits for the database", device.name, exc_info=True)

    def _charted(self, device: Kept, minute: Minute) -> bool:
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
        names = {part.device for message in messages for part in parts(message)}
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
        found = readings(message, batch.zone)
        faults += answers.unusable(found)
        told = hashlib.sha256(data).hexdigest()[:TOLD_APART]
        if (
            len(found) > 1
        ):  # before any of it is taken, for nobody knows which of two patients is the right one
            for one in found:
                if device := self._on(one.device, batch):
                    device.agrees(one.whose)
        kept = [self._heard(one, message, told, batch) for one in found]
        if any(kept):
            batch.held.append(data)
        return answers.verdict(faults)

    def _heard(self, found: Reading, message: Message, told: str, batch: _Batch) -> bool:
        """Show what one device says, and keep what of it is to be charted; answers whether there is any."""
        row, where = batch.known.get(found.device), batch.where.get(found.device)
        behind = _behind(message, batch.zone(found.device), batch.now)
        device = self._on(found.device, batch)
        match = self._match(found.whose, where.stream, batch.now) if where else NOTHING_SAID
        why = _why_not(row, where, found, match.other)
        torn = device.agrees(found.whose) if device and not why else ""
        why = (
            f"since it was put on it spoke of {torn}: take it off, look, and put it on again" if torn else why
        )
        fresh = self._cuff(found.device, where).new(found.values) if row else []
        self.live.hear(found, batch.now, behind.total_seconds(), why, match.doubt or found.doubt)
        if device is None or why:
            return False
        device.take(found, fresh, behind, batch.now, told)
        self._chart_events(device)
        return True

    def _match(self, whose: Whose, stream: str, now: datetime) -> Match:
        """How whom the device names fits the chart, looked up now and then: it says the same every second."""
        known = self._matches.get((stream, whose))
        if known is None or now - known[0] > LOOK_UP_EVERY:
            self._matches = {
                key: each for key, each in self._matches.items() if now - each[0] <= LOOK_UP_EVERY
            }
            known = self._matches[stream, whose] = now, matching(whose, stream)
        return known[1]

    def _on(self, name: str, batch: _Batch) -> Kept | None:
        """What is kept of the device on the person it is on; None where it is on nobody or nobody registered it."""
        where = batch.where.get(name)
        if where is None or name not in batch.known:
            return None
        key = (name, where.session, where.since)
        if key not in self._devices:
            self._devices[key] = Kept(name, where)
        return self._devices[key]

    def _cuff(self, name: str, where: JoinedDevice | None) -> Cuff:
        """What the device's cuff told last, on whomever it was; after a start, what the chart has of it."""
        if name not in self._cuffs:
            self._cuffs[name] = Cuff(last_pressure(where.stream, UUID(where.session), name) if where else {})
        return self._cuffs[name]

    def _chart_minute(self, device: Kept, minute: Minute) -> None:
        if said := of_minute(device, minute):
            self._write(device, *said, minute.at, device.offset)

    def _chart_events(self, device: Kept) -> None:
        """What happened, once it can be given its time. Raises what the database does."""
        for one, offset in device.happened(self.now()):
            if one.event.at and (one.event.kind != "alarm" or device.alarms.new(one.event)):
                self._write(device, *of_event(device, one), one.event.at + offset, offset)

    def _write(self, device: Kept, body: Body, key: str, at: datetime, offset: timedelta) -> None:
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
            self.live.refuse(device.name, self.now(), str(error))
            _log.warning("device %s: not charted: %s", device.name, error)


def _read(data: bytes) -> Message | Unreadable:
    try:
        return read(data)
    except Unreadable as error:
        return error


def _behind(message: Message, zone: ZoneInfo | None, now: datetime) -> timedelta:
    """How far the time in the message is behind ours; nothing where it cannot be told."""
    try:
        return now - times.instant(message.head.field(7), zone)
    except times.NotATime:
        return timedelta()


def _why_not(row: DeviceRegistered | None, where: JoinedDevice | None, found: Reading, other: bool) -> str:
    if row is None:
        return "this device is not registered"
    if where is None:
        return "it is on nobody"
    if other:
        return "it says that it is on another patient"
    if found.practice:
        return "it says that this is a test or a training, not a person's readings"
    said = [value.flags for value in found.values if value.lowtide]
    if (said or found.events) and all("zone_unknown" in f for f in said) and not _any_time(found):
        return "its times name no zone, and none is registered for it: nothing can be given its time"
    return ""


def _any_time(found: Reading) -> bool:
    return any(event.at for event in found.events)
