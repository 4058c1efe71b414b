"""How sure an answer by name is: one level for each row, wherever it is told.

What is compared is never rated by hand. An answer whose rows a comparison rests on takes that comparison's level; one whose
rows no comparison takes (a p-value, a trial that withdrew a treatment) is judged by the same rules from what it prints. A
typed level, with its reason, is left for what is not compared: a share without a control, a median, a count. How fast one
group lost its response takes such a level where there is one, else it is judged as a group with nobody beside it.
"""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from lowtide.data.events import Rate
from lowtide.data.evidence import AdverseEvent, Durability, Line, Outcome, Pooled
from lowtide.data.named_answers import Certainty, Named
from lowtide.science.evidence import named
from lowtide.science.evidence.answering import Comparison, no_difference
from lowtide.science.evidence.bias import risk
from lowtide.science.evidence.certainty import LEVELS, Found, Sureness, judged
from lowtide.science.evidence.compare import RELAPSE, Known, compare
from lowtide.science.evidence.fading import Faded
from lowtide.science.evidence.named import Answer
from lowtide.science.evidence.published import rated as as_published
from lowtide.science.evidence.selection import Question, studies_on

Spot = tuple[str, int]
"""A row: its table and line."""
RATES = "adverse_event_rates"
AS_NAMED: dict[str, Certainty] = {
    "high": "high",
    "moderate": "moderate",
    "low": "low",
    "very low": "very_low",
}


def answers(known: Known, rates: Mapping[str, Rate], wanted: Mapping[str, Named]) -> dict[str, Answer]:
    """Every answer that verified rows give, each with its certainty."""
    found = named.unrated(known, rates, wanted)
    return {name: _rated(known, answer) for name, answer in found.items()}


def _rated(known: Known, answer: Answer) -> Answer:
    if not answer.said.against or answer.said.asked:
        return answer
    one = comparison_of(known, answer)
    sure = one.certainty if one and one.certainty else _by_rules(known, answer)
    return msgspec.structs.replace(answer, certainty=level(sure), because=sure.why)


def level(sure: Sureness) -> Certainty:
    return AS_NAMED[sure.level]


def spots(known: Known, answer: Answer) -> frozenset[Spot]:
    """The rows that an answer rests on."""
    its = {(table, row.line) for table, row in answer.rows}
    if key := answer.said.rate:
        its |= {(RATES, line) for line, row in enumerate(known.rates, start=2) if row.get("ae_id") == key}
    return frozenset(its)


def comparison_of(known: Known, answer: Answer) -> Comparison | None:
    """The comparison that rests on these rows and no others; of several indications the one that it speaks on most."""
    own = spots(known, answer)
    found = [
        one
        for asked in dict.fromkeys(_questions(known, answer))
        for one in every(compare(known, asked).comparisons)
        if one.certainty and own and {(s.table, s.line) for s in one.seen} <= own
    ]
    if not found:
        return None
    return min(found, key=lambda one: (-len(one.seen), LEVELS.index(one.certainty.level)))  # type: ignore[union-attr]


def every(comparisons: Iterable[Comparison]) -> Iterator[Comparison]:
    """Those with a number, and those that are kept apart from them."""
    for one in comparisons:
        yield from (each for each in (one, *one.also) if not each.no_evidence)


def _questions(known: Known, answer: Answer) -> Iterator[Question]:
    """The questions on which a row of the answer may speak."""
    words = known.words
    counted = [r for r in known.rates if answer.said.rate and r.get("ae_id") == answer.said.rate]
    for of in words.adverse.rates:
        yield from (Question(of.indication, words.adverse.term(r["term"])) for r in counted)
    for _, row in answer.rows:
        if isinstance(row, Pooled):
            yield from _of_pooled(known, row)
            continue
        for indication in words.indication:
            on = {s.study_id for s in studies_on(known.tables, words, indication)}
            if getattr(row, "study_id", "") in on:
                yield from _of_row(known, indication, row)


def _of_pooled(known: Known, row: Pooled) -> Iterator[Question]:
    of = next((c for c in known.tables.pooled_contrasts if c.pooled_id == row.pooled_id), None)
    if of and of.outcome in known.words.outcome:
        windows = [w for w, window in known.words.window.items() if window.holds(float(of.time_days))]
        yield from (Question(i, of.outcome, at) for i in of.indications for at in windows)


def _of_row(known: Known, indication: str, row: Line) -> Iterator[Question]:
    words = known.words
    if isinstance(row, AdverseEvent):
        yield Question(indication, words.adverse.term(row.event))
    elif isinstance(row, Durability):
        yield Question(indication, RELAPSE)
    elif isinstance(row, Outcome) and row.outcome_domain in words.indication[indication].domains:
        days = None if row.time_days is None else float(row.time_days)
        windows = [w for w, window in words.window.items() if window.holds(days)]
        kinds = [k for k, kind in words.outcome.items() if row.metric in (*kind.metrics, *kind.contrasts)]
        yield from (Question(indication, kind, at) for kind in kinds for at in windows)


# -- where no comparison takes the rows -------------------------------------------------------------------------------


def _by_rules(known: Known, answer: Answer) -> Sureness:
    for _, row in answer.rows:
        if isinstance(row, Pooled):
            return as_published(known.tables, row, known.certainty)
    tables = known.tables
    studies = [tables.study[s] for s in answer.studies if s in tables.study]
    lower, upper, none, untold = _limits(answer)
    found = Found(
        risks=tuple(risk(study, tables.bias, known.certainty) for study in studies),
        lower=lower,
        upper=upper,
        none=none,
        people=answer.people,
        sizes=(answer.people,),
        signs=(),
        i2=None,
        prediction=None,
        indirect=(),
        untold=untold,
    )
    return judged(found, known.certainty)


def _limits(answer: Answer) -> tuple[float, float, float, str]:
    """The interval and what means no difference; where none is printed, what its p-value or its words say of it."""
    none = no_difference(answer.measure)
    if answer.lower is not None and answer.upper is not None:
        return answer.lower, answer.upper, none, ""
    if answer.shown is None:
        return none + 1, none + 1, none, "no limits are printed"
    return (none + 1, none + 1, none, "") if answer.shown else (none, none, none, "")


# -- how fast one group lost its response ------------------------------------------------------------------------------


def of_group(known: Known, one: Faded, named_answers: Mapping[str, Answer]) -> tuple[Certainty, str]:
    """How sure a half-time is, and why."""
    spot = ("durability", one.row.line)
    for answer in named_answers.values():
        if not answer.said.against and spot in spots(known, answer):
            return answer.certainty, answer.because
    sure = _alone(known, one)
    return level(sure), sure.why


def _alone(known: Known, one: Faded) -> Sureness:
    tables, none = known.tables, 0.0
    study = tables.study.get(one.row.study_id)
    untold = "" if one.limits and not one.at_most else "how many people were followed is not printed"
    found = Found(
        risks=(risk(study, tables.bias, known.certainty),) if study else (),
        lower=none + 1,
        upper=none + 1,
        none=none,
        people=one.people,
        sizes=(one.people,),
        signs=(),
        i2=None,
        prediction=None,
        indirect=("one group, with nobody beside it",),
        untold=untold if not one.printed else "" if one.limits else "no limits are printed",
    )
    return judged(found, known.certainty)
