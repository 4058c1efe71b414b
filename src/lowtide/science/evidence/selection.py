"""Which trials speak on a question, each counted once: by indication, outcome and time; and which do not, with the reason.

Crossover trials and trials that withdrew a treatment are told apart by `design`, so that they never stand in the acute
network beside the others. Populations and ways of asking are kept apart by `population` and `group`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

import msgspec

from lowtide.data.evidence import Outcome, Study, Tables
from lowtide.data.evidence_words import Kind, Window, Words
from lowtide.science.evidence.bias import crossover, randomised, withdrawal
from lowtide.science.evidence.table import Contrast
from lowtide.science.evidence.taking import Left, Part, Reader, Taken, Unit, printed

PARALLEL, CROSSOVER, WITHDRAWAL = "parallel", "crossover", "randomised withdrawal"


class Question(msgspec.Struct, frozen=True):
    """What is asked; Without `at` every time answers, each for itself. Recalled rows speak only when `unverified`."""

    indication: str
    outcome: str
    at: str | None = None
    unverified: bool = False


class Selection(msgspec.Struct, frozen=True):
    """`elsewhere` are other times at which rows of this outcome exist: (study, label)."""

    units: tuple[Unit, ...]
    left: tuple[Left, ...]
    elsewhere: tuple[tuple[str, str], ...] = ()


def studies_on(tables: Tables, words: Words, indication: str) -> tuple[Study, ...]:
    asked = words.indication[indication]
    return tuple(s for s in tables.studies if asked.reads(s.condition))


def design(study: Study) -> str:
    return CROSSOVER if crossover(study) else WITHDRAWAL if withdrawal(study) else PARALLEL


def nodes_of(tables: Tables, study: str) -> frozenset[str]:
    return tables.nodes_of.get(study, frozenset())


def of_outcomes(tables: Tables, words: Words, asked: Question) -> Selection:
    """The answer to questions on response, remission and change of the score."""
    kind = words.outcome[asked.outcome]
    units: list[Unit] = []
    left: list[Left] = []
    elsewhere: list[tuple[str, str]] = []
    for study in studies_on(tables, words, asked.indication):
        rows = list(_rows(tables, words, asked, study, kind))
        by_time = _by_time(words, asked, rows)
        inside = {id(r) for its in by_time.values() for r in its}
        elsewhere += [
            (study.study_id, label)
            for label in dict.fromkeys(r.timepoint_label for r in rows if id(r) not in inside)
        ]
        for time, its in by_time.items():
            found = _one(tables, words, asked, study, kind, words.window.get(time), its)
            units += [_dated(found, asked, time)] if isinstance(found, Unit) else []
            left += [found] if isinstance(found, Left) else []
    kept, twice = counted_once(tables, units)
    return Selection(kept, (*left, *twice), tuple(elsewhere))


def _by_time(words: Words, asked: Question, rows: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    """The rows inside the window that was asked for; else those of every window apart."""
    found: dict[str, list[Outcome]] = defaultdict(list)
    for row in rows:
        time = words.time_of(_days(row.time_days), row.timepoint_label)
        if asked.at in (None, time):
            found[time].append(row)
    return found


def _dated(unit: Unit, asked: Question, time: str) -> Unit:
    return unit if asked.at else msgspec.structs.replace(unit, window=time)


def _rows(tables: Tables, words: Words, asked: Question, study: Study, kind: Kind) -> Iterator[Outcome]:
    domains = words.indication[asked.indication].domains
    for row in tables.outcomes:
        if row.study_id != study.study_id or row.outcome_domain not in domains:
            continue
        if row.metric in (*kind.metrics, *kind.contrasts, *kind.told) and (row.verified or asked.unverified):
            yield row


def _one(
    tables: Tables,
    words: Words,
    asked: Question,
    study: Study,
    kind: Kind,
    window: Window | None,
    rows: Sequence[Outcome],
) -> Unit | Left:
    """The first instrument and the nearest time of which the rows of this study say something."""
    if not randomised(study):
        return Left(
            study.study_id,
            "nobody was drawn by lot to another treatment",
            printed(tables, rows),
            nodes_of(tables, study.study_id),
        )
    reader = Reader(
        tables, words.taking, kind.metrics, kind.contrasts, kind.measure == "OR", asked.unverified
    )
    reason = ""
    for instrument, time, its in _in_order(words, asked, window, rows):
        taken = reader.take(its)
        if isinstance(taken, Taken):
            others = sorted({r.instrument for r in rows} - {instrument})
            return _unit(tables, words, study, kind, taken, instrument, its[0], time, others)
        reason = reason or taken
    return Left(study.study_id, reason, printed(tables, rows), nodes_of(tables, study.study_id))


def _in_order(
    words: Words, asked: Question, window: Window | None, rows: Sequence[Outcome]
) -> Iterator[tuple[str, Decimal | None, list[Outcome]]]:
    order = [
        i for domain in words.indication[asked.indication].domains for i in words.instruments.get(domain, ())
    ]
    groups: dict[tuple[str, Decimal | None], list[Outcome]] = defaultdict(list)
    for row in rows:
        groups[row.instrument, row.time_days].append(row)

    def place(key: tuple[str, Decimal | None]) -> tuple[float, ...]:
        days = _days(key[1])
        far = abs(days - window.days) if days is not None and window else -(days or 0)
        return (order.index(key[0]) if key[0] in order else len(order), far)

    for key in sorted(groups, key=place):
        yield (*key, groups[key])


def _unit(
    tables: Tables,
    words: Words,
    study: Study,
    kind: Kind,
    taken: Taken,
    instrument: str,
    row: Outcome,
    time: Decimal | None,
    others: Sequence[str],
) -> Unit:
    more = (f"{study.study_id} has {', '.join(others)}, too: not taken, one scale a trial",) if others else ()
    return Unit(
        study=study.study_id,
        covers=taken.covers or (study.study_id,),
        rows=taken.rows,
        measure=taken.measure,
        group="" if kind.measure == "OR" else instrument if taken.measure == "MD" else "several scales",
        population=words.population_of(study.condition).id,
        design=design(study),
        at=row.timepoint_label,
        days=_days(time),
        people=once(study, taken.rows, taken.people),
        seen=taken.seen,
        said=(*taken.said, *more),
        assumed=taken.assumed,
        took_part=once(study, taken.rows, taken.took_part),
        added=taken.added,
        metric=taken.metric,
        stated=taken.stated,
        shares=taken.shares,
    )


def once(study: Study, rows: Iterable[Part], people: int | None) -> int | None:
    """People of a trial's arms; where everybody had each treatment in turn they are in every arm and are counted once."""
    if people is None or not crossover(study):
        return people
    arms = [row.n for row in rows if not isinstance(row, Contrast)]
    return min(people, max(arms, default=people), study.n_analysed or people)


def _days(time: Decimal | None) -> float | None:
    return None if time is None else float(time)


def counted_once(tables: Tables, units: Sequence[Unit]) -> tuple[tuple[Unit, ...], list[Left]]:
    """Of reports on the same people the one on most trials, then on most people; the others are told."""
    kept: list[Unit] = []
    left: list[Left] = []
    for unit in sorted(units, key=lambda u: (-len(u.covers), -(u.size or 0), u.study)):
        before = next((k for k in kept if _beside(k, unit) and _same_people(tables, k, unit)), None)
        if before is None:
            kept.append(unit)
        else:
            left.append(
                Left(unit.study, f"its people are counted with {before.study}", "", frozenset(unit.nodes))
            )
    return tuple(sorted(kept, key=lambda u: u.study)), left


def _beside(one: Unit, two: Unit) -> bool:
    return (one.group, one.window) == (two.group, two.window)


def _same_people(tables: Tables, one: Unit, two: Unit) -> bool:
    if one.study == two.study or set(one.covers) & set(two.covers):
        return one.study != two.study or one.measure == two.measure
    first, second = tables.study.get(one.study), tables.study.get(two.study)
    if first is None or second is None or first.family_id != second.family_id:
        return False
    numbers = {s.registry_id for s in (first, second)}
    return None in numbers or len(numbers) == 1


def in_window(
    words: Words, at: str | None, units: Iterable[Unit], whole_from_days: float = 0.0
) -> tuple[list[Unit], list[Unit]]:
    """Side effects and relapse are told over a stretch: the units inside the window and the others.

    Where none lies inside, those over the whole follow-up speak, each with its own time, unless the time is too short.
    """
    every = list(units)
    if at is None:
        return every, []
    inside = [u for u in every if words.window[at].holds(u.days)]
    whole = [u for u in every if u.days is None and words.window[at].to_days >= whole_from_days]
    taken = inside or whole
    return taken, [u for u in every if u not in taken]
