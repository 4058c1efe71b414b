"""Figures of a trial's arms for an answer by name: shares, means, the odds ratio of counts, what was published between two."""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from math import exp
from typing import Any

from lowtide.data.evidence import AdverseEvent, Durability, Figure, Line, Outcome, Study, Tables
from lowtide.data.named_answers import Harm, Lasting, Trial
from lowtide.science.evidence.analysis import interval
from lowtide.science.evidence.effects import contrasts
from lowtide.science.evidence.fading import most_well
from lowtide.science.evidence.shares import counted, share
from lowtide.science.evidence.table import EventArm

RATIO = ("OR", "RR", "HR", "OR (NMA)")
NEAR_DAYS = 0.6
"""Two times of a trial are the same one if they are no further apart than this."""


def of_trial(of: Trial, tables: Tables) -> dict[str, Any] | None:
    rows = [r for r in tables.outcomes if r.study_id == of.study and r.verified and _fits(r, of)]
    own = [r for r in rows if not r.comparator_arm_id]
    arm, beside = (_one(own, a, lambda r: r.arm_id) for a in (of.treated, of.control))
    between = next((r for r in rows if r.comparator_arm_id and r.arm_id == of.treated), None)
    if of.subgroup:
        arm, beside = None, None
    used = [r for r in (arm, beside, between) if r]
    if not used or (of.control and not ((arm and beside) or between)):
        return None
    about = {**about_of(of.study, "outcomes", used, tables), **_shares(arm, beside)}
    if arm and arm.mean:
        about |= {
            "value": arm.mean.exact,
            "control_value": beside.mean.exact if beside and beside.mean else None,
            "unit": f"points, {arm.instrument}",
        }
    if of.subgroup and between:
        about |= _of_part(between, of, tables)
    return about | _between(between, about)


def _of_part(row: Outcome, of: Trial, tables: Tables) -> dict[str, Any]:
    """What the row of a part of a trial prints of it; how many people they are is not what the trial looked at."""
    return {
        "percent": number(row.percent),
        "control_percent": noted(row.notes, of.control_is),
        "people": row.n_analysed or _in_part(row, of, tables),
        "interaction": noted(row.notes, "interaction p {}"),
    }


def _in_part(row: Outcome, of: Trial, tables: Tables) -> int | None:
    """How many people of both arms the part holds, where rows of its arms say so."""
    when = (row.study_id, row.instrument, row.time_days, row.part)
    its = {
        r.arm_id: r.n_analysed
        for r in tables.outcomes
        if r.verified and not r.comparator_arm_id and (r.study_id, r.instrument, r.time_days, r.part) == when
    }
    counted = [n for arm in (of.treated, of.control) if (n := its.get(arm))]
    return sum(counted) or None


def noted(notes: str | None, wording: str, per: int = 100) -> float | None:
    """A share that a row's note prints, found by the words beside it."""
    if not wording or not notes:
        return None
    pattern = re.escape(wording).replace(re.escape("{}"), r"([\d.]+)")
    found = re.search(pattern, notes)
    return float(found[1]) * 100 / per if found else None


def _fits(row: Outcome, of: Trial) -> bool:
    near = of.days is None or (row.time_days is not None and abs(float(row.time_days) - of.days) < NEAR_DAYS)
    same = row.outcome_domain == of.domain and row.metric == of.metric
    return near and same and of.instrument in ("", row.instrument) and of.subgroup == (row.part or "")


def _between(row: Outcome | None, about: Mapping[str, Any]) -> dict[str, Any]:
    """A ratio as it was published; else the odds ratio of the counts, where there are any; else what was published."""
    if row is None or (row.effect_type not in RATIO and odds(about)):
        return odds(about)
    return _published(row)


def _shares(arm: Outcome | AdverseEvent | None, beside: Outcome | AdverseEvent | None) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for row, before in ((arm, ""), (beside, "control_")):
        if row is None:
            continue
        n = row.n_analysed if isinstance(row, Outcome) else row.n_at_risk
        events = row.events if isinstance(row, Outcome) else row.n_events
        given |= _counted(before, n, events, number(row.percent))
    return given


def _counted(before: str, n: int | None, events: int | None, percent: float | None) -> dict[str, Any]:
    return {
        f"{before}n": n,
        f"{before}events": counted(n, events, percent),
        f"{before}percent": share(n, events, percent),
    }


def _published(row: Outcome) -> dict[str, Any]:
    return {
        "measure": (row.effect_type or "").removeprefix("adjusted "),
        "effect": row.effect.exact if row.effect else None,
        "words": row.effect.text if row.effect and row.effect.exact is None else "",
        "lower": number(row.effect_ci_low),
        "upper": number(row.effect_ci_high),
        "p": at_most(row.p_value or ""),
        "p_said": row.p_value or "",
    }


def odds(about: Mapping[str, Any]) -> dict[str, Any]:
    """The odds ratio of two arms that were counted."""
    counts = [about.get(key) for key in ("events", "n", "control_events", "control_n")]
    if None in counts:
        return {}
    events, n, beside, beside_n = (int(c or 0) for c in counts)
    found, _ = contrasts([EventArm("it", "a", events, n), EventArm("it", "b", beside, beside_n)], "OR")
    if not found:
        return {}
    lower, upper = interval(found[0].estimate, found[0].se)
    return {"measure": "OR", "effect": exp(found[0].estimate), "lower": exp(lower), "upper": exp(upper)}


def of_harm(of: Harm, tables: Tables) -> dict[str, Any] | None:
    rows = [r for r in tables.adverse_events if (r.study_id, r.event) == (of.study, of.event) and r.verified]
    arm, beside = (_one(rows, a, lambda r: r.arm_id) for a in (of.treated, of.control))
    if arm is None or (of.control and beside is None):
        return None
    about = {
        **about_of(of.study, "adverse_events", [r for r in (arm, beside) if r], tables),
        **_shares(arm, beside),
    }
    return about | odds(about) | people(about)


def people(about: Mapping[str, Any]) -> dict[str, Any]:
    """Those who were counted, where the rows say how many; not everybody whom the trial enrolled."""
    counted = [n for n in (about.get("n"), about.get("control_n")) if n]
    return {"people": sum(counted) if counted else None}


def of_lasting(of: Lasting, tables: Tables) -> dict[str, Any] | None:
    rows = [r for r in tables.durability if r.study_id == of.study and r.metric == of.metric and r.verified]
    rows = [r for r in rows if of.whom in ("", r.population_at_risk) and _at(r, of.days)]
    arm, beside = (_one(rows, a, lambda r: r.arm_id) for a in (of.treated, of.control))
    if arm is None or (of.control and beside is None):
        return None
    about = about_of(of.study, "durability", [r for r in (arm, beside) if r], tables)
    for row, before in ((arm, ""), (beside, "control_")):
        if row is not None:
            about |= _counted(before, row.n_at_risk, row.n_events, number(row.percent))
            if row.percent is None:
                about |= {f"{before}value": row.value.exact, "unit": row.unit}
    most = [most_well(row, tables) for row in (arm, beside) if row is not None]
    at_most = sum(one[0] for one in most if one) if all(most) else None
    about |= odds(about) | people(about) | {"people_at_most": at_most}
    return about | _hazard(about, of, tables)


def _hazard(about: Mapping[str, Any], of: Lasting, tables: Tables) -> dict[str, Any]:
    """The hazard ratio that was published of the same people goes before the odds ratio of their counts."""
    its = (
        r for r in tables.durability if (r.study_id, r.metric) == (of.study, "hazard_ratio") and r.verified
    )
    row = next(
        (r for r in its if of.whom and (r.population_at_risk, r.arm_id) == (of.whom, of.treated)), None
    )
    lower, upper = (number(row.ci_low), number(row.ci_high)) if row else (None, None)
    if row is None or row.value.exact is None or lower is None or upper is None:
        return {}
    rows = (*about["rows"], ("durability", row))
    return {"measure": "HR", "effect": row.value.exact, "lower": lower, "upper": upper, "rows": rows}


def _at(row: Durability, days: float | None) -> bool:
    return days is None or (row.time_days is not None and abs(float(row.time_days) - days) < NEAR_DAYS)


def _one(rows: Iterable[Any], wanted: str, key: Callable[[Any], str]) -> Any | None:
    return next((row for row in rows if wanted and key(row) == wanted), None)


def about_of(study: str, table: str, rows: Iterable[Line], tables: Tables) -> dict[str, Any]:
    known: Study | None = tables.study.get(study)
    lines = tuple((table, row) for row in rows)
    source = tuple(dict.fromkeys(url for _, row in lines for url in seen_at(row)))
    people = (known.n_analysed or known.n_randomised_or_enrolled) if known else None
    return {"rows": lines, "studies": (study,), "trials": 1, "people": people, "source": source}


def seen_at(row: Line) -> tuple[str, ...]:
    return (row.source_url,) if row.source_url else ()


def number(value: Decimal | Figure | None) -> float | None:
    if isinstance(value, Figure):
        return value.exact
    return None if value is None else float(value)


def at_most(chance: str) -> float | None:
    """A p as printed; of “<0.001” the number that it lies under."""
    return plain(chance.split(" ")[0].lstrip("<≤"))


def plain(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
