"""The table of trials: what was tried on whom, what came of it, where each number was seen. Every row, null trials too.

A row is as its source gives it. None is unknown; a `Figure` is a number, a range or words, as printed. `verified` says
that the number was seen in `source_url`; the others are recalled, are shown only when they are asked for, and are marked.
"""

import hashlib
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache, cached_property
from typing import Any

import msgspec

from lowtide.data import read

FOLDER = "evidence"
PART = re.compile(r"subgroup (\w+)|, (women|men)\b")

I2 = re.compile(r"I2 ([\d.]+) ?%")


class Figure(msgspec.Struct, frozen=True):
    """What was printed: one number (`low` is `high`), a range, or words (`low` and `high` None)."""

    text: str
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def exact(self) -> float | None:
        return float(self.low) if self.low is not None and self.low == self.high else None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a table: the line of its file, where it was seen, and whether the numbers were read there."""

    line: int = 0
    verified: bool
    source_url: str | None
    notes: str | None


class Study(Line, frozen=True, kw_only=True):
    study_id: str
    family_id: str
    citation: str
    year: int
    doi: str | None
    pmid: str | None
    registry_id: str | None
    ids_verified: str
    condition: str
    population: str | None
    design: str
    blinding: str
    n_randomised_or_enrolled: int | None
    n_analysed: int | None
    primary_outcome: str | None
    comparator_class: str | None
    risk_of_bias_note: str | None


class Arm(Line, frozen=True, kw_only=True):
    study_id: str
    arm_id: str
    arm_label: str
    nma_node: str
    drug: str | None
    route: str | None
    dose_value: Figure | None
    dose_unit: str | None
    infusion_minutes: Decimal | None
    schedule: str | None
    n_sessions: Figure | None
    treatment_days: Figure | None
    concomitant: str | None
    n_arm: int | None
    baseline_instrument: str | None
    baseline_mean: Decimal | None
    baseline_sd: Decimal | None
    age_mean: Decimal | None
    female_pct: Decimal | None


class Outcome(Line, frozen=True, kw_only=True):
    """An arm's figure, or, with `comparator_arm_id`, the published effect between two arms (negative favours the first)."""

    study_id: str
    arm_id: str
    outcome_domain: str
    instrument: str
    metric: str
    timepoint_label: str
    time_days: Decimal | None
    n_analysed: int | None
    mean: Figure | None
    sd: Decimal | None
    se: Decimal | None
    ci_low: Decimal | None
    ci_high: Decimal | None
    events: int | None
    percent: Decimal | None
    events_basis: str | None
    definition: str | None
    comparator_arm_id: str | None
    effect_type: str | None
    effect: Figure | None
    effect_ci_low: Decimal | None
    effect_ci_high: Decimal | None
    p_value: str | None
    subgroup: str | None = None

    @property
    def part(self) -> str | None:
        """The part of the arm that the row is about; sources that were entered early say it in the notes only."""
        said = PART.search(self.notes or "")
        return self.subgroup or (said[1] or said[2] if said else None)


class AdverseEvent(Line, frozen=True, kw_only=True):
    study_id: str
    arm_id: str
    event: str
    period: str
    n_at_risk: int | None
    n_events: int | None
    percent: Decimal | None
    severity: str | None
    time_course: str | None


class Durability(Line, frozen=True, kw_only=True):
    study_id: str
    arm_id: str
    population_at_risk: str
    metric: str
    time_days: Decimal | None
    value: Figure
    unit: str
    n_at_risk: int | None
    n_events: int | None
    percent: Decimal | None
    ci_low: Decimal | None
    ci_high: Figure | None
    comparator_arm_id: str | None
    definition: str | None
    maintenance_schedule: str | None


class Pooled(Line, frozen=True, kw_only=True):
    pooled_id: str
    citation: str
    doi_or_pmid: str | None
    question: str | None
    comparison: str
    outcome: str
    timepoint: str | None
    k_trials: int | None
    n_participants: Figure | None
    effect_type: str
    effect: Figure
    ci_low: Decimal | None
    ci_high: Decimal | None
    heterogeneity: str | None
    certainty: str | None

    @property
    def of_network(self) -> bool:
        """Whether its trials and people are those of a whole network, of which it is one comparison."""
        return "(NMA)" in self.effect_type or "network meta-analysis" in self.citation

    @property
    def own_trials(self) -> int | None:
        return None if self.of_network else self.k_trials

    @property
    def own_people(self) -> int | None:
        """How many people are behind this comparison; None where that is not printed."""
        n = self.n_participants.exact if self.n_participants else None
        return None if n is None or self.of_network else int(n)

    @property
    def i2(self) -> float | None:
        """The share of Q beyond chance, where it is printed."""
        said = I2.search(self.heterogeneity or "")
        return float(said[1]) / 100 if said else None


class Predictor(Line, frozen=True, kw_only=True):
    source: str
    doi_or_pmid: str | None
    family_id: str | None
    predictor: str
    outcome: str
    statistic: str
    value: Figure | None
    direction: str | None
    n: int | None


class Conversion(Line, frozen=True, kw_only=True):
    """How a score on one instrument reads on another, as published; never for one person. `error` is how far off, as printed."""

    from_instrument: str
    from_value: Figure | None
    to_instrument: str | None
    to_value: Figure | None
    kind: str
    error: str | None = None


class Reference(Line, frozen=True, kw_only=True):
    """A published network result that the analysis must reproduce."""

    dataset: str
    method: str
    treatment: str
    reference: str
    effect_type: str
    effect: Decimal
    ci_low: Decimal | None
    ci_high: Decimal | None
    se_log: Decimal | None
    k_studies: int | None
    tau2: Decimal | None
    Q: Decimal | None
    df: int | None


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A treatment as trials compare it. `kind` is ketamine, other or control; `control` says which sort of control."""

    line: int = 0
    node: str
    label: str
    kind: str
    control: str | None
    product: str | None
    route: str | None
    also_called: str | None


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Arms that a source reports as one. `members` are arms (`STUDY/ARM`), empty for people outside the trial."""

    line: int = 0
    study_id: str
    group_id: str
    label: str
    members: tuple[str, ...]


class Contrasted(msgspec.Struct, frozen=True, kw_only=True):
    """Which two nodes a pooled row compares, for which indications, and the risks that it prints for the comparator and
    for the treatment."""

    line: int = 0
    pooled_id: str
    indications: tuple[str, ...]
    population: str
    treatment: str
    versus: str
    outcome: str
    instrument: str | None
    time_days: Decimal
    baseline_percent: Decimal | None
    notes: str | None
    treated_percent: Decimal | None = None
    treated_low: Decimal | None = None
    treated_high: Decimal | None = None


class Bias(Line, frozen=True, kw_only=True):
    """One domain of one study as somebody judged it; the reason stands in the source where `verified`."""

    study_id: str
    domain: str
    judgement: str
    reason: str
    judged_by: str


class Asked(Line, frozen=True, kw_only=True):
    """How a study asked for side effects. What is asked in different ways is never pooled."""

    study_id: str
    asked: str


class Tables(msgspec.Struct, frozen=True, kw_only=True, dict=True, eq=False):
    """All tables of one folder. Two that were read from the same text are equal: caches go by `digest`."""

    digest: str
    studies: tuple[Study, ...] = ()
    arms: tuple[Arm, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    adverse_events: tuple[AdverseEvent, ...] = ()
    durability: tuple[Durability, ...] = ()
    pooled: tuple[Pooled, ...] = ()
    predictors: tuple[Predictor, ...] = ()
    conversions: tuple[Conversion, ...] = ()
    nma_reference: tuple[Reference, ...] = ()
    nodes: tuple[Node, ...] = ()
    groups: tuple[Group, ...] = ()
    pooled_contrasts: tuple[Contrasted, ...] = ()
    bias: tuple[Bias, ...] = ()
    asked: tuple[Asked, ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tables) and other.digest == self.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    @cached_property
    def study(self) -> Mapping[str, Study]:
        return {row.study_id: row for row in self.studies}

    @cached_property
    def node(self) -> Mapping[str, Node]:
        return {row.node: row for row in self.nodes}

    @cached_property
    def arm(self) -> Mapping[tuple[str, str], Arm]:
        return {(row.study_id, row.arm_id): row for row in self.arms}

    @cached_property
    def nodes_of(self) -> Mapping[str, frozenset[str]]:
        """The treatments of each study."""
        return {s: frozenset(a.nma_node for a in self.arms if a.study_id == s) for s in self.study}

    @cached_property
    def group(self) -> Mapping[tuple[str, str], Group]:
        return {(row.study_id, row.group_id): row for row in self.groups}

    def arms_of(self, study_id: str, arm_id: str) -> tuple[Arm, ...]:
        """The arms that an id stands for: itself, the members of a group, or `A+B` taken apart. Empty when unknown."""
        if found := self.arm.get((study_id, arm_id)):
            return (found,)
        if group := self.group.get((study_id, arm_id)):
            keys = [(study, arm) for study, _, arm in (m.partition("/") for m in group.members)]
        else:
            keys = [(study_id, part) for part in arm_id.split("+")]
        arms = [self.arm.get(key) for key in keys]
        return tuple(arm for arm in arms if arm) if all(arms) else ()


def digest(texts: Mapping[str, str]) -> str:
    """A fingerprint of the tables' text, whatever order they came in."""
    said = "\0".join(f"{name}\0{texts[name]}" for name in sorted(texts))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


@cache
def shipped() -> dict[str, str]:
    """The text of each table that comes with the product, by name."""
    return {name: read.text(f"{FOLDER}/{name}.csv") for name in ROWS}


ROWS: dict[str, type[Any]] = {
    "studies": Study,
    "arms": Arm,
    "outcomes": Outcome,
    "adverse_events": AdverseEvent,
    "durability": Durability,
    "pooled": Pooled,
    "predictors": Predictor,
    "conversions": Conversion,
    "nma_reference": Reference,
    "nodes": Node,
    "groups": Group,
    "pooled_contrasts": Contrasted,
    "bias": Bias,
    "asked": Asked,
}
"""Name of a table -> what a row of it is."""
