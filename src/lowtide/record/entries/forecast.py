"""The forecast a prescriber saw when signing an order, kept as numbers so that it can be shown again as it was."""

from uuid import UUID

import msgspec

from lowtide.record.entries.base import Answer, Body


class Spread(msgspec.Struct, frozen=True):
    """One figure over virtual people: the median, the middle half and the middle nine tenths."""

    median: float
    p5: float
    p25: float
    p75: float
    p95: float


class ForecastFor(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What was known of the person, as far as the models use it. `taking` are measured interactions by key;
    `unmeasured` are medicines that may change the exposure by how much nobody measured; `sedating` are counted."""

    weight_kg: float
    age: float | None = None
    sex: str | None = None
    hypertension: Answer = Answer.NOT_KNOWN
    taking: tuple[str, ...] = ()
    unmeasured: tuple[str, ...] = ()
    sedating: tuple[str, ...] = ()


class ForecastDose(msgspec.Struct, frozen=True):
    """A dose of the forecast: hours from the first one, mg of the free base, minutes over which it runs."""

    at_h: float
    drug: str
    route: str
    mg: float
    over_min: float


class ForecastQuantity(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One level or effect: its peak, the peak's minute, and its spread at each of the forecast's minutes."""

    name: str
    evidence: str = ""
    models: tuple[str, ...] = ()
    peak: Spread
    peak_min: Spread
    median: tuple[float, ...]
    p5: tuple[float, ...]
    p25: tuple[float, ...]
    p75: tuple[float, ...]
    p95: tuple[float, ...]


class ForecastCourse(msgspec.Struct, frozen=True, kw_only=True):
    """Symptoms over the planned course, per cent of the baseline at each of `days`, were each session like this one."""

    condition: str
    evidence: str
    sessions: tuple[float, ...]
    days: tuple[float, ...]
    median: tuple[float, ...]
    p5: tuple[float, ...]
    p25: tuple[float, ...]
    p75: tuple[float, ...]
    p95: tuple[float, ...]


class Forecast(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A population estimate, not a measurement. `numbers` is the fingerprint of the models it was made with."""

    about: ForecastFor
    doses: tuple[ForecastDose, ...]
    site: str
    members: int
    seed: int
    numbers: str
    confidence: str
    validity: tuple[str, ...]
    minutes: tuple[float, ...]
    quantities: tuple[ForecastQuantity, ...]
    course: ForecastCourse | None = None


class ForecastShown(Body, tag="forecast_shown.1", frozen=True, kw_only=True):
    """The forecast that stood beside the order `order` when it was signed."""

    order: UUID
    forecast: Forecast
