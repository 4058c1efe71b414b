"""Dose protocols: what a source says to give, how often, for how long, and what it leaves open.

One file a protocol, so that a change is reviewed and versioned by itself. A protocol that lacks what planning
needs is for reference only; `missing` names what it lacks.
"""

from decimal import Decimal
from functools import cache
from typing import Literal

import msgspec

from lowtide.data import read
from lowtide.problems import bad


class Amount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    value: Decimal
    unit: Literal["mg", "mg/kg", "mg/h", "mg/kg/h"]


class Schedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many sessions, and how far apart: by week, every n days, or by a list of gaps; one of the three."""

    sessions: int | None = None
    sessions_min: int | None = None
    per_week: int | None = None
    weeks: int | None = None
    every_days: int | None = None
    gaps_days: tuple[int, ...] = ()


class Protocol(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One protocol. `unverified` names the fields that are recalled or defaults; `unsettled` says, by field,
    what the source leaves open (a prescriber must choose). Texts are for reading, never evaluated."""

    id: str
    condition: str
    indications: tuple[str, ...]
    phase: Literal["induction", "maintenance"]
    source_body: str
    product: str
    enantiomer: str
    evidence: str
    source: tuple[str, ...]
    verified: bool
    unverified: tuple[str, ...]
    route: str | None = None
    setting: str = ""
    population: str = ""
    age_min: int | None = None
    age_max: int | None = None
    dose_basis: str = ""
    dose: Amount | None = None
    dose_min: Amount | None = None
    dose_max: Amount | None = None
    dose_steps: tuple[Decimal, ...] = ()
    device_mg: Decimal | None = None
    max_mg: Decimal | None = None
    max_mg_per_kg: Decimal | None = None
    max_mg_per_h: Decimal | None = None
    over_min: Decimal | None = None
    duration_note: str = ""
    schedule: Schedule | None = None
    schedule_note: str = ""
    min_interval_h: Decimal | None = None
    observation_min: Decimal | None = None
    observation_note: str = ""
    titration: str = ""
    maintenance: str = ""
    stopping: str = ""
    note: str = ""
    unsettled: dict[str, str] = {}

    @property
    def missing(self) -> tuple[str, ...]:
        """What planning needs and the source does not give."""
        lacks = {
            "dose": self.dose is None,
            "schedule": self.schedule is None,
            "number of sessions": self.schedule is None or self.schedule.sessions is None,
            "infusion time": self.over_min is None and (self.route == "iv" or self._is_rate),
        }
        return tuple(name for name, lacking in lacks.items() if lacking)

    @property
    def weight_based(self) -> bool:
        return self.dose is not None and "/kg" in self.dose.unit

    @property
    def _is_rate(self) -> bool:
        return self.dose is not None and self.dose.unit.endswith("/h")

    @property
    def reference_only(self) -> bool:
        return bool(self.missing)


@cache
def protocols() -> dict[str, Protocol]:
    """Every protocol by id, in order."""
    found = (read.toml(name, Protocol) for name in read.names("protocols"))
    return {protocol.id: protocol for protocol in found}


def protocol(given: str, where: str = "protocol") -> Protocol:
    """The protocol with this id, case ignored. Raises BadInput naming the choices."""
    found = protocols().get(given.strip().upper())
    if found is None:
        raise bad(f"unknown protocol “{given}”", where, f"Use one of: {', '.join(protocols())}.")
    return found


def version(protocol_id: str) -> str:
    """A fingerprint of the protocol's file: a session pins the version it was planned with (hazard H010)."""
    return read.digest(f"protocols/{protocol_id}.toml")
