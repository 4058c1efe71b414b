"""What reviews published, where rows of trials give nothing: with the interval and the certainty that they printed."""

from collections.abc import Iterator, Sequence

import msgspec

from lowtide.data.evidence import Contrasted, Pooled, Tables
from lowtide.data.evidence_certainty import Certainty
from lowtide.data.evidence_words import Words
from lowtide.science.evidence.answering import (
    Comparison,
    absolute,
    as_seen,
    favours,
    no_difference,
)
from lowtide.science.evidence.certainty import BIAS, LEVELS, Found, Step, Sureness, judged
from lowtide.science.evidence.selection import Question
from lowtide.science.evidence.taking import seen

MEASURES = {"OR": "OR", "OR (NMA)": "OR", "RR": "RR", "SMD": "SMD", "Cohen d": "SMD", "MD": "MD", "WMD": "MD"}
FITS = 1.0
"""A printed share of 100 that is farther from its own ratio belongs to another ratio: the row was changed, the share not."""
MIXED, PUBLISHED, MERGED = "mixed", "published", "merged"


def pooled_on(tables: Tables, words: Words, asked: Question) -> list[tuple[Pooled, str, str]]:
    """Pooled rows on the question, each with its treatment and comparator."""
    window = words.window[asked.at] if asked.at else None
    rows = {p.pooled_id: p for p in tables.pooled}
    return [
        (rows[c.pooled_id], c.treatment, c.versus)
        for c in tables.pooled_contrasts
        if asked.indication in c.indications
        and c.outcome == asked.outcome
        and (rows[c.pooled_id].verified or asked.unverified)
        and (window is None or window.holds(float(c.time_days)))
    ]


def from_pooled(
    tables: Tables,
    words: Words,
    asked: Question,
    row: Pooled,
    treatment: str,
    versus: str,
    more_is_better: bool,
    how: Certainty,
) -> Comparison:
    """A published result as a comparison; without a number where it printed words or a range."""
    of = next(c for c in tables.pooled_contrasts if c.pooled_id == row.pooled_id)
    measure = MEASURES.get(row.effect_type)
    base = Comparison(
        treatment=treatment,
        versus=versus,
        control=tables.node[versus].control,
        population=of.population,
        group=of.instrument or "",
        window="" if asked.at else words.time_of(float(of.time_days), row.timepoint or ""),
        at=(row.timepoint or "not said",),
        evidence=PUBLISHED,
        studies=(row.pooled_id,),
        trials=row.own_trials,
        people=row.own_people,
        verified=row.verified,
        seen=(seen("pooled", row),),
        why=tuple(_why(words, asked, of, row)),
    )
    if measure is None or row.effect.exact is None or row.ci_low is None or row.ci_high is None:
        return base
    effect = (row.effect.exact, float(row.ci_low), float(row.ci_high))
    if measure == "SMD" and row.effect_type == "Cohen d" and not more_is_better:
        effect = (-effect[0], -effect[2], -effect[1])
    return _numbered(
        base, of, row, measure, effect, more_is_better, _certainty(tables, of, row, effect, measure, how)
    )


def _numbered(
    base: Comparison,
    of: Contrasted,
    row: Pooled,
    measure: str,
    effect: tuple[float, float, float],
    more_is_better: bool,
    sure: Sureness,
) -> Comparison:
    risk = None if of.baseline_percent is None else float(of.baseline_percent) / 100
    found = absolute(measure, effect, risk, f"the risk that {row.pooled_id} gives for the comparator")
    if found and of.treated_percent is not None and abs(float(of.treated_percent) - found.per_100) <= FITS:
        ends = (None if end is None else float(end) for end in (of.treated_low, of.treated_high))
        found = as_seen(found, float(of.treated_percent), *ends)
    return msgspec.structs.replace(
        base,
        measure=measure,
        effect=effect[0],
        lower=effect[1],
        upper=effect[2],
        favours=favours(measure, effect[1], effect[2], more_is_better=more_is_better),
        absolute=found,
        certainty=sure,
    )


def _why(words: Words, asked: Question, of: Contrasted, row: Pooled) -> Iterator[str]:
    of_trials = f"{row.k_trials} trials" if row.k_trials else "trials"
    people = f", {row.n_participants.text} people" if row.n_participants else ""
    yield f"Published by a review of {of_trials}{people}: {row.citation}. It printed {row.effect_type} {row.effect.text}."
    if row.of_network:
        yield "Those are all trials of its network; how many of them compared these two is not printed."
    if of.population == MIXED:
        yield "Its people were of several sorts, resistant to treatment and not; it is no answer on one of them alone."
    for note in dict.fromkeys((of.notes, row.notes)):
        if note:
            yield f"{note[:1].upper()}{note[1:]}."
    if not row.verified:
        yield f"Recalled, not read in a source: {row.pooled_id}."


def rated(tables: Tables, row: Pooled, how: Certainty) -> Sureness:
    """How sure a published result is, whether or not a comparison is made of it."""
    of = next((c for c in tables.pooled_contrasts if c.pooled_id == row.pooled_id), None)
    measure = MEASURES.get(row.effect_type, row.effect_type)
    ends = (row.effect.exact, row.ci_low, row.ci_high)
    effect = None if None in ends else tuple(float(end or 0) for end in ends)
    return _certainty(tables, of, row, effect, measure, how)


def _certainty(
    tables: Tables,
    of: Contrasted | None,
    row: Pooled,
    effect: Sequence[float] | None,
    measure: str,
    how: Certainty,
) -> Sureness:
    """As the review printed it; else from its interval, its people and its I2, its trials not judged one by one."""
    if row.certainty in LEVELS:
        return Sureness(
            str(row.certainty), (Step("published", 0, f"as {row.pooled_id} printed it"),), computed=False
        )
    none = no_difference(measure)
    found = judged(
        Found(
            risks=(),
            lower=effect[1] if effect else none,
            upper=effect[2] if effect else none,
            none=none,
            people=row.own_people,
            sizes=(),
            signs=(),
            i2=row.i2,
            prediction=None,
            indirect=tuple(_indirect(tables, of)),
            untold="" if effect else "no limits are printed",
            reviewed=True,
        ),
        how,
    )
    if not row.certainty:
        return found
    steps = (Step(BIAS, 2, str(row.certainty)), *found.steps[1:])
    down = sum(step.down for step in steps)
    return Sureness(LEVELS[min(down, len(LEVELS) - 1)], steps)


def _indirect(tables: Tables, of: Contrasted | None) -> Iterator[str]:
    """What was compared that is not quite the question: treatments or controls merged, people of several sorts."""
    nodes = [tables.node[name] for name in (of.treatment, of.versus) if name in tables.node] if of else []
    if any(MERGED in f"{node.label} {node.control}" for node in nodes):
        yield "the review merged what it compared"
    if of and of.population == MIXED:
        yield "its people were resistant and not"
