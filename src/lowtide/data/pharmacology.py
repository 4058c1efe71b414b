"""The published kinetic models, the ways in, the effects and the interactions, each number with unit and source.

Units as published; `Parameter.canonical` gives L, L/h, h, 1/h. A `seen` of “assumed” travels into every answer.
"""

from functools import cache

import msgspec

from lowtide.data import read
from lowtide.problems import bad

PER_HOUR = {"L/min": 60.0, "min": 1 / 60, "/min": 60.0}


class Parameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One number: value, unit, spread between people (log or logit scale), between occasions (nu2), its own
    uncertainty (log_se; se on the natural scale), meaning, and whether value and spread were published, derived,
    computed or assumed."""

    value: float
    unit: str
    meaning: str
    seen: str = "published"
    source: str = ""
    note: str = ""
    omega2: float = 0.0
    nu2: float = 0.0
    log_sd: float = 0.0
    logit_sd: float = 0.0
    sd: float = 0.0
    log_se: float = 0.0
    se: float = 0.0
    patient_log_sd: float = 0.0
    spread_seen: str = ""
    weight_exponent: float | None = None
    covariance: dict[str, float] = {}
    shared: str = msgspec.field(default="", name="with")

    @property
    def canonical(self) -> float:
        """The value in L, L/h, h or 1/h."""
        return self.value * PER_HOUR.get(self.unit, 1.0)

    @property
    def between(self) -> float:
        """Log-SD between people as published."""
        return float(self.omega2**0.5) or self.log_sd


class Scaling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How flows and volumes follow weight: (weight / reference_kg) to the exponent."""

    reference_kg: float
    flow_exponent: float
    volume_exponent: float


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One published model: what it provides, its parameters by name, its residual error (log scale) by analyte."""

    id: str
    title: str
    source: str
    seen: str
    population: str
    structure: str
    sites: tuple[str, ...]
    analytes: tuple[str, ...]
    routes: tuple[str, ...]
    parameters: dict[str, Parameter]
    weight: Scaling
    residual: dict[str, float]
    ensemble_analytes: tuple[str, ...] | None = None
    note: str = ""

    @property
    def speaks_for(self) -> tuple[str, ...]:
        """The analytes it answers for inside the ensemble."""
        return self.analytes if self.ensemble_analytes is None else self.ensemble_analytes


class Route(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way in: its confidence, where it holds, and the numbers of its absorption."""

    confidence: str
    validity: str
    refuse_above_mg_per_kg: float
    dose_mg_per_kg: tuple[float, float] | None = None
    dose_mg: tuple[float, float] | None = None
    age_years: tuple[float, float] | None = None
    weight_kg: tuple[float, float] | None = None
    source: str = ""
    peak_from_min: float = 0.0
    short_min: float = 0.0
    device_mg: float | None = None
    device_gap_min: float = 0.0
    session_gap_h: float = 6.0
    fraction: Parameter | None = None
    later: Parameter | None = None
    ka: Parameter | None = None
    over_h: Parameter | None = None
    gut: Parameter | None = None
    gut_broken: Parameter | None = None
    swallowed_over_h: Parameter | None = None
    swallowed_ka: Parameter | None = None
    swallowed_fraction: Parameter | None = None


class Ancestry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    meaning: str
    source: str
    seen: str
    kel: float = 1.0
    cl_nk: float = 1.0
    nasal_fraction: float = 1.0


class Interaction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a medicine does to intrinsic clearance and to the passage of the gut, as ratios."""

    mechanism: str
    intrinsic_clearance: float
    gut: float
    observed: str
    source: str
    seen: str
    aliases: tuple[str, ...] = ()


class Ensemble(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    weights: dict[str, float]
    route_weights: dict[str, dict[str, float]]
    constants: dict[str, Parameter]
    shared: dict[str, Parameter]
    ancestry: dict[str, Ancestry]


class Effect(msgspec.Struct, frozen=True):
    """The numbers of one effect by name, with its meaning and evidence status."""

    status: str
    meaning: str
    numbers: dict[str, Parameter]

    def __getitem__(self, name: str) -> float:
        return self.numbers[name].value


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which process answers for an indication, and how large the drug's part is beside that process's own number."""

    process: str
    size: float
    seen: str


class Background(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    meaning: str
    size: Parameter
    half_d: Parameter


class Response(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The numbers of the answer of mood and pain, by part; `number` finds one by its path, such as `mood.emax`."""

    scale: dict[str, Parameter]
    exposure: dict[str, Parameter]
    potency: dict[str, Parameter]
    mood: dict[str, Parameter]
    pain: dict[str, Parameter]
    expectancy: dict[str, Parameter]
    controls: dict[str, Parameter]
    settings: dict[str, Parameter]
    background: dict[str, Background]
    drift: dict[str, Parameter]
    people: dict[str, Parameter]
    between: dict[str, Parameter]
    between_times: dict[str, Parameter]
    tails: dict[str, Parameter]
    residual: dict[str, Parameter]
    conditions: dict[str, Condition]

    def number(self, path: str) -> Parameter:
        """`background.none` is its size; any other path is table and name."""
        table, name = path.split(".")
        found = getattr(self, table)[name]
        size: Parameter = found.size if isinstance(found, Background) else found
        return size


@cache
def response() -> Response:
    return read.toml("pharmacology/response.toml", Response)


@cache
def models() -> dict[str, Model]:
    """Every model by name, those of the ensemble and those for comparison."""
    found = (read.toml(name, Model) for name in read.names("pharmacology/models"))
    return {model.id: model for model in found}


def model(name: str, where: str = "--model") -> Model:
    """The model of this name. Raises BadInput naming the choices."""
    if name not in models():
        raise bad(f"unknown model “{name}”", where, f"Use auto or one of: {', '.join(models())}.")
    return models()[name]


@cache
def ensemble() -> Ensemble:
    return read.toml("pharmacology/ensemble.toml", Ensemble)


@cache
def routes() -> dict[str, Route]:
    """The ways in; nasal esketamine and nasal racemic ketamine are two."""
    return read.toml("pharmacology/routes.toml", dict[str, Route])


@cache
def interactions() -> dict[str, Interaction]:
    return read.toml("pharmacology/interactions.toml", dict[str, Interaction])


def interaction(name: str, where: str = "--with") -> str:
    """The key of the interaction a medicine's name stands for. Raises BadInput naming the choices."""
    wanted = name.strip().casefold()
    for key, found in interactions().items():
        if wanted in (key, *found.aliases):
            return key
    raise bad(
        f"no measured effect of “{name}” on the exposure to ketamine is known",
        where,
        f"Leave it out (nothing is assumed of it) or use one of: {', '.join(interactions())}.",
    )


@cache
def effects() -> dict[str, Effect]:
    """Each effect by name; `sites` holds the half-lives of the effect sites."""
    raw = read.toml("pharmacology/effects.toml", dict[str, dict[str, str | dict[str, object]]])
    return {name: _effect(table) for name, table in raw.items()}


def _effect(table: dict[str, str | dict[str, object]]) -> Effect:
    numbers = {k: msgspec.convert(v, Parameter) for k, v in table.items() if not isinstance(v, str)}
    return Effect(str(table.get("status", "")), str(table.get("meaning", "")), numbers)


@cache
def searches() -> dict[str, Parameter]:
    """How many people and possible truths a search looks at, how finely, and what it calls likely."""
    return read.toml("pharmacology/searches.toml", dict[str, Parameter])


@cache
def version() -> str:
    """A fingerprint of every number here: a stored forecast says which it was made with."""
    folder = "pharmacology"
    topics = ("ensemble", "routes", "effects", "interactions", "response", "searches", "areas", "designs")
    more = (f"{folder}/worlds.csv", *read.names(f"{folder}/models"))
    return read.digest(*(f"{folder}/{t}.toml" for t in topics), *more)
