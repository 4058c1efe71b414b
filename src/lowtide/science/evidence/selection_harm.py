"""Which trials speak on relapse and on side effects. What was asked in different ways, or over different times, stays apart."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from lowtide.data.evidence import AdverseEvent, Arm, Durability, Study, Tables
from lowtide.data.evidence_words import Rates, Words
from lowtide.science.evidence.added import added_up
from lowtide.science.evidence.bias import randomised
from lowtide.science.evidence.selection import (
    Question,
    Selection,
    counted_once,
    design,
    in_window,
    nodes_of,
    once,
    studies_on,
)
from lowtide.science.evidence.shares import counted
from lowtide.science.evidence.table import EventArm
from lowtide.science.evidence.taking import Left, Seen, Unit, as_printed, contrast, seen

ANY_GRADE = "of any grade"
HAZARD = "HR"
RateRow = Mapping[str, Any]
"""A row of the rates of reactions, as its file gives it."""


def of_relapse(tables: Tables, words: Words, asked: Question) -> Selection:
    kind = words.outcome[asked.outcome]
    units: list[Unit] = []
    left: list[Left] = []
    for study in studies_on(tables, words, asked.indication):
        rows = [
            r
            for r in tables.durability
            if r.study_id == study.study_id
            and r.metric in (*kind.metrics, *kind.contrasts)
            and (r.verified or asked.unverified)
        ]
        for (people, _), its in _grouped(rows, lambda r: (r.population_at_risk, r.time_days)).items():
            for found in _relapse(tables, words, study, people, its, kind.metrics):
                units += [_dated(words, asked, found)] if isinstance(found, Unit) else []
                left += [found] if isinstance(found, Left) else []
    return _ended(tables, words, asked, units, left)


def _dated(words: Words, asked: Question, unit: Unit) -> Unit:
    apart = asked.at is None and unit.days is not None
    return msgspec.structs.replace(unit, window=words.time_of(unit.days, unit.at)) if apart else unit


def _grouped(rows: Iterable[Any], key: Any) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def _ended(
    tables: Tables, words: Words, asked: Question, units: Sequence[Unit], left: Sequence[Left]
) -> Selection:
    kind = words.outcome.get(asked.outcome)
    inside, outside = in_window(words, asked.at, units, kind.whole_from_days if kind else 0.0)
    kept, twice = counted_once(tables, inside)
    return Selection(kept, (*left, *twice), tuple((u.study, u.at) for u in outside))


def _relapse(
    tables: Tables,
    words: Words,
    study: Study,
    people: str,
    rows: Sequence[Durability],
    metrics: Sequence[str],
) -> Iterator[Unit | Left]:
    """The published hazard ratio, with the shares of both arms where they are printed; and the counts of two treatments."""
    shares = [r for r in rows if r.metric in metrics]
    found = [(r, _count(r.n_at_risk, r.n_events, r.percent)) for r in shares]
    arms = [(r, node, n) for r, n in found if n and (node := _node(tables, r.study_id, r.arm_id))]
    counted = None
    if len({node for _, node, _ in arms}) >= 2:
        rows_of = tuple(EventArm(study.study_id, node, *n) for _, node, n in arms)
        counted = _told(tables, words, study, people, [r for r, _, _ in arms], rows_of, "OR")
        as_told = as_printed((node, r.n_events, r.percent) for r, node, _ in arms)
        counted = msgspec.structs.replace(counted, shares=as_told)
        yield counted
    for row in (r for r in rows if r.metric not in metrics):
        if unit := _hazard(tables, words, study, people, row, counted):
            yield unit
            return
    if counted is None and len({r.arm_id for r in shares}) >= 2:
        printed = "; ".join(
            f"{r.arm_id}: {r.value.text} {r.unit} of {people}{f', {r.notes}' if r.notes else ''}"
            for r in shares
        )
        reason = "it prints percentages, and of how many people is not known"
        yield Left(study.study_id, reason, printed, nodes_of(tables, study.study_id))


def _hazard(
    tables: Tables, words: Words, study: Study, people: str, row: Durability, counted: Unit | None
) -> Unit | None:
    """A published hazard ratio with limits; `counted` are the same people at the end of the follow-up."""
    one, two = (_node(tables, row.study_id, arm) for arm in (row.arm_id, row.comparator_arm_id))
    at, low, high = row.value.exact, row.ci_low, row.ci_high and row.ci_high.exact
    if not (one and two and at and low and high):
        return None
    stated = (at, float(low), high)
    its = (contrast([stated], True, study.study_id, one, two),)
    unit = msgspec.structs.replace(_told(tables, words, study, people, [row], its, HAZARD), stated=stated)
    if counted is None:
        return unit
    arms = (r for r in counted.rows if isinstance(r, EventArm))
    shares = tuple((arm.treatment, 100 * arm.events / arm.n) for arm in arms)
    seen_in = (*unit.seen, *counted.seen)
    return msgspec.structs.replace(unit, people=counted.people, shares=shares, seen=seen_in)


def _count(n: int | None, events: int | None, percent: Any) -> tuple[int, int] | None:
    had = counted(n, events, None if percent is None else float(percent))
    return (had, n) if n and had is not None else None


def _node(tables: Tables, study: str, arm: str | None) -> str | None:
    nodes = {a.nma_node for a in tables.arms_of(study, arm or "")}
    return nodes.pop() if len(nodes) == 1 else None


def _told(
    tables: Tables,
    words: Words,
    study: Study,
    people: str,
    rows: Sequence[Durability],
    its: tuple[Any, ...],
    measure: str,
) -> Unit:
    days = rows[0].time_days
    return Unit(
        study=study.study_id,
        covers=(study.study_id,),
        rows=its,
        measure=measure,
        group=people,
        population=words.population_of(study.condition).id,
        design=design(study),
        at=f"{days:f} days" if days is not None else "the whole follow-up",
        days=None if days is None else float(days),
        people=once(study, its, sum(r.n for r in its if isinstance(r, EventArm)) or None),
        seen=tuple(seen("durability", r) for r in rows),
    )


def of_adverse(
    tables: Tables, words: Words, asked: Question, term: str, rates: Sequence[RateRow]
) -> Selection:
    """`term` is a side effect by its one name; `rates` are the rows of the rates of reactions."""
    units: list[Unit] = []
    left: list[Left] = []
    for study in studies_on(tables, words, asked.indication):
        rows = [
            r
            for r in tables.adverse_events
            if r.study_id == study.study_id
            and words.adverse.term(r.event) == term
            and (r.verified or asked.unverified)
        ]
        for (severity, period), its in _grouped(
            rows, lambda r: (_grade(words, r.severity), r.period)
        ).items():
            found = _adverse(tables, words, study, its, severity, period)
            units += [found] if isinstance(found, Unit) else []
            left += [found] if isinstance(found, Left) else []
    units += list(_of_rates(tables, words, asked, term, rates))
    return _ended(tables, words, asked, units, left)


def how_asked(tables: Tables, study: str) -> str:
    row = next((r for r in tables.asked if r.study_id == study), None)
    return row.asked if row else f"as {study} asked, which was not read"


def _adverse(
    tables: Tables, words: Words, study: Study, rows: Sequence[AdverseEvent], severity: str, period: str
) -> Unit | Left | None:
    found = [(r, _arms(tables, r), _count(r.n_at_risk, r.n_events, r.percent)) for r in rows]
    usable = [(r, arms, n) for r, arms, n in found if n and len({a.nma_node for a in arms}) == 1]
    if not randomised(study) or len({arms[0].nma_node for _, arms, _ in usable}) < 2:
        reason = (
            "it has one treatment only"
            if randomised(study)
            else "nobody was drawn by lot to another treatment"
        )
        printed = "; ".join(
            f"{r.arm_id}: {r.percent if r.percent is not None else r.n_events} {'%' if r.percent is not None else 'people or events'} ({period})"
            for r in rows
        )
        return Left(study.study_id, reason, printed, nodes_of(tables, study.study_id))
    added = added_up(a for _, arms, _ in usable for a in arms)
    its = tuple(EventArm(study.study_id, arms[0].nma_node, *n) for _, arms, n in usable)
    return Unit(
        study=study.study_id,
        said=(added,) if added else (),
        added=added,
        covers=tuple(sorted({a.study_id for _, arms, _ in usable for a in arms})),
        rows=its,
        measure="OR",
        group=f"{severity}; {how_asked(tables, study.study_id)}; {period}",
        population=words.population_of(study.condition).id,
        design=design(study),
        at=period,
        days=words.adverse.period.get(period),
        people=once(study, its, sum(arm.n for arm in its)),
        seen=tuple(seen("adverse_events", r) for r, _, _ in usable),
        shares=as_printed((arms[0].nma_node, r.n_events, r.percent) for r, arms, _ in usable),
    )


def _grade(words: Words, severity: str | None) -> str:
    """The grade that was counted; how grave it was in one arm is no way of counting."""
    return severity if severity in words.adverse.grades else ANY_GRADE


def _arms(tables: Tables, row: AdverseEvent) -> tuple[Arm, ...]:
    return tables.arms_of(row.study_id, row.arm_id)


def _of_rates(
    tables: Tables, words: Words, asked: Question, term: str, rates: Sequence[RateRow]
) -> Iterator[Unit]:
    for line, row in enumerate(rates, start=2):
        which = next((r for r in words.adverse.rates if _is(r, row, asked)), None)
        if (
            which
            and words.adverse.term(row["term"]) == term
            and (row["verified"] == "yes" or asked.unverified)
        ):
            yield _rate(tables, words, which, row, line)


def _is(which: Rates, row: RateRow, asked: Question) -> bool:
    said = (row["population"], row["product_dose"], asked.indication)
    return said == (which.population, which.product, which.indication) and bool(row["events_control"])


def _rate(tables: Tables, words: Words, which: Rates, row: RateRow, line: int) -> Unit:
    name = " and ".join(which.studies)
    added = added_up(
        a
        for a in tables.arms
        if a.study_id in which.studies and a.nma_node in (which.treatment, which.versus)
    )
    arms = ((which.treatment, "events", "n_treated"), (which.versus, "events_control", "n_control"))
    rows = tuple(EventArm(name, node, int(row[events]), int(row[n])) for node, events, n in arms)
    return Unit(
        study=name,
        said=(added,) if added else (),
        added=added,
        covers=which.studies,
        rows=rows,
        measure="OR",
        group=f"{ANY_GRADE}; {which.asked}; {row['phase_or_window']}",
        population=words.population_of(row["population"]).id,
        design="parallel",
        at=row["phase_or_window"],
        days=words.adverse.period.get(row["phase_or_window"]),
        people=sum(r.n for r in rows),
        seen=(Seen("adverse_event_rates", line, row["source_url"], row["verified"] == "yes"),),
    )
