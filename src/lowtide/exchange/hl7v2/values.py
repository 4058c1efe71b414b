"""One observation as Lowtide reads it, and what keeps one out of a flowsheet."""

from datetime import datetime
from decimal import Decimal

import msgspec

from lowtide.exchange.hl7v2.channels import OTHER

TWICE = "told_twice"
NEVER_CHARTED = frozenset(
    (
        "sentinel", "out_of_range", "empty", "not_a_number", "compared", "unit_missing", "unit_not_known",
        "weight_not_known", "code_and_name_disagree", "invalid", "not_available", "questionable", "calibrating",
        "test", "withdrawn", "no_result", "state_not_known", "no_time", "zone_unknown", "setting", "several_values",
        OTHER, TWICE,
    )
)  # fmt: skip


OF_MESSAGE, REPEATED, OWN = "message", "repeated", "own"


class Value(msgspec.Struct, frozen=True):
    """One observation: the code as it came, Lowtide's name for it, the value in that name's unit, its instant.

    `timed` says whose instant that is: the message's, given once more for the row itself, or the row's own.
    """

    code: str
    name: str
    system: str
    lowtide: str | None
    value: Decimal | str | None
    unit: str | None
    at: datetime | None
    flags: tuple[str, ...] = ()
    sub_id: str = ""
    timed: str = OF_MESSAGE

    @property
    def chartable(self) -> bool:
        """Whether it may stand in a flowsheet: a known quantity, a number, an instant, and nothing against it."""
        return (
            self.lowtide is not None
            and isinstance(self.value, Decimal)
            and not NEVER_CHARTED & set(self.flags)
        )
