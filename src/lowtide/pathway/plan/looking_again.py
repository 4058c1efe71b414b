"""A chosen dose that lies far from what came before it: it is typed once more before it is signed (hazard H003, pure)."""

from decimal import Decimal

from lowtide.data.dosing import Dosing
from lowtide.pathway.plan.choosing import Chosen
from lowtide.problems import bad, refuse
from lowtide.science.units import plain

TENTH = Decimal("0.1")


def far(chosen: Chosen | None, limits: Dosing) -> str:
    """What is unusual about a dose, in words; empty where nothing is, or where the rule itself led to it."""
    if chosen is None or (chosen.advice.dose and chosen.dose == chosen.advice.dose.value):
        return ""
    usual, times = chosen.advice.last or chosen.plan.dose, limits.look_again_times
    if (
        usual is None
        or not usual.value
        or (usual.value <= chosen.dose * times and chosen.dose <= usual.value * times)
    ):
        return ""
    whose = "the last dose" if chosen.advice.last else "the protocol’s first dose"
    ratio = (chosen.dose / usual.value).quantize(TENTH) if chosen.dose else Decimal(0)
    return f"{plain(chosen.dose)} {chosen.unit} is {plain(ratio)} times {whose}, {plain(usual.value)} {usual.unit}"


def refuse_unless_typed_again(text: str, typed_mg: Decimal | None, dose_mg: Decimal) -> None:
    """Raise Refused for a far dose that was not typed once more as it stands on the sheet."""
    if not text:
        return
    if typed_mg is None:
        raise refuse(text, "dose_again", "Type the dose in mg once more, and say why it is meant.")
    if typed_mg != dose_mg:
        raise bad(
            f"the dose was typed as {plain(typed_mg)} mg, the sheet says {plain(dose_mg)} mg",
            "dose_again",
            "Look at the sheet again. Choose another dose if this is not the one that is meant.",
        )
