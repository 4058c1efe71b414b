"""What no trial can have seen: scores beyond the end of a scale, spreads that are standard errors, doses that nobody survives,
and a control that no arm was given."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from lowtide.data import instruments
from lowtide.data.evidence import Tables
from lowtide.data.evidence_words import words

Said = tuple[str | None, str, str]
RANGE = re.compile(r"(-?\d+)(?:-| to )(\d+)")
CHANGES = ("change_mean", "change_mean_with_se")
POINTS = ("MD", "LSMD", "adjusted MD")
SLACK = Decimal("1.05")
"""A spread counted over n - 1 people is a little larger than half of the scale where everybody stands at an end."""
ENOUGH = 10
"""Of fewer people a small spread is chance."""
AS_PRINTED = "SD as printed"
SHORT = 2
PER = {"mcg": Decimal("0.001"), "g": Decimal(1000)}


def scores(row: Any, _: Tables) -> Iterator[Said]:
    """An outcome's mean, change, difference and spread beside the scale that it was read on."""
    ends = ends_of(row.instrument)
    if ends is None:
        return
    low, high = ends
    width, scale = high - low, f"{row.instrument} goes from {low} to {high}"
    mend = "Look at the number, its sign and the instrument."
    within = (-width, width) if row.metric in CHANGES else ends
    means = [row.mean.low, row.mean.high] if row.mean else []
    if any(not within[0] <= mean <= within[1] for mean in means if mean is not None):
        yield "mean", f"it is {row.mean.text}, and {scale}", mend
    value = row.effect.low if row.effect and row.effect_type in POINTS else None
    if value is not None and abs(value) > width:
        yield "effect", f"it is {row.effect.text}, and {scale}", mend
    yield from _spread(row, row.sd, "sd", width, scale, row.n_analysed)
    yield from _error(row, width, scale)


def baseline(row: Any, _: Tables) -> Iterator[Said]:
    """Likewise what an arm began with."""
    ends = ends_of(row.baseline_instrument or "")
    if ends is None:
        return
    scale = f"{row.baseline_instrument} goes from {ends[0]} to {ends[1]}"
    if row.baseline_mean is not None and not ends[0] <= row.baseline_mean <= ends[1]:
        yield "baseline_mean", f"it is {row.baseline_mean}, and {scale}", "Look at number and instrument."
    yield from _spread(row, row.baseline_sd, "baseline_sd", ends[1] - ends[0], scale, row.n_arm)


def _spread(
    row: Any, sd: Decimal | None, column: str, width: int, scale: str, n: int | None
) -> Iterator[Said]:
    if sd is None:
        return
    if sd > width * SLACK / 2:
        yield column, f"people cannot lie {sd} about their mean: {scale}", "Look at the number."
    elif (
        sd < width * words().scales.least_spread
        and (n or 0) >= ENOUGH
        and AS_PRINTED not in (row.notes or "")
    ):
        whole = sd * Decimal(n or 0).sqrt()
        yield (
            column,
            f"{sd} is next to nothing for {n} people: {scale}",
            f"If it is a standard error the SD is {whole:.1f}; if the source calls it SD, write “{AS_PRINTED}” into notes.",
        )


def _error(row: Any, width: int, scale: str) -> Iterator[Said]:
    if row.se is not None and row.n_analysed and row.se * Decimal(row.n_analysed).sqrt() > width * SLACK / 2:
        yield (
            "se",
            f"{row.se} in {row.n_analysed} people would be an SD of {row.se * Decimal(row.n_analysed).sqrt():.1f}: {scale}",
            "If it is the SD, put it into sd.",
        )


def dose(row: Any, _: Tables) -> Iterator[Said]:
    """A dose above all that people are given."""
    given = row.dose_value.high if row.dose_value else None
    unit = (row.dose_unit or "").replace("µg", "mcg")
    for most in words().largest_dose:
        factor = _factor(unit, most.unit)
        if given is None or factor is None or most.drug not in (row.drug or ""):
            continue
        if given * factor > most.most:
            yield (
                "dose_value",
                f"{row.dose_value.text} {row.dose_unit} of {row.drug} is more than anybody is given",
                f"Look at number and unit; up to {most.most} {most.unit} is believed.",
            )


def _factor(unit: str, wanted: str) -> Decimal | None:
    """What makes one unit of the other where they differ by a power of ten only."""
    if unit == wanted:
        return Decimal(1)
    mass, _, per = unit.partition("/")
    same = wanted == "/".join(part for part in ("mg", per) if part)
    return PER[mass] if same and mass in PER else None


def control(row: Any, all_rows: Tables) -> Iterator[Said]:
    """What the trial is said to have compared with, beside what its arms were given."""
    nodes = [all_rows.node[n] for n in all_rows.nodes_of.get(row.study_id, ()) if n in all_rows.node]
    others = [node for node in nodes if node.kind != "ketamine"]
    said = _parts(row.comparator_class or "")
    if not said or not others:
        return
    known = {node.node: _parts(node.node, node.label, node.control, node.also_called) for node in others}
    if not any(said & parts for parts in known.values()):
        arms = ", ".join(node.label for node in others)
        yield (
            "comparator_class",
            f"it says “{row.comparator_class}”, and the arms were given: {arms}",
            "Mend it, or nma_node in arms.csv.",
        )


def _parts(*texts: str | None) -> frozenset[str]:
    found = re.findall(r"[a-z0-9]+", " ".join(text or "" for text in texts).casefold())
    return frozenset(part for part in found if len(part) > SHORT) - frozenset(words().empty_words)


def ends_of(scale: str) -> tuple[int, int] | None:
    """The ends of a scale, of the instruments or of the table's own words; None where they are not known."""
    return words().scales.ends.get(scale) or _instruments().get(_bare(scale))


@cache
def _instruments() -> Mapping[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for one in instruments.instruments().values():
        if range_ := RANGE.fullmatch(one.total_range):
            names = (one.id, one.name, *one.aliases)
            found |= {_bare(name): (int(range_[1]), int(range_[2])) for name in names}
    return found


def _bare(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())
