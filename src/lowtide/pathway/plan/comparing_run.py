"""How many of a hundred cross a limit, and when one may leave, out of the ensemble. Loads the compiled kernels."""

from collections.abc import Mapping, Sequence

from lowtide.data.forecast import numbers
from lowtide.data.monitoring import Item
from lowtide.data.protocols import Protocol
from lowtide.pathway.plan.comparing import Chance, Counted, Ready, limits_of
from lowtide.pathway.plan.forecast_run import person_of
from lowtide.pathway.plan.searching import leaving_after, observed_min
from lowtide.pathway.plan.simulating import tables
from lowtide.record.entries.forecast import Forecast
from lowtide.science.pharmacology.regimen import Dose
from lowtide.science.pharmacology.searches.bands import Band
from lowtide.science.pharmacology.searches.crossing import Limits, crossings
from lowtide.science.pharmacology.searches.limits import BELIEVED, PRESSURES, limit
from lowtide.science.pharmacology.searches.worlds import Search


def chance(rule: Item, found: Sequence[Forecast], before: Mapping[str, float]) -> Chance:
    """How many cross any of the rule's limits; a limit on a pressure needs the pressure before the dose."""
    asked = [limit(text) for text in limits_of(rule, frozenset(BELIEVED))]
    words = " or ".join(numbers().limit(one.quantity, one.value, reached=one.reaches) for one in asked)
    missing = [one for one in asked if one.quantity in PRESSURES and one.quantity not in before]
    if missing or not asked or not found:
        why = "the pressure before the dose is not known" if missing else "nothing of it is predicted"
        return Chance(rule.id, words, rule.verified, (), why)
    look = numbers().compare
    search = Search(person_of(found[0].about), look.people, look.worlds, found[0].seed)
    counted = crossings([doses(one) for one in found], Limits(tuple(asked), dict(before)), search, tables())
    return Chance(rule.id, words, rule.verified, tuple(_hundred(o.probability) for o in counted.options))


def ready(found: Sequence[Forecast], before: Mapping[str, float], planned: Protocol) -> tuple[Ready, ...]:
    """When the criteria for leaving are likely met after each dose, and until when it is watched."""
    return tuple(_ready(one, before, planned) for one in found)


def _ready(one: Forecast, before: Mapping[str, float], planned: Protocol) -> Ready:
    given = doses(one)
    band = leaving_after(given, person_of(one.about), before, one.seed).likely_min
    return Ready(band.median, band.p5, band.p95, observed_min(given, planned))


def doses(found: Forecast) -> tuple[Dose, ...]:
    """The doses of a forecast, nasal ones as devices already."""
    return tuple(Dose(d.at_h, d.drug, d.route, d.mg, d.over_min) for d in found.doses)


def _hundred(band: Band) -> Counted:
    return Counted(*(100 * (value or 0.0) for value in (band.median, band.p5, band.p95)))
