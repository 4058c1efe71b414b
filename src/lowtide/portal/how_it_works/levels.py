"""The levels of one example dose over hours, and how much of the receptors it holds, from the ensemble that serves care."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import msgspec

from lowtide.data import pharmacology, read
from lowtide.data.mechanism import mechanism
from lowtide.pathway.course.drawing.bands_data import OWN_WORDS, Band, Dose, Panel, Picture, Series
from lowtide.pathway.course.drawing.scale import plain
from lowtide.pathway.plan.forecast_picture import model_name

NAMES = {
    "ketamine": "Ketamine",
    "norketamine": "Norketamine",
    "hydroxynorketamine": "Hydroxynorketamine",
}
STEP_MIN = 5
CAPTION = "{members} virtual people of {kg} kg, seed {seed}. Models: {models}. Numbers {numbers}."
DOSE = "{mg} mg into a vein over {min} min"
BLOOD, VEIN, DIFFER = (
    "Ketamine and what the body makes of it, in the blood",
    "in a vein of the arm",
    "sources differ two-fold",
)
SHUT, MOST, HALF = "Receptors held shut", "most at about {min} min", ", half of that after about {h} h"
RELATIVE, UNIT, TUBES = "Receptors held shut, relative", "relative", "relative; from test tubes"
SAID = (*NAMES.values(), CAPTION, DOSE, BLOOD, VEIN, DIFFER, SHUT, MOST, HALF, RELATIVE, UNIT, TUBES)
"""What the two pictures say."""
Say = Callable[[str], str]
FULL = 100.0


class Levels(msgspec.Struct, frozen=True):
    """Two pictures, and on what they stand."""

    blood: Picture
    receptor: Picture
    validity: tuple[str, ...]
    mg: float


def levels(say: Say = str) -> Levels:
    """The example drawn with the numbers in force; `say` turns its words into the reader's language."""
    asked = mechanism().example
    answer = _answered(pharmacology.version(), read.digest("pharmacology/mechanism.toml"))
    blood = {name: _bands((m.min, m.ng_ml) for m in answer.analytes[name].at) for name in NAMES}
    held = _bands((m.min, m.value) for m in answer.effects["nmda_occupancy"].at)
    mg = asked.mg_per_kg * asked.weight_kg

    def caption(names: Iterable[str]) -> str:
        known = dict.fromkeys(m for name in names for m in answer.models[name])
        return say(CAPTION).format(
            members=asked.members,
            kg=plain(asked.weight_kg),
            seed=asked.seed,
            models="; ".join(map(model_name, known)),
            numbers=pharmacology.version(),
        )

    dose = Dose(0.0, asked.over_min / 60, say(DOSE).format(mg=plain(mg), min=plain(asked.over_min)))
    return Levels(
        _blood(blood, dose, caption(NAMES), say),
        _receptor(held, dose, caption(["nmda_occupancy"]), say),
        tuple(answer.validity),
        mg,
    )


@lru_cache(maxsize=2)
def _answered(models: str, example: str) -> Any:
    # numba and scipy take seconds to load: the server does it when it starts
    from lowtide.pathway.plan.simulating import person, tables
    from lowtide.science.pharmacology import regimen, simulate

    asked = mechanism().example
    mg = asked.mg_per_kg * asked.weight_kg
    until = asked.over_min / 60 + asked.follow_h
    return simulate.simulate(
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


def _bands(moments: Iterable[tuple[float, object]]) -> tuple[Band, ...]:
    names = ("median", "p5", "p25", "p75", "p95")
    return tuple(Band(at=minute / 60, **{n: getattr(f, n) for n in names}) for minute, f in moments)


def _blood(found: dict[str, tuple[Band, ...]], dose: Dose, caption: str, say: Say) -> Picture:
    parent, first, second = (Series(say(NAMES[name]), bands) for name, bands in found.items())
    return Picture(
        key="blood",
        title=say(BLOOD),
        time="h",
        panels=(
            Panel(unit="ng/mL", series=(parent, first), status=say(VEIN)),
            Panel(unit="ng/mL", series=(second,), status=say(DIFFER)),
        ),
        doses=(dose,),
        caption=caption,
        words=OWN_WORDS.told(say),
    )


def _receptor(found: tuple[Band, ...], dose: Dose, caption: str, say: Say) -> Picture:
    """Relative: the highest median is 100, because nobody has measured the share in people."""
    most = max(band.median for band in found)
    names = ("median", "p5", "p25", "p75", "p95")
    scaled = tuple(Band(at=b.at, **{n: getattr(b, n) / most * FULL for n in names}) for b in found)
    top = max(scaled, key=lambda band: band.median)
    half = next((band.at for band in scaled if band.at > top.at and band.median < FULL / 2), None)
    later = say(HALF).format(h=plain(round(half, 1))) if half else ""
    series = Series(say(SHUT), scaled, f"{say(MOST).format(min=plain(round(top.at * 60)))}{later}")
    return Picture(
        key="receptor",
        title=say(RELATIVE),
        time="h",
        panels=(Panel(unit=say(UNIT), series=(series,), status=say(TUBES)),),
        doses=(dose,),
        caption=caption,
        words=OWN_WORDS.told(say),
    )
