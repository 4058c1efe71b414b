"""The monitoring rules handed to the searches: which criteria for leaving can be predicted, and how finely to look."""

from collections.abc import Mapping

from lowtide.data import pharmacology
from lowtide.data.forecast import numbers
from lowtide.data.monitoring import items
from lowtide.data.protocols import Protocol
from lowtide.pathway.plan.simulating import tables
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import Dose
from lowtide.science.pharmacology.searches.leaving import Criteria, Leaving, leaving
from lowtide.science.pharmacology.searches.worlds import Search

PRESSURE_RULE, DISSOCIATION_RULE = "M29", "M21"


def number(name: str) -> float:
    """One of the numbers of how searches look."""
    return pharmacology.searches()[name].value


def criteria(baseline: Mapping[str, float]) -> Criteria:
    """The criteria for leaving that can be predicted, from the monitoring rules; pressures before the dose in mmHg."""
    pressure, dissociation = items()[PRESSURE_RULE].trigger, items()[DISSOCIATION_RULE].trigger
    assert pressure is not None
    assert dissociation is not None
    scale = items()[DISSOCIATION_RULE].values[0]
    bounds = tuple(tuple(bound for bound in either if bound.holds is None) for either in pressure.when)
    present = next(bound for bound in dissociation.when[0] if bound.value == scale)
    return Criteria(bounds, float(present.above or 0), number("likely"), number("leaving_h"), dict(baseline))


def criteria_text() -> str:
    """The same in words, with what is not predicted."""
    pressure, dissociation = (items()[rule].trigger_text for rule in (PRESSURE_RULE, DISSOCIATION_RULE))
    return (
        f"pressure {pressure} ({PRESSURE_RULE}); not {dissociation} ({DISSOCIATION_RULE}); "
        "awake, not MOAA/S 3 or deeper; each from then on. "
        "Nobody counts as ready before their own peak. Orientation, gait, nausea, recovery score and escort are not predicted. "
        f"{numbers().leaving_caveat}"
    )


def observed_min(doses: tuple[Dose, ...], planned: Protocol) -> float:
    """Minutes from the start until the observation ends that the monitoring rules and the protocol ask for."""
    end = max(dose.at_h * 60 + dose.over_min for dose in doses)
    route = doses[0].route
    asked = [
        item.frequency.minimum_min + (end if item.frequency.after != "start" else 0)
        for item in items().values()
        if item.frequency.minimum_min and (not item.scope.routes or route in item.scope.routes)
    ]
    own = [end + float(planned.observation_min)] if planned.observation_min else []
    return max([*asked, *own], default=end)


def leaving_after(doses: tuple[Dose, ...], who: Person, baseline: Mapping[str, float], seed: int) -> Leaving:
    """When the criteria for leaving are likely met after this session."""
    search = Search(who, int(number("people_leaving")), int(number("worlds_leaving")), seed)
    return leaving(doses, criteria(baseline), search, tables())
