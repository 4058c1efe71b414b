"""The table of trials as `lowtide evidence` answers it: rows with their source, risk of bias, and what is missing."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import msgspec

from lowtide.data.evidence import Figure, Study
from lowtide.data.evidence_words import indications_of
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
        "missing": {
            "questions": list(
                unanswered(known, [indication] if indication else list(known.words.indication))
            ),
            "studies": {s.study_id: gaps for s in studies if (gaps := list(unknown(known, s)))},
        },
        "recalled_and_not_shown": 0
        if unverified
        else _recalled([*shown, *(r for its in rows.values() for r in its)]),
        "data": known.digest,
    }


def _pooled(known: Known, indication: str | None) -> Iterator[Any]:
    on = {c.pooled_id for c in known.tables.pooled_contrasts if indication in c.indications}
    yield from (p for p in known.tables.pooled if indication is None or p.pooled_id in on)


def _recalled(rows: Iterable[Any]) -> int:
    return sum(not row.verified for row in rows)


def told(row: Any) -> dict[str, Any]:
    """One row: numbers as numbers where they are numbers, ranges and words as they were printed, doses as text."""
    fields = {name: getattr(row, name) for name in row.__struct_fields__}
    fields["source"] = fields.pop("source_url", None)
    return {name: _value(name, value) for name, value in fields.items()}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, Figure):
        return value.text if name in DOSES or value.exact is None else value.exact
    return float(value) if isinstance(value, Decimal) else value


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
    """The questions on which no comparison with a number can be made from rows that were read."""
    for indication in indications:
        questions = [Question(indication, outcome, at) for outcome in ASKED for at in TIMES]
        for asked in (*questions, Question(indication, "relapse")):
            if all(one.no_evidence for one in compare(known, asked).comparisons):
                yield {"indication": indication, "outcome": asked.outcome, "at": asked.at}


def lines(known: Known, found: dict[str, Any]) -> Iterator[str]:
    """One line a study, then what is missing."""
    for study in found["studies"]:
        mark = "" if study["verified"] else " [recalled]"
        yield f"{study['study_id']} ({study['year']}), {study['condition']}, {study['design']}{mark}"
        yield f"  {study['n_analysed'] or 'unknown'} people; risk of bias {study['risk_of_bias']['overall']}: {study['risk_of_bias']['why']}"
        yield f"  {study['source'] or 'no source was seen'}"
    counted = ", ".join(f"{len(found[name])} {name}" for name in (*BY_STUDY, "pooled"))
    yield f"{len(found['studies'])} studies, {counted}."
    if found["recalled_and_not_shown"]:
        yield f"{found['recalled_and_not_shown']} recalled rows are not shown; --unverified shows them, marked."
    for one in found["missing"]["questions"]:
        yield f"No row answers: {one['outcome']} in {known.words.indication[one['indication']].label} at {one['at'] or 'any time'}."
