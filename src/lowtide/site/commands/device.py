"""A simulated monitor and pump that send to a listener, for trying the way from the bedside to the flowsheet.

Example: lowtide device --to 127.0.0.1:2575 --monitor SIM-M1 --pump SIM-P1 --minutes 50

The person is invented: a quiet start, a rise with the infusion, a return. --speed 60 runs an hour of that in a minute; the
messages carry the time at which they are sent. Put the devices on a session first.
"""

import argparse
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

from lowtide.exchange.devices.sending import Line
from lowtide.exchange.hl7v2 import made
from lowtide.problems import bad
from lowtide.site.commands.replay import address
from lowtide.virtual.readings import shape

CUFF_EVERY_S, DELIVER_MIN = 300, 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", type=address, default=("127.0.0.1", 2575), help="the listener, HOST:PORT")
    parser.add_argument("--monitor", default="SIM-M1", help="what the monitor calls itself")
    parser.add_argument("--pump", default="SIM-P1", help="what the pump calls itself")
    parser.add_argument(
        "--minutes", type=float, default=50, help="how long the infusion and what follows are sent"
    )
    parser.add_argument("--every", type=float, default=1.0, help="seconds between the monitor's messages")
    parser.add_argument("--rate", type=Decimal, default=Decimal(75), help="the pump's rate, mL/h")
    parser.add_argument("--volume", type=Decimal, default=Decimal(50), help="volume to be infused, mL")
    parser.add_argument(
        "--concentration", type=Decimal, default=Decimal("0.73"), help="mg/mL programmed at the pump"
    )
    parser.add_argument("--speed", type=float, default=1.0, help="how many times faster than life")
    parser.add_argument("--seed", type=int, default=1)


def run(args: argparse.Namespace) -> int:
    if args.every <= 0 or args.speed <= 0 or args.minutes <= 0:
        raise bad("must be above zero", "--every, --speed and --minutes", "Give numbers above zero.")
    try:
        with Line(*args.to) as line:
            sent = _send(args, line)
    except OSError as error:
        host, port = args.to
        raise bad(
            f"no listener answers ({error.strerror or error})",
            f"{host}:{port}",
            "Start lowtide listen, or lowtide serve --devices-port.",
        ) from error
    print(f"{sent} messages were sent and answered.")
    return 0


def _send(args: argparse.Namespace, line: Line) -> int:
    """The monitor every so often, the pump at its events and once a minute; answers how many were taken."""
    person = _Person(args, Random(args.seed))  # noqa: S311  an invented person's readings
    accepted = 0
    second = 0.0
    while second <= args.minutes * 60:
        for message in person.messages(second, datetime.now(UTC)):
            accepted += b"MSA|AA" in (line.send(message) or b"")
        second += args.every
        time.sleep(args.every / args.speed)
    return accepted


class _Person:
    """The invented person with both devices: what they say at a second of the session."""

    def __init__(self, args: argparse.Namespace, random: Random) -> None:
        self.args, self.random = args, random
        self.began = datetime.now(UTC).strftime("%H%M%S")
        self.number = 0
        self.cuff: tuple[int, datetime, float] | None = None
        self.told: set[str] = set()

    def messages(self, second: float, at: datetime) -> Iterator[bytes]:
        yield self._monitor(second, at)
        event, delivered = self._pump(second)
        if (event and event not in self.told) or second % 60 < self.args.every:
            running = self.args.rate if delivered < self.args.volume else Decimal(0)
            figures = {"rate_ml_per_h": running, "vtbi_ml": self.args.volume, "delivered_ml": delivered}
            new = event if event and event not in self.told else None
            self.told |= {event} if event else set()
            yield made.pump(
                self.args.pump, self._next(), at, new, figures, "Ketamine", self.args.concentration
            )

    def _monitor(self, second: float, at: datetime) -> bytes:
        rise, inflation = shape(second / 60, DELIVER_MIN), int(second // CUFF_EVERY_S)
        if self.cuff is None or self.cuff[0] != inflation:
            self.cuff = inflation, at, rise
        values = {
            "sbp_mmhg": round(126 + 21 * self.cuff[2]),
            "dbp_mmhg": round(78 + 11 * self.cuff[2]),
            "heart_rate_bpm": round(70 + 12 * rise + self.random.gauss(0, 1)),
            "spo2_pct": min(100, round(97.5 - rise + self.random.gauss(0, 0.5))),
            "resp_rate_per_min": round(15 - rise + self.random.gauss(0, 1)),
        }
        return made.monitor(self.args.monitor, self._next(), at, values, self.cuff[1])

    def _pump(self, second: float) -> tuple[str | None, Decimal]:
        infused = (self.args.rate * Decimal(str(second)) / 3600).quantize(Decimal("0.1"))
        delivered = min(self.args.volume, infused)
        if not self.told:
            return "MDC_EVT_PUMP_DELIV_START", delivered
        return ("MDC_EVT_PUMP_DELIV_COMP" if delivered >= self.args.volume else None), delivered

    def _next(self) -> str:
        self.number += 1
        return f"{self.began}-{self.number}"
