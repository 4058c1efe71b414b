"""What is ordered and what is in hand: the inputs of a dose sheet, and the exact dose they mean."""

from decimal import ROUND_DOWN, Decimal

import msgspec

from lowtide.data.dosing import Dosing
from lowtide.problems import bad
from lowtide.science.units import Dose, plain

SHOWN = Decimal("0.0001")


class Order(msgspec.Struct, frozen=True):
    """What is to be given to whom: the dose as free base unless `salt` says otherwise; minutes for an infusion."""

    drug: str
    route: str
    dose: Dose
    weight_kg: Decimal
    over_min: Decimal | None = None
    salt: str = "base"

    @property
    def minutes(self) -> Decimal:
        """How long it runs. Raises BadInput when an infusion has no time."""
        if self.over_min is None:
            raise bad("the infusion time is missing", "over", "Say how long it runs, like “40min”.")
        return self.over_min


class Preparation(msgspec.Struct, frozen=True):
    """The vial in hand, the volume it is made up to, the pump's step and, for a gravity set, its drops per mL."""

    vial_mg_per_ml: Decimal
    final_volume_ml: Decimal | None = None
    pump_step_ml_per_h: Decimal | None = None
    drop_factor_per_ml: Decimal | None = None


def ordered_mg(order: Order, limits: Dosing) -> Decimal:
    """The exact dose in mg of free base, unrounded. A dose per hour needs the minutes, or BadInput is raised."""
    mg = order.dose.value
    if order.dose.per_kg:
        mg *= order.weight_kg
    if order.dose.per_h:
        mg = mg * order.minutes / 60
    return mg * limits.base_per_hydrochloride if order.salt == "hydrochloride" else mg


def shown(value: Decimal) -> str:
    """A figure for reading, cut to four decimals."""
    return plain(value.quantize(SHOWN, ROUND_DOWN))
