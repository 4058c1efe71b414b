"""Which rows of a pump with several channels tell of the dose that is given here.

A channel is the first two numbers of OBX-4, the device and its virtual device ("1.2.x.y"); the third, which in the messages
of pumps that lie beside the tests tells delivery from source, parts nothing. Among several channels that tell of rates or volumes it is the one whose drug is
one of ours. Where none or more than one is, nobody can tell, and none of it is charted: a carrier's volume at a drug's
strength would be a dose that nobody gave.
"""

from collections.abc import Iterable

from lowtide.data.monitors import drug_of
from lowtide.exchange.hl7v2.coded import observed, row_of
from lowtide.exchange.hl7v2.messages import Segment

Channel = tuple[str, ...]
NOBODY_KNOWS: Channel = ()
OTHER = "other_channel"
POURS = frozenset(("rate_ml_per_h", "rate_mg_per_h", "delivered_ml", "vtbi_ml"))
ABOUT_ONE = frozenset(("drug", "concentration", "pump_event"))
DOUBT = (
    "it tells of several channels, and not which one holds the dose: its rates and volumes are not charted"
)


def channel(row: Segment) -> Channel | None:
    """The channel that a row is about; None for one of the whole pump."""
    numbers = row.field(4).split(".")
    return tuple(numbers[:2]) if len(numbers) > 2 and numbers[1] not in ("", "0") else None


def ours(rows: Iterable[Segment]) -> Channel | None:
    """The channel of the dose among several that pour; NOBODY_KNOWS; None where there are not several."""
    by_channel: dict[Channel, list[Segment]] = {}
    for row in rows:
        if (found := channel(row)) and row.field(5):
            by_channel.setdefault(found, []).append(row)
    if len(by_channel) < 2:
        return None
    pour = {key: each for key, each in by_channel.items() if any(observed(r).quantity in POURS for r in each)}
    if len(pour) < 2:
        return None
    known = [key for key, each in pour.items() if any(drug_of(label) for label in _drugs(each))]
    return known[0] if len(known) == 1 else NOBODY_KNOWS


def _drugs(rows: list[Segment]) -> list[str]:
    return [row.component(5, 2) or row.component(5) or "" for row in rows if row_of(observed(row)) == "drug"]
