"""A full house: as many people at chairs as asked for, the dose running, a monitor on each, half an hour charted already."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec

from lowtide.pathway.session.actions import devices
from lowtide.record import projections, store
from lowtide.record.entries.base import Draft, Source
from lowtide.record.entries.chair import Rating, Vitals
from lowtide.record.entries.clinic import Chair
from lowtide.record.entries.devices import DeviceRegistered
from lowtide.record.verify import rebuild
from lowtide.site.demo.staff import CLINIC, staff
from tests.pathway.session.conftest import Care, register

BEGAN, CHARTED_EVERY = timedelta(minutes=32), timedelta(minutes=1)


def fill(chairs: int) -> list[Care]:
    """Open the clinic and put somebody at each chair; answers them in the order of the chairs."""
    now = datetime.now(UTC)
    opened = [
        msgspec.structs.replace(CLINIC, demo=True),
        *staff(),
        *(Chair(chair=str(n), label=f"Chair {n}") for n in range(1, chairs + 1)),
        *(
            DeviceRegistered(device=monitor(n), label=f"Monitor {n}", device_kind="monitor")
            for n in range(1, chairs + 1)
        ),
    ]
    at = now - timedelta(days=30)
    store.append(
        [Draft(stream="clinic:main", body=b, at=at, by="system:bench", source=Source.SYSTEM) for b in opened],
        now=at,
    )
    with projections.postponed(keep="people."):
        cares = [_at_chair(n, now - BEGAN) for n in range(1, chairs + 1)]
    rebuild()
    return cares


def monitor(chair: int) -> str:
    """What the monitor at a chair calls itself."""
    return f"SIM-M{chair}"


def _at_chair(chair: int, start: datetime) -> Care:
    care = register(start, f"Chairperson {chair}")
    care.book(chair=str(chair))
    care.weigh()
    care.order()
    care.measure(-8)
    care.time_out(-5, chair=str(chair))
    care.check()
    care.begin()
    devices.join(care.act(0.5), device=monitor(chair), elsewhere={})
    for minute in range(1, int(BEGAN / CHARTED_EVERY)):
        care.write(Vitals(heart_rate_bpm=70 + minute % 9, spo2_pct=97), minute, session=care.session)
        if minute % 5 == 0:
            care.measure(minute, sbp_mmhg=128 + minute % 9, dbp_mmhg=80)
        if minute % 10 == 0:
            care.write(Rating(scale="moaas", value=Decimal(5)), minute, session=care.session)
    return care
