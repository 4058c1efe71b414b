"""What people were seen to have after a dose, beside what the engine says of the same design.

The numbers, their designs and what was assumed lie in observed.toml; nothing here holds one. A prediction is the
median over virtual people (or, where a share of people was printed, the share), by the ensemble unless a row names
another model.
"""

import tomllib
from functools import cache
from pathlib import Path

import msgspec
import numpy as np

from lowtide.pathway.plan.simulating import person, tables
from lowtide.science.pharmacology.ensemble import able, run
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import Dose, split_devices
from lowtide.science.pharmacology.simulate import Question, figures_of, planned
from lowtide.science.pharmacology.structure import Array

HERE = Path(__file__).parent
WITHIN = 0.25  # where only a confidence interval or nothing was printed
COLUMNS = ("peak", "peak_min", "area", "area_for_ever")
LONG = np.concatenate([np.arange(0.05, 2, 0.05), np.geomspace(2, 120, 160)])
PEAK, PEAK_MIN, AREA, AREA_FOR_EVER = range(4)
UNITS = {"L/min/kg": 1 / 60, "mL/min/kg": 1000 / 60, "mL/min": 1000 / 60, "L/h": 1.0, "L": 1.0, "L/kg": 1.0}


class Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One dose of a design: mg or mg_per_kg as printed, of the salt printed; at_h repeats it."""

    drug: str
    route: str
    mg: float | None = None
    mg_per_kg: float | None = None
    over_min: float = 0.0
    at_h: tuple[float, ...] = (0.0,)
    salt: str = "base"


class Who(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    weight_kg: float
    age: float | None = None
    sex: str | None = None
    ancestry: str | None = None
    hypertension: bool = False


class Number(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One printed number: `what` of what (`of`), and the spread printed with it.

    `low` and `high`: an interval was printed. `per`: a ratio of two analytes. `versus`: the number is a ratio to the same without the medicine, or to
    the venous side. `used`: the engine's own numbers were made with this one. `why`: one sentence on a miss.
    """

    what: str
    of: str
    unit: str
    value: float | None = None
    sd: float | None = None
    geo_sd: float | None = None
    low: float | None = None
    high: float | None = None
    spread: str = ""
    at_h: float | None = None
    between_h: tuple[float, float] | None = None
    per: str = ""
    versus: str = ""
    limit: float | None = None
    since_min: float = 0.0
    used: bool = False
    note: str = ""
    why: str = ""

    @property
    def inside(self) -> tuple[float, float]:
        """Between which predictions count as inside."""
        if self.low is not None and self.high is not None:
            return self.low, self.high
        assert self.value is not None
        if self.sd is not None:
            return self.value - self.sd, self.value + self.sd
        if self.geo_sd is not None:
            return self.value / self.geo_sd, self.value * self.geo_sd
        return self.value * (1 - WITHIN), self.value * (1 + WITHIN)

    @property
    def middle(self) -> float:
        if self.value is not None:
            return self.value
        return sum(self.inside) / 2


class Silent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was printed and is not answered, with the reason; `waits` for a part still to be built."""

    what: str
    reason: str
    waits: bool = False


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One study's printed numbers. `group`: main (a vein, or esketamine by nose) or other. `readings_min`: the study
    read at these minutes after each dose; `others_share` of its people had the doses in `others`."""

    id: str
    title: str
    source: str
    seen: str
    group: str = ""
    people: str = ""
    assumed: str = ""
    site: str = "venous"
    who: Who | None = None
    taking: tuple[str, ...] = ()
    doses: tuple[Given, ...] = ()
    against: tuple[Given, ...] = ()
    until_h: float = 24.0
    readings_min: tuple[float, ...] = ()
    others: tuple[Given, ...] = ()
    others_share: float = 0.0
    numbers: tuple[Number, ...] = ()
    silent: tuple[Silent, ...] = ()


class Predicted(msgspec.Struct, frozen=True):
    """The prediction, and between what 90 % of the virtual people lie (none for a share of people)."""

    value: float
    p5: float | None = None
    p95: float | None = None
    mean: float | None = None


@cache
def rows() -> tuple[Row, ...]:
    raw = tomllib.loads((HERE / "observed.toml").read_text())
    return tuple(msgspec.convert(raw["row"], list[Row], strict=False))


class Study:
    """One row's design, run once for each variant that its numbers ask for."""

    def __init__(self, row: Row, members: int, seed: int = 1) -> None:
        self.row, self.members, self.seed = row, members, seed
        self._runs: dict[str, dict[str, dict[str, Array]]] = {}
        asked = [n.at_h for n in row.numbers if n.at_h is not None]
        asked += [h for n in row.numbers for h in n.between_h or ()]
        if any(n.what in ("residence", "volume") for n in row.numbers):
            asked += LONG.tolist()
        self.moments = tuple(sorted(set(asked)))

    def person(self, *, taking: bool = True) -> Person:
        who = self.row.who
        assert who is not None
        return person(
            who.weight_kg,
            age=who.age,
            sex=who.sex,
            ancestry=who.ancestry,
            hypertension=who.hypertension,
            taking=self.row.taking if taking else (),
        )

    def doses(self, given: tuple[Given, ...]) -> tuple[Dose, ...]:
        known = tables()
        base = known.ensemble.constants["base_per_hydrochloride"].value
        found: list[Dose] = []
        for one in given:
            assert self.row.who is not None
            mg = one.mg if one.mg is not None else (one.mg_per_kg or 0.0) * self.row.who.weight_kg
            mg *= base if one.salt == "hydrochloride" else 1.0
            for at_h in one.at_h:
                dose = Dose(at_h, one.drug, one.route, mg, one.over_min)
                found += split_devices(dose, known.routes[dose.way])
        return tuple(sorted(found, key=lambda dose: dose.at_h))

    def columns(self, variant: str, key: str) -> dict[str, Array]:
        """By model: the columns of `figures_of` for one quantity. Variants: “as given”, “without” the medicine, on the
        “venous” side, and “against” the reference doses in the same people under the same models."""
        if variant not in self._runs:
            self._runs[variant] = self._run(variant)
        return self._runs[variant][key]

    def _run(self, variant: str) -> dict[str, dict[str, Array]]:
        known, row = tables(), self.row
        given = {"against": row.against, "others": row.others}.get(variant, row.doses)
        doses = self.doses(given)
        until = max(row.until_h, *self.moments) if self.moments else row.until_h
        question = Question(
            doses=doses,
            person=self.person(taking=variant != "without"),
            at_h=self.moments,
            until_h=until if not any(n.what == "area" for n in row.numbers) else row.until_h,
            site="venous" if variant == "venous" else row.site,
            members=self.members,
            seed=self.seed,
        )
        plan = planned(question, known)
        if variant == "against":
            plan = msgspec.structs.replace(plan, weights=able(known, self.doses(row.doses)))
        if row.readings_min:
            plan = msgspec.structs.replace(plan, times_h=self._readings(given))
        found: dict[str, dict[str, list[Array]]] = {}
        for groups in run(plan, known):
            for group in groups:
                for key, values in figures_of(group, question, plan, known):
                    found.setdefault(key, {}).setdefault(group.model, []).append(values)
        return {
            key: {model: np.concatenate(parts) for model, parts in models.items()}
            for key, models in found.items()
        }

    def _readings(self, given: tuple[Given, ...]) -> Array:
        """The moments at which the study read, after each dose."""
        starts = sorted({at_h for one in given for at_h in one.at_h})
        return np.array([start + minutes / 60 for start in starts for minutes in self.row.readings_min])

    def members_of(self, number: Number, variant: str) -> dict[str, Array]:
        """By model: what each member has of this quantity."""
        measure = MEASURES[number.what]
        columns = self.columns(variant, number.of)
        if not number.per:
            return {model: measure(self, number, values) for model, values in columns.items()}
        others = self.columns(variant, number.per)
        return {
            model: measure(self, number, values) / measure(self, number, others[model])
            for model, values in columns.items()
            if model in others
        }

    def predicted(self, number: Number) -> Predicted:
        found = self.members_of(number, "as given")
        variant = "against" if number.what == "available" else number.versus
        if variant:
            other = self.members_of(number, variant)
            if other.keys() != found.keys():
                return Predicted(_median(found) / _median(other))
            found = {model: values / other[model] for model, values in found.items()}
        if number.what == "available":
            scale = self.mg(number, self.row.against) / self.mg(number, self.row.doses)
            found = {model: values * scale for model, values in found.items()}
        values = np.concatenate(list(found.values()))
        if number.what in SHARES:
            return Predicted(self._share(number, float(values.mean())))
        p5, median, p95 = (float(v) for v in np.quantile(values, (0.05, 0.5, 0.95)))
        return Predicted(median, p5, p95, float(values.mean()))

    def _share(self, number: Number, share: float) -> float:
        """Where part of the people had other doses, they count by their part."""
        if not self.row.others:
            return share
        others = np.concatenate(list(self.members_of(number, "others").values()))
        return (1 - self.row.others_share) * share + self.row.others_share * float(others.mean())

    def column(self, at_h: float, values: Array) -> Array:
        courses = 2 if values.shape[1] - len(self.moments) == 2 else 4
        return np.asarray(values[:, courses + self.moments.index(at_h)])

    def mg(self, number: Number, given: tuple[Given, ...]) -> float:
        """What was given of the enantiomer that the number speaks of, or of both."""
        one = number.of[0] if number.of[1] == "_" else None
        return sum(d.mg_of(one) if one else d.mg for d in self.doses(given))


def _median(found: dict[str, Array]) -> float:
    return float(np.median(np.concatenate(list(found.values()))))


def _at(study: Study, number: Number, values: Array) -> Array:
    assert number.at_h is not None
    return study.column(number.at_h, values)


def _per_unit(study: Study, number: Number, values: Array) -> Array:
    assert study.row.who is not None
    weight = study.row.who.weight_kg if number.unit.endswith("/kg") else 1.0
    return values * UNITS[number.unit] / weight


def _clearance(study: Study, number: Number, values: Array) -> Array:
    litres_an_hour = study.mg(number, study.row.doses) * 1000 / values[:, AREA_FOR_EVER]
    return _per_unit(study, number, litres_an_hour)


def _residence(study: Study, number: Number, values: Array) -> Array:
    """Mean residence time in hours, the infusion's half taken off."""
    levels = np.stack([study.column(h, values) for h in LONG], 1)
    moment = np.trapezoid(levels * LONG, LONG, axis=1)
    return np.asarray(moment / np.trapezoid(levels, LONG, axis=1) - study.row.doses[0].over_min / 120)


def _volume(study: Study, number: Number, values: Array) -> Array:
    litres_an_hour = study.mg(number, study.row.doses) * 1000 / values[:, AREA_FOR_EVER]
    return _per_unit(study, number, litres_an_hour * _residence(study, number, values))


def _half_life(study: Study, number: Number, values: Array) -> Array:
    assert number.between_h is not None
    early, late = number.between_h
    fall = np.log(study.column(early, values) / study.column(late, values))
    return np.asarray((late - early) * np.log(2) / fall)


def _available(study: Study, number: Number, values: Array) -> Array:
    """Area for ever; set against that of the reference doses, mg for mg."""
    return np.asarray(values[:, AREA_FOR_EVER])


def _above(study: Study, number: Number, values: Array) -> Array:
    assert number.limit is not None
    return np.asarray(values[:, PEAK] >= number.limit) * 100.0


def _deep(study: Study, number: Number, values: Array) -> Array:
    """From MOAA/S 3 or deeper down to 0, in per cent of people."""
    odds = values[:, PEAK] / (1 - values[:, PEAK]) * np.exp(-tables().effects["sedation"]["deep_shift"])
    return np.asarray(odds / (1 + odds)) * 100.0


MEASURES = {
    "peak": lambda study, number, values: values[:, PEAK],
    "peak_min": lambda study, number, values: values[values[:, PEAK] > 0, PEAK_MIN] - number.since_min,
    "area": lambda study, number, values: values[:, AREA],
    "area_for_ever": lambda study, number, values: values[:, AREA_FOR_EVER],
    "at": _at,
    "clearance": _clearance,
    "residence": _residence,
    "volume": _volume,
    "half_life": _half_life,
    "available": _available,
    "share_above": _above,
    "deep": _deep,
}
SHARES = ("share_above", "deep")
