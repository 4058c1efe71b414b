"""Answers by name: where in the table of trials each is found, and how sure it is."""

from functools import cache
from typing import Literal

import msgspec

from lowtide.data import read

FILE = "evidence/named.toml"
Certainty = Literal["high", "moderate", "low", "very_low", "unknown"]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Rows of one study: the arm that is looked at, and the one beside it where there is one."""

    study: str
    treated: str
    control: str = ""


class Trial(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`control_is` says how the note of a subgroup's row prints the share of its control."""

    domain: str
    metric: str
    instrument: str = ""
    days: float | None = None
    subgroup: str = ""
    control_is: str = ""


class Harm(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    event: str


class Lasting(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    metric: str
    days: float | None = None
    whom: str = ""


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A comparison worked out from every trial that speaks on it: nodes of nodes.csv, a window of words.toml."""

    indication: str
    outcome: str
    at: str
    treatment: str
    versus: str


class Count(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Randomised trials that measured one of `domains`, or that had an arm of each of `nodes`."""

    domains: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()


class Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One of `asked`, `pooled`, `trial`, `harm`, `rate`, `lasting`, `count` says where it is found.

    A certainty is typed, with its reason, only where nothing is compared; of what is `against` something it is worked out.
    """

    about: str
    treated: str
    against: str = ""
    certainty: Certainty = "unknown"
    because: str = ""
    asked: Asked | None = None
    pooled: str = ""
    treated_is: str = ""
    control_is: str = ""
    per: int = 100
    needed_is: str = ""
    trial: Trial | None = None
    harm: Harm | None = None
    rate: str = ""
    lasting: Lasting | None = None
    count: Count | None = None

    def __post_init__(self) -> None:
        ways = (self.asked, self.pooled, self.trial, self.harm, self.rate, self.lasting, self.count)
        if sum(map(bool, ways)) != 1:
            raise ValueError("give exactly one of asked, pooled, trial, harm, rate, lasting, count")
        compared = bool(self.against or self.count)
        if compared and (self.because or self.certainty != "unknown"):
            raise ValueError("how sure a comparison is, is worked out: no certainty is typed beside against")
        if not compared and not (self.because and self.certainty != "unknown"):
            raise ValueError("nothing is compared: give certainty and because")


@cache
def named() -> dict[str, Named]:
    """Name -> where it is found, in the order of the file."""
    raw = read.toml(FILE, dict[str, str | Named])
    return {name: one for name, one in raw.items() if isinstance(one, Named)}


@cache
def digest() -> str:
    return read.digest(FILE, "adverse_event_rates.csv")
