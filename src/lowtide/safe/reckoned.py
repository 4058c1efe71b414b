"""What the chart says became of a draw, for the page and the entry that account for it (hazard H036).

The safe does not know how a dose is given: the step of care that does registers how it is worked out.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import msgspec

from lowtide.safe.ledger import Draw

NOTHING = Decimal(0)


class Reckoned(msgspec.Struct, frozen=True, kw_only=True):
    """In the product's unit, of what is still in hand: `given` went in, `rest` is left of what was begun. `told` is the sum,
    step by step. All that went in of the draw did so between `since` and `until`."""

    given: Decimal = NOTHING
    rest: Decimal = NOTHING
    told: tuple[str, ...]
    since: datetime | None = None
    until: datetime | None = None


Reckon = Callable[[Draw], Reckoned | None]
_registered: list[Reckon] = []


def register(reckon: Reckon) -> None:
    """Ask this of every draw."""
    _registered[:] = [reckon]


def reckoned(draw: Draw) -> Reckoned | None:
    """None while the chart does not say yet what became of it."""
    return next((found for ask in _registered if (found := ask(draw))), None)
