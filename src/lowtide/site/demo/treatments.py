"""What the invented people are treated with: each route that can be planned, with what is in hand for it, and what is
answered before the dose and at the door."""

from decimal import Decimal

import msgspec

from lowtide.pathway.evaluate.facts import Requested
from lowtide.pathway.plan.counted import Portion
from lowtide.pathway.plan.order import Preparation
from lowtide.pathway.plan.ordered import InHand
from lowtide.record.entries.base import Answer
from lowtide.record.entries.care import Settled

PREPARATION = Preparation(Decimal(50), Decimal(50))
TREATED = Requested("trd", "racemic_ketamine", "iv", "outpatient", "P05")


class Treatment(msgspec.Struct, frozen=True):
    """What somebody is treated with: what was decided on, by which protocol, and what is in hand."""

    asked: Requested = TREATED
    in_hand: InHand = PREPARATION
    settled: Settled | None = None


INFUSION_OF_KETAMINE = Treatment()
A_RANGE_OF_KETAMINE = Treatment(Requested("trd", "racemic_ketamine", "iv", "outpatient", "P07"))
NASAL_SPRAY = Treatment(Requested("trd", "esketamine_nasal", "in", "outpatient", "P01"), None)
NASAL_SPRAY_FROM_65 = Treatment(Requested("trd", "esketamine_nasal", "in", "outpatient", "P02"), None)
INTO_THE_MUSCLE = Treatment(
    Requested("gad", "racemic_ketamine", "im", "outpatient", "P16"),
    Preparation(Decimal(50)),
    Settled("the study gave it into the muscle, as the team reads it", route="im"),
)
BY_MOUTH = Treatment(
    Requested("trd", "racemic_ketamine", "po", "outpatient", "P13"),
    Portion("capsule", Decimal(25)),
    Settled("six supervised doses, then a review", sessions=6),
)
UNDER_THE_SKIN = Treatment(
    Requested("trd", "racemic_ketamine", "sc", "outpatient", "P10"), Preparation(Decimal(50))
)
OVER_HOURS = Treatment(
    Requested("crps", "racemic_ketamine", "iv", "outpatient", "P18"), Preparation(Decimal(50), Decimal(200))
)
WAY_OUT = (
    "oriented",
    "steady_gait",
    "nausea_controlled",
    "cadss_near_baseline",
    "cssrs_repeated",
    "escort_present",
    "advice_given",
)
TIME_OUT = {
    "consent_valid": Answer.YES,
    "fasted_solids": Answer.YES,
    "fasted_liquids": Answer.YES,
    "escort": Answer.YES,
    "cssrs_since_last_visit": Answer.NO,
    "intoxication_suspected": Answer.NO,
    "pregnancy_test_positive": Answer.NO,
    "clinician_on_site": Answer.YES,
}
