"""The table of trials as `lowtide evidence` answers it: rows with their source, risk of bias, and what is missing."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from math import isfinite
from typing import Any

import msgspec

from lowtide.data.evidence import Figure, Study
from lowtide.data.evidence_words import indications_of
from lowtide.pathway.course.trial_answers import HalfTime, half_times
from lowtide.science.evidence import fading
from lowtide.science.evidence.bias import Risk, randomised, risk
from lowtide.science.evidence.compare import Known, compare
from lowtide.science.evidence.selection import Question, studies_on

DOSES = ("dose_value",)
"""Figures that are doses: told as text, so that they stay exact."""
ASKED = ("response", "remission", "change")
TIMES = ("24h", "7d", "28d")
BY_STUDY = ("arms", "outcomes", "adverse_events", "durability")


def document(known: Known, indication: str | None, *, unverified: bool) -> dict[str, Any]:
    """Everything that speaks of an indication, or of all. Recalled rows are counted, and shown when asked for."""
    shown = studies_on(known.tables, known.words, indication) if indication else known.tables.studies
    studies = [s for s in shown if s.verified or unverified]
    on = {s.study_id for s in shown}
    rows = {name: [r for r in getattr(known.tables, name) if r.study_id in on] for name in BY_STUDY}
    rows["pooled"] = list(_pooled(known, indication))
    rows["predictors"], rows["conversions"] = list(known.tables.predictors), list(known.tables.conversions)
    return {
        "indication": indication,
        "unverified": unverified,
        "studies": [_study(known, s) for s in studies],
        **{name: [told(r) for r in its if r.verified or unverified] for name, its in rows.items()},
        "half_times": [
            half_time(one)
            for one in half_times(known.tables, unverified=unverified)
            if one.faded.row.study_id in on
        ],
        "missing": {
            "questions": list(
                unanswered(known, [indication] if indication else list(known.words.indication))
            ),
            "studies": {s.study_id: gaps for s in studies if (gaps := list(unknown(known, s)))},
        },
        "recalled_and_not_shown": 0 if unverified else _recalled(shown, rows, of_one=indication is not None),
        "data": known.digest,
    }


def _pooled(known: Known, indication: str | None) -> Iterator[Any]:
    on = {c.pooled_id for c in known.tables.pooled_contrasts if indication in c.indications}
    yield from (p for p in known.tables.pooled if indication is None or p.pooled_id in on)


def _recalled(studies: Iterable[Study], rows: dict[str, list[Any]], *, of_one: bool) -> int:
    """Rows that are not shown; those that speak of no indication count when all are asked for."""
    count = sum(not study.verified for study in studies)
    names = [name for name in rows if not of_one or name not in ("predictors", "conversions")]
    return count + sum(not row.verified for name in names for row in rows[name])


def told(row: Any) -> dict[str, Any]:
    """One row: numbers as numbers where they are numbers, ranges and words as they were printed, doses as text."""
    fields = {name: getattr(row, name) for name in row.__struct_fields__}
    fields["source"] = fields.pop("source_url", None)
    return {name: _value(name, value) for name, value in fields.items()}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, Figure):
        return value.text if name in DOSES or value.exact is None else value.exact
    return float(value) if isinstance(value, Decimal) else value


def half_time(one: HalfTime) -> dict[str, Any]:
    """After how many days half had lost their response, from what, and how sure that is."""
    faded, half = one.faded, one.faded.half_days
    ends = {"lower": half.lower, "upper": half.upper if isfinite(half.upper) else None} if half else {}
    return {
        "study": faded.row.study_id,
        "arm": faded.row.arm_id,
        "of": faded.row.population_at_risk,
        "meanwhile": faded.row.maintenance_schedule,
        "told": fading.half_told(faded),
        "half_days": half.value if half else None,
        **(ends if faded.limits else {"lower": None, "upper": None}),
        "printed": faded.printed,
        "still_well_of_100": faded.kept,
        "after_days": faded.days,
        "people": faded.people,
        "people_at_most": faded.at_most,
        "shape": faded.shape,
        "from": fading.basis_told(faded),
        "certainty": one.certainty.replace("_", " "),
        "why": one.why,
        "source": faded.row.source_url,
        "line": faded.row.line,
        "verified": faded.row.verified,
    }


def _study(known: Known, study: Study) -> dict[str, Any]:
    found = risk(study, known.tables.bias, known.certainty)
    return {
        **told(study),
        "indications": list(indications_of(study.condition)),
        "population_by_resistance": known.words.population_of(study.condition).label,
        "randomised": randomised(study),
        "risk_of_bias": risk_told(found),
        "missing": list(unknown(known, study)),
    }


def risk_told(found: Risk) -> dict[str, Any]:
    return {
        "overall": found.overall,
        "why": found.why,
        "domains": [msgspec.structs.asdict(one) for one in found.domains],
    }


def unknown(known: Known, study: Study) -> Iterator[str]:
    """What is not known of a study: its own empty fields, and those that its arms lack."""
    own = (
        "doi",
        "pmid",
        "registry_id",
        "population",
        "n_randomised_or_enrolled",
        "n_analysed",
        "risk_of_bias_note",
    )
    yield from (name for name in own if getattr(study, name) is None)
    arms = [a for a in known.tables.arms if a.study_id == study.study_id]
    for name in ("n_arm", "baseline_mean", "baseline_sd", "age_mean", "female_pct"):
        without = [a.arm_id for a in arms if getattr(a, name) is None]
        if without:
            yield f"{name} of {', '.join(without)}"
    if not any(o.study_id == study.study_id for o in known.tables.outcomes):
        yield "any outcome"


def unanswered(known: Known, indications: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The questions on which no comparison with a number can be made from rows that were read.

    `answered_at` are other times at which one can.
    """
    for indication in indications:
        for outcome in ASKED:
            there = [at for at in known.words.window if _answered(known, Question(indication, outcome, at))]
            gaps = [at for at in TIMES if at not in there]
            yield from (
                {"indication": indication, "outcome": outcome, "at": at, "answered_at": there} for at in gaps
            )
        if not _answered(known, Question(indication, "relapse")):
            yield {"indication": indication, "outcome": "relapse", "at": None, "answered_at": []}


def _answered(known: Known, asked: Question) -> bool:
    return any(not one.no_evidence for one in compare(known, asked).comparisons)


def lines(known: Known, found: dict[str, Any]) -> Iterator[str]:
    """One line a study, then what is missing."""
    for study in found["studies"]:
        mark = "" if study["verified"] else " [recalled]"
        yield f"{study['study_id']} ({study['year']}), {study['condition']}, {study['design']}{mark}"
        yield f"  {study['n_analysed'] or 'unknown'} people; risk of bias {study['risk_of_bias']['overall']}: {study['risk_of_bias']['why']}"
        yield f"  {study['source'] or 'no source was seen'}"
    yield from (_published(row) for row in found["pooled"])
    yield from (_half(one) for one in found["half_times"])
    counted = ", ".join(f"{len(found[name])} {name.replace('_', ' ')}" for name in BY_STUDY)
    yield f"{len(found['studies'])} studies, {counted}, {len(found['pooled'])} results of reviews."
    if found["recalled_and_not_shown"]:
        yield f"{found['recalled_and_not_shown']} recalled rows are not shown; --unverified shows them, marked."
    yield from missing(known, found["missing"]["questions"])


def _half(one: dict[str, Any]) -> str:
    whom = f"{one['study']} {one['arm']}, {one['of']}"
    return f"Half lost their response, {whom}: {one['told']}, certainty {one['certainty']}; {one['from']}."


def _published(row: dict[str, Any]) -> str:
    mark = "" if row["verified"] else " [recalled]"
    ends = "" if row["ci_low"] is None else f" ({row['ci_low']} to {row['ci_high']})"
    return f"{row['pooled_id']}, {row['comparison']}: {row['outcome']} {row['effect_type']} {row['effect']}{ends}{mark}"


def missing(known: Known, questions: Iterable[dict[str, Any]]) -> Iterator[str]:
    """What no row answers, a line an indication and outcome."""
    gaps: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in questions:
        gaps.setdefault((one["indication"], one["outcome"]), []).append(one)
    for (indication, outcome), its in gaps.items():
        label = known.words.indication[indication].label
        times = ", ".join(one["at"] or "any time" for one in its)
        there = f", but at {', '.join(its[0]['answered_at'])}" if its[0]["answered_at"] else ""
        yield f"No trial answers for ketamine: {outcome} in {label} at {times}{there}."
