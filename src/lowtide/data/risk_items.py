"""Which answers of which instrument open a risk alert."""

from functools import cache

import msgspec

from lowtide.data import read
from lowtide.data.vocabulary import plain


class RiskItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`item` answered with more than `above` asks for action; `words` say what the item asks about."""

    item: str
    above: int
    words: str
    source: str
    verified: bool


@cache
def risk_items() -> dict[str, RiskItem]:
    """instrument, in plain spelling -> its risk item."""
    return {plain(name): item for name, item in read.toml("risk_items.toml", dict[str, RiskItem]).items()}
