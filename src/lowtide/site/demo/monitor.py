"""The simulated devices of the demonstration: while you watch, they say what real ones would, by the same way.

Each monitor and pump that is on somebody writes its HL7 message once a second; the listener's taker reads it, shows it
live and charts it a minute at a time.
"""

import logging
import time
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from lowtide.exchange.hl7v2 import made
from lowtide.site.demo.devices import MONITORS, PUMPS

if TYPE_CHECKING:
    from lowtide.exchange.devices.taking import Taker
    from lowtide.exchange.models import JoinedDevice
    from lowtide.pathway.session.models import Session

EVERY_S, CUFF_EVERY_MIN = 1.0, 5
_log = logging.getLogger(__name__)


def run() -> None:
    """Send for as long as the server runs. Runs in a thread of it."""
    from django.apps import apps

    while not apps.ready:
        time.sleep(0.5)
    from lowtide.exchange.devices.live import live
    from lowtide.exchange.devices.taking import Taker

    bedside = Bedside(Taker(live))
    while True:
        time.sleep(EVERY_S)
        bedside.speak()


class Bedside:
    """All simulated devices, and what each said last of what it says seldom."""

    def __init__(self, taker: "Taker") -> None:
        self.taker, self.random = taker, Random(1)  # noqa: S311  invented readings
        self.number = 0
        self.cuff: dict[str, tuple[int, datetime, dict[str, object]]] = {}
        self.began = datetime.now(UTC).strftime("%H%M%S")

    def speak(self) -> None:
        """One message of every device that is on somebody."""
        from django.db import OperationalError, connection

        from lowtide.exchange.models import JoinedDevice
        from lowtide.pathway.session.models import Session

        try:
            for on in JoinedDevice.objects.filter(device__in=[*MONITORS, *PUMPS]):
                session = Session.objects.filter(key=on.session).first()
                if session:
                    self._say(on, session)
            self.taker.tick()
        except OperationalError:
            _log.debug("the database is busy or closing: the devices speak again in a moment")
        finally:
            connection.close()

    def _say(self, on: "JoinedDevice", session: "Session") -> None:
        now = datetime.now(UTC)
        minute = (now - session.started_at).total_seconds() / 60 if session.started_at else -1.0
        self.number += 1
        number = f"{self.began}-{self.number}"
        if on.device in PUMPS:
            self.taker.take(_pump(on.device, number, now, session))
        else:
            self.taker.take(self._monitor(on, number, now, minute))

    def _monitor(self, on: "JoinedDevice", number: str, now: datetime, minute: float) -> bytes:
        from lowtide.site.demo.story import everybody
        from lowtide.virtual import readings

        people = everybody(now)
        person = people.get(on.stream) or next(iter(people.values()))
        vitals = readings.vitals(person, minute, self.random)
        names = ("sbp_mmhg", "dbp_mmhg", "heart_rate_bpm", "spo2_pct", "resp_rate_per_min")
        values: dict[str, object] = {name: getattr(vitals, name) for name in names}
        inflation = int(minute // CUFF_EVERY_MIN)
        if on.device not in self.cuff or self.cuff[on.device][0] != inflation:
            self.cuff[on.device] = inflation, now, {name: values[name] for name in names[:2]}
        return made.monitor(on.device, number, now, values | self.cuff[on.device][2], self.cuff[on.device][1])


def _pump(device: str, number: str, now: datetime, session: "Session") -> bytes:
    """A pump that runs as somebody recorded it, by the start and the end of the dose, programmed as it was ordered."""
    from lowtide.pathway.course.ordered import pump
    from lowtide.pathway.session.rules.facts import session_facts
    from lowtide.record import store

    order = session_facts(store.load(session.stream), UUID(session.key)).order
    ordered = pump(order[1]) if order else None
    rate, volume = (ordered.rate_ml_per_h, ordered.final_volume_ml) if ordered else (Decimal(75), Decimal(50))
    strength = ordered.mg_per_ml(order[1].dose_mg) if ordered and order else Decimal("0.73")
    running = session.started_at and not session.stopped_at and not session.paused_at
    hours = (
        Decimal(str((now - session.started_at).total_seconds())) / 3600 if session.started_at else Decimal(0)
    )
    figures = {
        "rate_ml_per_h": rate if running else Decimal(0),
        "vtbi_ml": volume,
        "delivered_ml": min(volume, (rate * hours).quantize(Decimal("0.1"))),
    }
    return made.pump(device, number, now, None, figures, "Ketamine", strength.quantize(Decimal("0.01")))
