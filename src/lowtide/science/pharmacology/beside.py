"""One regimen in the same virtual people with and without something else: how many times the exposure it makes."""

from collections.abc import Iterator

import msgspec
import numpy as np

from lowtide.science.pharmacology.ensemble import Plan, Tables, run
from lowtide.science.pharmacology.simulate import Question, figures_of, planned
from lowtide.science.pharmacology.structure import Array

PEAK, FOR_EVER = 0, 3
"""Columns of what a group says of an analyte."""


class Ratio(msgspec.Struct, frozen=True):
    """How many times as much: the middle person and nine of ten."""

    median: float
    p5: float
    p95: float


class Beside(msgspec.Struct, frozen=True):
    """Of one analyte: the whole exposure and the peak as ratios, and the models that spoke."""

    auc: Ratio
    peak: Ratio
    models: tuple[str, ...]


def beside(with_it: Question, without: Question, analyte: str, tables: Tables) -> Beside:
    """Each person beside himself: both questions must ask for the same doses, members and seed."""
    pairs = list(zip(_columns(with_it, analyte, tables), _columns(without, analyte, tables), strict=True))
    ratios = np.vstack([more[1] / less[1] for more, less in pairs])
    models = tuple(dict.fromkeys(model for (model, _), _ in pairs))
    return Beside(_ratio(ratios[:, 1]), _ratio(ratios[:, 0]), models)


def _columns(question: Question, analyte: str, tables: Tables) -> Iterator[tuple[str, Array]]:
    """Peak and whole exposure of each member, group by group."""
    plan: Plan = planned(question, tables)
    for groups in run(plan, tables, 1):
        for group in groups:
            for name, columns in figures_of(group, question, plan, tables):
                if name == analyte:
                    yield group.model, columns[:, [PEAK, FOR_EVER]]


def _ratio(values: Array) -> Ratio:
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95)).tolist()
    return Ratio(middle, low, high)
