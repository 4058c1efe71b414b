"""Dose protocols: what a source says to give, how often, for how long, and what it leaves open.

One file a protocol, so that a change is reviewed and versioned by itself. A protocol that lacks what planning
needs is for reference only; `missing` names what it lacks.
"""

import hashlib
from decimal import Decimal
from functools import cache
from typing import Literal

import msgspec

from lowtide.data import own, read
from lowtide.data.own import Values
from lowtide.problems import bad

GRADES = {
    "label": "on the label",
    "trial": "a randomised trial",
    "small_trial": "a small randomised trial",
    "pilot": "a pilot study",
    "guideline": "a guideline",
    "consensus": "a consensus",
    "society": "a society’s statement",
    "review": "a review",
    "case_series": "a case series",
    "observational": "an observational study",
    "expert": "expert opinion",
    "service": "one service’s protocol",
    "model": "a model of drug levels",
}
FINDINGS = {
    "benefit": "it helped",
    "moderate": "moderate certainty that it helps",
    "mixed": "results are mixed",
    "weak": "weak evidence that it helps",
    "no_benefit": "no benefit was shown",
    "not_stated": "how well it works is not said there",
}


NO_CEILING = {
    "counted": "counted in devices: the ceiling in mg holds",
    "fixed": "the same at every weight: the ceiling in mg holds",
    "rate": "it runs by the hour: the ceiling of the rate holds",
    "no_dose": "its source gives no dose to hold",
    "no_end": "it runs without a stated end",
}
"""Why a protocol has no ceiling of one kind."""


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


class Titration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the dose may change from one session to the next; the prescriber decides.

    `steps` are the protocol's own, `range` names only its ends, `reduce` only goes down, `keep` stays at what worked,
    `within_session` changes the rate while it runs. `up_below_pct`: a step up where the improvement over the baseline
    is smaller; None where the source goes by response without a number.
    """

    how: Literal["fixed", "steps", "increment", "range", "reduce", "keep", "within_session"]
    by_response: bool = False
    up_below_pct: Decimal | None = None
    up_if_tolerated: bool = False
    down_if_not_tolerated: bool = False
    reductions_max: int | None = None
    increment: Amount | None = None
    every_days: int | None = None
    needs_reason: bool = False
    decides: Literal["prescriber"] = "prescriber"


class Stopping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule that stops a course or asks for a look at it. It asks from `after_sessions` on, and at the latest with
    `by_sessions`; `below_pct` is the improvement that is too little, `at_most` a score of `instrument`. None where
    the source gives no number."""

    because: Literal[
        "no_response",
        "little_change",
        "remission",
        "plateau",
        "improvement",
        "end_of_induction",
        "time",
        "adverse_effect",
        "missed_session",
        "missed_and_worse",
    ]
    then: Literal["stop", "review", "pause", "continue"]
    after_sessions: int | None = None
    by_sessions: int | None = None
    after_weeks: int | None = None
    after_months: int | None = None
    every_months: int | None = None
    for_months: int | None = None
    below_pct: Decimal | None = None
    instrument: str | None = None
    at_most: Decimal | None = None
    occurrence: int | None = None
    pause_min: int | None = None
    unless_decided: bool = False


class Upkeep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One phase of maintenance: from which week of the course to which, and how far apart. `by_response`: the longest
    interval that holds the response."""

    from_week: int | None = None
    to_week: int | None = None
    for_months: int | None = None
    every_days: int | None = None
    every_days_max: int | None = None
    every_months: int | None = None
    per_week: int | None = None
    per_year_min: int | None = None
    per_year_max: int | None = None
    by_response: bool = False


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What kind of evidence stands behind the protocol for one condition, and what it found, said plainly."""

    indication: str
    grade: Literal[
        "label",
        "trial",
        "small_trial",
        "pilot",
        "guideline",
        "consensus",
        "society",
        "review",
        "case_series",
        "observational",
        "expert",
        "service",
        "model",
    ]
    finding: Literal["benefit", "moderate", "mixed", "weak", "no_benefit", "not_stated"]
    text: str = ""


class Protocol(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One protocol. `unverified` names the fields that are recalled or defaults; `routes` are
    those that the source may mean where it does not say which. `unsettled` says, by field,
    what the source leaves open (a prescriber must choose). What ends in `_note` is the source's own words: for
    reading, never evaluated. `beside` names protocols whose results must be read together with these."""

    id: str
    condition: str
    indications: tuple[str, ...]
    phase: Literal["induction", "maintenance"]
    source_body: str
    product: str
    enantiomer: str
    evidence: tuple[Evidence, ...]
    source: tuple[str, ...]
    verified: bool
    unverified: tuple[str, ...]
    route: str | None = None
    routes: tuple[str, ...] = ()
    own_dose: bool = False
    setting: str = ""
    population: str = ""
    age_min: int | None = None
    age_max: int | None = None
    dose_basis: str = ""
    dose: Amount | None = None
    dose_min: Amount | None = None
    dose_max: Amount | None = None
    dose_note: str = ""
    dose_steps: tuple[Decimal, ...] = ()
    device_mg: Decimal | None = None
    max_mg: Decimal | None = None
    max_mg_per_kg: Decimal | None = None
    max_mg_per_h: Decimal | None = None
    no_ceiling: dict[
        Literal["max_mg", "max_mg_per_kg"], Literal["counted", "fixed", "rate", "no_dose", "no_end"]
    ] = {}
    over_min: Decimal | None = None
    duration_note: str = ""
    schedule: Schedule | None = None
    schedule_note: str = ""
    min_interval_h: Decimal | None = None
    observation_min: Decimal | None = None
    observation_note: str = ""
    titration: Titration | None = None
    titration_note: str = ""
    maintenance: tuple[Upkeep, ...] = ()
    maintenance_note: str = ""
    stopping: tuple[Stopping, ...] = ()
    stopping_note: str = ""
    evidence_note: str = ""
    beside: tuple[str, ...] = ()
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

    def says_of(self, lacking: str) -> str:
        """The source's words about what cannot be planned by; empty where it is silent."""
        minutes = f"{self.duration_note} min" if self.duration_note[-1:].isdigit() else self.duration_note
        notes = {"dose": self.dose_note, "infusion time": minutes}
        return notes.get(lacking, self.schedule_note or self.maintenance_note)

    @property
    def open(self) -> tuple[str, ...]:
        """What a prescriber may settle for one course, with a reason: route, sessions, interval; a dose only where the
        row is there for prescribers' own doses. Empty where something else is missing."""
        lacks = {
            "route": self.route is None and bool(self.routes),
            "dose": self.dose is None and self.own_dose,
            "sessions": self.schedule is None or self.schedule.sessions is None,
            "every_days": self.schedule is None,
        }
        closed = "infusion time" in self.missing or (self.dose is None and not self.own_dose)
        return () if closed else tuple(name for name, lacking in lacks.items() if lacking)

    @property
    def highest(self) -> Decimal | None:
        """The highest dose it speaks of, in its unit: its own end, or the cap where it goes up by increments."""
        if self.dose_max:
            return self.dose_max.value
        rises = self.titration is not None and self.titration.how == "increment"
        if rises and self.max_mg is not None and self.dose and self.dose.unit == "mg":
            return self.max_mg
        return self.dose.value if self.dose else None

    @property
    def weight_based(self) -> bool:
        return self.dose is not None and "/kg" in self.dose.unit

    @property
    def labelled(self) -> bool:
        """Whether it is a product's own label: its bounds are then the label's, not those of a trial."""
        return any(one.grade == "label" for one in self.evidence)

    def for_age(self, years: int) -> bool:
        return (self.age_min or 0) <= years <= (years if self.age_max is None else self.age_max)

    @property
    def ages(self) -> str:
        """The ages it was made for, such as “from 18 and up to 64”; empty for any."""
        bounds = (("from", self.age_min), ("up to", self.age_max))
        return " and ".join(f"{word} {years}" for word, years in bounds if years is not None)

    @property
    def _is_rate(self) -> bool:
        return self.dose is not None and self.dose.unit.endswith("/h")

    @property
    def reference_only(self) -> bool:
        return bool(self.missing)


GATING = (
    "dose", "dose_min", "dose_max", "over_min", "schedule", "min_interval_h", "observation_min", "max_mg",
    "max_mg_per_kg", "max_mg_per_h", "titration", "maintenance", "stopping",
)  # fmt: skip
"""The fields that decide something; in an unverified protocol all of them are open."""


def protocols() -> dict[str, Protocol]:
    """Every protocol by id, in order, with this clinic's own numbers; only what nobody answers for is marked."""
    return _here("protocols", *own.of("protocol"))


@cache
def _here(folder: str, values: Values, settled: frozenset[str]) -> dict[str, Protocol]:
    moved = tuple((key.replace(":", "/", 1), value) for key, value in values)
    found = own.changed(_published(folder), moved)
    for key, _ in moved:
        name, field = key.split("/")[:2]
        note = f"{field.removesuffix('_min')}_note"
        if name in found and getattr(found[name], note, None):
            found[name] = msgspec.structs.replace(found[name], **{note: ""})
    answered = {key.partition(":")[0] for key in settled}
    return {name: _marked(one, settled) if name in answered else one for name, one in found.items()}


def _marked(protocol: Protocol, settled: frozenset[str]) -> Protocol:
    left = tuple(f for f in open_fields(protocol) if f"{protocol.id}:{f}" not in settled)
    return msgspec.structs.replace(protocol, verified=True, unverified=left)


def open_fields(protocol: Protocol) -> tuple[str, ...]:
    """The given fields that are recalled or defaults."""
    every = protocol.unverified if protocol.verified else (*GATING, *protocol.unverified)
    return tuple(f for f in dict.fromkeys(every) if getattr(protocol, f, None) not in (None, "", ()))


@cache
def _published(folder: str) -> dict[str, Protocol]:
    found = (read.toml(name, Protocol) for name in read.names(folder))
    return {protocol.id: protocol for protocol in found}


def own_plans() -> dict[str, Protocol]:
    """Rows for a prescriber's own plan by a route that no published protocol speaks of: they name caps and nothing
    else, and are never planned by without what a prescriber settles."""
    return _here("own_plans", *own.of("protocol"))


def every() -> dict[str, Protocol]:
    """The published protocols, then the rows for prescribers' own plans."""
    return protocols() | own_plans()


def fitting(one: Protocol, years: int) -> tuple[Protocol, ...]:
    """Labelled protocols of the same product, way, phase and condition that are bounded to people of this age."""
    bounded = (p for p in protocols().values() if p.labelled and (p.age_min, p.age_max) != (None, None))
    same = (one.product, one.route, one.phase)
    return tuple(
        p
        for p in bounded
        if (p.product, p.route, p.phase) == same
        and set(p.indications) & set(one.indications)
        and p.for_age(years)
        and not p.reference_only
    )


def protocol(given: str, where: str = "protocol") -> Protocol:
    """The protocol with this id, case ignored. Raises BadInput naming the choices."""
    found = every().get(given.strip().upper())
    if found is None:
        raise bad(f"unknown protocol “{given}”", where, f"Use one of: {', '.join(protocols())}.")
    return found


def version(protocol_id: str) -> str:
    """A fingerprint of the protocol's file: a session pins the version it was planned with (hazard H010)."""
    mine = [f"{k}={v}" for k, v in own.of("protocol")[0] if k.startswith(f"{protocol_id}:")]
    folder = "own_plans" if protocol_id in own_plans() else "protocols"
    file = read.digest(f"{folder}/{protocol_id}.toml")
    return f"{file}+{hashlib.sha256(' '.join(mine).encode()).hexdigest()[:6]}" if mine else file
