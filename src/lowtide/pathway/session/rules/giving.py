"""What comes next of a dose that is given part by part: which part, how much, not before when (pure)."""

from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from lowtide.pathway.session.rules.facts import Facts


class Coming(msgspec.Struct, frozen=True):
    """The next part. `of_mg` is 0 when nothing more may be given: all went in, or what is open is less than one unit.

    `not_before` is None where nothing has to be waited for.
    """

    number: int
    of_mg: Decimal
    open_mg: Decimal
    not_before: datetime | None


def coming(facts: Facts) -> Coming:
    """The part that follows those which went in."""
    order, found = (facts.order[1] if facts.order else None), facts.parts
    open_mg = found.open_mg if found else order.dose_mg if order else Decimal(0)
    each = order.each_mg if order and order.apart_min is not None else None
    return Coming(
        number=len(found.parts) + 1 if found else 1,
        of_mg=open_mg if each is None else each if open_mg >= each else Decimal(0),
        open_mg=open_mg,
        not_before=_not_before(facts),
    )


def _not_before(facts: Facts) -> datetime | None:
    apart = _apart(facts)
    return facts.parts.last[0].at + apart if facts.parts and apart else None


def gap_at(facts: Facts, at: datetime) -> datetime | None:
    """When a part would be far enough from the others, where one at `at` is not; None where it is.

    A part that is written late counts against those after it as well.
    """
    apart = _apart(facts)
    if facts.parts is None or apart is None:
        return None
    near = [e.at for e, _ in facts.parts.parts if abs(e.at - at) < apart]
    return max(near) + apart if near else None


def _apart(facts: Facts) -> timedelta | None:
    least = facts.order[1].apart_min if facts.order else None
    return timedelta(minutes=float(least)) if least else None
