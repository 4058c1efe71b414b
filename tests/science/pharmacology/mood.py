"""Printed mood scores of the pharmacology sources beside the fitted response model: shown, not gated."""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec
import numpy as np

from lowtide.data.pharmacology import response
from lowtide.pathway.plan.simulating import tables
from lowtide.science.pharmacology.draws import Draws
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import Dose, in_order
from lowtide.science.pharmacology.response.exposure import sessions
from lowtide.science.pharmacology.response.model import Session, members, noisy, scores
from lowtide.science.pharmacology.structure import Array

PEOPLE, SEED, TOP = 1024, 1, 60.0
NEAR = 0.25


class Arm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A way to treat: no drug is placebo, whose visits have the expectancy of one session."""

    setting: str
    drug: str = ""
    route: str = ""
    mg: float = 0.0
    over_min: float = 0.0
    days: tuple[float, ...] = (0.0,)
    concomitant: str | None = None
    control: str | None = None


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    what: str
    arm: str
    day: float
    baseline: float
    observed: float
    sd: float | None = None
    against: str | None = None
    cut: float = 10.0


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    arm: dict[str, Arm]
    row: tuple[Row, ...]


@cache
def table() -> Table:
    text = Path(__file__).with_name("mood.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Table)


def readings(arm: Arm, day: float, baseline: float) -> Array:
    """The scores of 1,024 virtual people on one day."""
    draws = Draws(PEOPLE, SEED, 0)
    numbers = response()
    people = members(
        numbers,
        numbers.conditions["trd"],
        draws,
        setting=arm.setting,
        concomitant=arm.concomitant,
        control=arm.control,
    )
    course = scores(people, _course(arm), np.array([day]), baseline)
    return np.asarray(noisy(course, baseline, people, SEED, TOP)[:, 0])


@cache
def _course(arm: Arm) -> tuple[Session, ...]:
    if not arm.drug:
        return tuple(Session(day, 0.0) for day in arm.days)
    dose = in_order([Dose(0.0, arm.drug, arm.route, arm.mg, arm.over_min)], tables().routes)
    one = sessions(dose, Person(70.0), tables(), response(), PEOPLE, SEED)[0]
    return tuple(msgspec.structs.replace(one, day=day) for day in arm.days)


def predicted(row: Row) -> float:
    """The median change, or the share of people in per cent."""
    found = readings(table().arm[row.arm], row.day, row.baseline)
    if row.what == "response":
        return float(100 * (found <= row.baseline / 2).mean())
    if row.what == "remission":
        return float(100 * (found <= row.cut).mean())
    other = readings(table().arm[row.against], row.day, row.baseline) if row.against else row.baseline
    return float(np.mean(found - other)) if row.against else float(np.median(found - other))


def inside(row: Row, value: float) -> bool:
    near = row.sd if row.sd is not None else NEAR * abs(row.observed)
    return abs(value - row.observed) <= near


def lines() -> Iterator[tuple[str, ...]]:
    """One line a printed number."""
    for row in table().row:
        value = predicted(row)
        unit = "points" if row.what in ("change", "difference") else "%"
        spread = f" ± {row.sd:g}" if row.sd is not None else ""
        verdict = "inside" if inside(row, value) else "outside"
        words = f"{row.what}, {row.arm.replace('_', ' ')}, day {row.day:g}"
        yield row.id, words, f"{row.observed:g}{spread} {unit}", f"{value:.1f} {unit}", verdict
