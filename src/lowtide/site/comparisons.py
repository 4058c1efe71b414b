"""How a comparison is answered: the document of `lowtide compare`, and its lines for people."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from math import isfinite
from typing import Any

import msgspec

from lowtide.data.evidence_words import words
from lowtide.science.evidence.answering import Absolute, Comparison, absolute
from lowtide.science.evidence.compare import Answer, Known
from lowtide.science.evidence.course import Course
from lowtide.science.evidence.on_whom import of_all, sort
from lowtide.science.evidence.shares import of_100
from lowtide.science.evidence.taking import Seen
from lowtide.science.evidence.telling import label, left_out
from lowtide.science.evidence.two import GUARD


def document(known: Known, answer: Answer) -> dict[str, Any]:
    asked = answer.question
    return {
        "indication": asked.indication,
        "outcome": asked.outcome,
        "at": asked.at,
        "unverified": asked.unverified,
        "no_evidence": all(one.no_evidence for one in answer.comparisons),
        "comparisons": [comparison(known, one) for one in answer.comparisons],
        "left_out": [
            {"study": one.study, "reason": one.reason, "printed": one.printed or None} for one in answer.left
        ],
        "other_times": [{"study": study, "at": at} for study, at in answer.elsewhere],
        "data": known.digest,
    }


def comparison(known: Known, one: Comparison) -> dict[str, Any]:
    """One comparator's answer; without evidence no number stands in it."""
    told: dict[str, Any] = {
        "treatment": one.treatment,
        "versus": one.versus,
        "control": one.control,
        "no_evidence": one.no_evidence,
    }
    if not one.no_evidence:
        told |= _numbers(one) | {
            "population": one.population,
            "on": of_all(known.tables, words(), one.studies).said,
            "group": one.group or None,
            "window": one.window or None,
            "at": list(one.at),
            "evidence": one.evidence,
            "verified": one.verified,
            **_agreement(one),
            "rows": [_seen(row) for row in one.seen],
        }
    told |= {"studies": list(one.studies), "why": " ".join(one.why)}
    if one.also:
        told["also"] = [comparison(known, other) for other in one.also]
    return told


def _numbers(one: Comparison) -> dict[str, Any]:
    sure = one.certainty
    return {
        "effect": _finite(one.effect),
        "measure": one.measure,
        "lower": _finite(one.lower),
        "upper": _finite(one.upper),
        "favours": one.favours,
        "absolute": one.absolute and absolute_told(one.absolute),
        "certainty": sure and sure.level,
        "certainty_steps": [{"domain": s.domain, "down": s.down, "reason": s.reason} for s in sure.steps]
        if sure
        else [],
        "people": one.people,
        "took_part": one.took_part,
    }


def absolute_told(found: Absolute) -> dict[str, Any]:
    """Of 100 people under the treatment; how many more than under the comparator; how many to treat for one."""
    apart, number = found.difference, found.needed
    return {
        "per_100": found.per_100,
        "lower": found.lower,
        "upper": found.upper,
        "baseline_per_100": found.baseline,
        "baseline_from": found.baseline_from,
        "difference_per_100": {"value": apart.value, "lower": apart.lower, "upper": apart.upper},
        "needed_to_treat": {
            "number": _finite(number.number),
            "for_one_more": number.more,
            "near": _finite(number.near),
            "far": _finite(number.far),
            "through_infinity": number.through_infinity,
        },
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None


def _agreement(one: Comparison) -> dict[str, Any]:
    spread, parts = one.spread, one.parts
    return {
        "heterogeneity": spread
        and {
            "trials": spread.trials,
            "tau2": spread.tau2,
            "tau2_interval": spread.tau2_interval
            and {"lower": spread.tau2_interval[0], "upper": spread.tau2_interval[1]},
            "i2": spread.i2,
            "q": {
                "total": spread.q,
                "df": spread.df,
                "p": spread.p,
                "within": spread.within,
                "between": spread.between,
                "df_between": spread.df_between,
            },
            "prediction": spread.prediction
            and {"lower": spread.prediction[0], "upper": spread.prediction[1]},
        },
        "hartung_knapp": one.knapp
        and {"lower": _finite(one.knapp[0]), "upper": _finite(one.knapp[1]), "guard": GUARD},
        "direct": parts and _part(parts.direct),
        "indirect": parts and _part(parts.indirect),
        "p_difference": parts and parts.p,
    }


def _part(part: tuple[float, float, float] | None) -> dict[str, float] | None:
    return part and {"effect": part[0], "lower": part[1], "upper": part[2]}


def _seen(row: Seen) -> dict[str, Any]:
    return {"table": row.table, "line": row.line, "source": row.source_url, "verified": row.verified}


def lines(known: Known, answer: Answer) -> Iterator[str]:
    """One paragraph a comparison: those with a number first."""
    asked = answer.question
    when = f" at {asked.at}" if asked.at else ""
    yield f"{asked.outcome.capitalize()} in {words().indication[asked.indication].label}{when}:"
    if not answer.comparisons:
        yield "No evidence: no trial in the table compares ketamine with anything else here."
        yield from (f"  {said}" for said in left_out(answer.left))
    for one in answer.comparisons:
        if not one.no_evidence:
            yield from _told(known, one)
    yield from _nothing(known, [one for one in answer.comparisons if one.no_evidence])


def _nothing(known: Known, without: list[Comparison]) -> Iterator[str]:
    """Where there is something to say of a pair it has its own line; the others stand together, by treatment."""
    one_asked = len({one.versus for one in without}) == 1
    if without:
        yield "No evidence, and no number is made:"
    for one in without:
        if one.studies or one_asked:
            yield f"  {_pair(known, one)}: {' '.join(one.why)}"
    if one_asked:
        return
    beside: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for treatment in dict.fromkeys(one.treatment for one in without if not one.studies):
        others = tuple(o.versus for o in without if o.treatment == treatment and not o.studies)
        beside[others].append(treatment)
    for others, treatments in beside.items():
        first, second = ("; ".join(label(known.tables, n) for n in its) for its in (treatments, others))
        several = "any of " if len(treatments) > 1 else ""
        yield f"  Nothing connects {several}{first} with {several}these: {second}."


def _pair(known: Known, one: Comparison) -> str:
    return f"{label(known.tables, one.treatment)} against {label(known.tables, one.versus)}"


def _told(known: Known, one: Comparison) -> Iterator[str]:
    mark = "" if one.verified else " [recalled]"
    yield f"  {_pair(known, one)}{mark}"
    yield f"    {one.measure} {one.effect:.2f} ({one.lower:.2f} to {one.upper:.2f}), certainty {one.certainty.level if one.certainty else 'unknown'}; on: {of_all(known.tables, words(), one.studies).said}"
    if found := one.absolute:
        yield (
            f"    of 100 people {of_100(found.per_100)} ({of_100(found.lower)} to {of_100(found.upper)}), against {of_100(found.baseline)} "
            f"({found.baseline_from}); {needed_told(found)}"
        )
    yield from (f"    {said}" for said in one.why)
    for other in one.also:
        what = "; ".join(part for part in (other.window, other.group) if part) or other.evidence
        recalled = "" if other.verified else " [recalled]"
        yield f"    Also, kept apart, {what}: {_figure(other)}{_sure(other)}, {', '.join(other.studies)}{recalled}"


def needed_told(found: Absolute) -> str:
    """One more or one fewer of so many; nothing is said of how many where the interval holds no difference."""
    number = found.needed
    what = "one more" if number.more else "one fewer"
    if number.through_infinity or not isfinite(number.number):
        return "it may be no difference"
    far = f"to {number.far:.0f}" if isfinite(number.far) else "and more without end"
    return f"{what} of {number.number:.0f} treated ({number.near:.0f} {far})"


def at_baseline(answer: Answer, share: float) -> Answer:
    """The answer with people of 100 from a stated share under each comparator, wherever a ratio says it."""
    return msgspec.structs.replace(
        answer, comparisons=tuple(_at_baseline(one, share) for one in answer.comparisons)
    )


def _at_baseline(one: Comparison, share: float) -> Comparison:
    also = tuple(_at_baseline(each, share) for each in one.also)
    if one.effect is None or one.lower is None or one.upper is None:
        return msgspec.structs.replace(one, also=also)
    ends = (one.effect, one.lower, one.upper)
    shown = absolute(
        one.measure or "", ends, share, f"{100 * share:g} of 100 under the comparator, as stated"
    )
    return msgspec.structs.replace(one, absolute=shown, also=also)


def course(known: Known, one: Course) -> dict[str, Any]:
    """One comparison at each time, each with its own trials."""
    first = one.first
    return {
        "treatment": first.treatment,
        "versus": first.versus,
        "measure": first.measure,
        "population": first.population,
        "group": first.group or None,
        "points": [comparison(known, at) | {"window": window} for window, at in one.points],
    }


def course_lines(known: Known, found: Iterable[Course]) -> Iterator[str]:
    yield "Over time, each time with its own trials:"
    for one in found:
        whom = sort(known.tables, words(), one.first.population, one.first.studies)
        said = ", ".join(part for part in (_pair(known, one.first), whom, one.first.group) if part)
        yield f"  {said} ({one.first.evidence})"
        for window, at in one.points:
            yield f"    {window}: {_figure(at)}{_sure(at)}, {', '.join(at.studies)}{'' if at.verified else ' [recalled]'}"


def _sure(one: Comparison) -> str:
    return f", certainty {one.certainty.level}" if one.certainty else ""


def _figure(one: Comparison) -> str:
    return f"{one.measure} {one.effect:.2f} ({one.lower:.2f} to {one.upper:.2f})"
