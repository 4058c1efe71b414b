"""After how many days half of those who had been well no longer were: by what was given, each number with its rows."""

from collections.abc import Callable, Iterable
from math import isfinite
from typing import Any

from lowtide.data.evidence import Durability, Tables
from lowtide.pathway.course.trial_answers import HalfTime, half_times
from lowtide.science.evidence import fading
from lowtide.site.evidence_pages.analysed import kind
from lowtide.site.evidence_pages.forest import named
from lowtide.site.evidence_pages.lasting import arm_name, by_regimen
from lowtide.site.evidence_pages.readable import readable
from lowtide.site.evidence_pages.rows import anchor


def of_rows(
    tables: Tables, rows: Iterable[Durability], url: Callable[[str], str], *, unverified: bool = False
) -> list[dict[str, Any]]:
    """Of the groups behind these rows: under each regimen, the one with the most sessions first, how long and from whom."""
    lines = {row.line for row in rows}
    its = [h for h in half_times(tables, unverified=unverified) if h.faded.row.line in lines]
    of = {h.faded.row.line: h for h in its}
    groups = by_regimen(tables, [h.faded.row for h in its])
    found = [_group(label, [of[row.line] for row in under], tables, url) for label, under in groups]
    return sorted(found, key=lambda group: not group["ketamine"])


def _group(label: str, its: list[HalfTime], tables: Tables, url: Callable[[str], str]) -> dict[str, Any]:
    """`span` is the shortest and the longest half-time under one regimen; they are not pooled."""
    first = its[0].faded.row
    nodes = [arm.nma_node for arm in tables.arms_of(first.study_id, first.arm_id)]
    studies = list(dict.fromkeys(h.faded.row.study_id for h in its))
    days = sorted(h.faded.half_days.value for h in its if h.faded.half_days)
    return {
        "label": label,
        "ketamine": any(kind(tables, node) == "ketamine" for node in nodes),
        "studies": [(named(tables, s), url(s)) for s in studies],
        "span": _span(days) if len(days) > 1 else "",
        "rows": [_row(h, tables, url) for h in its],
    }


def _span(days: list[float]) -> str:
    return f"{days[0]:.0f} to {days[-1]:.0f} days"


def _row(one: HalfTime, tables: Tables, url: Callable[[str], str]) -> dict[str, Any]:
    faded, row, half = one.faded, one.faded.row, one.faded.half_days
    end = "no end" if half is None or not isfinite(half.upper) else f"{half.upper:.0f}"
    limits = (
        f"{half.lower:.0f} to {end}{', at least so wide' if faded.at_most else ''}"
        if half and faded.limits
        else ""
    )
    return {
        "name": named(tables, row.study_id),
        "url": f"{url(row.study_id)}#{anchor('durability', row.line)}",
        "whom": f"{arm_name(tables, row)}: {row.population_at_risk}",
        "meanwhile": row.maintenance_schedule or "not said",
        "half": "" if half is None else f"{half.value:{'g' if faded.printed else '.0f'}} days",
        "limits": limits,
        "basis": fading.basis_told(faded),
        "shape": "" if faded.shape is None else f"{faded.shape:.2f}",
        "certainty": one.certainty.replace("_", " "),
        "why": readable(one.why, tables),
        "verified": row.verified,
    }
