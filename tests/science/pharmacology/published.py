"""The published models beside their own papers: the typical person under one model, and what published.toml says."""

import tomllib
from functools import cache
from pathlib import Path

import msgspec
import numpy as np

from lowtide.pathway.plan.simulating import tables
from lowtide.science.pharmacology.ensemble import Group, Plan, typical
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import Dose, split_devices
from lowtide.science.pharmacology.structure import Array

MOMENTS = (20, 40, 60, 80, 110, 230)
A_DAY = list(range(1, 1441))
NASAL_MODEL = "perez_ruixo_2021"


class Curve(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """35 mg over 40 min by vein in 70 kg, at MOMENTS."""

    model: str
    site: str
    ng_ml: tuple[float, ...]
    drug: str = "esketamine"


class Peak(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One dose of esketamine in 70 kg: peak, its minute, area over a day, where known."""

    model: str
    site: str
    route: str
    mg: float
    over_min: float = 0.0
    cmax: float | None = None
    tmax: float | None = None
    auc: float | None = None


class Nasal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One stratum of the nasal model's own table."""

    id: str
    age: float
    mg: float
    cmax: float
    auc: float
    nk_cmax: float
    nk_auc: float
    ancestry: str | None = None


class Published(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    curve: tuple[Curve, ...]
    peak: tuple[Peak, ...]
    nasal: tuple[Nasal, ...]


@cache
def published() -> Published:
    raw = tomllib.loads(Path(__file__).with_name("published.toml").read_text())
    return msgspec.convert(raw, Published, strict=False)


def followed(name: str, doses: tuple[Dose, ...], minutes: list[float], person: Person) -> Group:
    plan = Plan(doses, person, {name: 1.0}, 1, 1, np.array([0.0, *minutes]) / 60)
    return typical(plan, tables(), name)


def levels(curve: Curve) -> Array:
    """S + R at MOMENTS, ng/mL."""
    doses = (Dose(0, curve.drug, "iv", 35, 40),)
    found = followed(curve.model, doses, list(MOMENTS), Person(70))
    return sum(found.level(curve.site, "ketamine", e)[0, 1:] for e in found.levels)


def peak(row: Peak) -> dict[str, float]:
    """The numbers the row has, as computed."""
    dose = Dose(0, "esketamine", row.route, row.mg, row.over_min)
    doses = tuple(split_devices(dose, tables().routes[dose.way]))
    found = followed(row.model, doses, A_DAY, Person(70))
    level = found.level(row.site, "ketamine", "s")[0]
    area = float(found.areas["s"][0, found.outputs.index(f"{row.site} ketamine")])
    computed = {"cmax": float(level.max()), "tmax": float(level.argmax()), "auc": area}
    return {name: value for name, value in computed.items() if getattr(row, name) is not None}


def nasal(row: Nasal) -> dict[str, float]:
    """Peaks and areas over a day of esketamine and noresketamine."""
    dose = Dose(0, "esketamine", "in", row.mg)
    doses = tuple(split_devices(dose, tables().routes[dose.way]))
    found = followed(NASAL_MODEL, doses, A_DAY, Person(70, age=row.age, ancestry=row.ancestry))
    at = [found.outputs.index(f"venous {analyte}") for analyte in ("ketamine", "norketamine")]
    areas, tops = found.areas["s"][0, at], found.levels["s"][0, at].max(1)
    values = (tops[0], areas[0], tops[1], areas[1])
    return dict(zip(("cmax", "auc", "nk_cmax", "nk_auc"), map(float, values), strict=True))
