"""The funnel of a pair that enough trials compared, for a page and for a file."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from django.utils.safestring import mark_safe

from lowtide.data.evidence_words import words
from lowtide.pathway.course.drawing.svg import Table
from lowtide.problems import bad
from lowtide.science.evidence.answering import natural
from lowtide.science.evidence.pairs import Pair
from lowtide.site.evidence_pages.drawing import funnel
from lowtide.site.evidence_pages.drawing.funnel import Funnel, Trial
from lowtide.site.evidence_pages.drawing.lanes import Axis, Mark
from lowtide.site.evidence_pages.forest import axis_of
from lowtide.site.pooled_pairs import asymmetry, figures

READS = "Each square is a trial, the largest at the top. Between the slanted lines 95 of 100 would lie, were there one effect."


def of_pair(
    pair: Pair,
    key: str,
    axis: Callable[[Sequence[Mark]], Axis],
    names: Callable[[str], str],
    recalled: frozenset[str] = frozenset(),
) -> Funnel | None:
    """None where too few trials compared the two. `names` gives studies and treatments as a reader knows them."""
    if len(pair.trials) < words().funnel_trials:
        return None
    trials = tuple(
        Trial(
            names(one.study),
            natural(pair.measure, one.estimate),
            one.se,
            f"{names(one.study)}: {natural(pair.measure, one.estimate):.2f}, standard error {one.se:.2f}",
            verified=one.study not in recalled,
        )
        for one in pair.trials
    )
    title = f"{names(pair.one)} against {names(pair.two)}: {len(trials)} trials by effect and standard error"
    tested = f"Egger’s test: {asymmetry(pair.asymmetry, len(trials))}."
    return Funnel(
        key,
        title,
        f"{title}. Together {figures(pair.measure, pair.common)}, common effect. {tested}",
        axis([Mark(t.at) for t in trials]),
        trials,
        natural(pair.measure, pair.common.estimate),
        (READS, tested),
    )


def picture(drawn: Funnel) -> dict[str, Any]:
    rows = tuple((t.name, f"{t.at:.2f}", f"{t.se:.3f}") for t in sorted(drawn.trials, key=lambda t: t.se))
    return {
        "key": drawn.key,
        "wide": mark_safe(funnel.draw(drawn)),  # noqa: S308  drawn from numbers and our own words
        "narrow": mark_safe(funnel.draw(drawn, narrow=True)),  # noqa: S308  likewise
        "caption": drawn.sentence,
        "table": Table(("Trial", drawn.axis.title, "Standard error"), rows),
    }


def alone(each: Sequence[Pair], reference: str | None) -> str:
    """The funnel of the most compared pair (that has the reference) as a drawing by itself. Raises BadInput for too few."""
    its = [pair for pair in each if reference in (None, pair.one, pair.two)]

    def axis(marks: Sequence[Mark]) -> Axis:
        plain = axis_of(its[0].measure, marks, more_is_better=True)
        return Axis(plain.low, plain.high, plain.ticks, plain.title, plain.log, plain.null)

    drawn = of_pair(its[0], "funnel", axis, str) if its else None
    if drawn is None:
        most, least = (len(its[0].trials) if its else 0), words().funnel_trials
        raise bad(
            f"{most} trials compare two treatments, and a funnel of fewer than {least} says nothing",
            "--funnel",
            "Leave it away, or give a table with more trials of one pair.",
        )
    titled = msgspec.structs.replace(drawn, words=(f"{drawn.title}.", *drawn.words))
    return funnel.draw(titled, fixed=True)
