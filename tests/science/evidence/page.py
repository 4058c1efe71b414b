"""The section on evidence of docs/validation.md: networks of others analysed again, and pooled results of the literature."""

from collections.abc import Iterator
from decimal import Decimal
from math import exp
from typing import Any

import msgspec

from lowtide.data.evidence import Reference
from tests.science.evidence import pooled
from tests.science.evidence.public import Dataset, datasets, engine, recorded, references

BAYES = 0.011
"""How far a log odds ratio may be from that of a Bayesian program, which draws at random and spreads otherwise."""
DECIMALS = {"OR": 2, "log OR": 3}
"""Digits that are printed of an effect; a table of numbers drops trailing zeros."""


class Compared(msgspec.Struct, frozen=True):
    """One printed number beside the engine's, and whether they are the same as far as it was printed."""

    dataset: str
    what: str
    printed: str
    engine: str
    same: bool
    how: str


def compared() -> list[Compared]:
    return [found for one in datasets() for found in _of(one)]


def _of(one: Dataset) -> Iterator[Compared]:
    made = recorded()["datasets"][one.key]
    for row in references(one):
        yield from _reference(one, row, made)
    for name, printed in one.printed.items():
        yield _number(one, name.replace("_", " "), printed, made["numbers"][name])
    for name, printed in one.p_scores.items():
        yield _number(one, f"P-score of {name}", printed, made["p_scores"][name])
    for name, numbers in one.effects.items():
        for what, printed, value in zip(
            ("", " se", " lower", " upper"), numbers, made["effects"][name], strict=True
        ):
            yield _number(one, f"{name} against {one.reference}{what}", printed, value)


def _reference(one: Dataset, row: Reference, made: dict[str, Any]) -> Iterator[Compared]:
    component = row.reference == "component"
    value, se, lower, upper = made["parts" if component else "effects"][row.treatment]
    what = f"{row.treatment}, as a part" if component else f"{row.treatment} against {row.reference}"
    if "Bayesian" in row.method:
        yield Compared(
            one.key,
            what,
            f"{row.effect} (SD {row.se_log}, {row.ci_low} to {row.ci_high})",
            f"{value:.4f} (se {se:.4f}, {lower:.4f} to {upper:.4f})",
            abs(value - float(row.effect)) <= BAYES,
            f"within {BAYES} log odds ratio, a Bayesian mean",
        )
        return
    places = DECIMALS[row.effect_type]
    told = [exp(x) if row.effect_type == "OR" else x for x in (value, lower, upper)]
    near = (
        0.002 if row.verified is False else 0.0
    )  # limits that were worked out from a rounded standard error
    given = [x for x in (row.effect, row.ci_low, row.ci_high) if x is not None]
    yield Compared(
        one.key,
        what,
        _shown([float(x) for x in given], places),
        _shown(told, places),
        all(_same(x, y, places, near) for x, y in zip(given, told, strict=True)),
        "as printed" if row.verified else "a computation of the table's authors",
    )


def _shown(numbers: list[float], places: int) -> str:
    value, lower, upper = (f"{x:.{places}f}" for x in numbers)
    return f"{value} ({lower} to {upper})"


def _same(printed: Decimal, value: float, places: int, near: float = 0.0) -> bool:
    return abs(float(printed) - value) <= 0.5 * 10**-places * (1 + 1e-6) + near


def _number(one: Dataset, what: str, printed: str, value: float) -> Compared:
    places = len(printed.partition(".")[2])
    return Compared(
        one.key, what, printed, f"{value:.{places}f}", _same(Decimal(printed), value, places), "as printed"
    )


def page() -> Iterator[str]:
    yield from _networks()
    yield from pooled.page()


def _networks() -> Iterator[str]:
    found = compared()
    yield "## Evidence: networks of others, analysed again"
    yield ""
    yield "Each row of `data/evidence/nma_reference.csv`, and what else was printed beside it, against `lowtide nma` on the same data. The datasets"
    yield "are under a licence that keeps them out of this repository, so the comparison is recorded: with the fingerprint of the rows, and the"
    yield "day. With copies of the public files, `LOWTIDE_NMA_DATA=folder python -m tests.science.evidence.public` compares again."
    yield ""
    since = "unchanged since" if recorded()["engine"] == engine() else "changed since: compare again"
    yield f"Compared on {recorded()['on']} with the engine `{recorded()['engine']}` ({since})."
    yield f"The same as far as it was printed: {sum(c.same for c in found)} of {len(found)} numbers or intervals."
    yield ""
    yield "| Dataset | Rows | Fingerprint of the rows | Where from |"
    yield "|---|---|---|---|"
    for one in datasets():
        made = recorded()["datasets"][one.key]
        yield f"| {one.key} | {made['rows']} | `{made['fingerprint'][:16]}` | {one.from_} |"
    yield ""
    yield "| Dataset | What | Printed | Engine | Same | How |"
    yield "|---|---|---|---|---|---|"
    for c in found:
        yield f"| {c.dataset} | {c.what} | {c.printed} | {c.engine} | {'yes' if c.same else '**no**'} | {c.how} |"
    yield ""
    yield "Differences that are known: the Bayesian program draws the spread between trials from a prior (its median τ is 0.114, ours 0.120), so"
    yield "its means lie a little off ours and its intervals are credible intervals. A standardised mean difference is Hedges' g here and Cohen's d"
    yield "in netmeta 3; in a study of several arms both pool the standard deviation over all arms. Restricted likelihood uses the correlation of a"
    yield "study's arms, which netmeta leaves out where contrasts are given without group sizes."
    yield ""
