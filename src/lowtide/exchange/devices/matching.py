"""Whom a device says that it is on, held against whom it was put on (hazard H018).

It ties a device to nobody. Another patient's number keeps its values out of the chart; a number or a name that is not this
person's is shown to whoever is at the chair, for a device may have been left on whoever had it before.
"""

import msgspec

from lowtide.exchange.hl7v2.parts import Whose, alike
from lowtide.people.charts import linked
from lowtide.people.models import IdentifierIndex, PatientIndex


class Match(msgspec.Struct, frozen=True):
    """`other`: it carries another patient's number. `doubt`: what does not fit, in words."""

    other: bool = False
    doubt: str = ""


NOTHING_SAID = Match()


def matching(whose: Whose, stream: str) -> Match:
    """How what the device says fits the person of this chart."""
    if not (whose.numbers or whose.name):
        return NOTHING_SAID
    mine = set(linked(stream))
    rows = IdentifierIndex.objects.filter(value__in=whose.numbers, current=True)
    owners = set(rows.values_list("stream", flat=True)) if whose.numbers else set()
    if owners and not owners & mine:
        return Match(other=True)
    if owners:
        others = owners - mine
        return Match(doubt="one of the numbers that it says is another patient's" if others else "")
    return Match(doubt=_doubt(whose, mine))


def _doubt(whose: Whose, mine: set[str]) -> str:
    people = list(PatientIndex.objects.filter(stream__in=mine))
    named = bool(whose.name) and any(
        alike(whose.name, f"{p.given} {p.family}") or alike(whose.name, f"{p.preferred} {p.family}")
        for p in people
    )
    born = {p.birth_date.replace("-", "") for p in people}
    if named and (not whose.born or any(date.startswith(whose.born[: len(date)]) for date in born)):
        return ""
    number = f", number {', '.join(sorted(whose.numbers))}" if whose.numbers else ""
    says = f"{whose.name or 'somebody'}{f', born {whose.born}' if whose.born else ''}{number}"
    return f"it says that it is on {says}, not as in this chart: look whose values these are"
