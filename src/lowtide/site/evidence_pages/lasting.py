"""How long it lasts: who was still well, by trial and time, with what was given meanwhile; and what was told in days."""

from collections.abc import Iterable, Iterator

import msgspec

from lowtide.data.evidence import Durability, Tables
from lowtide.pathway.course.trial_answers import sure_of_lasting
from lowtide.science.evidence import fading, shares
from lowtide.science.evidence.bias import randomised
from lowtide.site.evidence_pages.drawing.lanes import Axis, Lane, Mark, Sheet
from lowtide.site.evidence_pages.forest import named

LOST, KEPT = "relapse_cum", "retained_response"
TICKS = tuple((float(v), str(v)) for v in range(0, 101, 20))
METRICS = {
    "median_time_to_relapse": "median time to relapse",
    "median_time_to_loss_of_response": "median time until the response was lost",
    "mean_time_to_relapse": "mean time to relapse",
    "median_days_in_remission": "median days in remission",
    "hazard_ratio": "hazard ratio of relapse, continued against stopped",
    "IQR_time_to_relapse": "middle half of the times to relapse",
    "duration_of_effect": "how long a difference was seen",
    "retained_response": "response kept",
    "remission_wk8_and_no_relapse_wk32": "remission at week 8 and no relapse to week 32",
}


class Told(msgspec.Struct, frozen=True):
    """A row that is no share of people: in days, as a ratio or in words."""

    study: str
    name: str
    whom: str
    metric: str
    value: str
    verified: bool
    line: int
    design: str = ""


def of_nodes(tables: Tables, studies: Iterable[str], nodes: set[str]) -> list[Durability]:
    """Verified rows on arms that were given one of these, and on the arms beside them."""
    rows = rows_of(tables, studies, unverified=False)
    own = [r for r in rows if any(a.nma_node in nodes for a in tables.arms_of(r.study_id, r.arm_id))]
    beside = {(r.study_id, r.comparator_arm_id) for r in own if r.comparator_arm_id}
    return [r for r in rows if r in own or (r.study_id, r.arm_id) in beside]


def regimen(tables: Tables, row: Durability) -> tuple[float, str]:
    """How many sessions the arm had at most (0 where that is not said), and the name of its treatment."""
    arms = tables.arms_of(row.study_id, row.arm_id)
    node = tables.node.get(arms[0].nma_node) if arms else None
    most = max((float(a.n_sessions.high) for a in arms if a.n_sessions and a.n_sessions.high), default=0.0)
    return most, node.label if node else ""


def rows_of(tables: Tables, studies: Iterable[str], *, unverified: bool) -> list[Durability]:
    wanted = set(studies)
    return [r for r in tables.durability if r.study_id in wanted and (r.verified or unverified)]


def sheet(tables: Tables, rows: Iterable[Durability], *, by_regimen: bool = False) -> Sheet | None:
    """Each group of people at each time as a lane: those who went on filled, those beside them open.

    `by_regimen` puts the lanes under what was given, the one with the most sessions first: a course and a single dose
    do not last alike.
    """
    rated = [r for r in rows if r.metric in (LOST, KEPT) and r.percent is not None]
    lanes = list(_paired(tables, rated))
    if not lanes:
        return None
    drawn = [lane for _, lane in lanes] if not by_regimen else list(_headed(tables, lanes))
    said = "; ".join(f"{lane.label}: {lane.figures}" for _, lane in lanes)
    title = "Still well, of 100 people who had improved"
    axis = Axis(0, 100, TICKS, "people of 100 who were still well")
    return Sheet("lasting", title, f"{title}. {said}.", axis, tuple(drawn))


def _paired(tables: Tables, its: list[Durability]) -> Iterator[tuple[Durability, Lane]]:
    seen: set[int] = set()
    for row in sorted(its, key=lambda r: (r.time_days is None, r.time_days or 0, r.line)):
        if row.line not in seen:
            beside = _beside(row, its)
            seen |= {row.line, *((beside.line,) if beside else ())}
            yield row, _lane(tables, row, beside)


def _headed(tables: Tables, lanes: list[tuple[Durability, Lane]]) -> Iterator[Lane]:
    drawn = {row.line: lane for row, lane in lanes}
    for label, rows in by_regimen(tables, [row for row, _ in lanes]):
        yield Lane(label, head=True)
        yield from (drawn[row.line] for row in rows)


def by_regimen(tables: Tables, rows: Iterable[Durability]) -> list[tuple[str, list[Durability]]]:
    """Rows under what was given, the regimen with the most sessions first."""
    found: dict[str, list[Durability]] = {}
    most: dict[str, float] = {}
    for row in rows:
        sessions, label = regimen(tables, row)
        most[label] = max(sessions, most.get(label, 0.0))
        found.setdefault(label, []).append(row)
    order = {node.label: at for at, node in enumerate(tables.nodes)}
    labels = sorted(most, key=lambda name: (-most[name], order.get(name, len(order))))
    return [(label[:1].upper() + label[1:], found[label]) for label in labels]


def _beside(row: Durability, rows: Iterable[Durability]) -> Durability | None:
    if not row.comparator_arm_id:
        return None
    key = (row.study_id, row.comparator_arm_id, row.population_at_risk, row.time_days, row.metric)
    return next(
        (r for r in rows if (r.study_id, r.arm_id, r.population_at_risk, r.time_days, r.metric) == key), None
    )


def still_well(row: Durability) -> float:
    percent = None if row.percent is None else float(row.percent)
    its = shares.share(row.n_at_risk, row.n_events, percent) or 0.0
    return 100 - its if row.metric == LOST else its


def _lane(tables: Tables, row: Durability, beside: Durability | None) -> Lane:
    time = f"{row.time_days.normalize():f} days" if row.time_days is not None else "whole follow-up"
    marks = [_mark(row, "trial", tables)]
    figures = f"{time}: {shares.whole(still_well(row))}"
    if beside:
        marks.insert(0, _mark(beside, "beside", tables))
        figures += (
            f" with {_given(tables, row)}, {shares.whole(still_well(beside))} with {_given(tables, beside)}"
        )
    elif row.maintenance_schedule:
        figures += f", meanwhile {row.maintenance_schedule}"
    figures += f"; {_of_how_many(tables, row, beside)}"
    recalled = "" if row.verified else " (recalled)"
    who = f"{named(tables, row.study_id)}, {arm_name(tables, row)}: {row.population_at_risk}{_design(tables, row)}{recalled}"
    sure = sure_of_lasting(tables).get(row.line, "")
    return Lane(who, tuple(marks), figures, sure=sure.replace("_", " "))


def _of_how_many(tables: Tables, row: Durability, beside: Durability | None) -> str:
    """Of how many people it is a share: as printed, else how many they can have been at most."""
    its = [r for r in (row, beside) if r]
    if all(r.n_at_risk for r in its):
        return f"of {' and '.join(str(r.n_at_risk) for r in its)} people"
    most = [found for r in its if (found := fading.most_well(r, tables))]
    if len(most) < len(its):
        return "of how many people is not printed"
    over = " over all doses" if any(joint for _, joint in most) else ""
    return f"of at most {' and '.join(str(n) for n, _ in most)} people{over}"


def _design(tables: Tables, row: Durability) -> str:
    """How the study was made, where nobody was drawn by lot."""
    study = tables.study.get(row.study_id)
    return f" ({study.design})" if study and not randomised(study) else ""


def arm_name(tables: Tables, row: Durability) -> str:
    arms = tables.arms_of(row.study_id, row.arm_id)
    return arms[0].arm_label if arms else row.arm_id


def _mark(row: Durability, kind: str, tables: Tables) -> Mark:
    tip = f"{_given(tables, row)}: {shares.whole(still_well(row))} of 100"
    return Mark(still_well(row), kind, verified=row.verified, tip=tip)  # type: ignore[arg-type]


def _given(tables: Tables, row: Durability) -> str:
    """What they were given meanwhile: the schedule where it was told, else the arm."""
    if row.maintenance_schedule:
        return row.maintenance_schedule
    return arm_name(tables, row)


def told(tables: Tables, rows: Iterable[Durability]) -> Iterator[Told]:
    for row in rows:
        if row.metric in (LOST, KEPT) and row.percent is not None:
            continue
        limits = f" ({row.ci_low} to {row.ci_high.text})" if row.ci_low is not None and row.ci_high else ""
        unit = "" if row.unit in ("text", "HR") or row.value.low is None else f" {row.unit}"
        yield Told(
            row.study_id,
            named(tables, row.study_id),
            f"{arm_name(tables, row)}: {row.population_at_risk}",
            METRICS.get(row.metric, row.metric.replace("_", " ")),
            f"{row.value.text}{unit}{limits}",
            row.verified,
            row.line,
            tables.study[row.study_id].design if row.study_id in tables.study else "",
        )
