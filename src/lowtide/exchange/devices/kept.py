"""What is kept of a device on one person between its messages: its open minutes, how far its clock is behind ours, whom it
said that it was on, the events that wait, and which alarms still sound.

A message that comes late looks like one from a slow clock. The difference counts as the clock's once two messages that were
received some seconds apart agree on it; until then values and events wait (hazard H023). So does a minute that could not be
written. A device that then speaks of a second patient or another bed is no longer charted (hazard H018).
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from lowtide.exchange.hl7v2.alarms import Alarms
from lowtide.exchange.hl7v2.minutes import BELIEVED, Minute, Minutes
from lowtide.exchange.hl7v2.parts import Whose
from lowtide.exchange.hl7v2.reading import Event, Reading
from lowtide.exchange.hl7v2.values import Value
from lowtide.exchange.models import JoinedDevice
from lowtide.record.entries.devices import PumpTold

MOST_WAITING = 20_000
CLOCK_OFF, CLOCK_SAME = timedelta(seconds=30), timedelta(seconds=5)
EVENT_WAITS, MINUTE = timedelta(seconds=30), timedelta(minutes=1)


class Happened(msgspec.Struct, frozen=True):
    """An event with the figures that came with it. `told` tells two events of one kind in one second apart."""

    event: Event
    reading: Reading
    told: str
    behind: timedelta
    received_at: datetime


class Kept:
    """A device on one person, from the moment it was put on."""

    def __init__(self, name: str, where: JoinedDevice) -> None:
        self.name, self.where = name, where
        self.minutes, self.alarms = Minutes(), Alarms()
        self.offset = timedelta()
        self.over: list[tuple[datetime, Minute]] = []
        self.heard_at: datetime | None = None
        self.whose, self.torn = Whose(), ""
        self.programmed: tuple[str | None, Decimal | None] = None, None
        self.reported: tuple[datetime | None, PumpTold | None] = None, None
        self.set_to: tuple[tuple[str, Decimal] | None, Decimal | None] = None, None
        self._proven = False
        self._waiting: list[Value] = []
        self._waiting_since: datetime | None = None
        self._happened: list[Happened] = []
        self._guess: tuple[timedelta, datetime] | None = None

    @property
    def since(self) -> datetime | None:
        """When the oldest of what is not in the record yet was received."""
        waiting = (*(at for at, _ in self.over), *(one.received_at for one in self._happened))
        return min((at for at in (*waiting, self.minutes.since, self._waiting_since) if at), default=None)

    def agrees(self, whose: Whose) -> str:
        """What keeps the device from being charted: that it spoke of two patients or two beds since it was put on."""
        self.torn = self.torn or self.whose.contradicts(whose)
        self.whose = self.whose.with_what_it_lacks(whose)
        return self.torn

    def take(
        self, found: Reading, fresh: Iterable[Value], behind: timedelta, now: datetime, told: str
    ) -> None:
        """Take what it says; `fresh` are the values that may be charted."""
        self._waiting = [*self._waiting, *fresh][-MOST_WAITING:]
        self.heard_at, self._waiting_since = now, self._waiting_since or now
        self._happened += [Happened(event, found, told, behind, now) for event in found.events if event.at]
        self.programmed = (
            found.drug or self.programmed[0],
            found.concentration_mg_per_ml or self.programmed[1],
        )
        if self._settled(behind, now):
            waiting, self._waiting, self._waiting_since = self._waiting, [], None
            self.minutes.add(map(_shifted(self.offset), waiting), now)

    def happened(self, now: datetime) -> Iterator[tuple[Happened, timedelta]]:
        """The events that can be given their time, each with what the clock was behind; the others wait a little longer.

        They are let go of one by one as they are taken, so that one that cannot be written is offered again.
        """
        for one in list(self._happened):
            if self._proven or now - one.received_at >= EVENT_WAITS:
                yield one, self._behind(one)
                self._happened.remove(one)

    def close(self, now: datetime) -> None:
        """Put the minutes that are over in line to be written, pressures first."""
        if since := self.minutes.since:
            closed = [(since, minute) for minute in self.minutes.closed(now)]
            self.over = sorted([*self.over, *closed], key=lambda each: each[1].kind != "pressure")

    def _behind(self, one: Happened) -> timedelta:
        """What the clock was behind at an event: what two messages agreed on, nothing while they have not.

        An event that would then be in the future, or hours before the device was put on, was told by a clock that is wrong
        by now; one from shortly before is somebody else's, and is left to be refused.
        """
        at, offset = one.event.at, self.offset if self._proven else timedelta()
        if at is None or self.where.since - MINUTE <= at + offset <= one.received_at + CLOCK_OFF:
            return offset
        wrong = at + offset > one.received_at or abs(one.behind) > BELIEVED
        return one.behind if wrong else offset

    def _settled(self, behind: timedelta, now: datetime) -> bool:
        if abs(behind) < CLOCK_OFF:
            self.offset, self._guess, self._proven = timedelta(), None, True
            return True
        if self._proven and self.offset and abs(behind - self.offset) <= CLOCK_SAME:
            return True
        if self._guess is None or abs(behind - self._guess[0]) > CLOCK_SAME:
            self._guess = behind, now
            return False
        if now - self._guess[1] < CLOCK_SAME:
            return False
        self.offset, self._proven = timedelta(seconds=round(behind.total_seconds())), True
        return True


def _shifted(offset: timedelta) -> Callable[[Value], Value]:
    def shift(value: Value) -> Value:
        return msgspec.structs.replace(value, at=value.at + offset) if offset and value.at else value

    return shift
