"""How risk of bias is judged where nobody judged it, and how certainty is lowered: this project's defaults, as data."""

from functools import cache

import msgspec

from lowtide.data import read


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A judgement on a domain when one of the words of each given list stands in its column."""

    domain: str
    judgement: str
    reason: str
    design: tuple[str, ...] = ()
    blinding: tuple[str, ...] = ()
    note: tuple[str, ...] = ()


class Missing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Shares of the randomised people who were analysed, from which the risk is low, or of some concern."""

    low_from: float
    some_from: float


class Start(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    randomised: str
    not_randomised: str


class Steps(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From where certainty loses one step, or two. I2 is a share, `asymmetry_p` a chance, `wide_ratio` a ratio of limits;
    `unjudged` are steps; the others count reasons, people or trials."""

    high_reasons_two: int
    unjudged: int
    i2_one: float
    i2_two: float
    wide_ratio: float
    few_people: int
    very_few_people: int
    small_trial: int
    asymmetry_p: float


class Certainty(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    judged_by: str
    one_reason: tuple[str, ...]
    domains: dict[str, str]
    rule: tuple[Rule, ...]
    missing: Missing
    start: Start
    steps: Steps


@cache
def certainty() -> Certainty:
    return read.toml("evidence/certainty.toml", Certainty)
