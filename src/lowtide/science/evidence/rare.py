"""Meta-analysis of rare events without adding anything to empty cells: Mantel-Haenszel, and Peto's odds ratio.

A study without an event (or, for odds ratios, without a person free of it) carries no weight for ratios and takes no part;
it does for risk differences. Common effects only: where events are rare, tau2 cannot be estimated well.
"""

from collections.abc import Sequence
from math import log, sqrt
from typing import Literal

import msgspec

from lowtide.problems import bad


class Table(msgspec.Struct, frozen=True):
    """One study: events and people of the treated and of the controls."""

    events: int
    n: int
    control_events: int
    control_n: int


class Rare(msgspec.Struct, frozen=True):
    """The pooled estimate (logarithm for ratios) with its standard error, and how many studies said something."""

    estimate: float
    se: float
    studies: int


def mantel_haenszel(tables: Sequence[Table], measure: Literal["OR", "RR", "RD"]) -> Rare:
    """Pooled with Mantel and Haenszel's weights, J Natl Cancer Inst 1959;22:719.

    Variances: Robins, Breslow and Greenland, Biometrics 1986;42:311 (doi 10.2307/2531052) for the odds ratio; Greenland
    and Robins, Biometrics 1985;41:55 (doi 10.2307/2530643) for risk ratio and difference. Raises BadInput where the
    estimate does not exist.
    """
    said = [t for t in tables if _says(t, measure)]
    if measure == "OR":
        found = _odds(said)
    elif measure == "RR":
        found = _risks(said)
    else:
        found = _differences(said)
    return Rare(*found, len(said))


def peto(tables: Sequence[Table]) -> Rare:
    """The log odds ratio from observed less expected events: Yusuf and others, Prog Cardiovasc Dis 1985;27:335
    (doi 10.1016/S0033-0620(85)80003-7). Good for rare events, balanced arms and small effects only (Cochrane Handbook
    10.4.2)."""
    said = [t for t in tables if _says(t, "OR")]
    beyond, variance = 0.0, 0.0
    for t in said:
        people, events = t.n + t.control_n, t.events + t.control_events
        beyond += t.events - t.n * events / people
        variance += t.n * t.control_n * events * (people - events) / (people**2 * (people - 1))
    if not variance:
        raise _silent()
    return Rare(beyond / variance, sqrt(1 / variance), len(said))


def _says(t: Table, measure: str) -> bool:
    events = t.events + t.control_events
    if not (0 <= t.events <= t.n and 0 <= t.control_events <= t.control_n and t.n and t.control_n):
        raise bad("counts do not fit their people", "studies", "Give events from 0 to n, and n above 0.")
    return measure == "RD" or bool(events and (measure == "RR" or events < t.n + t.control_n))


def _odds(tables: Sequence[Table]) -> tuple[float, float]:
    r = s = pr = ps_qr = qs = 0.0
    for t in tables:
        people = t.n + t.control_n
        a, b, c, d = t.events, t.n - t.events, t.control_events, t.control_n - t.control_events
        one, other = a * d / people, b * c / people
        p, q = (a + d) / people, (b + c) / people
        r, s = r + one, s + other
        pr, ps_qr, qs = pr + p * one, ps_qr + p * other + q * one, qs + q * other
    if not r or not s:
        raise _silent()
    return log(r / s), sqrt(pr / (2 * r**2) + ps_qr / (2 * r * s) + qs / (2 * s**2))


def _risks(tables: Sequence[Table]) -> tuple[float, float]:
    r = s = spread = 0.0
    for t in tables:
        people, events = t.n + t.control_n, t.events + t.control_events
        r, s = r + t.events * t.control_n / people, s + t.control_events * t.n / people
        spread += (t.n * t.control_n * events - t.events * t.control_events * people) / people**2
    if not r or not s:
        raise _silent()
    return log(r / s), sqrt(spread / (r * s))


def _differences(tables: Sequence[Table]) -> tuple[float, float]:
    if not tables:
        raise _silent()
    total = weights = spread = 0.0
    for t in tables:
        people = t.n + t.control_n
        total += (t.events * t.control_n - t.control_events * t.n) / people
        weights += t.n * t.control_n / people
        spread += (
            t.events * (t.n - t.events) * t.control_n**3
            + t.control_events * (t.control_n - t.control_events) * t.n**3
        ) / (t.n * t.control_n * people**2)
    return total / weights, sqrt(spread) / weights


def _silent() -> Exception:
    return bad("no estimate exists: events in one arm only, or none", "studies", "Use a risk difference.")
