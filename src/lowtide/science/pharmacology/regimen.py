"""Doses as given, and how each gets into the blood of each member: amounts of one enantiomer over time, by way in.

Hours from the start of the first dose; mg of the free base.
"""

from collections.abc import Iterator

import msgspec
import numpy as np

from lowtide.data.pharmacology import Ensemble, Route
from lowtide.problems import BadInput, bad
from lowtide.science.pharmacology.draws import Draws
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.structure import Array, Channel, Parameters

ENANTIOMERS = ("s", "r")
LIMIT_OF_EXTRACTION = 0.95
NOT_IN_IT = "diseases of liver and kidney and pregnancy are not in these models: no number was published"
MAX_DOSES = 400
MAX_HOURS = 24 * 366 * 2


class Dose(msgspec.Struct, frozen=True):
    """One dose: at_h, drug (ketamine or esketamine), route, mg of base, over_min (infusions; 0 is at once)."""

    at_h: float
    drug: str
    route: str
    mg: float
    over_min: float = 0.0
    later_device: bool = False

    @property
    def way(self) -> str:
        """The entry of routes.toml; nasal esketamine and nasal racemic ketamine are two."""
        if self.route != "in":
            return self.route
        return "in_esketamine" if self.drug == "esketamine" else "in_racemic"

    def mg_of(self, enantiomer: str) -> float:
        """Racemic ketamine is half S, half R; esketamine is S."""
        if self.drug == "esketamine":
            return self.mg if enantiomer == "s" else 0.0
        return self.mg / 2


def split_devices(dose: Dose, route: Route) -> list[Dose]:
    """A nasal esketamine dose as the devices it is given with, spaced in time; any other dose as it is."""
    if route.device_mg is None or dose.mg <= route.device_mg:
        return [dose]
    left = dose.mg
    found: list[Dose] = []
    while left > 1e-9:
        number = len(found)
        at = dose.at_h + number * route.device_gap_min / 60
        found.append(Dose(at, dose.drug, dose.route, min(left, route.device_mg), 0.0, number > 0))
        left -= route.device_mg
    return found


def in_order(doses: list[Dose], routes: dict[str, Route]) -> tuple[Dose, ...]:
    """Doses in order of time, nasal esketamine as devices; after the first device of a session the nose takes up less."""
    devices = [part for dose in doses for part in split_devices(dose, routes[dose.way])]
    found = tuple(sorted(devices, key=lambda dose: dose.at_h))
    seen: set[int] = set()
    marked = []
    for dose, session in zip(found, occasions(found), strict=True):
        sprayed = routes[dose.way].later is not None
        marked.append(msgspec.structs.replace(dose, later_device=sprayed and session in seen))
        if sprayed:
            seen.add(session)
    return tuple(marked)


def checked(doses: tuple[Dose, ...], person: Person, routes: dict[str, Route]) -> tuple[list[str], str]:
    """What to say of these doses' validity, and the lowest confidence of their routes.

    Raises BadInput for no dose, a dose before the first, or one beyond the range in which the models mean anything.
    """
    if not doses:
        raise bad("no dose is given", "--doses", "Give at least one.")
    if len(doses) > MAX_DOSES or max(d.at_h for d in doses) > MAX_HOURS:
        raise bad(
            f"{len(doses)} doses up to hour {max(d.at_h for d in doses):g}",
            "--doses",
            f"Give at most {MAX_DOSES} doses within two years.",
        )
    notes: list[str] = []
    for dose in doses:
        notes += [note for note in _notes(dose, person, routes[dose.way]) if note not in notes]
    order = ("high", "moderate", "low")
    beyond = [note for dose in doses for note in _unlike(person, dose.way, routes[dose.way])]
    confidence = "low" if beyond else max((routes[d.way].confidence for d in doses), key=order.index)
    return [*notes, *dict.fromkeys(beyond), *person.notes, NOT_IN_IT], confidence


def _unlike(person: Person, way: str, route: Route) -> Iterator[str]:
    """Where this person lies outside the people who were observed."""
    for value, bounds, unit in (
        (person.age, route.age_years, "years"),
        (person.weight_kg, route.weight_kg, "kg"),
    ):
        if bounds and value is not None and not bounds[0] <= value <= bounds[1]:
            yield f"{way}: {value:g} {unit} lies outside the observed {bounds[0]:g} to {bounds[1]:g} {unit}"


def _notes(dose: Dose, person: Person, route: Route) -> Iterator[str]:
    per_kg = dose.mg / person.weight_kg
    within_an_hour = per_kg / max(dose.over_min / 60, 1.0)  # an infusion over days is judged by its rate
    if within_an_hour > route.refuse_above_mg_per_kg:
        raise _beyond(dose, within_an_hour, route)
    yield f"{dose.way}: {route.validity}"
    for given, bounds, unit in ((per_kg, route.dose_mg_per_kg, "mg/kg"), (dose.mg, route.dose_mg, "mg")):
        if bounds and not bounds[0] * 0.999 <= given <= bounds[1] * 1.001 and not dose.later_device:
            if unit == "mg" and route.device_mg and dose.mg <= route.device_mg:
                continue
            yield f"{dose.way}: {given:.3g} {unit} lies outside the observed {bounds[0]:g} to {bounds[1]:g} {unit}"
    if dose.route == "iv" and dose.over_min < route.short_min:
        yield f"iv: given in under {route.short_min:g} min: no claim before {route.peak_from_min:g} min"


def _beyond(dose: Dose, per_kg: float, route: Route) -> BadInput:
    return bad(
        f"{per_kg:.3g} mg/kg in an hour by {dose.route} is beyond what these models describe",
        "--dose",
        f"Give at most {route.refuse_above_mg_per_kg:g} mg/kg in an hour.",
    )


def occasions(doses: tuple[Dose, ...], gap_h: float = 6.0) -> list[int]:
    """Which session each dose belongs to, from 0: a pause of `gap_h` begins another. Doses in order of time."""
    found: list[int] = []
    for i, dose in enumerate(doses):
        before = doses[i - 1] if i else dose
        apart = dose.at_h - before.at_h - before.over_min / 60 >= gap_h
        found.append((found[-1] if found else 0) + (i > 0 and apart))
    return found


class Inputs(msgspec.Struct):
    """What enters through each channel: boluses and windows, times (channels, n), amounts (members, channels, n)."""

    channels: tuple[Channel, ...]
    bolus_at: Array
    bolus: Array
    window_at: Array
    window_for: Array
    window: Array


class _Gathering:
    """Channels by name, each with what enters it."""

    def __init__(self, members: int) -> None:
        self.members = members
        self.channels: dict[str, Channel] = {}
        self.boluses: dict[str, list[tuple[float, Array]]] = {}
        self.windows: dict[str, list[tuple[float, Array, Array]]] = {}

    def add(
        self, name: str, channel: Channel, at_h: float, amount: Array, over_h: Array | float = 0.0
    ) -> None:
        self.channels.setdefault(name, channel)
        boluses, windows = self.boluses.setdefault(name, []), self.windows.setdefault(name, [])
        if np.any(np.asarray(over_h) > 0):
            windows.append((at_h, np.broadcast_to(over_h, (self.members,)), amount))
        else:
            boluses.append((at_h, amount))

    def packed(self) -> Inputs:
        names = list(self.channels)
        most_b = max([len(self.boluses[n]) for n in names] + [1])
        most_w = max([len(self.windows[n]) for n in names] + [1])
        shape = (self.members, len(names))
        inputs = Inputs(
            tuple(self.channels.values()),
            np.zeros((len(names), most_b)),
            np.zeros((*shape, most_b)),
            np.zeros((len(names), most_w)),
            np.ones((*shape, most_w)),
            np.zeros((*shape, most_w)),
        )
        for c, name in enumerate(names):
            for b, (at, amount) in enumerate(self.boluses[name]):
                inputs.bolus_at[c, b], inputs.bolus[:, c, b] = at, amount
            for w, (at, over, amount) in enumerate(self.windows[name]):
                inputs.window_at[c, w], inputs.window_for[:, c, w], inputs.window[:, c, w] = at, over, amount
        return inputs


def enter(
    doses: tuple[Dose, ...],
    enantiomer: str,
    p: Parameters,
    draws: Draws,
    person: Person,
    routes: dict[str, Route],
    ensemble: Ensemble,
) -> Inputs:
    """How the doses enter the members whose parameters (of this enantiomer) are `p`."""
    gathering = _Gathering(draws.members)
    for dose, occasion in zip(doses, occasions(doses), strict=True):
        amount = np.full(draws.members, dose.mg_of(enantiomer))
        way = _Way(dose, routes[dose.way], occasion, p, draws, person, ensemble)
        PATHS[dose.route](gathering, way, amount)
    return gathering.packed()


class _Way(msgspec.Struct, frozen=True):
    dose: Dose
    route: Route
    occasion: int
    p: Parameters
    draws: Draws
    person: Person
    ensemble: Ensemble

    def number(self, name: str) -> Array:
        """The members' value of one absorption parameter on this occasion."""
        parameter = getattr(self.route, name)
        value = self.draws.value(f"{self.dose.way} {name}", parameter)
        if parameter.nu2 and not parameter.logit_sd:
            value = value * self.draws.occasion(self.occasion, f"{self.dose.way} {name}", parameter.nu2**0.5)
        return value

    @property
    def gut(self) -> Array:
        """Fraction that passes the gut, interactions included."""
        return np.minimum(self.number("gut") * self.person.gut_ratio, 1.0)


def _intravenous(gathering: _Gathering, way: _Way, amount: Array) -> None:
    gathering.add("iv", Channel("centre"), way.dose.at_h, amount, way.dose.over_min / 60)


def _injected(gathering: _Gathering, way: _Way, amount: Array) -> None:
    channel = Channel("centre", way.number("ka"))
    gathering.add(
        way.dose.way, channel, way.dose.at_h, amount * way.number("fraction"), way.dose.over_min / 60
    )


def _nasal(gathering: _Gathering, way: _Way, amount: Array) -> None:
    fraction = way.number("fraction")
    if way.dose.way == "in_esketamine" and way.person.ancestry:
        fraction = np.minimum(fraction * way.ensemble.ancestry[way.person.ancestry].nasal_fraction, 1.0)
    if way.dose.later_device and way.route.later is not None:
        fraction = fraction * way.route.later.value
    gathering.add(
        f"{way.dose.way} nose", Channel("centre", way.number("ka")), way.dose.at_h, amount * fraction
    )
    _swallowed(gathering, way, amount * (1 - fraction), "swallowed_")


def _oral(gathering: _Gathering, way: _Way, amount: Array) -> None:
    _swallowed(gathering, way, amount, "")


def _sublingual(gathering: _Gathering, way: _Way, amount: Array) -> None:
    fraction = np.minimum(way.number("fraction"), 1.0)
    mouth = Channel("centre", way.number("ka"))
    gathering.add("sl mouth", mouth, way.dose.at_h, amount * fraction, way.number("over_h"))
    _swallowed(gathering, way, amount * (1 - fraction), "swallowed_")


def _swallowed(gathering: _Gathering, way: _Way, amount: Array, prefix: str) -> None:
    """Through the gut: a model with a liver takes all that passes the gut there; another gets what survives the liver,
    and the rest arrives as metabolite, with the part of what the gut's wall took that becomes metabolite."""
    over, ka = way.number(f"{prefix}over_h"), way.number(f"{prefix}ka")
    name, at_h = f"{way.dose.way} gut", way.dose.at_h
    if "vh" in way.p:
        gathering.add(f"{name} liver", Channel("liver", ka), at_h, amount * way.gut, over)
        return
    intact = _route_fraction(way, prefix)
    gathering.add(f"{name} intact", Channel("centre", ka), at_h, amount * intact, over)
    broken = amount * np.maximum(way.gut + (1 - way.gut) * way.number("gut_broken") - intact, 0.0)
    gathering.add(f"{name} broken", Channel("metabolism", ka), at_h, broken, over)


def _route_fraction(way: _Way, prefix: str) -> Array:
    """The route's own availability, moved by interactions as the well-stirred liver and the gut say."""
    return np.minimum(way.number(f"{prefix}fraction") * way.p["survival_ratio"] * way.person.gut_ratio, 1.0)


PATHS = {
    "iv": _intravenous,
    "im": _injected,
    "sc": _injected,
    "in": _nasal,
    "po": _oral,
    "sl": _sublingual,
}
