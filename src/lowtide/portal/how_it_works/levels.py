"""The levels of one example dose over hours, and how much of the receptors it holds, from the ensemble that serves care."""

from collections.abc import Iterable
from functools import lru_cache

import msgspec

from lowtide.data import pharmacology, read
from lowtide.data.mechanism import mechanism
from lowtide.pathway.course.drawing.bands_data import Band, Dose, Panel, Picture, Series
from lowtide.pathway.course.drawing.scale import plain
from lowtide.pathway.plan.forecast_picture import model_name

NAMES = {
    "ketamine": "Ketamine",
    "norketamine": "Norketamine",
    "hydroxynorketamine": "Hydroxynorketamine",
}
STEP_MIN = 5
FULL = 100.0


class Levels(msgspec.Struct, frozen=True):
    """Two pictures, and on what they stand."""

    blood: Picture
    receptor: Picture
    validity: tuple[str, ...]
    mg: float


def levels() -> Levels:
    """The example drawn with the numbers in force."""
    return _cached(pharmacology.version(), read.digest("pharmacology/mechanism.toml"))


@lru_cache(maxsize=2)
def _cached(models: str, example: str) -> Levels:
    # numba and scipy take seconds to load: the server does it when it starts
    from lowtide.pathway.plan.simulating import person, tables
    from lowtide.science.pharmacology import regimen, simulate

    asked = mechanism().example
    mg = asked.mg_per_kg * asked.weight_kg
    until = asked.over_min / 60 + asked.follow_h
    answer = simulate.simulate(
        simulate.Question(
            doses=(regimen.Dose(0.0, asked.drug, asked.route, mg, asked.over_min),),
            person=person(asked.weight_kg),
            at_h=tuple(m / 60 for m in range(0, int(until * 60) + 1, STEP_MIN)),
            until_h=until,
            members=asked.members,
            seed=asked.seed,
        ),
        tables(),
    )
    blood = {name: _bands((m.min, m.ng_ml) for m in answer.analytes[name].at) for name in NAMES}
    held = _bands((m.min, m.value) for m in answer.effects["nmda_occupancy"].at)
    said = f"{asked.members} virtual people of {plain(asked.weight_kg)} kg, seed {asked.seed}. Models: {{}}. Numbers {models}."

    def caption(names: Iterable[str]) -> str:
        known = dict.fromkeys(m for name in names for m in answer.models[name])
        return said.format("; ".join(map(model_name, known)))

    dose = Dose(0.0, asked.over_min / 60, f"{plain(mg)} mg into a vein over {plain(asked.over_min)} min")
    return Levels(
        _blood(blood, dose, caption(NAMES)),
        _receptor(held, dose, caption(["nmda_occupancy"])),
        tuple(answer.validity),
        mg,
    )


def _bands(moments: Iterable[tuple[float, object]]) -> tuple[Band, ...]:
    names = ("median", "p5", "p25", "p75", "p95")
    return tuple(Band(at=minute / 60, **{n: getattr(f, n) for n in names}) for minute, f in moments)


def _blood(found: dict[str, tuple[Band, ...]], dose: Dose, caption: str) -> Picture:
    parent, first, second = (Series(NAMES[name], bands) for name, bands in found.items())
    return Picture(
        key="blood",
        title="Ketamine and what the body makes of it, in the blood",
        time="h",
        panels=(
            Panel(unit="ng/mL", series=(parent, first), status="in a vein of the arm"),
            Panel(unit="ng/mL", series=(second,), status="sources differ two-fold"),
        ),
        doses=(dose,),
        caption=caption,
    )


def _receptor(found: tuple[Band, ...], dose: Dose, caption: str) -> Picture:
    """Relative: the highest median is 100, because nobody has measured the share in people."""
    most = max(band.median for band in found)
    names = ("median", "p5", "p25", "p75", "p95")
    scaled = tuple(Band(at=b.at, **{n: getattr(b, n) / most * FULL for n in names}) for b in found)
    top = max(scaled, key=lambda band: band.median)
    half = next((band.at for band in scaled if band.at > top.at and band.median < FULL / 2), None)
    later = f", half of that after about {plain(round(half, 1))} h" if half else ""
    series = Series("Receptors held shut", scaled, f"most at about {plain(round(top.at * 60))} min{later}")
    return Picture(
        key="receptor",
        title="Receptors held shut, relative",
        time="h",
        panels=(Panel(unit="relative", series=(series,), status="relative; from test tubes"),),
        doses=(dose,),
        caption=caption,
    )
