"""The words beside an answer: which trials, on whom, against which control, what was assumed, what was left out."""

from collections.abc import Iterable, Iterator, Sequence
from math import sqrt

from lowtide.data.evidence import Tables
from lowtide.data.evidence_words import Words, indications_of
from lowtide.science.evidence.answering import Comparison, Spread
from lowtide.science.evidence.joining import Between, Network
from lowtide.science.evidence.selection import CROSSOVER, Question, Selection, nodes_of
from lowtide.science.evidence.table import MeanArm
from lowtide.science.evidence.taking import Left

KETAMINE = "ketamine"
DEPRESSION = "depression"


def label(tables: Tables, node: str) -> str:
    return tables.node[node].label if node in tables.node else node


def own(tables: Tables, words: Words, network: Network, its: Between, one: Comparison) -> Iterator[str]:
    """The sentences of an answer that was worked out from rows."""
    named = ", ".join(one.studies)
    if its.kind == "indirect":
        over = " and ".join(label(tables, n) for n in its.through)
        yield f"No trial compares the two; both were compared with {over} ({named})."
    elif its.kind == "both":
        yield f"Trials of the two and trials that join them in other ways: {named}."
    else:
        together = ", reported together" if len(its.units) < len(one.studies) else ""
        yield f"{_trials(len(one.studies))} compared the two{together}: {named}."
    if whom := on_whom(tables, words, network.population, one.studies):
        yield f"On people {whom}."
    if one.control and tables.node[one.versus].kind == "control":
        yield f"The control is {one.control}, and no other control stands with it."
    if network.design == CROSSOVER:
        yield "Crossover: everybody had both. Taken as two groups, the interval is wider than theirs; what is left of the first treatment is not known."
    if network.group:
        yield f"{network.group[:1].upper()}{network.group[1:]}."
    if network.scales:
        yield from _in_points(network, one)
    if one.spread and one.spread.i2 is not None:
        yield _spread_told(one.spread)
    if one.knapp:
        yield (
            f"So few trials tell little of how far trials differ: Hartung and Knapp's interval is {one.knapp[0]:.2f} to "
            f"{one.knapp[1]:.2f}."
        )
    if one.certainty:
        yield f"Certainty {one.certainty.level}: {one.certainty.why}."
    yield from (
        f"{said[:1].upper()}{said[1:]}." for said in dict.fromkeys(s for u in its.units for s in u.said)
    )
    recalled = [u.study for u in its.units if not u.verified]
    if recalled:
        yield f"Recalled, not read in a source: {', '.join(recalled)}."


def _spread_told(of: Spread) -> str:
    ends = f" ({of.tau2_interval[0]:.3g} to {of.tau2_interval[1]:.3g})" if of.tau2_interval else ""
    parts = f", {of.within:.2f} within and {of.between:.2f} between designs" if of.df_between else ""
    q = f"Q {of.q:.2f} on {of.df}{parts}"
    return f"I2 {of.i2 or 0:.0%}, tau2 {of.tau2:.3g}{ends}, {q} over {of.trials} trials."


def _in_points(network: Network, one: Comparison) -> Iterator[str]:
    """A standardised difference in points of the first scale, by its spread in these trials (Cochrane Handbook 15.5.3.2)."""
    scale = network.scales[0]
    arms = [row for u in network.units if u.group == scale for row in u.rows if isinstance(row, MeanArm)]
    within = sqrt(sum((a.n - 1) * a.sd**2 for a in arms) / sum(a.n - 1 for a in arms))
    value, lower, upper = (within * (end or 0.0) for end in (one.effect, one.lower, one.upper))
    yield (
        f"Each difference is in standard deviations of its own trial (Hedges' g). On {scale}, where people lay {within:.1f} "
        f"points about their mean, that is {value:.1f} points ({lower:.1f} to {upper:.1f})."
    )


def undated(asked: Question, its: Between) -> Iterator[str]:
    """Where a time was asked for and rows are over a whole follow-up, that they are."""
    over = dict.fromkeys(u.at for u in its.units if u.days is None)
    if asked.at and over:
        yield f"Not at {asked.at}: no row is dated inside it; this is over {', '.join(over)}."


def people(words: Words, population: str) -> str:
    return next((p.label for p in words.population if p.id == population), population)


def on_whom(tables: Tables, words: Words, population: str, studies: Iterable[str]) -> str:
    """Whether they were resistant to treatment; nothing of trials in which that is no matter, such as those of pain."""
    conditions = [tables.study[s].condition for s in studies if s in tables.study]
    read = [words.indication[i] for c in conditions for i in indications_of(c)]
    matters = any(DEPRESSION in indication.domains for indication in read)
    return people(words, population) if matters or not conditions else ""


def _trials(n: int) -> str:
    return "One trial" if n == 1 else f"{n} trials"


def left_out(left: Iterable[Left]) -> Iterator[str]:
    for one in left:
        printed = f" It printed: {one.printed}." if one.printed else ""
        yield f"Left out: {one.study}, {one.reason}.{printed}"


def times(first: Comparison, others: Sequence[Comparison]) -> Iterator[str]:
    """Where no time was asked for: which time this is, and which have answers of their own."""
    if first.window:
        more = [one for one in dict.fromkeys(o.window for o in others) if one and one != first.window]
        beside = f" At {', '.join(more)} there is an answer of its own." if more else ""
        yield f"No time was asked for, and times are not pooled: this is at {first.window}.{beside}"


def apart(words: Words, first: Comparison, others: Sequence[Comparison]) -> Iterator[str]:
    """What stands beside an answer and may not be pooled with it, each with the reason."""
    for one in others:
        reasons = [
            "crossover" * (one.evidence == CROSSOVER and first.evidence != CROSSOVER),
            "published by a review" * (one.evidence == "published" and first.evidence != "published"),
            "recalled" * (first.verified and not one.verified),
            f"people {people(words, one.population)}" * (one.population != first.population),
            one.group if one.group != first.group else "",
            f"at {one.window}" if one.window != first.window else "",
        ]
        yield f"Kept apart: {', '.join(one.studies)} ({'; '.join(r for r in reasons if r) or one.evidence})."


def nothing(
    tables: Tables,
    words: Words,
    asked: Question,
    found: Sequence[Network],
    selection: Selection,
    published: Sequence[Comparison],
    treatment: str,
    versus: str,
) -> Comparison:
    """No number, and what there is instead."""
    concerning = [one for one in selection.left if {treatment, versus} <= one.nodes]
    return Comparison(
        treatment=treatment,
        versus=versus,
        control=tables.node[versus].control if versus in tables.node else None,
        population="",
        studies=tuple(one.study for one in concerning),
        why=(
            *_why_not(tables, words, asked, found, concerning, published, treatment, versus),
            *_elsewhere(tables, selection, treatment, versus),
        ),
    )


def _elsewhere(tables: Tables, selection: Selection, treatment: str, versus: str) -> Iterator[str]:
    """Other times at which a trial of the two has rows."""
    times = dict.fromkeys(
        f"{study}, {at}" for study, at in selection.elsewhere if {treatment, versus} <= nodes(tables, study)
    )
    if times:
        yield f"There are rows at other times: {'; '.join(times)}."


def nodes(tables: Tables, study: str) -> frozenset[str]:
    return frozenset().union(*(nodes_of(tables, part) for part in study.split(" and ")))


def _why_not(
    tables: Tables,
    words: Words,
    asked: Question,
    found: Sequence[Network],
    concerning: Sequence[Left],
    published: Sequence[Comparison],
    treatment: str,
    versus: str,
) -> Iterator[str]:
    its = words.indication[asked.indication].label
    if treatment == KETAMINE:
        yield f"No trial of ketamine in {its} is in the table."
        return
    yield from left_out(concerning)
    yield from (said for one in published for said in one.why)
    if concerning or published:
        return
    with_it = {
        n
        for net in found
        for i in net.analysis.islands
        if treatment in i.found.treatments
        for n in i.found.treatments
    }
    others = sorted(with_it - {treatment})
    yield f"No trial connects {label(tables, treatment)} with {label(tables, versus)} on this question in {its}."
    if others:
        yield f"{label(tables, treatment).capitalize()} is connected with: {', '.join(label(tables, n) for n in others)}."
