"""What the literature pooled, and what single trials printed, beside what the engine makes of the table of trials."""

import tomllib
from collections.abc import Iterator
from functools import cache
from math import exp
from pathlib import Path

import msgspec

from lowtide.data import evidence_checks
from lowtide.data.evidence import Outcome, Pooled
from lowtide.science.evidence.analysis import interval
from lowtide.science.evidence.effects import contrasts
from lowtide.science.evidence.pairwise import pool
from lowtide.science.evidence.table import Contrast, EventArm

MEASURES = {"OR": "OR", "RR": "RR", "risk difference (points)": "RD"}


class Asked(msgspec.Struct, frozen=True):
    ids: tuple[str, ...]
    treated: str
    control: str
    domain: str
    metric: str
    days: tuple[float, float]

    @property
    def nodes(self) -> tuple[str, str]:
        return self.treated, self.control


class Reason(msgspec.Struct, frozen=True):
    types: tuple[str, ...]
    why: str


class Said(msgspec.Struct, frozen=True):
    pooled: tuple[Asked, ...]
    reason: tuple[Reason, ...]
    differs: dict[str, str]


@cache
def said() -> Said:
    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Said)


class Trial(msgspec.Struct, frozen=True):
    """A trial's own printed effect beside that of its arms, (value, lower, upper)."""

    study: str
    what: str
    measure: str
    printed: tuple[float, float, float]
    engine: tuple[float, float, float]

    @property
    def same(self) -> bool:
        """As far as printed: a unit of the last digit, two for the limits (methods of intervals differ a little)."""
        near = 0.11 if self.measure == "RD" else 0.011 * max(1.0, self.printed[0])
        return all(
            abs(x - y) <= near * (1 + i)
            for i, (x, y) in enumerate(zip(self.printed, self.engine, strict=True))
        )


def trials() -> list[Trial]:
    """Every printed odds ratio, risk ratio or difference of which both arms' counts are in the table."""
    rows = evidence_checks.tables().outcomes
    found = []
    for row in rows:
        measure = MEASURES.get(row.effect_type or "")
        if not measure or not row.comparator_arm_id or row.part or not row.effect or row.effect.exact is None:
            continue
        arms = [_counts(rows, row, arm) for arm in (row.arm_id, row.comparator_arm_id)]
        if row.effect_ci_low is not None and row.effect_ci_high is not None and all(arms):
            printed = (row.effect.exact, float(row.effect_ci_low), float(row.effect_ci_high))
            pair = contrasts([a for a in arms if a], measure)[0][0]
            found.append(
                Trial(
                    row.study_id,
                    f"{row.metric}, {row.timepoint_label}",
                    measure,
                    printed,
                    _told(pair, measure),
                )
            )
    return found


def _counts(rows: tuple[Outcome, ...], like: Outcome, arm: str) -> EventArm | None:
    return next(
        (
            EventArm(row.study_id, arm, row.events, row.n_analysed)
            for row in rows
            if (row.study_id, row.arm_id, row.metric) == (like.study_id, arm, like.metric)
            and row.outcome_domain == like.outcome_domain
            and row.instrument == like.instrument
            and (row.time_days == like.time_days or _once(rows, like, arm))
            and row.events is not None
            and row.n_analysed
            and not row.part
        ),
        None,
    )


def _once(rows: tuple[Outcome, ...], like: Outcome, arm: str) -> bool:
    """Whether the arm was counted at one time only, under whatever name that time goes."""
    times = {
        r.time_days
        for r in rows
        if (r.study_id, r.arm_id, r.metric, r.instrument)
        == (like.study_id, arm, like.metric, like.instrument)
        and r.events is not None
    }
    return len(times) == 1


def _told(pair: Contrast, measure: str) -> tuple[float, float, float]:
    numbers = (pair.estimate, *interval(pair.estimate, pair.se))
    if measure == "RD":
        return tuple(100 * x for x in numbers)  # type: ignore[return-value]
    return tuple(exp(x) for x in numbers)  # type: ignore[return-value]


def made_of(row: Pooled) -> tuple[list[Contrast], list[str]]:
    """The contrasts of the table's trials that belong to a pooled result; trials whose counts are recalled, not seen."""
    asked = next((one for one in said().pooled if row.pooled_id in one.ids), None)
    if asked is None:
        return [], []
    rows = _belonging(asked)
    seen = [_arm(o) for o in rows if o.verified]
    found = contrasts(seen, row.effect_type)[0]
    recalled = sorted({o.study_id for o in rows if not o.verified} - {arm.study for arm in seen})
    return [one if one.first == asked.treated else _turned(one) for one in found], recalled


def _belonging(asked: Asked) -> list[Outcome]:
    """Counts of the right thing at the right time, of trials that have both nodes."""
    counted = [o for o in evidence_checks.tables().outcomes if _fits(o, asked)]
    nodes = {one: {_node(o) for o in counted if o.study_id == one} for one in {o.study_id for o in counted}}
    return [o for o in counted if len(nodes[o.study_id]) == 2]


def _fits(row: Outcome, asked: Asked) -> bool:
    return (
        (row.outcome_domain, row.metric) == (asked.domain, asked.metric)
        and row.events is not None
        and bool(row.n_analysed)
        and not row.part
        and row.time_days is not None
        and asked.days[0] <= row.time_days <= asked.days[1]
        and _node(row) in asked.nodes
    )


def _node(row: Outcome) -> str | None:
    arm = evidence_checks.tables().arm.get((row.study_id, row.arm_id))
    return arm.nma_node if arm else None


def _arm(row: Outcome) -> EventArm:
    return EventArm(row.study_id, _node(row) or "", row.events or 0, row.n_analysed or 0)


def _turned(one: Contrast) -> Contrast:
    return Contrast(one.study, one.second, one.first, -one.estimate, one.se)


def why_not(row: Pooled) -> str:
    return next((r.why for r in said().reason if row.effect_type in r.types), "")


def page() -> Iterator[str]:
    yield "## Evidence: pooled results of the literature, and printed effects of trials"
    yield ""
    yield from _pooled()
    yield from _trials()


def _pooled() -> Iterator[str]:
    rows = evidence_checks.tables().pooled
    made = {row.pooled_id: made_of(row) for row in rows}
    whole = sum(bool(row.k_trials) and len(made[row.pooled_id][0]) == row.k_trials for row in rows)
    yield f"{whole} of {len(rows)} pooled results can be made again: of the others the table of trials does not hold all trials with their counts."
    yield "Where it holds some, they are pooled and shown, so that a new row shows itself here; that is no check of the published number."
    yield "Counts that are recalled and were not seen take no part."
    yield ""
    yield "| Pooled result | What | Printed | Trials | In the table | Engine, of those | Why not more |"
    yield "|---|---|---|---|---|---|---|"
    for row in rows:
        yield _pooled_line(row, *made[row.pooled_id])
    yield ""


def _pooled_line(row: Pooled, made: list[Contrast], recalled: list[str]) -> str:
    printed = row.effect.text + (f" ({row.ci_low:g} to {row.ci_high:g})" if row.ci_low is not None else "")
    printed += "" if row.verified else ", recalled"
    engine, why = "", why_not(row)
    if made:
        found = pool([c.estimate for c in made], [c.se for c in made])
        told = [f"{exp(x):.2f}" for x in (found.estimate, found.lower, found.upper)]
        engine = f"{told[0]} ({told[1]} to {told[2]})"
        why = f"of its trials: {', '.join(c.study for c in made)}"
    if recalled:
        why += f"; counts of {', '.join(recalled)} are recalled only"
    what = f"{row.comparison}, {row.outcome}"
    return f"| {row.pooled_id} | {what} | {row.effect_type} {printed} | {row.k_trials or ''} | {len(made)} | {engine} | {why} |"


def _trials() -> Iterator[str]:
    yield "Effects that trials printed, beside what the engine makes of their arms:"
    yield ""
    yield "| Trial | What | Printed | Engine | Same | Why not |"
    yield "|---|---|---|---|---|---|"
    for one in trials():
        places = 1 if one.measure == "RD" else 2
        told = [
            f"{v:.{places}f} ({low:.{places}f} to {high:.{places}f})"
            for v, low, high in (one.printed, one.engine)
        ]
        same = "yes" if one.same else "**no**"
        why = "" if one.same else said().differs.get(one.study, "")
        yield f"| {one.study} | {one.what} | {one.measure} {told[0]} | {told[1]} | {same} | {why} |"
    yield ""
