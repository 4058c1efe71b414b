"""Ketamine against what else there is: for one indication, outcome and time, an answer for each comparator, or none.

A pure function of the tables and the question. Own analyses of rows come first, published pooled results stand in where
rows give none, and where nothing connects two treatments no number is made. Cached by the fingerprint of the tables.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import msgspec

from lowtide.data.evidence import Pooled, Tables
from lowtide.data.evidence_certainty import Certainty
from lowtide.data.evidence_words import Words
from lowtide.science.evidence import telling
from lowtide.science.evidence.answering import (
    Absolute,
    Comparison,
    absolute,
    as_counted,
    as_seen,
    favours,
    no_difference,
)
from lowtide.science.evidence.bias import Risk, risk
from lowtide.science.evidence.certainty import Found, Sureness, judged
from lowtide.science.evidence.joining import (
    Between,
    Network,
    between,
    counts_under,
    networks,
    share_under,
    signs,
)
from lowtide.science.evidence.published import PUBLISHED, from_pooled, pooled_on
from lowtide.science.evidence.selection import (
    CROSSOVER,
    WITHDRAWAL,
    Question,
    Selection,
    of_outcomes,
    studies_on,
)
from lowtide.science.evidence.selection_harm import HAZARD, RateRow, of_adverse, of_relapse
from lowtide.science.evidence.taking import Left, Unit, printed

RELAPSE = "relapse"


class Known(msgspec.Struct, frozen=True, eq=False):
    """All that answers rest on. Two with the same `digest` give the same answers."""

    tables: Tables
    words: Words
    certainty: Certainty
    rates: tuple[RateRow, ...]
    digest: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Known) and other.digest == self.digest

    def __hash__(self) -> int:
        return hash(self.digest)


class Answer(msgspec.Struct, frozen=True):
    """Every comparison; which studies were looked at and not taken; other times at which rows exist."""

    question: Question
    comparisons: tuple[Comparison, ...]
    left: tuple[Left, ...]
    elsewhere: tuple[tuple[str, str], ...]


@lru_cache(maxsize=512)
def compare(known: Known, asked: Question, versus: str | None = None) -> Answer:
    """`versus` narrows the answer to one comparator; a ketamine node there is compared with the other ketamine nodes."""
    selection = _select(known, asked)
    usable, aside = _usable(known, asked, selection.units)
    more_is_better = (
        asked.outcome in known.words.outcome and known.words.outcome[asked.outcome].good == "more"
    )
    found, unusable = networks(usable, lower_is_better=not more_is_better)
    selection = Selection(selection.units, (*selection.left, *aside, *unusable), selection.elsewhere)
    pooled = pooled_on(known.tables, known.words, asked)
    comparators = [versus] if versus else _comparators(known, asked)
    answers = [
        _answer(known, asked, found, pooled, selection, treatment, comparator, more_is_better)
        for comparator in comparators
        for treatment in _treatments(
            known, asked, found, pooled, [*selection.left, *_later(known, selection, versus)], comparator
        )
    ]
    answers.sort(key=lambda one: one.no_evidence)
    return Answer(asked, tuple(answers), selection.left, selection.elsewhere)


def terms(known: Known) -> tuple[str, ...]:
    """Every side effect that a row tells of, by its one name."""
    adverse = known.words.adverse
    told = [r.event for r in known.tables.adverse_events]
    told += [r["term"] for r in known.rates if any(r["population"] == w.population for w in adverse.rates)]
    return tuple(sorted({adverse.term(event) for event in told}))


def _select(known: Known, asked: Question) -> Selection:
    if asked.outcome == RELAPSE:
        return of_relapse(known.tables, known.words, asked)
    if asked.outcome in known.words.outcome:
        return of_outcomes(known.tables, known.words, asked)
    return of_adverse(known.tables, known.words, asked, asked.outcome, known.rates)


def _usable(known: Known, asked: Question, units: Sequence[Unit]) -> tuple[list[Unit], list[Left]]:
    """Trials that took a treatment away from those whom it had helped say nothing of how it works at first."""
    acute = asked.outcome in ("response", "remission", "change")
    reason = "it took the treatment away from people whom it had helped: not how it works at first"
    aside = [u for u in units if acute and u.design == WITHDRAWAL]
    return [u for u in units if u not in aside], [
        Left(u.study, reason, _printed(known, u), frozenset(u.nodes)) for u in aside
    ]


def _printed(known: Known, unit: Unit) -> str:
    lines = {row.line for row in unit.seen if row.table == "outcomes"}
    return printed(known.tables, [row for row in known.tables.outcomes if row.line in lines])


def _later(known: Known, selection: Selection, versus: str | None) -> Iterator[Left]:
    """Trials of a comparator that was asked for which have rows at other times: they are told."""
    for study in dict.fromkeys(study for study, _ in selection.elsewhere):
        nodes = telling.nodes(known.tables, study)
        if versus in nodes:
            yield Left(study, "it has rows at other times", "", nodes)


def _comparators(known: Known, asked: Question) -> list[str]:
    """Whatever else was tried in this indication, in the order of the nodes."""
    on = {s.study_id for s in studies_on(known.tables, known.words, asked.indication)}
    there = {a.nma_node for a in known.tables.arms if a.study_id in on}
    for row in known.tables.pooled_contrasts:
        if asked.indication in row.indications:
            there |= {row.treatment, row.versus}
    there |= {r.versus for r in known.words.adverse.rates if r.indication == asked.indication}
    return [n.node for n in known.tables.nodes if n.node in there and n.kind != "ketamine"]


def _treatments(
    known: Known,
    asked: Question,
    found: Sequence[Network],
    pooled: Sequence[tuple[Pooled, str, str]],
    left: Sequence[Left],
    versus: str,
) -> list[str]:
    """The ketamine nodes on which this question has rows; else those tried in the indication; else ketamine as such."""
    ketamine = [n.node for n in known.tables.nodes if n.kind == "ketamine" and n.node != versus]
    speak = {node for network in found for i in network.analysis.islands for node in i.found.treatments}
    speak |= {node for row in pooled for node in row[1:]} | {node for one in left for node in one.nodes}
    on = {s.study_id for s in studies_on(known.tables, known.words, asked.indication)}
    tried = {a.nma_node for a in known.tables.arms if a.study_id in on}
    return [n for n in ketamine if n in speak] or [n for n in ketamine if n in tried] or ["ketamine"]


def _answer(
    known: Known,
    asked: Question,
    found: Sequence[Network],
    pooled: Sequence[tuple[Pooled, str, str]],
    selection: Selection,
    treatment: str,
    versus: str,
    more_is_better: bool,
) -> Comparison:
    """The best answer, with the others that may not be pooled with it beside it."""
    said = [(network, between(network, treatment, versus)) for network in found]
    own = [
        _own(known, asked, network, its, treatment, versus, more_is_better) for network, its in said if its
    ]
    published = [
        from_pooled(known.tables, known.words, asked, row, treatment, versus, more_is_better, known.certainty)
        for row, one, two in pooled
        if (one, two) == (treatment, versus)
    ]
    reviews = [p for p in published if p.effect is not None]
    every = sorted((*own, *reviews), key=lambda one: _place(known.words, one, reviews))
    if not every:
        return telling.nothing(
            known.tables, known.words, asked, found, selection, published, treatment, versus
        )
    first = every[0]
    concerning = [
        one for one in selection.left if {treatment, versus} <= one.nodes and one.study not in first.studies
    ]
    return msgspec.structs.replace(
        first,
        also=tuple(every[1:]),
        why=(
            *first.why,
            *telling.times(first, every[1:]),
            *telling.apart(known.words, first, every[1:]),
            *telling.left_out(concerning),
        ),
    )


def _place(words: Words, one: Comparison, reviews: Sequence[Comparison]) -> tuple[object, ...]:
    """What was read goes before what is recalled, groups of their own before crossover, rows before a review, unless they
    are fewer trials and fewer people than it; of what takes time, a hazard ratio before counts over unlike follow-ups."""
    times = list(words.window)
    of_rows = one.evidence != PUBLISHED
    outweighed = of_rows and any(_outweighed(one, review) for review in reviews)
    return (
        not one.verified,
        one.evidence == CROSSOVER,
        not of_rows or outweighed,
        outweighed,
        bool(one.scales),
        one.measure != HAZARD,
        -len(one.studies),
        -(one.size or 0),
        times.index(one.window) if one.window in times else len(times),
        words.place_of(one.group),
    )


def _outweighed(one: Comparison, review: Comparison) -> bool:
    """Whether a review holds more trials and more people, as far as it prints how many."""
    sizes = ((one.trials, review.trials), (one.size, review.size))
    known = [(own or 0) < its for own, its in sizes if its is not None]
    return review.verified >= one.verified and bool(known) and all(known)


def _own(
    known: Known,
    asked: Question,
    network: Network,
    its: Between,
    treatment: str,
    versus: str,
    more_is_better: bool,
) -> Comparison:
    node = known.tables.node
    shown = _absolute(network, its, treatment, versus)
    crossed = network.design == CROSSOVER
    sure = _certainty(known, asked, network, its, treatment, versus)
    studies = tuple(dict.fromkeys(s for u in its.units for s in u.covers))
    one = Comparison(
        treatment=treatment,
        versus=versus,
        control=node[versus].control,
        population=network.population,
        measure=network.measure,
        effect=its.effect[0],
        lower=its.effect[1],
        upper=its.effect[2],
        favours=favours(network.measure, its.effect[1], its.effect[2], more_is_better=more_is_better),
        group=network.group,
        scales=network.scales,
        window=network.window,
        at=tuple(dict.fromkeys(u.at for u in its.units)),
        evidence=CROSSOVER if crossed and its.kind == "direct" else its.kind,
        absolute=shown,
        certainty=sure,
        studies=studies,
        trials=len(studies),
        counted=_counted(its, treatment, versus),
        people=_sum(u.people for u in its.units),
        took_part=_sum(u.size for u in its.units) if any(u.assumed for u in its.units) else None,
        spread=its.spread,
        parts=its.parts,
        knapp=its.knapp,
        verified=all(u.verified for u in its.units),
        seen=tuple(s for u in its.units for s in u.seen),
    )
    return msgspec.structs.replace(
        one, why=(*telling.own(known.tables, known.words, network, its, one), *telling.undated(asked, its))
    )


def _absolute(network: Network, its: Between, treatment: str, versus: str) -> Absolute | None:
    """Of 100 people: what a single trial saw in both of its arms; else the ratio on the comparator's own risk.

    Where nobody, or everybody, of one side had it the counts themselves stand: a ratio acts on nothing.
    """
    if network.measure == HAZARD:
        return _over_time(its, treatment, versus)
    alone = its.direct if its.kind == "direct" and len(its.direct) == 1 else ()
    baseline = share_under(alone or network.units, versus) if network.measure in ("OR", "RR") else None
    if baseline is None:
        return None
    counts = [counts_under(its.direct, node) for node in (treatment, versus)]
    seen = share_under(its.direct, treatment)
    if seen and counts[0] and any(c and c[0] in (0, c[1]) for c in counts):
        return as_counted(counts[0], seen[0], baseline)
    if baseline[0] in (0, 100):
        return None
    found = absolute(network.measure, its.effect, baseline[0] / 100, baseline[1])
    return as_seen(found, seen[0]) if found and seen and alone else found


def _over_time(its: Between, treatment: str, versus: str) -> Absolute | None:
    """Of a hazard ratio: what one trial saw in both arms by the end of its follow-up."""
    shares = dict(its.direct[0].shares) if len(its.direct) == 1 else {}
    if not {treatment, versus} <= shares.keys():
        return None
    whence = f"{shares[versus]:.0f} of 100 in {its.direct[0].study}, over its follow-up"
    found = absolute(HAZARD, its.effect, shares[versus] / 100, whence)
    return as_seen(found, shares[treatment]) if found else None


def _counted(its: Between, treatment: str, versus: str) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """(with it, people) of both, where one trial alone answers and counted them."""
    if its.kind != "direct" or len(its.direct) != 1 or its.direct[0].assumed:
        return None
    counts = [counts_under(its.direct, node) for node in (treatment, versus)]
    return (counts[0], counts[1]) if counts[0] and counts[1] else None


def _certainty(
    known: Known, asked: Question, network: Network, its: Between, treatment: str, versus: str
) -> Sureness:
    return judged(
        Found(
            risks=tuple(_risks(known, its.units)),
            lower=its.effect[1],
            upper=its.effect[2],
            none=no_difference(network.measure),
            people=_sum(u.size for u in its.units),
            sizes=tuple(u.size for u in its.direct),
            signs=signs(its.direct, network.measure, treatment, versus),
            i2=its.spread.i2,
            prediction=its.spread.prediction,
            indirect=tuple(_indirect(known, asked, network, its)),
            asymmetry=its.asymmetry,
            added="; ".join(dict.fromkeys(u.added for u in its.units if u.added)),
        ),
        known.certainty,
    )


def _indirect(known: Known, asked: Question, network: Network, its: Between) -> Iterator[str]:
    if its.kind == "indirect":
        yield "no trial compares the two"
    if network.design == CROSSOVER:
        yield "crossover trials, taken as if each period had its own people"
    if network.scales:
        yield f"{' and '.join(network.scales)} do not measure quite the same"
    for study in dict.fromkeys(s for u in its.units for s in u.covers if s in known.tables.study):
        condition = known.tables.study[study].condition
        if known.words.also_on(asked.indication, condition):
            yield f"{study} was on {condition}"


def _risks(known: Known, units: Sequence[Unit]) -> Iterator[Risk]:
    for study in dict.fromkeys(s for u in units for s in u.covers):
        if study in known.tables.study:
            yield risk(known.tables.study[study], known.tables.bias, known.certainty)


def _sum(counts: Iterator[int | None]) -> int | None:
    every = list(counts)
    return None if None in every else sum(n or 0 for n in every)
