"""What a medicine makes of the exposure to the course's product: computed in virtual people where it was measured."""

from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from lowtide.data import pharmacology, vocabulary
from lowtide.data.forecast import numbers
from lowtide.data.reconciling import reconciling
from lowtide.pathway.evaluate.reconciling.lines import Line
from lowtide.pathway.evaluate.reconciling.meaning import Treatment
from lowtide.pathway.plan.forecasting import measured
from lowtide.problems import BadInput

if TYPE_CHECKING:
    from lowtide.science.pharmacology.beside import Beside, Ratio

INFUSED = ("iv", "sc")


class Exposure(msgspec.Struct, frozen=True):
    """The effect in words, with what it rests on; `computed` False where nothing was measured."""

    text: str
    basis: str = ""
    computed: bool = False
    source: str = ""
    verified: bool = True


def exposure(line: Line, asked: Treatment, weight_kg: float | None) -> Exposure:
    """What this medicine does to the exposure, by this product and way in."""
    keys = sorted({key for t in line.counted for key in measured(t.body) if _is_of(line, key)})
    if not keys:
        return Exposure(_unmeasured(line))
    found = pharmacology.interactions()[keys[0]]
    if not (asked.route and asked.product):
        return Exposure(
            f"Measured: {found.observed}. Choose a treatment to see what it means here.", source=found.source
        )
    try:
        return _told(keys[0], asked, weight_kg or reconciling().weight_kg.value)
    except BadInput as error:
        return Exposure(
            f"Measured: {found.observed}. Not computed here: {error.problems[0].what}.", source=found.source
        )


def _is_of(line: Line, key: str) -> bool:
    """Whether a measured effect belongs to this ingredient, not to another part of a combination."""
    found = pharmacology.interactions()[key]
    return line.name in (key, *found.aliases) or line.name.replace("'", "").replace(" ", "_") == key


def _unmeasured(line: Line) -> str:
    if line.classes & set(numbers().exposure):
        return "Its class shifts exposure; of this medicine no measured effect is known, and none is guessed."
    return "No measured effect on exposure is known."


def _told(key: str, asked: Treatment, weight_kg: float) -> Exposure:
    found = pharmacology.interactions()[key]
    ratio = _cached(key, vocabulary.drug_of(asked.product), asked.route, weight_kg, pharmacology.version())
    text = f"Whole exposure {_times(ratio.auc)}; peak {_times(ratio.peak)}."
    basis = f"population estimate, not a measurement; {found.seen} clearance ratio, models {', '.join(ratio.models)}"
    return Exposure(
        text,
        f"{basis}. Measured: {found.observed}",
        computed=True,
        source=found.source,
        verified=found.seen == "published",
    )


def _times(ratio: "Ratio") -> str:
    flat = reconciling().flat.value
    if abs(ratio.p5 - 1) < flat and abs(ratio.p95 - 1) < flat:
        return "unchanged"
    return f"× {ratio.median:.2f} (9 of 10 people: {ratio.p5:.2f} to {ratio.p95:.2f})"


@lru_cache(maxsize=64)
def _cached(key: str, drug: str, route: str, weight_kg: float, version: str) -> "Beside":
    # numba takes seconds to load where the server has not done it yet
    from lowtide.pathway.plan.simulating import person, tables
    from lowtide.science.pharmacology.beside import beside
    from lowtide.science.pharmacology.regimen import Dose
    from lowtide.science.pharmacology.simulate import Question

    setting = reconciling()
    mg = _mg(drug, route, weight_kg)
    dose = Dose(0.0, drug, route, mg, setting.infusion_min.value if route in INFUSED else 0.0)
    asked = {
        taking: Question(
            (dose,),
            person(weight_kg, taking=taking),
            (),
            setting.followed_h.value,
            members=int(setting.members.value),
        )
        for taking in ((key,), ())
    }
    analyte = vocabulary.words()["drug"][drug].analyte
    return beside(asked[(key,)], asked[()], analyte, tables())


def _mg(drug: str, route: str, weight_kg: float) -> float:
    """A dose that its route was studied with; the ratio does not depend on it."""
    from lowtide.science.pharmacology.regimen import Dose

    way = pharmacology.routes()[Dose(0.0, drug, route, 1.0).way]
    if way.device_mg:
        return way.device_mg
    return reconciling().infusion_mg_per_kg.value * weight_kg
